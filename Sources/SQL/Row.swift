/// A copy of one row of a result.
public struct Row: Sendable, Equatable {
    /// The columns of a statement, with the index of each name; all rows of a statement share them.
    package final class Columns: Sendable {
        package let names: [String]
        /// The index of each name, or nil for a name that occurs more than once.
        private let indices: [String: Int?]

        /// Creates the columns from their names, in the order of the statement.
        package init(_ names: [String]) {
            self.names = names
            indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, _ in nil })
        }

        func index(of name: String) throws -> Int {
            guard let index = indices[name] else { throw RowError.noColumn(name, has: names) }
            guard let index else { throw RowError.ambiguousColumn(name) }
            return index
        }
    }

    private let sharedColumns: Columns
    /// The values, in the order of the statement.
    public let values: [SQLValue]

    /// Creates a row.
    package init(columns: Columns, values: [SQLValue]) {
        sharedColumns = columns
        self.values = values
    }

    /// The names of the columns, in the order of the statement.
    public var columns: [String] { sharedColumns.names }

    /// Returns whether both rows have the same columns and values.
    public static func == (lhs: Row, rhs: Row) -> Bool { lhs.columns == rhs.columns && lhs.values == rhs.values }

    /// Returns the value of a column of any kind.
    ///
    /// - Throws: ``RowError`` if there is no such column, or more than one.
    public func value(_ column: String) throws -> SQLValue { values[try sharedColumns.index(of: column)] }

    /// Returns text.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind, null included.
    public func text(_ column: String) throws -> String { try required(column, "text", optionalText(column)) }

    /// Returns text, or nil for null.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind.
    public func optionalText(_ column: String) throws -> String? {
        try optional(column, "text") { if case .text(let text) = $0 { text } else { nil } }
    }

    /// Returns an integer.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind, null included.
    public func integer(_ column: String) throws -> Int64 { try required(column, "integer", optionalInteger(column)) }

    /// Returns an integer, or nil for null.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind.
    public func optionalInteger(_ column: String) throws -> Int64? {
        try optional(column, "integer") { if case .integer(let number) = $0 { number } else { nil } }
    }

    /// Returns an integer that counts something, within limits in which its sums and products with other numbers are numbers.
    ///
    /// A number outside them was never counted; the limit takes its place.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind, null included.
    public func count(_ column: String) throws -> Int { Int(min(max(try integer(column), -1 << 48), 1 << 48)) }

    /// Returns a floating-point number.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind, null included.
    public func real(_ column: String) throws -> Double { try required(column, "real", optionalReal(column)) }

    /// Returns a floating-point number, or nil for null.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind.
    public func optionalReal(_ column: String) throws -> Double? {
        try optional(column, "real") { if case .real(let number) = $0 { number } else { nil } }
    }

    /// Returns bytes.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind, null included.
    public func blob(_ column: String) throws -> [UInt8] { try required(column, "blob", optionalBlob(column)) }

    /// Returns bytes, or nil for null.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds another kind.
    public func optionalBlob(_ column: String) throws -> [UInt8]? {
        try optional(column, "blob") { if case .blob(let bytes) = $0 { bytes } else { nil } }
    }

    /// Returns a Boolean value that was stored as 1 or 0.
    ///
    /// - Throws: ``RowError`` if the column is missing or holds anything else.
    public func flag(_ column: String) throws -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        default: throw RowError.wrongKind(column: column, expected: "0 or 1", found: "another integer")
        }
    }

    private func required<Value>(_ column: String, _ expected: String, _ value: Value?) throws -> Value {
        guard let value else { throw RowError.wrongKind(column: column, expected: expected, found: "null") }
        return value
    }

    private func optional<Value>(_ column: String, _ expected: String, _ extract: (SQLValue) -> Value?) throws -> Value? {
        let value = try value(column)
        if case .null = value { return nil }
        guard let extracted = extract(value) else {
            throw RowError.wrongKind(column: column, expected: expected, found: value.kind)
        }
        return extracted
    }
}

/// A value as a database stores it.
public enum SQLValue: Sendable, Hashable {
    /// No value.
    case null
    /// A 64-bit integer.
    case integer(Int64)
    /// A floating-point number; NaN cannot be stored.
    case real(Double)
    /// Text, which may contain any Unicode scalar, including U+0000.
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
    /// An integer, or null.
    public init(_ integer: Int64?) { self = integer.map { .integer($0) } ?? .null }
    /// Bytes, or null.
    public init(_ blob: [UInt8]?) { self = blob.map { .blob($0) } ?? .null }
    /// A Boolean value, stored as 1 or 0.
    public init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}

/// An error of reading a value from a row; it contains the column and the kinds, never the value.
public enum RowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The statement returns no column of that name.
    case noColumn(String, has: [String])
    /// The statement inserted no row where it must insert one.
    case noRow
    /// The statement returns several columns of that name.
    case ambiguousColumn(String)
    /// The column holds a value of another kind.
    case wrongKind(column: String, expected: String, found: String)
    /// The column holds text that is not UTF-8, which this module never writes.
    case notUTF8(column: String)

    /// A message for a developer, with a recommendation.
    public var description: String {
        switch self {
        case .noColumn(let name, let names):
            "The row has no column \"\(name)\"; it has \(names.joined(separator: ", ")). Name it in the statement."
        case .noRow:
            "The statement inserted no row. Use insertIfNew if the row may be there already."
        case .ambiguousColumn(let name):
            "The row has several columns \"\(name)\". Give each a different name with AS."
        case .wrongKind(let column, let expected, let found):
            "Column \"\(column)\" holds \(found), not \(expected)."
        case .notUTF8(let column):
            "Column \"\(column)\" holds text that is not UTF-8: another program wrote it."
        }
    }
}
