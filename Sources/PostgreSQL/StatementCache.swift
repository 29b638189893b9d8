import CPostgreSQL
import SQL

/// A statement that the server has compiled for one connection.
final class PreparedStatement {
    let name: String
    /// The type of each value; nil where the server chose one, for a null.
    let types: [Oid?]
    /// The columns of its result, once it has run.
    var columns: Row.Columns?
    fileprivate var lastUse: UInt64 = 0

    init(name: String, types: [Oid?]) {
        self.name = name
        self.types = types
    }

    /// Whether values of these types can be bound to it: null fits any type.
    fileprivate func accepts(_ types: [Oid?]) -> Bool {
        zip(self.types, types).allSatisfy { own, other in other == nil || own == other }
    }
}

/// The most recently used compiled statements of a connection, by their text and the types of their values.
struct StatementCache {
    private let capacity: Int
    private var statements: [String: [PreparedStatement]] = [:]
    private(set) var count = 0
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Returns a statement that takes values of these types.
    mutating func find(_ sql: String, types: [Oid?]) -> PreparedStatement? {
        guard let statement = statements[sql]?.first(where: { $0.accepts(types) }) else { return nil }
        uses += 1
        statement.lastUse = uses
        return statement
    }

    /// Fills the types of nulls with those that other values of the same statement had, so that few statements serve all.
    func completed(_ types: [Oid?], for sql: String) -> [Oid?] {
        (statements[sql] ?? []).reduce(types) { types, statement in zip(types, statement.types).map { $0 ?? $1 } }
    }

    mutating func insert(_ statement: PreparedStatement, for sql: String) {
        uses += 1
        statement.lastUse = uses
        statements[sql, default: []].append(statement)
        count += 1
    }

    /// The statement to give up before another one is compiled; nil while there is room.
    var excess: PreparedStatement? {
        count < capacity ? nil : statements.values.joined().min { $0.lastUse < $1.lastUse }
    }

    mutating func remove(_ statement: PreparedStatement) {
        guard let (sql, all) = statements.first(where: { $0.value.contains { $0 === statement } }) else { return }
        let rest = all.filter { $0 !== statement }
        statements[sql] = rest.isEmpty ? nil : rest
        count -= 1
    }
}
