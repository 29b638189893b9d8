import SQLite

/// The database queue of a storage, which tells trouble of the disk from everything else and lets nothing be written to a replaced folder.
struct StorageQueue: Sendable {
    private let queue: DatabaseQueue
    let health: StorageHealth

    init(_ queue: DatabaseQueue, health: StorageHealth) {
        self.queue = queue
        self.health = health
    }

    /// Runs a closure that only reads.
    ///
    /// - Throws: What the closure throws, ``StorageFailure``, or what the queue throws otherwise.
    func read<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await queue.read(work)
        } catch let error as SQLiteError where error.isFull || error.isIOError {
            // Reading writes, too: the index of the log, and temporary files.
            throw noted(error)
        }
    }

    /// Runs a closure that changes the database; if it throws, nothing is changed.
    ///
    /// - Throws: What the closure throws, ``StorageFailure``, or what the queue throws otherwise.
    @discardableResult func write<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) async throws -> Value {
        try health.requireFolder()
        do {
            return try await queue.write(work)
        } catch let error as SQLiteError {
            throw noted(error)
        }
    }

    func close() async { await queue.close() }

    private func noted(_ error: SQLiteError) -> any Error {
        guard let trouble = StorageFailure(error) else { return error }
        health.note(trouble)
        return trouble
    }
}
