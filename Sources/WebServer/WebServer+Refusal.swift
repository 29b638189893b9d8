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
