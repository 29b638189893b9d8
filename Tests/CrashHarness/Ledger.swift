import SQLite
import VectisHost

/// The history of a host, read from its file while it runs.
struct Ledger: Sendable {
    /// What became of one event.
    struct Entry: Sendable {
        let event: String
        let state: String
        let marker: String
        let ticket: String?
    }

    private let queue: DatabaseQueue

    init(_ folder: String) async throws {
        queue = try await DatabaseQueue.open(
            .file(folder + "/vectis.db"), migrator: try Migrator(applicationID: HostSchema.applicationID, HostSchema.migrations))
    }

    func close() async { await queue.close() }

    /// The firings of all events of a run.
    func entries() async throws -> [Entry] {
        try await queue.read { database in
            try database.query(
                """
                SELECT sender_id, state, marker, ticket_id FROM firing JOIN event ON event.id = event_id WHERE source = ?
                """, [.text(TortureEvent.source)]
            ).map { row in
                Entry(
                    event: try row.text("sender_id"), state: try row.text("state"), marker: try row.text("marker"),
                    ticket: try row.optionalText("ticket_id"))
            }
        }
    }

    /// Whether nothing of these events waits any more; a host may be in the middle of a write.
    func isSettled(_ events: Set<String>) async throws -> Bool {
        do {
            let settled = try await entries().filter { !["waiting", "sending", "unknown"].contains($0.state) }.map(\.event)
            return events.isSubset(of: settled)
        } catch let error as SQLiteError where error.isBusy {
            return false
        }
    }

    /// What is damaged in the file.
    func damages() async throws -> [String] { try await queue.read { try $0.integrityProblems() } }
}
