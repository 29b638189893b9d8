package import PSAEngine
package import SQL

extension LockKey {
    /// The jobs, issues and companies of a connection, or its local copy.
    package static func connection(_ id: ConnectionID) -> LockKey { connection(id.rawValue) }

    static func connection(_ id: String) -> LockKey { LockKey(rawValue: "connection/\(id)") }

    /// The order in which local copies change.
    ///
    /// It comes after every connection.
    static let changeOrder = LockKey(rawValue: "order")
}

extension WriteScope {
    /// The rows of one connection.
    package static func connection(_ id: ConnectionID) -> WriteScope { .rows([.connection(id)]) }

    /// Rows whose keys are known only after something was read, see ``Database/lock(_:)``.
    package static let found = WriteScope.rows([])
}
