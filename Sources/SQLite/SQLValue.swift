/// A value as SQLite stores it.
public enum SQLValue: Sendable, Hashable {
    /// No value.
    case null
    /// A whole number of 64 bits.
    case integer(Int64)
    /// A floating-point number; "not a number" can't be stored.
    case real(Double)
    /// Text, which may hold any scalar, U+0000 included.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// The name of the kind, for messages that must not show the value.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "integer"
        case .real: "real"
        case .text: "text"
        case .blob: "blob"
        }
    }
}

extension SQLValue {
    /// Text, or null.
    public init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    /// A whole number, or null.
    public init(_ integer: Int64?) { self = integer.map { .integer($0) } ?? .null }
    /// Bytes, or null.
    public init(_ blob: [UInt8]?) { self = blob.map { .blob($0) } ?? .null }
    /// A truth value, stored as 1 or 0.
    public init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}
