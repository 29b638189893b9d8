import SQL

/// The locks of a transaction, as PostgreSQL's advisory locks, which end with it.
///
/// Each transaction that writes locks the schema first: shared, or exclusively to keep all others away. The locks of keys follow in the
/// order of the keys. Two transactions that lock in this order never wait for each other.
struct TransactionLocks: Equatable {
    /// Whether all other transactions that write are kept away.
    var isEverything: Bool
    var keys: Set<LockKey>

    init(_ scope: WriteScope) {
        switch scope {
        case .everything: (isEverything, keys) = (true, [])
        case .rows(let keys): (isEverything, self.keys) = (false, keys)
        }
    }

    func contains(_ key: LockKey) -> Bool { isEverything || keys.contains(key) }

    /// Whether waiting for a key keeps to the order.
    func isInOrder(_ key: LockKey) -> Bool { keys.max().map { $0 < key } ?? true }

    /// A statement that waits for all of them, in their order, and returns the id of the transaction.
    func statement(schema: String) -> String {
        let host = "pg_advisory_xact_lock\(isEverything ? "" : "_shared")(\(Self.number(schema: schema, key: nil)))"
        let rows = isEverything ? [] : keys.sorted().map { "pg_advisory_xact_lock(\(Self.number(schema: schema, key: $0)))" }
        // The list of a SELECT is evaluated from left to right.
        return "SELECT \(([host] + rows).joined(separator: ", ")), pg_current_xact_id() AS xid"
    }

    /// The number of an advisory lock: FNV-1a of the schema, a separator and the key; all processes must agree on it.
    ///
    /// Two keys with one number would only wait for each other more often than they have to.
    static func number(schema: String, key: LockKey?) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 } }
        add(schema.utf8)
        add([key == nil ? 0 : 1])
        if let key { add(key.rawValue.utf8) }
        return Int64(bitPattern: hash)
    }
}
