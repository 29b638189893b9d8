import FoundationEssentials
import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
package import VectisRules

extension DatabaseStorage {
    package func detectorSettings(of connection: ConnectionID) async throws -> StoredDetectorSettings {
        try await queue.read { try $0.detectorSettings(of: connection) }
    }

    package func detectorSettings() async throws -> [ConnectionID: DetectorSettings] {
        try await queue.read { database in
            var settings: [ConnectionID: DetectorSettings] = [:]
            for row in try database.query("SELECT * FROM detector_settings") {
                guard let id = ConnectionID(try row.text("connection_id")) else { continue }
                let stored = try row.detectorSettings().settings
                if stored.isAnyOn { settings[id] = stored }
            }
            return settings
        }
    }

    package func setDetectorSettings(
        _ settings: DetectorSettings, of connection: ConnectionID, revision: Int, audit: AuditEntry
    ) async throws -> StoredDetectorSettings {
        try await write(audit) { database in
            let known = try database.first("SELECT 1 FROM connection WHERE id = ?", [.text(connection.rawValue)])
            guard known != nil else { throw StoreError.notFound }
            guard try database.detectorSettings(of: connection).revision == revision else { throw StoreError.stale }
            try database.replace(
                "detector_settings", key: ["connection_id"],
                [
                    "connection_id": .text(connection.rawValue), "settings": .text(settings.stored),
                    "revision": .integer(Int64(revision + 1)),
                ])
            try database.run("UPDATE detector_run SET copy_state = '' WHERE connection_id = ?", [.text(connection.rawValue)])
            return StoredDetectorSettings(settings: settings, revision: revision + 1)
        }
    }

    package func detectorRuns(of connection: ConnectionID) async throws -> StoredDetectorRuns? {
        try await queue.read { database in
            let row = try database.first("SELECT * FROM detector_run WHERE connection_id = ?", [.text(connection.rawValue)])
            return try row.map { row in
                guard let runs = StoredDetectorRuns.runs(stored: try row.text("runs")) else {
                    throw StoredRowError.unreadable(table: "detector_run")
                }
                return StoredDetectorRuns(
                    at: Date(storedMilliseconds: try row.integer("began_at")), copy: try row.text("copy_state"), runs: runs)
            }
        }
    }

    package func setDetectorRuns(_ runs: StoredDetectorRuns, of connection: ConnectionID) async throws {
        try await write(nil, .connection(connection)) { database in
            _ = try database.run(
                """
                INSERT INTO detector_run (connection_id, began_at, copy_state, runs) SELECT id, ?2, ?3, ?4 FROM connection WHERE id = ?1
                ON CONFLICT (connection_id) DO UPDATE SET began_at = excluded.began_at, copy_state = excluded.copy_state, runs = excluded.runs
                """, [.text(connection.rawValue), runs.at.storedMilliseconds, .text(runs.copy), .text(runs.storedRuns)])
        }
    }

    package func ticketsOfFindings(of connection: ConnectionID, origin: String) async throws -> FindingTickets {
        try await queue.read { database in
            let rows = try database.query(
                "SELECT reference, CASE WHEN state = 'created' THEN ticket_id END AS ticket FROM job WHERE connection_id = ? AND origin = ?",
                [.text(connection.rawValue), .text(origin)])
            var tickets = FindingTickets()
            for row in rows {
                tickets.references.insert(try row.text("reference").lowercased())
                if let id = try row.optionalText("ticket") { tickets.ids.insert(id) }
            }
            return tickets
        }
    }
}

extension Database {
    fileprivate func detectorSettings(of connection: ConnectionID) throws -> StoredDetectorSettings {
        let row = try first("SELECT * FROM detector_settings WHERE connection_id = ?", [.text(connection.rawValue)])
        return try row?.detectorSettings() ?? StoredDetectorSettings()
    }
}

extension Row {
    fileprivate func detectorSettings() throws -> StoredDetectorSettings {
        guard let settings = DetectorSettings(stored: try text("settings")) else {
            throw StoredRowError.unreadable(table: "detector_settings")
        }
        return StoredDetectorSettings(settings: settings, revision: try count("revision"))
    }
}
