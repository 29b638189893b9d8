import PostgreSQL
import SQL
import SQLite
import PSAEngine
import PSAEngineSQL
import VectisCLI
import VectisCore
import VectisRules
import VectisStorage

/// The history of a host, read from its file while it runs.
///
/// It asks for whole rows and takes what it knows, so that a schema that has grown is read as well.
struct Ledger: Sendable {
    /// The job of one event.
    struct Entry: Sendable {
        /// The event's text, which contains its key.
        let text: String
        let state: String
        /// Why it is in this state, as far as the row contains it.
        let reason: String
        let reference: String
        let ticket: String?

        /// Whether it will change without a decision.
        var isOpen: Bool { ["checking", "waiting", "sending", "unknown"].contains(state) }
        /// Whether it needs review.
        var isInReview: Bool { state == "needs_review" }
        /// Whether it was written.
        var isWritten: Bool { ["created", "appended"].contains(state) }
    }

    /// Where a history is.
    enum Place: Sendable {
        /// A data folder.
        case folder(String)
        /// The URL of a database on a server.
        case server(String)

        func open() async throws -> Ledger {
            switch self {
            case .folder(let folder): try await Ledger(folder)
            case .server(let url): try await Ledger(server: url)
            }
        }
    }

    private let queue: any DatabaseTransactions
    /// The same as a file; nil for a server.
    private let file: DatabaseQueue?

    init(_ folder: String) async throws {
        let file = try await DatabaseQueue.open(
            .file(folder + "/vectis.db"), migrator: try Migrator(applicationID: HostSchema.applicationID, HostSchema.migrations))
        (self.file, queue) = (file, file)
    }

    /// The history of hosts that share a database on a server.
    init(server url: String) async throws {
        queue = try await PostgreSQLPool.open(
            try PostgreSQLConfiguration(url: url), application: HostSchema.application, migrations: HostSchema.migrations(.postgreSQL),
            opening: .withoutMigrating)
        file = nil
    }

    func close() async { await queue.close() }

    /// The jobs of all events of a run.
    func entries() async throws -> [Entry] {
        try await queue.read { database in
            let texts = try database.query("SELECT * FROM event WHERE source = ?", [.text(TortureEvent.source)])
                .reduce(into: [Int64: String]()) { $0[try $1.integer("id")] = try $1.text("text") }
            return try database.query("SELECT * FROM job", []).compactMap { row in
                // A job’s key is “event/<id>/rule/<id>”.
                let key = try row.text("idempotency_key").split(separator: "/")
                guard key.count > 1, let event = Int64(key[1]), let text = texts[event] else { return nil }
                return Entry(
                    text: text, state: try row.text("state"),
                    reason: ["reason", "cause", "waits_for", "problem"].compactMap { row.words($0) }.joined(separator: " "),
                    reference: try row.text("reference"), ticket: row.words("ticket_id"))
            }
        }
    }

    /// The names of the files of uploads that no ticket refers to, as the host lists them.
    func orphanedFiles() async throws -> [String] {
        try await queue.read { try UploadTables($0).orphans(of: nil).map(\.attachment.name) }
    }

    /// Whether nothing of these events waits any more; a host may be in the middle of a write.
    func isComplete(_ events: [TortureEvent]) async throws -> Bool {
        do {
            let completed = try await entries().filter { !$0.isOpen }
            return events.allSatisfy { event in completed.contains { $0.text.hasPrefix(event.mark) } }
        } catch let error as any DatabaseError where [.busy, .unreachable].contains(error.failure) {
            return false
        }
    }

    /// How many events need nothing but a decision, if anything; nil while the database can't be read.
    func completedCount() async throws -> Int? {
        do {
            return try await entries().count { !$0.isOpen }
        } catch let error as any DatabaseError where [.busy, .unreachable].contains(error.failure) {
            return nil
        }
    }

    /// The error codes of the connections' open issues.
    func openIssues() async throws -> [String] {
        try await queue.read { database in
            try database.query("SELECT * FROM issue", []).filter { $0.words("resolved_at") == nil }.compactMap { $0.words("code") }
        }
    }

    /// What is damaged in the file; nothing for a server, which checks its own.
    func damages() async throws -> [String] { try await file?.read { try $0.integrityErrors() } ?? [] }
}

extension Row {
    /// The value of a column as text; nil for null, or no such column.
    fileprivate func words(_ column: String) -> String? {
        guard columns.contains(column), let value = try? value(column) else { return nil }
        switch value {
        case .null, .blob: return nil
        case .text(let text): return text
        case .integer(let number): return String(number)
        case .real(let number): return String(number)
        }
    }
}
