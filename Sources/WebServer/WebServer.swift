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

extension WebServer {
    /// Where a server listens and how much it takes from its clients.
    ///
    /// Limits beyond reason (a deadline of no time or of years, header sections of many megabytes) are brought back to it at the start.
    public struct Configuration: Sendable {
        /// The numeric IPv4 or IPv6 address to listen on; `0.0.0.0` and `::` mean all.
        public var address: String
        /// The port to listen on; 0 takes a free one, told by ``WebServer/port``.
        public var port: UInt16
        /// The largest request body; a larger one is answered with 413, or dropped where the client sends on and on.
        public var maximumBodyBytes: Int
        /// Other limits than ``maximumBodyBytes`` for bodies that are sent to these paths, spelled as on the wire.
        public var bodyLimits: [String: Int]
        /// The largest request line and header section together; a larger one is answered with 431 or 414.
        public var maximumHeaderBytes: Int
        /// The most connections open at once; further ones wait until one closes.
        public var connectionLimit: Int
        /// The most connections open at once from one address, 0 for no such limit; further ones are closed at once.
        public var connectionsPerAddress: Int
        /// The longest silence on a connection that waits for bytes to come or go, in whole seconds, rounded up.
        public var idleTimeout: Duration
        /// The longest a whole request may take to arrive, and again the longest a whole answer may take to leave.
        ///
        /// The connection is cut then, however regularly bytes drip. Streams are exempt while they are open.
        public var requestDeadline: Duration
        /// The longest a handler may take; then its task is cancelled and the client gets a 503.
        public var handlerDeadline: Duration
        /// Puts a refusal of the server itself into the words and headers of the application; it must not wait for anything.
        public var refusalAnswer: @Sendable (Refusal) -> WebResponse

        /// Creates a configuration; by default a free port of the loopback interface and limits that suit an API.
        public init(
            address: String = "127.0.0.1",
            port: UInt16 = 0,
            maximumBodyBytes: Int = 8 * 1024 * 1024,
            bodyLimits: [String: Int] = [:],
            maximumHeaderBytes: Int = 32 * 1024,
            connectionLimit: Int = 512,
            connectionsPerAddress: Int = 256,
            idleTimeout: Duration = .seconds(30),
            requestDeadline: Duration = .seconds(30),
            handlerDeadline: Duration = .seconds(30),
            refusalAnswer: @escaping @Sendable (Refusal) -> WebResponse = { $0.plainAnswer }
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
            self.refusalAnswer = refusalAnswer
        }

        /// The largest body that is taken at a path.
        func bodyLimit(at path: String?) -> Int { path.flatMap { bodyLimits[$0] } ?? maximumBodyBytes }

        /// The answer to a request that is refused.
        func refusal(_ status: Int, _ sentence: String, path: String?) -> WebResponse {
            refusalAnswer(Refusal(status: status, sentence: sentence, path: path))
        }

        /// The same with every limit in a range that neither overflows nor keeps the watch thread spinning.
        var bounded: Configuration {
            let deadlines = Duration.milliseconds(10)...Duration.seconds(366 * 86_400)
            var bounded = self
            bounded.maximumBodyBytes = min(max(0, maximumBodyBytes), Int.max / 4)
            bounded.bodyLimits = bodyLimits.mapValues { min(max(0, $0), Int.max / 4) }
            bounded.maximumHeaderBytes = min(max(1_024, maximumHeaderBytes), 16 * 1024 * 1024)
            bounded.connectionLimit = max(1, connectionLimit)
            bounded.idleTimeout = min(max(idleTimeout, .seconds(1)), deadlines.upperBound)
            bounded.requestDeadline = min(max(requestDeadline, deadlines.lowerBound), deadlines.upperBound)
            bounded.handlerDeadline = min(max(handlerDeadline, deadlines.lowerBound), deadlines.upperBound)
            return bounded
        }
    }
}

extension WebServer {
    /// A request that no handler gets to see, or whose handler did not answer, and what its client is to be told.
    public struct Refusal: Sendable, Equatable {
        /// The status: 400, 413, 431, 500, 501 or 503.
        public var status: Int
        /// One sentence on what is wrong.
        public var sentence: String
        /// The request's path as on the wire, malformed or not; nil where there is none.
        public var path: String?

        /// States a refusal.
        public init(status: Int, sentence: String, path: String? = nil) {
            self.status = status
            self.sentence = sentence
            self.path = path
        }

        /// The sentence as plain text: what clients get unless the configuration says otherwise.
        public var plainAnswer: WebResponse {
            WebResponse(
                status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array("\(sentence)\n".utf8)))
        }
    }
}

/// Why a server could not start.
public struct WebServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a caller that decides by it.
    public enum Kind: Sendable, Equatable {
        /// Another socket listens on that address and port.
        case addressInUse
        /// The configured address is no numeric IPv4 or IPv6 address.
        case invalidAddress
        /// The system refuses the address or port: not of this machine, or reserved for a privileged user.
        case cannotBind
        /// The system lacks memory, threads or file descriptors.
        case cannotStart
    }

    /// What went wrong.
    public var kind: Kind
    /// One sentence for an administrator, with the address and port.
    public var message: String

    /// The sentence of ``message``.
    public var description: String { message }
}
