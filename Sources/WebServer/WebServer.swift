/// An HTTP/1.1 server that hands each complete request to one asynchronous handler.
///
/// Requests of different connections run concurrently; those of one connection follow one another. TLS is left to a proxy in front.
public final class WebServer: Sendable {
    /// Answers one request; its task is cancelled when the handler deadline has passed.
    public typealias Handler = @Sendable (WebRequest) async -> WebResponse

    /// The port the server listens on, the real one where 0 was asked for.
    public let port: UInt16

    private let daemon: HTTPDaemon

    /// Starts a server; when this returns, clients can connect.
    ///
    /// The server runs until ``stop()`` or until the last reference to it is gone.
    ///
    /// - Parameters:
    ///   - configuration: Where to listen and which limits to keep.
    ///   - handler: Called once for each request that is complete and well formed.
    /// - Returns: The running server.
    /// - Throws: ``WebServerError`` where the address is taken or unusable.
    public static func start(_ configuration: Configuration = .init(), handler: @escaping Handler) throws -> WebServer {
        let listener = try ListeningSocket(address: configuration.address, port: configuration.port)
        return WebServer(port: listener.port, daemon: try HTTPDaemon.start(configuration, on: listener, handler: handler))
    }

    private init(port: UInt16, daemon: HTTPDaemon) {
        self.port = port
        self.daemon = daemon
    }

    /// Stops accepting, lets running answers finish, then closes every connection.
    ///
    /// Idle and half-received connections are closed, open streams are cut, running handlers keep their deadline. Calling it again,
    /// or from several tasks, waits for the same end. From inside a handler it waits for that handler's own deadline.
    public func stop() async {
        await daemon.stop()
    }

    deinit {
        daemon.requestStop()
    }
}
