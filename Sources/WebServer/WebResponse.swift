/// A handler's response: a status, header fields and a body, or a deliberate fault for tests.
///
/// `Content-Length` and `Transfer-Encoding` are set by the server and ignored in ``headers``. A field with an empty value is omitted.
/// A `Date` field replaces the server's own. `Connection: close` is supported. A status outside 200...999 or a line break in a field
/// results in a 500.
public struct WebResponse: Sendable {
    /// How the body is sent.
    ///
    /// A `HEAD` request gets only the headers, whatever the body.
    public enum Body: Sendable {
        /// A complete body, sent with its length.
        case bytes([UInt8])
        /// A body sent in chunked transfer encoding, each element of the stream as it arrives.
        ///
        /// The next element is requested once the last one is being sent. The stream is cancelled when the client closes the connection,
        /// fully or halfway, when the server stops, and when the response has no body.
        case stream(AsyncStream<[UInt8]>)
        /// A fault for tests: sends the bytes and closes the connection, although a greater length was declared.
        ///
        /// A `declaredLength` that is not greater than the number of bytes is increased, so that the body is always truncated.
        case truncated([UInt8], declaredLength: Int)
        /// A fault for tests: closes the connection without sending a byte; status and headers are ignored.
        case hangUp
        /// A fault for tests: sends an interim response, status 100...199 and headers, and closes the connection instead of a final one.
        case interim
    }

    /// The status code.
    public var status: Int
    /// The header fields in order.
    public var headers: WebHeaders
    /// The body, and how it is sent.
    public var body: Body
    /// Whether the client has proven who it is; its connection is then the last to be closed when connections run short.
    public var isForKnownClient = false

    /// Creates a response, by default without header fields and with an empty body.
    public init(status: Int, headers: WebHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Cancels the stream of a response that will not be sent.
    func cancel() {
        if case .stream(let chunks) = body { StreamBody.cancel(chunks) }
    }
}
