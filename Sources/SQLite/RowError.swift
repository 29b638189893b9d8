/// Why a value could not be read from a row; it names the column and the kinds, never the value.
public enum RowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The statement returns no column of that name.
    case noColumn(String, has: [String])
    /// The statement returns several columns of that name.
    case ambiguousColumn(String)
    /// The column holds a value of another kind.
    case wrongKind(column: String, expected: String, found: String)
    /// The column holds text that is not UTF-8, which this module never writes.
    case notUTF8(column: String)

    /// One sentence for a developer, with what to change.
    public var description: String {
        switch self {
        case .noColumn(let name, let names):
            "The row has no column \"\(name)\"; it has \(names.joined(separator: ", ")). Name it in the statement."
        case .ambiguousColumn(let name):
            "The row has several columns \"\(name)\". Give each a name of its own with AS."
        case .wrongKind(let column, let expected, let found):
            "Column \"\(column)\" holds \(found), not \(expected)."
        case .notUTF8(let column):
            "Column \"\(column)\" holds text that is not UTF-8: another program wrote it."
        }
    }
}
