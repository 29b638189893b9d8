import Foundation
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Creates, changes and removes connections one after the other until the host does not answer any more.
struct LoadClient: Sendable {
    let browser: SignedInBrowser
    let host: ServedHost
    /// A prefix for the names of this browser's connections.
    let prefix: String
    /// Counts responses; the test kills the host after enough of them.
    let answers: AnswerCount
    /// The connections that this browser may change, and no other.
    var own: [StoredConnection]
    var generator: SeededGenerator

    /// A response other than a redirect.
    struct Refused: Error { let answer: String }

    /// Returns the requested actions; the outcome of the last one is unknown.
    mutating func run() async throws -> [ClientAction] {
        // A waiter for responses must not wait for more than there can be.
        defer { answers.noMoreAreComing() }
        var actions: [ClientAction] = []
        while true {
            let (action, path, fields) = next(number: actions.count)
            actions.append(action)
            let response: TransportResponse
            do {
                response = try await browser.submit(path, fields, to: host)
            } catch is TransportError {
                return actions
            }
            guard response.status == 303, response.headers["Location"]?.hasPrefix("/integrations?notice=") ?? false else {
                throw Refused(answer: "\(path): \(response.status)")
            }
            actions[actions.count - 1].isAnswered = true
            answers.countOne()
        }
    }

    private mutating func next(number: Int) -> (action: ClientAction, path: String, fields: [String: String]) {
        // The fewer there are, the more are created.
        let choice = own.isEmpty ? 0 : Int.random(in: 0..<10, using: &generator)
        if choice < 3 {
            let marker = RevisionMarker(subject: "\(prefix)n\(number)", number: 0)
            return (ClientAction(subject: marker.subject, before: nil, after: marker.name), "/integrations/new/halopsa", marker.fields)
        }
        let index = Int.random(in: own.indices, using: &generator)
        let old = own[index]
        let subject = RevisionMarker.subject(of: old.name)
        if choice < 6 {
            own.remove(at: index)
            return (ClientAction(subject: subject, before: old.name, after: nil), "/integrations/\(old.id)/remove", [:])
        }
        // No two markers are the same, also if a change of an earlier round was lost.
        let marker = RevisionMarker(name: "\(subject) \(prefix) \(number)")
        own[index].name = marker.name
        own[index].revision += 1
        let fields = marker.fields.merging(["revision": String(old.revision)]) { $1 }
        return (ClientAction(subject: subject, before: old.name, after: marker.name), "/integrations/\(old.id)/settings", fields)
    }
}

/// Counts the responses of all browsers and resumes waiters at a number.
final class AnswerCount: Sendable {
    private let state: Mutex<(left: Int, waiter: CheckedContinuation<Void, Never>?)>

    init(until count: Int) { state = Mutex((count, nil)) }

    func countOne() { lower(by: 1) }
    func noMoreAreComing() { lower(by: .max) }

    private func lower(by count: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.left -= min(count, state.left)
            guard state.left == 0 else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns once there were as many as wanted.
    func reached() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.left == 0 { continuation.resume() } else { state.waiter = continuation }
            }
        }
    }
}

/// One action that a browser requested, and whether the host confirmed it.
struct ClientAction: Sendable {
    /// The connection, by the first word of its name.
    let subject: String
    /// Its name before; nil if it was not there.
    let before: String?
    /// Its name if it was done; nil if it is gone then.
    let after: String?
    /// Whether a response confirmed it; without one the outcome is unknown.
    var isAnswered = false
}

/// A marker in each value written in one revision, so that a mix of two revisions is detected.
struct RevisionMarker: Sendable, Hashable {
    /// The connection's name; its first word is the connection's own.
    let name: String

    init(subject: String, number: Int) { name = "\(subject) \(number)" }
    init(name: String) { self.name = name }

    static func subject(of name: String) -> String { String(name.prefix { $0 != " " }) }

    var subject: String { Self.subject(of: name) }
    var address: String { "https://\(subject).example.com" }
    /// A setting in clear.
    var clientID: String { "id of \(name)" }
    var clientSecret: String { "\(Self.secretPrefix) of \(name)" }

    /// The beginning of every secret, to be found in no file.
    static let secretPrefix = "s3cr3t-5f0c"

    /// The fields of the page's form for saving it without a test.
    var fields: [String: String] {
        [
            "connection-name": name, "tenantURL": address, "clientID": clientID, "clientSecret": clientSecret, "action": "save",
            "accept-untested": "1",
        ]
    }
}

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
        let storage = try await DatabaseStorage.open(copy.file("vectis.db"))
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

    private mutating func readLog(_ storage: DatabaseStorage) async throws {
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
