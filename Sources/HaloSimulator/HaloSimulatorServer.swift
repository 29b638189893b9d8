import WebServer

/// A simulator that listens on the loopback interface.
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

    /// Ends the requests that a fault holds, waits for the others and stops listening.
    public func stop() async {
        simulator.releaseHeldRequests()
        await server.stop()
    }
}
