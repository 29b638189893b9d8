import CSQLite

extension Database {
    /// Runs a closure as a part that can be undone alone: if it throws, what it changed is undone and the transaction goes on.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func savepoint<Value>(_ work: () throws -> Value) throws -> Value {
        // Outside of a transaction it would begin one of its own, and store it.
        try requireTransaction()
        try control("SAVEPOINT part")
        do {
            let value = try work()
            try control("RELEASE part")
            return value
        } catch {
            // After an error that ended the whole transaction there is no part left to undo.
            if sqlite3_get_autocommit(connection) == 0 {
                try control("ROLLBACK TO part")
                try control("RELEASE part")
            }
            throw error
        }
    }

    /// Runs a closure between BEGIN and COMMIT; whatever it throws undoes all of it.
    func transaction<Value>(_ scope: Scope, _ work: (Database) throws -> Value) throws -> Value {
        try control(scope == .reading ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE")
        self.scope = scope
        defer { self.scope = .preparing }
        do {
            let value = try work(self)
            guard sqlite3_get_autocommit(connection) == 0 else {
                throw SQLiteError(SQLITE_ABORT, "an error inside the closure has ended the transaction: nothing was stored")
            }
            try control("COMMIT")
            return value
        } catch {
            // The first error is the one that matters. Should this fail too, the next BEGIN says so.
            if sqlite3_get_autocommit(connection) == 0 { try? control("ROLLBACK") }
            throw error
        }
    }

    /// A full disk and other grave errors end the transaction; whatever followed would then be stored statement by statement.
    func requireTransaction(for sql: String? = nil) throws {
        guard sqlite3_get_autocommit(connection) == 0 else {
            throw SQLiteError(SQLITE_ABORT, "an earlier error has ended the transaction", sql: sql)
        }
    }

    /// Runs one of the statements that closures may not run.
    private func control(_ sql: String) throws {
        let outer = scope
        controls.pointee = 1
        scope = .preparing
        defer {
            controls.pointee = 0
            scope = outer
        }
        // Not through the cache: from there the closures could run it too.
        try execute(sql)
    }
}
