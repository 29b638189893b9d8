import FoundationEssentials
import Glibc
package import PSACore
package import PSAEngine
import PSAEnginePostgreSQL
import PSAEngineSQL
package import PostgreSQL
package import SQL
import SQLite
package import VectisCore
import VectisRules

/// The storage in one SQLite file, which is the default, or in a schema of PostgreSQL, which several processes can share.
package struct DatabaseStorage: Storage {
    let queue: StorageQueue
    let ruleCache = RuleCache()
    let activityCounts = HostActivityCounts()
    let keyGuard = KeyGuard()
    /// Wakes the other processes on the same database; nil where there can be none.
    package let wakeups: (any WakeupChannel)?

    /// Creates a ``DatabaseStorage``.
    init(queue: StorageQueue, wakeups: (any WakeupChannel)? = nil) {
        self.queue = queue
        self.wakeups = wakeups
    }

    package var health: StorageHealth { queue.health }

    /// Opens or creates the file, and migrates it to this program's schema.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - health: What is known of the disk.
    ///   - reached: Called at each step of a transaction with several events; a test may end the process there.
    /// - Returns: The storage, ready for use.
    /// - Throws: ``StorageFileError``, which says what to do.
    package static func open(
        _ path: String, health: StorageHealth = StorageHealth(), reached: @escaping @Sendable (WriteStep) -> Void = { _ in }
    ) async throws -> DatabaseStorage {
        try await open(.file(path), health, reached)
    }

    /// An in-memory storage, for tests.
    package static func inMemory(health: StorageHealth = StorageHealth()) async throws -> DatabaseStorage {
        try await open(.memory, health) { _ in }
    }

    /// Opens a database of PostgreSQL, and creates the schema or brings it up to date.
    ///
    /// - Parameters:
    ///   - configuration: The server, the database and the schema.
    ///   - health: What is known of the database.
    ///   - reached: Called at each step of a transaction with several events; a test may end the process there.
    /// - Returns: The storage, ready for use.
    /// - Throws: ``StorageFileError``, which says what to do.
    package static func open(
        _ configuration: PostgreSQLConfiguration, health: StorageHealth = StorageHealth(),
        reached: @escaping @Sendable (WriteStep) -> Void = { _ in }
    ) async throws -> DatabaseStorage {
        let pool = try await StorageFileError.translating {
            try await PostgreSQLPool.open(
                configuration, application: HostSchema.application, migrations: HostSchema.migrations(.postgreSQL)
            ) { reached(WriteStep($0)) }
        }
        return DatabaseStorage(queue: StorageQueue(pool, health: health), wakeups: PostgreSQLWakeupChannel(pool))
    }

    private static func open(
        _ location: DatabaseLocation, _ health: StorageHealth, _ reached: @escaping @Sendable (WriteStep) -> Void
    ) async throws -> DatabaseStorage {
        let queue = try await StorageFileError.translating {
            let migrator = try Migrator(applicationID: HostSchema.applicationID, HostSchema.migrations)
            return try await DatabaseQueue.open(location, migrator: migrator) { reached(WriteStep($0)) }
        }
        return DatabaseStorage(queue: StorageQueue(queue, health: health))
    }

    package func close() async { await queue.close() }

    package func probe(large: Bool) async throws {
        let now = Date()
        try await queue.write(.found) { database in
            let filler: SQLValue = large ? .blob([UInt8](repeating: 0x5A, count: EventLimits.text + EventLimits.fileBytes)) : .null
            try database.replace("storage_probe", key: ["place"], ["place": .integer(1), "at": now.storedMilliseconds, "filler": filler])
        }
        guard large else { return }
        try await queue.write(.found) { try $0.run("UPDATE storage_probe SET filler = NULL") }
    }

    /// Runs a change together with its audit entry.
    ///
    /// - Parameters:
    ///   - audit: The entry; nil for none.
    ///   - scope: What other transactions may not change meanwhile.
    ///   - change: Changes the database; it may run several times.
    /// - Returns: What the change returns.
    /// - Throws: What the change throws, or ``StorageFailure``.
    package func write<Value: Sendable>(
        _ audit: AuditEntry?, _ scope: WriteScope = .everything, _ change: @escaping @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try await queue.write(scope) { database in
            let value = try change(database)
            if let audit { try database.insert(audit) }
            return value
        }
    }
}

extension WriteStep {
    fileprivate init(_ step: GroupStep) {
        switch step {
        case .betweenMembers: self = .betweenEvents
        case .beforeCommit: self = .beforeCommit
        case .afterCommit: self = .afterCommit
        }
    }
}

/// The file or the server that holds the storage can't be used.
package struct StorageFileError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Kind: Sendable, Hashable {
        case damaged
        case ofAnotherProgram
        case ofANewerVersion
        case full
        case unreachable
        /// The server refused the password, the role or the database.
        case refused
        /// The server has no such database.
        case unknown
        /// A copy to it was interrupted.
        case incomplete
        case unusable
        /// The server can be reached, and its database, its version or the rights of the role do not fit.
        case unsuitable
    }

    package let kind: Kind
    /// The cause of which the code of the database is the proof; nil if it leaves several.
    private let cause: CauseID?
    /// Why, and what to do.
    package let description: String

    /// The error of a database that holds a part of another.
    static let incomplete = StorageFileError(kind: .incomplete, description: "")

    private init(kind: Kind, description: String) {
        (self.kind, cause) = (kind, nil)
        self.description = description
    }

    /// The error of a file that this user may not read.
    init(unreadable path: String) {
        (kind, cause) = (.unusable, "rights")
        description = "\(path): \(String(cString: strerror(EACCES)))"
    }

    /// The error of a database that a command can't use.
    package init(_ error: any DatabaseError) {
        (kind, cause) = if let error = error as? PostgreSQLError { Self.meaning(of: error) } else { Self.meaning(of: error.failure) }
        description = error.description
    }

    /// The error of a database that was met after it was opened; nil for any other error.
    package init?(escaped error: any Error) {
        guard let error = error as? any DatabaseError else { return nil }
        self.init(error)
    }

    /// What an error of a file means.
    private static func meaning(of failure: DatabaseFailure?) -> (Kind, CauseID?) {
        switch failure {
        case .damaged: (.damaged, nil)
        case .full: (.full, nil)
        case .readOnly: (.unusable, "rights")
        case .busy: (.unusable, "busy")
        case .failing: (.unusable, "disk")
        case .unreachable, .commitUnknown: (.unreachable, nil)
        case .cannotOpen, .unsuitable, nil: (.unusable, nil)
        }
    }

    /// What an error of a server means.
    private static func meaning(of error: PostgreSQLError) -> (Kind, CauseID?) {
        switch error.failure {
        case .damaged: (.damaged, nil)
        case .full: (.full, nil)
        case .unreachable, .commitUnknown: (.unreachable, nil)
        // invalid_catalog_name
        case .cannotOpen where error.sqlState == "3D000": (.unknown, nil)
        case .cannotOpen where error.offersNoEncryption: (.refused, "no_encryption")
        case .cannotOpen: (.refused, error.isAboutEncryption ? "certificate" : nil)
        case .readOnly: (.unsuitable, "read_only")
        case .busy: (.unsuitable, "busy")
        case .failing: (.unsuitable, "disk")
        // insufficient_privilege
        case .unsuitable, nil: (.unsuitable, error.sqlState == "42501" ? "rights" : nil)
        }
    }

    init(_ error: MigrationError) {
        switch error {
        case .otherApplication: (kind, cause) = (.ofAnotherProgram, nil)
        case .newerSchema, .otherOrder: (kind, cause) = (.ofANewerVersion, nil)
        case .failed(_, _, let reason as any DatabaseError):
            let reason = StorageFileError(reason)
            (kind, cause) = (reason.kind, reason.cause)
        case .outdated, .noApplicationID, .duplicateName, .failed, .danglingReferences: (kind, cause) = (.unusable, nil)
        }
        description = error.description
    }

    /// Runs a closure, and puts errors of a database or of its schema into this form.
    static func translating<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as any DatabaseError {
            throw StorageFileError(error)
        } catch let error as MigrationError {
            throw StorageFileError(error)
        }
    }

    /// The error of a command on the host’s database.
    ///
    /// - Parameter path: The database.
    /// - Returns: The error with its guidance.
    package func guided(database path: String) -> PSAError {
        let code: HostErrorCode =
            switch kind {
            case .damaged: .databaseDamaged
            case .ofAnotherProgram: .databaseForeign
            case .ofANewerVersion: .databaseNewer
            case .full: .diskFull
            case .unreachable: .databaseUnreachable
            case .refused: .databaseRefused
            case .unknown: .databaseUnknown
            case .incomplete: .databaseIncomplete
            case .unusable: .databaseUnusable
            case .unsuitable: .databaseUnsuitable
            }
        var error = PSAError(code, name: path, reason: SystemReason(reason(of: path)))
        if let cause { error.findings.append(CauseEvidence(cause, .certain, by: .vendorCode)) }
        return error
    }

    /// Why, as a sentence beside one that names the database.
    private func reason(of path: String) -> String {
        let opening = path + " could not be opened: "
        let words = (description.hasPrefix(opening) ? String(description.dropFirst(opening.count)) : description)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst(1).replacing("?.", with: "?")
    }

    /// The error of a command on the local copies, which can be removed and read again.
    ///
    /// - Parameter path: The file of the copies.
    /// - Returns: The error with its guidance.
    package func guided(copy path: String) -> PSAError {
        switch kind {
        case .damaged, .unusable: PSAError(.copyUnusable, name: path, reason: SystemReason(description))
        case .ofAnotherProgram, .ofANewerVersion, .full, .unreachable, .refused, .unknown, .incomplete, .unsuitable:
            guided(database: path)
        }
    }
}

/// The transactions of a storage, which recognize failures of the database and prevent writes to a replaced folder.
struct StorageQueue: DatabaseTransactions {
    private let queue: any DatabaseTransactions
    let health: StorageHealth
    /// Whether the file holds only what can be read again, so that damage to it is no failure of the storage.
    private let isCopy: Bool

    init(_ queue: any DatabaseTransactions, health: StorageHealth, isCopy: Bool = false) {
        self.queue = queue
        self.health = health
        self.isCopy = isCopy
    }

    /// Runs a closure that only reads.
    ///
    /// - Throws: What the closure throws, ``StorageFailure``, or what the queue throws otherwise.
    func read<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        do {
            return try await queue.read(work)
        } catch let error as any DatabaseError where [.full, .failing, .unreachable].contains(error.failure) {
            // Reading writes, too: the index of the log, and temporary files.
            throw noted(error)
        } catch is ReadTimeoutError {
            throw SearchError.tooLong
        }
    }

    /// Runs a closure that only reads and may have to look at whole tables.
    ///
    /// - Throws: What the closure throws, ``SearchError``, ``StorageFailure``, or what the queue throws otherwise.
    func search<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        do {
            return try await queue.search(work)
        } catch let error as any DatabaseError where [.full, .failing, .unreachable].contains(error.failure) {
            throw noted(error)
        } catch is ReadTimeoutError {
            throw SearchError.tooLong
        } catch is TooManySearchesError {
            throw SearchError.tooMany
        }
    }

    /// Runs a closure that changes the database; if it throws, nothing is changed.
    ///
    /// - Throws: What the closure throws, ``StorageFailure``, or what the queue throws otherwise.
    @discardableResult func write<Value: Sendable>(
        _ scope: WriteScope, _ mode: CommitMode, _ work: @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try health.requireFolder()
        do {
            return try await queue.write(scope, mode, work)
        } catch let error as any DatabaseError {
            throw noted(error)
        }
    }

    /// Runs a closure that changes the database in one transaction with those of other callers; if it throws, nothing of it is changed.
    ///
    /// The closure may run twice, and must change nothing but the database.
    ///
    /// - Throws: What the closure throws, ``StorageFailure``, or what the queue throws otherwise.
    func writeTogether<Value: Sendable>(
        byteCount: Int, _ work: @escaping @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try health.requireFolder()
        do {
            return try await queue.writeTogether(byteCount: byteCount, work)
        } catch let error as any DatabaseError {
            throw noted(error)
        }
    }

    /// Empties the write-ahead log, so that no file holds rows that were deleted.
    func emptyLog() async throws {
        try health.requireFolder()
        do {
            try await queue.emptyLog()
        } catch let error as any DatabaseError {
            throw noted(error)
        }
    }

    func close() async { await queue.close() }

    private func noted(_ error: any DatabaseError) -> any Error {
        guard let failure = StorageFailure(error), !isCopy || failure != .damaged else { return error }
        health.note(failure)
        return failure
    }
}

extension DatabaseStorage {
    package func outboxLimits() async throws -> StoredOutboxLimits { try await queue.read { try $0.outboxLimits() } }

    package func setOutboxLimits(_ limits: OutboxLimits, revision: Int, audit: AuditEntry) async throws -> StoredOutboxLimits {
        try await write(audit) { database in
            guard try database.outboxLimits().revision == revision else { throw StoreError.stale }
            try database.replace(
                "outbox_limits", key: ["place"],
                [
                    "place": .integer(1), "oldest_hours": .integer(Int64(limits.maxAgeHours)),
                    "longest_wait_minutes": .integer(Int64(limits.maxWaitMinutes)), "revision": .integer(Int64(revision + 1)),
                ])
            return StoredOutboxLimits(limits: limits, revision: revision + 1)
        }
    }
}

extension Database {
    fileprivate func outboxLimits() throws -> StoredOutboxLimits {
        guard let row = try first("SELECT * FROM outbox_limits") else { return StoredOutboxLimits(limits: .default, revision: 0) }
        let limits = OutboxLimits(
            maxAgeHours: try row.count("oldest_hours"), maxWaitMinutes: try row.count("longest_wait_minutes"))
        return StoredOutboxLimits(limits: limits, revision: try row.count("revision"))
    }
}

extension StorageFailure {
    /// The storage failure behind an error of a database; nil for one that is about the change, not about the database.
    package init?(_ error: any DatabaseError) {
        switch error.failure {
        case .full: self = .full
        case .readOnly: self = .readOnly
        case .damaged: self = .damaged
        case .failing, .cannotOpen: self = .failing
        case .unreachable, .commitUnknown: self = .unreachable
        case .busy, .unsuitable, nil: return nil
        }
    }
}
