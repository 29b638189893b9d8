import WebServer

/// A stand-in that listens on loopback.
public final class HaloSimulatorServer: Sendable {
    /// The tenant behind the socket.
    public let simulator: HaloSimulator
    private let server: WebServer

    private init(simulator: HaloSimulator, server: WebServer) {
        self.simulator = simulator
        self.server = server
    }

    /// Makes a tenant and listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - configuration: The tenant.
    ///   - port: The port, or 0 for a free one.
    /// - Returns: The listening stand-in; it runs until ``stop()``.
    /// - Throws: What the web server throws where it cannot listen.
    public static func start(configuration: HaloSimulator.Configuration = .init(), port: UInt16 = 0) throws -> HaloSimulatorServer {
        let simulator = HaloSimulator(configuration)
        var listening = WebServer.Configuration()
        listening.port = port
        // A silent fault has to outlast the client's patience, and a load test comes from one address.
        listening.handlerDeadline = .seconds(600)
        listening.connectionsPerAddress = 0
        listening.maximumBodyBytes = 32 * 1024 * 1024
        let server = try WebServer.start(listening) { request in await simulator.respond(to: request) }
        return HaloSimulatorServer(simulator: simulator, server: server)
    }

    /// The port it listens on.
    public var port: UInt16 { server.port }

    /// Ends the requests that a fault keeps waiting, waits for the others and stops listening.
    public func stop() async {
        simulator.releaseWaiting()
        await server.stop()
    }
}
