import WebServer

/// A simulator of HaloPSA that listens on the loopback interface, for the tests of a host.
///
/// ```swift
/// let halo = try HaloSimulatorServer.start()
/// let settings: SettingsInput = ["tenantURL": halo.url, "clientID": halo.clientID, "clientSecret": halo.clientSecret]
/// let session = try ConnectorRegistry([HaloConnector.self]).connect(
///     "halopsa", settings: settings, context: ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback))
/// // …
/// await halo.stop()
/// ```
///
/// It needs libmicrohttpd. What it stores, and faults that it plays, are in ``simulator``.
public final class HaloSimulatorServer: Sendable {
    /// The simulator that answers the requests.
    public let simulator: HaloSimulator
    private let server: WebServer

    private init(simulator: HaloSimulator, server: WebServer) {
        self.simulator = simulator
        self.server = server
    }

    /// Creates a simulator and listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - configuration: The settings of the simulator.
    ///   - port: The port, or 0 for a free one.
    /// - Returns: The listening server; it runs until ``stop()``.
    /// - Throws: `WebServerError` if the server cannot listen.
    public static func start(configuration: HaloSimulator.Configuration = .init(), port: UInt16 = 0) throws -> HaloSimulatorServer {
        let simulator = HaloSimulator(configuration)
        var listening = WebServer.Configuration()
        listening.port = port
        // The fault `silent` must outlast the client's timeout, and a load test uses one address.
        listening.handlerDeadline = .seconds(600)
        listening.connectionsPerAddress = 0
        // A file of 25 MB is 34 MB of base64.
        listening.maximumBodyBytes = 40 * 1024 * 1024
        let server = try WebServer.start(listening) { request in await simulator.respond(to: request) }
        return HaloSimulatorServer(simulator: simulator, server: server)
    }

    /// The port the server listens on.
    public var port: UInt16 { server.port }

    /// The address to enter as the tenant's, such as `http://127.0.0.1:49152`; a client must be allowed to reach loopback addresses.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The client id that the simulator accepts.
    public var clientID: String { simulator.configuration.clientID }

    /// The client secret that the simulator accepts.
    public var clientSecret: String { simulator.configuration.clientSecret }

    /// Ends the requests that a fault holds, waits for the others and stops listening.
    public func stop() async {
        simulator.releaseHeldRequests()
        await server.stop()
    }
}
