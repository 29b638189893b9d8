/// An error of a database driver.
public protocol DatabaseError: Error, CustomStringConvertible {
    /// What it says about the database, whatever was asked; nil if it is about the statement.
    var failure: DatabaseFailure? { get }
    /// Whether a row with the same key exists.
    var isUniqueViolation: Bool { get }
}

/// What is wrong with a database, whatever was asked of it.
public enum DatabaseFailure: Sendable, Hashable, CaseIterable {
    /// The disk, or the quota on it, is full.
    case full
    /// It can be read and not written: a read-only file, role or replica.
    case readOnly
    /// What is stored is damaged, or not a database.
    case damaged
    /// The disk failed to read or write.
    case failing
    /// The file could not be opened, or the server refused the credentials or the database.
    case cannotOpen
    /// Another connection kept it locked for too long.
    case busy
    /// The server, its database or the role does not fit: version, encoding, or rights.
    case unsuitable
    /// The server can't be reached, or the connection to it was lost.
    case unreachable
    /// The connection was lost while a transaction was committed, and whether it was is unknown.
    case commitUnknown
}

/// A read took longer than its database allows.
///
/// A read keeps the database from removing what was deleted for as long as it runs, so that none may run without an end.
public struct ReadTimeoutError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The longest time that a read may take.
    public let limit: Duration
    /// The text of the statement, with `?` instead of values.
    public let sql: String?

    /// Creates a ``ReadTimeoutError``.
    ///
    /// - Parameters:
    ///   - limit: The longest time that a read may take.
    ///   - sql: The text of the statement, with `?` instead of values.
    public init(limit: Duration, sql: String?) {
        self.limit = limit
        self.sql = sql
    }

    /// What happened, with a recommendation and the statement.
    public var description: String {
        "A read of the database took longer than \(limit) and was stopped. Ask for less at once.\(sql.map { " In: \($0)" } ?? "")"
    }
}
