/// An answer as it came, whatever its status: judging it is the classifier's work.
public struct HTTPResponse: Sendable, CustomStringConvertible {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body after decompression, never longer than the request allowed.
    public var body: [UInt8]
    /// The address of this machine on the connection; behind a router that translates addresses, the server sees another one.
    public var localAddress: IPAddress?

    /// Makes an answer; tests and transports use it.
    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Status and size; the body may be personal data.
    public var description: String { "HTTP \(status), \(body.count) bytes" }
}
