import Foundation
import Mail
import PSACore
import PSAEngine
import PSAEngineSQL
import PSATesting
import SQL
import SQLite
import Sodium
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb
import WebServer

/// A host in this process whose clock the program moves: events of a year go through rules, jobs and retention.
///
/// One event in a hundred creates a ticket job, one job in a hundred needs review for ever, and a hundred audit entries are made a day.
struct YearHost: Sendable {
    private let folder: String
    private let time: ManualClock
    private let storage: DatabaseStorage
    private let events: EventService
    private let retention: RetentionService
    private let application: WebApplication
    private let connection: StoredConnection

    private static let password = "a password of the year"
    private static let pages = ["/integrations", "/rules", "/jobs", "/audit", "/retention", "/api/v1/audit?limit=50"]

    /// Opens a new data folder among the temporary files.
    static func open() async throws -> YearHost {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-year-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let time = ManualClock(startingAt: Date(timeIntervalSince1970: 1_767_225_600))
        let log = HostLog(sink: NoSink(), time: time.source)
        let metrics = HostMetrics()
        let storage = try await DatabaseStorage.open(folder + "/vectis.db")
        let copies = InMemorySyncStore()
        let registry = try ConnectorRegistry([])
        let vault = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        let context = ConnectorContext(transport: NoTransport(), time: time.source)
        let engine = try await Engine(store: storage.engine, registry: registry, context: context, sealer: vault)
        let sync = SyncEngine(store: copies, engine: engine)
        let connections = ConnectionService(
            registry: registry, storage: storage, vault: vault, context: context, metrics: metrics, sessions: engine.sessions, sync: sync,
            wake: {}, timeout: .seconds(15))
        let events = EventService(storage: storage, time: time.source, wake: {}) { _ in }
        let signIn = try SignInService(
            storage: storage, vault: vault, time: time.source,
            passwords: PasswordPolicy(cost: PasswordHash.Cost(operations: 1, memory: 8_192)))
        let retention = RetentionService(
            storage: storage, copies: copies, archiver: SQLiteAuditArchiver(storage, folder: folder + "/audit"), time: time.source,
            metrics: metrics, log: log)
        let application = WebApplication(
            HostServices(
                registry: registry, storage: storage, vault: vault, connections: connections, companies: engine.companies, sync: sync,
                events: events, rules: RuleService(storage: storage, time: time.source, wake: {}),
                detectors: DetectorService(
                    storage: storage, copies: copies, policy: sync.policy, events: events, time: time.source, log: log),
                retention: retention,
                notifications: NotificationService(
                    storage: storage, registry: registry,
                    sender: NotificationSender(
                        http: NoTransport(), mail: CurlMailTransport(), vault: vault, policy: .publicOnly, address: nil,
                        now: time.source.now),
                    vault: vault, addressPolicy: .publicOnly, machine: "year", time: time.source, log: log), signIn: signIn,
                guides: try GuideLibrary(registry: registry, files: []), metrics: metrics, log: log,
                time: time.source, environment: WebEnvironment(hosts: ["year.test"])))
        let connection = StoredConnection(
            id: ConnectionID(), connector: ConnectorID("halopsa"), name: "Acme", tenant: TenantIdentity(rawValue: "acme"), settings: [:],
            secrets: [:], revision: 1, createdAt: time.now, changedAt: time.now)
        try await storage.add(connection, audit: audit(.connectionCreated, time.now))
        let rule = Rule(
            id: RuleID(), name: "Backup failed", revision: 1, mode: .active,
            definition: RuleDefinition(
                eventTypes: ["backup.failed"], groups: [],
                action: TicketAction(
                    connection: connection.id, summary: TextTemplate("Backup of {device} failed"), details: TextTemplate("{text}")),
                limit: RuleRateLimit(count: 1_000, minutes: 1)), createdAt: time.now, changedAt: time.now)
        try await storage.add(rule, audit: audit(.ruleCreated, time.now))
        guard let name = AccountName("admin") else { preconditionFailure("“admin” is a name") }
        let account = Account(name: name, role: .admin, passwordHash: try await signIn.hash(password), createdAt: time.now)
        try await storage.add(account, audit: audit(.accountCreated, time.now))
        return YearHost(
            folder: folder, time: time, storage: storage, events: events, retention: retention, application: application,
            connection: connection)
    }

    /// Removes the folder.
    func close() async {
        await storage.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func audit(_ action: AuditAction, _ at: Date) -> AuditEntry {
        AuditEntry(at: at, actor: .system, action: action, target: "Acme", outcome: .done, detail: "A year.", correlationID: "year")
    }

    /// Sends the events of a year, hour by hour, and prints a line a month.
    func run(events count: Int) async throws {
        show("month  events sent  accepted/s CPU  rows: event      job    audit  archived   database MiB  log MiB  removal ms/h  pages ms")
        let perHour = max(1, count / (365 * 24))
        var sent = 0
        var (acceptance, removal) = (Duration.zero, Duration.zero)
        for day in 1...365 {
            for hour in 0..<24 {
                acceptance += try await cpu { try await accept(perHour, from: sent) }
                sent += perHour
                try await finishJobs()
                try await addAuditEntries(hour < 4 ? 25 : 0)
                removal += try await cpu { _ = await retention.runRound() }
                time.advance(by: 3_600)
            }
            guard day % 30 == 0 || day == 365 else { continue }
            try await report(day, sent, perHour, acceptance, removal, hours: day % 30 == 0 ? 720 : 120)
            (acceptance, removal) = (.zero, .zero)
        }
    }

    private func accept(_ count: Int, from first: Int) async throws {
        let now = time.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<64 {
                group.addTask {
                    for number in stride(from: sender, to: count, by: 64) {
                        let id = first + number
                        _ = try await events.accept(
                            HostEvent(
                                source: "monitor", senderID: "\(id)", type: id % 100 == 0 ? "backup.failed" : "check.ok",
                                severity: .error, company: "Acme", companyID: "", device: "SRV-\(id % 500)",
                                text: "The backup of tonight ended with an error after some hours.", at: now, receivedAt: now))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Ends the jobs that wait, as a PSA that answers would; one in a hundred needs review for ever.
    private func finishJobs() async throws {
        let now = time.now.storedMilliseconds
        try await storage.write(nil) { database in
            _ = try database.run(
                """
                UPDATE job SET state = CASE WHEN id % 100 = 0 THEN 'needs_review' ELSE 'created' END,
                    reason = CASE WHEN id % 100 = 0 THEN 'too_old' END, ticket_id = CASE WHEN id % 100 <> 0 THEN id END,
                    ticket_number = CASE WHEN id % 100 <> 0 THEN id END, changed_at = ?
                WHERE connection_id = ? AND state IN ('checking', 'waiting', 'sending', 'unknown')
                """, [now, .text(connection.id.rawValue)])
        }
    }

    private func addAuditEntries(_ count: Int) async throws {
        for _ in 0..<count { try await storage.append(Self.audit(.ticketCreated, time.now)) }
    }

    private func report(
        _ day: Int, _ sent: Int, _ perHour: Int, _ acceptance: Duration, _ removal: Duration, hours: Int
    ) async throws {
        var counts: [Int] = []
        for table in ["event", "job", "audit_entry"] {
            counts.append(try await storage.write(nil) { Int(try $0.first("SELECT COUNT(*) AS n FROM \(table)")?.integer("n") ?? 0) })
        }
        let archived = try await storage.auditArchives().reduce(0) { $0 + $1.count }
        let rate = Double(perHour * hours) / acceptance.seconds
        var pages: [String] = []
        let signedIn = try await signIn()
        for page in Self.pages {
            let parts = page.split(separator: "?").map { String($0) }
            let query = parts.dropFirst().map { (name: String($0.split(separator: "=")[0]), value: String($0.split(separator: "=")[1])) }
            var best = Duration.seconds(1_000)
            for _ in 0..<5 {
                let duration = try await cpu {
                    let answer = await application.respond(
                        to: WebRequest(
                            method: "GET", path: parts[0], query: query,
                            headers: WebHeaders([("Host", "year.test"), ("Cookie", signedIn)]),
                            body: [], remoteAddress: "127.0.0.1"))
                    guard answer.status == 200 else { throw YearError(page: page, status: answer.status) }
                }
                best = min(best, duration)
            }
            pages.append(String(format: "%.1f", best.seconds * 1_000))
        }
        show(
            String(
                format: "%5d %12d %15.0f %12d %8d %8d %9d %14.1f %8.1f %13.1f  ", day / 30, sent, rate, counts[0], counts[1], counts[2],
                archived, size("vectis.db"), size("vectis.db-wal"), removal.seconds * 1_000 / Double(hours)) + pages.joined(separator: " "))
    }

    /// Prints a line at once, also to a file or a pipe.
    private func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    private struct YearError: Error {
        let page: String
        let status: Int
    }

    private func signIn() async throws -> String {
        let body: JSONValue = ["name": "admin", "password": .string(Self.password)]
        let answer = await application.respond(
            to: WebRequest(
                method: "POST", path: "/api/v1/session",
                headers: WebHeaders([("Host", "year.test"), ("Content-Type", "application/json")]),
                body: body.encoded, remoteAddress: "127.0.0.1"))
        guard let cookie = answer.headers["Set-Cookie"]?.split(separator: ";").first else {
            throw YearError(page: "sign-in", status: answer.status)
        }
        return String(cookie)
    }

    private func size(_ file: String) -> Double {
        var status = stat()
        return stat(folder + "/" + file, &status) == 0 ? Double(status.st_size) / 1_048_576 : 0
    }

    /// The CPU time of this process for a piece of work.
    private func cpu(_ work: () async throws -> Void) async throws -> Duration {
        let before = Self.cpuTime
        try await work()
        return Self.cpuTime - before
    }

    private static var cpuTime: Duration {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Duration.seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Duration.microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}

/// Discards everything.
private struct NoSink: TextSink {
    func write(_ text: String) {}
}

/// Reaches nothing.
private struct NoTransport: HTTPTransport {
    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }
}
