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
