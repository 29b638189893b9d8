/// An HTTP/1.1 server that passes each complete request to one asynchronous handler.
///
/// Requests of different connections run concurrently, those of one connection one after another. TLS is left to a reverse proxy.
public final class WebServer: Sendable {
    /// Answers one request; its task is cancelled when the handler deadline passes.
    public typealias Handler = @Sendable (WebRequest) async -> WebResponse

    /// The port the server listens on; if port 0 was configured, the port that was assigned.
    public let port: UInt16

    private let daemon: HTTPDaemon

    /// Starts a server; clients can connect as soon as this returns.
    ///
    /// The server runs until ``stop()`` is called or the last reference to it is released.
    ///
    /// - Parameters:
    ///   - configuration: The address to listen on and the limits.
    ///   - handler: Called once for each complete, well-formed request.
    /// - Returns: The running server.
    /// - Throws: ``WebServerError`` if the address is in use or invalid, or the system lacks resources.
    public static func start(_ configuration: Configuration = .init(), handler: @escaping Handler) throws -> WebServer {
        let listener = try ListeningSocket(address: configuration.address, port: configuration.port)
        return WebServer(port: listener.port, daemon: try HTTPDaemon.start(configuration, on: listener, handler: handler))
    }

    private init(port: UInt16, daemon: HTTPDaemon) {
        self.port = port
        self.daemon = daemon
    }

    /// Stops accepting connections, completes running responses, then closes every connection.
    ///
    /// Idle connections and incomplete requests are closed, open streams are aborted, running handlers keep their deadline. Further
    /// and concurrent calls wait for the same shutdown. Called from a handler it waits until that handler's deadline.
    public func stop() async {
        await daemon.stop()
    }

    deinit {
        daemon.requestStop()
    }
}

extension WebServer {
    /// The address a server listens on, and its limits.
    ///
    /// Unreasonable limits, such as a deadline of zero or of years, or header sections of many megabytes, are clamped at the start.
    public struct Configuration: Sendable {
        /// The numeric IPv4 or IPv6 address to listen on; `0.0.0.0` and `::` mean all.
        public var address: String
        /// The port to listen on; 0 selects a free one, see ``WebServer/port``.
        public var port: UInt16
        /// The maximum size of a request body; larger ones are answered with 413, or the connection is closed if the client keeps sending.
        public var maximumBodyBytes: Int
        /// Limits for request bodies sent to certain paths, in place of ``maximumBodyBytes``; the paths are percent-encoded.
        public var bodyLimits: [String: Int]
        /// The maximum size of request line and header section together; larger ones are answered with 431 or 414.
        public var maximumHeaderBytes: Int
        /// The maximum number of open connections.
        ///
        /// A further one takes the place of another, and is closed at once if each has a request. The first to be closed is the one
        /// that has been without a request for longest, then the one that has been sending its request for longest, at least a
        /// second, then one of a known client, see ``WebResponse/isForKnownClient``.
        public var connectionLimit: Int
        /// The maximum number of open connections from one IPv4 address or one IPv6 /64 network, or 0 for no limit.
        ///
        /// A further one takes the place of another from there, as with ``connectionLimit``. Behind a reverse proxy all connections
        /// come from the proxy's address, so the limit must be 0 there.
        public var connectionsPerAddress: Int
        /// The maximum time without sent or received bytes on a connection, rounded up to whole seconds.
        public var idleTimeout: Duration
        /// The maximum time to receive a whole request, and also to send a whole response.
        ///
        /// The connection is closed then, even if bytes still arrive regularly. Open streams are exempt.
        public var requestDeadline: Duration
        /// The maximum time for a handler; then its task is cancelled and the client gets a 503.
        public var handlerDeadline: Duration
        /// Creates the response to a request that the server rejects before it reaches the handler; it must not block.
        public var rejectionResponse: @Sendable (RejectedRequest) -> WebResponse

        /// Creates a configuration, by default for a free port of the loopback interface and with limits suitable for an API.
        public init(
            address: String = "127.0.0.1",
            port: UInt16 = 0,
            maximumBodyBytes: Int = 8 * 1024 * 1024,
            bodyLimits: [String: Int] = [:],
            maximumHeaderBytes: Int = 32 * 1024,
            connectionLimit: Int = 512,
            connectionsPerAddress: Int = 128,
            idleTimeout: Duration = .seconds(30),
            requestDeadline: Duration = .seconds(30),
            handlerDeadline: Duration = .seconds(30),
            rejectionResponse: @escaping @Sendable (RejectedRequest) -> WebResponse = { $0.plainTextResponse }
        ) {
            self.address = address
            self.port = port
            self.maximumBodyBytes = maximumBodyBytes
            self.bodyLimits = bodyLimits
            self.maximumHeaderBytes = maximumHeaderBytes
            self.connectionLimit = connectionLimit
            self.connectionsPerAddress = connectionsPerAddress
            self.idleTimeout = idleTimeout
            self.requestDeadline = requestDeadline
            self.handlerDeadline = handlerDeadline
            self.rejectionResponse = rejectionResponse
        }

        /// Returns the maximum size of a request body sent to a path.
        func bodyLimit(at path: String?) -> Int { path.flatMap { bodyLimits[$0] } ?? maximumBodyBytes }

        /// Returns the response to a rejected request.
        func rejection(_ status: Int, _ message: String, path: String?) -> WebResponse {
            rejectionResponse(RejectedRequest(status: status, message: message, path: path))
        }

        /// The configuration with every limit clamped to a range that neither overflows nor makes the watchdog thread spin.
        var clamped: Configuration {
            let deadlines = Duration.milliseconds(10)...Duration.seconds(366 * 86_400)
            var clamped = self
            clamped.maximumBodyBytes = min(max(0, maximumBodyBytes), Int.max / 4)
            clamped.bodyLimits = bodyLimits.mapValues { min(max(0, $0), Int.max / 4) }
            clamped.maximumHeaderBytes = min(max(1_024, maximumHeaderBytes), 16 * 1024 * 1024)
            clamped.connectionLimit = min(max(1, connectionLimit), 1_000_000)
            clamped.idleTimeout = min(max(idleTimeout, .seconds(1)), deadlines.upperBound)
            clamped.requestDeadline = min(max(requestDeadline, deadlines.lowerBound), deadlines.upperBound)
            clamped.handlerDeadline = min(max(handlerDeadline, deadlines.lowerBound), deadlines.upperBound)
            return clamped
        }
    }
}

extension WebServer {
    /// A request that the server rejected before it reached the handler, or whose handler did not answer.
    public struct RejectedRequest: Sendable, Equatable {
        /// The status of the response: 400, 413, 431, 500, 501 or 503.
        public var status: Int
        /// The reason, in one sentence for the client.
        public var message: String
        /// The request's path, percent-encoded as received and possibly malformed; nil if there is none.
        public var path: String?

        /// Creates a rejected request.
        public init(status: Int, message: String, path: String? = nil) {
            self.status = status
            self.message = message
            self.path = path
        }

        /// A response with the message as plain text, the default.
        public var plainTextResponse: WebResponse {
            WebResponse(
                status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array("\(message)\n".utf8)))
        }
    }
}

/// An error that prevents a server from starting.
public struct WebServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of errors.
    public enum Kind: Sendable, Equatable {
        /// Another socket listens on that address and port.
        case addressInUse
        /// The configured address is not a numeric IPv4 or IPv6 address.
        case invalidAddress
        /// The system rejects the address or port: it does not belong to this machine, or is reserved for a privileged user.
        case cannotBind
        /// The system lacks memory, threads or file descriptors.
        case cannotStart
    }

    /// The kind of error.
    public var kind: Kind
    /// One sentence for an administrator, with the address and port.
    public var message: String

    /// The same as ``message``.
    public var description: String { message }
}
