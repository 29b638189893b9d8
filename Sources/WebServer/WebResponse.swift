/// What a handler answers: a status, header fields and a body, or a fault on purpose.
///
/// `Content-Length` and `Transfer-Encoding` are the server's business; they are ignored in ``headers``. A field with
/// an empty value is left out. A `Date` among the fields replaces the server's own. `Connection: close` is honoured. A status outside
/// 200...999 or a line break in a field becomes a 500.
public struct WebResponse: Sendable {
    /// How the body is sent.
    ///
    /// A request by `HEAD` gets the headers alone, whatever the body.
    public enum Body: Sendable {
        /// A body known as a whole, sent with its length.
        case bytes([UInt8])
        /// A body sent piece by piece in chunked transfer encoding, each piece as it arrives.
        ///
        /// The next piece is asked for once the last is on its way to the client. The stream is cancelled when the client closes its
        /// side (a half-closed connection counts), when the server stops, and when no body is wanted.
        case stream(AsyncStream<[UInt8]>)
        /// A fault for tests: the bytes, then a closed connection although a larger length was declared.
        ///
        /// A `declaredLength` that is no larger than the bytes is raised by what is missing, so that the answer is always cut.
        case cutOff([UInt8], declaredLength: Int)
        /// A fault for tests: the connection is closed without a byte; status and headers are ignored.
        case hangUp
        /// A fault for tests: an interim answer, status 100...199 and headers, then a closed connection instead of the final answer.
        case interim
    }

    /// The status code.
    public var status: Int
    /// The header fields the handler wants, in order.
    public var headers: WebHeaders
    /// The body, and how it is sent.
    public var body: Body

    /// Creates an answer, without fields and with an empty body by default.
    public init(status: Int, headers: WebHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Lets go of an answer that will not be sent.
    func abandon() {
        if case .stream(let pieces) = body { StreamBody.abandon(pieces) }
    }
}
