/// Rows that one transaction at a time may change, such as those of one connection.
public struct LockKey: RawRepresentable, Hashable, Comparable, Sendable {
    /// The name of the rows.
    public let rawValue: String

    /// Creates a key from the name of the rows.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Returns whether a transaction that locks both locks the first one first.
    public static func < (lhs: LockKey, rhs: LockKey) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What a transaction keeps from other transactions that write, where the database runs several at once.
///
/// SQLite runs one at a time, whatever they name.
public enum WriteScope: Sendable, Hashable {
    /// Everything: no other transaction writes meanwhile.
    case everything
    /// The rows of these keys, and of those that ``Database/lock(_:)`` adds; transactions of other rows write meanwhile.
    ///
    /// What it changes without a lock must be right whatever other transactions do, such as a single statement with a condition.
    case rows(Set<LockKey>)
}

/// What a transaction that has changed the database waits for.
public enum CommitMode: Sendable, Hashable {
    /// It returns once its change is on disk.
    case synchronous
    /// It returns once others see its change.
    ///
    /// A power failure, or a crash of the database server, may undo the change, but only together with every change that was committed
    /// after it: once a later one is on disk, so is this one.
    case asynchronous
}

/// Runs transactions on a database.
///
/// Closures are synchronous. One that reads sees one snapshot of the database. One that writes takes effect either completely or, if it
/// throws, not at all; it may run several times, and must change nothing but the database.
public protocol DatabaseTransactions: Sendable {
    /// Runs a closure that only reads.
    func read<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value
    /// Runs a closure that only reads and may have to look at whole tables.
    func search<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value
    /// Runs a closure that changes the database.
    ///
    /// It runs even if the task is cancelled, because results of external actions must still be recorded.
    @discardableResult func write<Value: Sendable>(
        _ scope: WriteScope, _ mode: CommitMode, _ work: @Sendable (any Database) throws -> Value
    ) async throws -> Value
    /// Runs a closure that changes the database in one transaction with those of other callers, so that all wait for the disk once.
    ///
    /// A closure that throws is rolled back alone; a closure may run several times. Each caller is answered after the commit.
    func writeTogether<Value: Sendable>(
        byteCount: Int, _ work: @escaping @Sendable (any Database) throws -> Value
    ) async throws -> Value
    /// Removes what the database keeps of deleted rows, as far as it can.
    func emptyLog() async throws
    /// Closes the connections after running transactions have ended.
    func close() async
}

extension DatabaseTransactions {
    /// Runs a closure that changes the database while no other transaction writes.
    @discardableResult public func write<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        try await write(.everything, .synchronous, work)
    }

    /// Runs a closure that changes the database, and returns once the change is on disk.
    @discardableResult public func write<Value: Sendable>(
        _ scope: WriteScope, _ work: @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try await write(scope, .synchronous, work)
    }
}
