import Foundation
import PSACore
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Reads a killed host's data folder after each round and compares it with the responses that browsers received.
struct DataFolderAudit {
    /// The audit log's state of one connection so far.
    private struct History {
        var creations = 0
        var changes = 0
        var removals = 0
        var lastName = ""
    }

    private var histories: [String: History] = [:]
    private var lastPlace = AuditPosition(rawValue: 0)
    private var entryCount = 0
    /// How many actions without an answer were done, and how many were not.
    private(set) var unanswered = (done: 0, undone: 0)
    private(set) var answered = 0

    /// Checks everything; it works on a copy, so that the host itself has to recover what it left behind.
    ///
    /// - Returns: The connections as they are stored now.
    mutating func check(_ folder: TemporaryFolder, after actions: [ClientAction]) async throws -> [StoredConnection] {
        let copy = try TemporaryFolder()
        for name in ["vectis.db", "vectis.db-wal", "vectis.key"] where FileManager.default.fileExists(atPath: folder.file("data/" + name)) {
            try FileManager.default.copyItem(atPath: folder.file("data/" + name), toPath: copy.file(name))
        }
        let storage = try await SQLiteStorage.open(copy.file("vectis.db"))
        let problems = try await storage.queue.read { try $0.integrityErrors() }
        #expect(problems == [])
        let connections = try await storage.connections()
        try await readLog(storage)
        let vault = Vault(try KeyFile(path: copy.file("vectis.key")).read(), time: .system)
        for connection in connections { try checkWholeness(of: connection, vault) }
        checkHistories(connections)
        checkDeeds(actions, connections)
        await storage.close()
        return connections
    }

    /// Name, settings and secret are of one revision.
    private func checkWholeness(of connection: StoredConnection, _ vault: Vault) throws {
        let marker = RevisionMarker(name: connection.name)
        #expect(connection.settings == ["tenantURL": marker.address, "clientID": marker.clientID])
        #expect(connection.tenant.rawValue == marker.subject + ".example.com")
        let secrets = try connection.secrets.map { key, sealed in
            "\(key)=" + (try vault.open(sealed, of: connection.id, key).reveal())
        }
        #expect(secrets == ["clientSecret=" + marker.clientSecret])
    }

    private mutating func readLog(_ storage: SQLiteStorage) async throws {
        var (new, before): ([StoredAuditEntry], AuditPosition?) = ([], nil)
        while true {
            let page = try await storage.audit(AuditFilter(), before: before, limit: 500)
            new += page.prefix { $0.position > lastPlace }
            guard let last = page.last, last.position > lastPlace else { break }
            before = last.position
        }
        for entry in new.map(\.entry).reversed() {
            let subject = RevisionMarker.subject(of: entry.target)
            switch entry.action {
            case .connectionCreated: histories[subject, default: History()].creations += 1
            case .connectionChanged: histories[subject, default: History()].changes += 1
            case .connectionRemoved: histories[subject, default: History()].removals += 1
            default: continue
            }
            #expect(entry.actor.text == "admin" && entry.outcome == .done)
            if entry.action != .connectionRemoved { histories[subject]?.lastName = entry.target }
            if entry.action == .connectionRemoved { #expect(histories[subject]?.lastName == entry.target) }
        }
        entryCount += new.count
        lastPlace = new.first?.position ?? lastPlace
        let count = try await storage.queue.read { try $0.first("SELECT COUNT(*) AS count FROM audit_entry")?.integer("count") }
        // What was in the log in an earlier round still is.
        #expect(count.map(Int.init) == entryCount)
    }

    /// Each connection is as old as the audit log says, and none is there or gone without it.
    private func checkHistories(_ connections: [StoredConnection]) {
        let stored = Dictionary(connections.map { (RevisionMarker.subject(of: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
        #expect(stored.count == connections.count)
        for subject in Set(stored.keys).union(histories.keys) {
            let history = histories[subject] ?? History()
            #expect(history.creations == 1, "\(subject)")
            if let connection = stored[subject] {
                #expect(connection.revision == history.creations + history.changes, "\(subject)")
                #expect(connection.name == history.lastName && history.removals == 0, "\(subject)")
            } else {
                #expect(history.removals == 1, "\(subject)")
            }
        }
    }

    /// Acknowledged changes are stored; every other change is complete or absent.
    private mutating func checkDeeds(_ actions: [ClientAction], _ connections: [StoredConnection]) {
        let names = Dictionary(connections.map { (RevisionMarker.subject(of: $0.name), $0.name) }, uniquingKeysWith: { first, _ in first })
        // The last action decides; a browser does one after the other.
        let last = Dictionary(actions.map { ($0.subject, $0) }, uniquingKeysWith: { $1 })
        for (subject, action) in last {
            if action.isAnswered {
                #expect(names[subject] == action.after, "answered, and not there: \(action)")
            } else {
                #expect(names[subject] == action.after || names[subject] == action.before, "neither done nor undone: \(action)")
                if names[subject] == action.after { unanswered.done += 1 } else { unanswered.undone += 1 }
            }
        }
        answered += actions.count(where: \.isAnswered)
    }
}
