/// A request method, with the one property retry rules care about.
@nonexhaustive
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Whether a repeat can change nothing at the other side (RFC 9110, section 9.2.1).
    public var isSafe: Bool { self == .get || self == .head }
}
