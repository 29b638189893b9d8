public import FoundationEssentials
public import SQLite

extension Date {
    /// The time as it is stored: whole milliseconds since 1970.
    public var storedMilliseconds: SQLValue { .integer(Int64((timeIntervalSince1970 * 1_000).rounded())) }

    /// Reads a stored time.
    public init(storedMilliseconds: Int64) { self.init(timeIntervalSince1970: Double(storedMilliseconds) / 1_000) }
}

/// A row holds what this version never writes.
public enum StoredRowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A row of a table.
    case unreadable(table: String)

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .unreadable(let table):
            "A row of the table “\(table)” holds what this version never writes. Start the version that wrote it, or restore a backup."
        }
    }
}
