import PSAEngineSQL
import SQL
import SQLite
import Testing

@testable import VectisStorage

/// The tables of the engine are the same in a database of the host, whose migrations grew, and in one of the engine alone.
@Suite("Schemas of host and engine") struct SchemaTests {
    @Test func theHostHasEachTableAndIndexOfTheEngine() async throws {
        let engine = try await Self.objects(EngineSchema.applicationID, EngineSchema.migrations)
        let host = try await Self.objects(HostSchema.applicationID, HostSchema.migrations)
        #expect(engine.count > 10)
        for (name, sql) in engine where name != "applied_migrations" { #expect(host[name] == sql, "\(name)") }
    }

    /// The statement of each table and index, without differences of white space.
    private static func objects(_ id: Int32, _ migrations: [Migration]) async throws -> [String: String] {
        let queue = try await DatabaseQueue.open(.memory, migrator: Migrator(applicationID: id, migrations))
        let rows = try await queue.read { database in
            try database.query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").map {
                (try $0.text("name"), try $0.text("sql").split { $0.isWhitespace }.joined(separator: " "))
            }
        }
        await queue.close()
        return Dictionary(rows, uniquingKeysWith: { $1 })
    }
}
