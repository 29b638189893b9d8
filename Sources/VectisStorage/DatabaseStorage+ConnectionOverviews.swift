package import FoundationEssentials
package import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore

extension DatabaseStorage {
    package var schemaVersion: String { HostSchema.migrations.last?.name ?? "" }

    // MARK: Tests

    package func keepTest(
        _ report: String, _ outcome: ConnectionStatus.Outcome, of connection: ConnectionID, startedBy starter: String, at time: Date
    ) async throws -> Int64? {
        try await write(nil, .connection(connection)) { database in
            let owner = SQLValue.text(connection.rawValue)
            // The connection may have been removed meanwhile.
            let place = try database.insertIfNew(
                """
                INSERT INTO connection_test (connection_id, at, outcome, started_by, report)
                SELECT id, ?2, ?3, ?4, ?5 FROM connection WHERE id = ?1
                """, [owner, time.storedMilliseconds, .text(outcome.rawValue), .text(starter), .text(report)], key: "id")
            try database.run(
                """
                DELETE FROM connection_test WHERE connection_id = ?1 AND id <= (
                    SELECT id FROM connection_test WHERE connection_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
                """, [owner, .integer(Int64(ConnectionTestReport.maxReports))])
            return place
        }
    }

    package func connectionTests(of connection: ConnectionID) async throws -> [ConnectionTestReport] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM connection_test WHERE connection_id = ? ORDER BY id DESC LIMIT ?",
                [.text(connection.rawValue), .integer(Int64(ConnectionTestReport.maxReports))]
            ).map { try $0.connectionTest() }
        }
    }

    package func connectionTest(_ id: Int64, of connection: ConnectionID) async throws -> ConnectionTestReport? {
        try await queue.read { database in
            try database.first(
                "SELECT * FROM connection_test WHERE id = ? AND connection_id = ?", [.integer(id), .text(connection.rawValue)]
            )?.connectionTest()
        }
    }

    package func latestWritten(of connection: ConnectionID, limit: Int) async throws -> [TicketJob] {
        try await queue.read { try JobTables($0).latestWritten(of: connection, limit: limit) }
    }

    // MARK: Rate limits

    package func addUsage(_ usage: [String: RequestUsage], at time: Date) async throws {
        let beginning = TenantUsage.beginning(time)
        try await write(nil) { database in
            for (tenant, sent) in usage.sorted(by: { $0.key < $1.key }) {
                try database.run(
                    """
                    INSERT INTO tenant_usage (tenant, begins_at, requests, refusals) VALUES (?, ?, ?, ?)
                    ON CONFLICT (tenant, begins_at) DO UPDATE SET requests = tenant_usage.requests + excluded.requests,
                        refusals = tenant_usage.refusals + excluded.refusals
                    """,
                    [.text(tenant), beginning.storedMilliseconds, .integer(Int64(sent.requests)), .integer(Int64(sent.refusals))])
            }
            try database.run(
                "DELETE FROM tenant_usage WHERE begins_at < ?", [beginning.addingTimeInterval(-TenantUsage.lifetime).storedMilliseconds])
        }
    }

    package func usage(of tenant: String, since time: Date) async throws -> [TenantUsage] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM tenant_usage WHERE tenant = ? AND begins_at >= ? ORDER BY begins_at",
                [.text(tenant), time.storedMilliseconds]
            ).map { row in
                TenantUsage(
                    beginsAt: Date(storedMilliseconds: try row.integer("begins_at")),
                    usage: RequestUsage(requests: try row.count("requests"), refusals: try row.count("refusals")))
            }
        }
    }

    package func sharedWindow(of tenant: String) async throws -> SharedRateWindow? {
        try await queue.read { try RateLimitTables($0).window(of: tenant) }
    }
}

extension Row {
    fileprivate func connectionTest() throws -> ConnectionTestReport {
        guard let connection = ConnectionID(try text("connection_id")),
            let outcome = ConnectionStatus.Outcome(rawValue: try text("outcome"))
        else { throw StoredRowError.unreadable(table: "connection_test") }
        return ConnectionTestReport(
            id: try integer("id"), connection: connection, at: Date(storedMilliseconds: try integer("at")), outcome: outcome,
            startedBy: try text("started_by"), report: try text("report"))
    }
}
