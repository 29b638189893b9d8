/// The name by which a host picks a connector: lower-case words joined by hyphens, such as `halopsa`.
public struct ConnectorID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name as text.
    public let rawValue: String

    /// Checks a name: 1 to 40 of `a-z`, `0-9` and inner hyphens, starting with a letter.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isWellFormed =
            (1...40).contains(bytes.count) && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            && (0x61...0x7A).contains(bytes[0]) && bytes.last != 0x2D
        guard isWellFormed else { return nil }
        rawValue = text
    }

    /// Names a connector in its own source; a malformed literal stops the program at its first use.
    public init(_ literal: StaticString) {
        guard let id = ConnectorID(literal.description) else {
            preconditionFailure("A connector id is lower-case words joined by hyphens, not “\(literal)”.")
        }
        self = id
    }

    /// The name as text.
    public var description: String { rawValue }
    /// Orders alphabetically.
    public static func < (lhs: ConnectorID, rhs: ConnectorID) -> Bool { lhs.rawValue < rhs.rawValue }
}
