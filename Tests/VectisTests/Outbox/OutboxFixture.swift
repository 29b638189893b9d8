import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Sodium
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Events, rules and outbox around a ``FakePSA``: no network, and a clock that the test moves.
struct OutboxFixture: Sendable {
    let storage: DatabaseStorage
    let time = ManualClock(movesBySleeping: false, random: 0.5)
    let psa: FakePSA
    let wakeup = WakeupSignal()
    let connections: ConnectionService
    let sessions: ConnectionSessions
    let policy: OutboxPolicy
    /// One for all dispatchers, as a host has it.
    let companies: CompanyDirectory
    let connection: StoredConnection
    /// Jobs from before the process started; none by default.
    var startup = StartupVerification(latest: nil, startedAt: .sampleNow)
    let opened = OpenedTickets()

    init(policy: OutboxPolicy = OutboxPolicy(), storage: DatabaseStorage? = nil) async throws {
        if let storage { self.storage = storage } else { self.storage = try await DatabaseStorage.empty() }
        let time = time
        psa = FakePSA { time.now }
        self.policy = policy
        companies = CompanyDirectory(time: time.source, mappings: self.storage.engine)
        let registry = try ConnectorRegistry([FakePSAConnector.self])
        let vault = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        let context = ConnectorContext(transport: psa, time: time.source)
        let engine = try await Engine(store: self.storage.engine, registry: registry, context: context, sealer: vault)
        sessions = engine.sessions
        connections = ConnectionService(
            registry: registry, storage: self.storage, vault: vault, context: context, metrics: HostMetrics(), sessions: sessions,
            sync: SyncEngine(store: InMemorySyncStore(), engine: engine), wake: { [wakeup] in wakeup.notify() }, timeout: .seconds(15))
        connection = try await Self.connect("psa.example.com", self.storage)
    }

    /// Makes the present jobs those from before the start of the process.
    mutating func restart() async throws {
        startup = StartupVerification(latest: try await storage.engine.latestJob(), startedAt: time.now)
    }

    static func connect(_ host: String, _ storage: DatabaseStorage) async throws -> StoredConnection {
        let connection = StoredConnection(
            id: ConnectionID(), connector: ConnectorID("psa"), name: host, tenant: TenantIdentity(rawValue: host),
            settings: ["server": "https://\(host)"], secrets: [:], revision: 1, createdAt: .sampleNow, changedAt: .sampleNow, status: nil)
        try await storage.add(connection, audit: .outbox(.connectionCreated))
        return connection
    }

    /// Lets the connection lead to another tenant from now on.
    func leadElsewhere() async throws {
        var moved = connection
        moved.revision += 1
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        moved.settings = ["server": "https://other.example.com"]
        try await storage.replace(moved, audit: .outbox(.connectionChanged))
    }

    var rules: RuleService { RuleService(storage: storage, time: time.source, wake: { [wakeup] in wakeup.notify() }) }
    var events: EventService { EventService(storage: storage, time: time.source, wake: { [wakeup] in wakeup.notify() }) { _ in } }

    /// A host's writer, which reports its steps.
    func writer(reached: @escaping @Sendable (WriteStep) async -> Void = { _ in }) -> TicketWriter {
        TicketWriter(
            store: storage.engine, companies: companies, policy: policy, time: time.source, startup: startup, reached: reached,
            opened: opened)
    }

    func dispatcher(
        host: ProcessID = ProcessID(), log: HostLog? = nil, reached: @escaping @Sendable (WriteStep) async -> Void = { _ in }
    ) -> OutboxDispatcher {
        let checker = CompanyChecker(
            checks: storage, store: storage.engine, sessions: sessions, companies: companies, policy: policy, time: time.source)
        return OutboxDispatcher(
            store: storage.engine, sessions: sessions, writer: writer(reached: reached),
            policy: { [policy, storage] in policy.within(try await storage.outboxLimits()) },
            preparation: { id, policy in
                var checker = checker
                checker.policy = policy
                try await checker.work(on: id)
            }, time: time.source, log: OutboxLog(log: log ?? HostLog(sink: NoLog(), time: time.source)), process: host, wakeup: wakeup,
            completed: { _ in })
    }

    /// Adds an active rule for every event.
    func rule(
        through connection: StoredConnection? = nil, mode: Rule.Mode = .active, if tests: [Condition] = [], appendMinutes: Int = 0,
        limit: RuleRateLimit = .default
    ) async throws -> Rule {
        let definition = RuleDefinition.sample(
            connection: (connection ?? self.connection).id, groups: tests.isEmpty ? [] : [ConditionGroup(tests: tests)],
            appendMinutes: appendMinutes, limit: limit)
        let rule = Rule.sample(definition, mode: mode)
        try await storage.add(rule, audit: .outbox(.ruleCreated))
        return rule
    }

    /// Accepts an event now and returns its jobs, the latest first.
    @discardableResult func event(_ id: String, device: String = "SRV-1", company: String = "") async throws -> [TicketJob] {
        let acceptance = try await events.accept(
            .sample(senderID: id, company: company, device: device, at: time.now, receivedAt: time.now))
        return try await storage.jobs(TicketJob.Filter(), before: nil, limit: acceptance.jobs)
    }

    /// Accepts an event that exactly one rule matches.
    func job(_ id: String, device: String = "SRV-1", company: String = "") async throws -> TicketJob {
        let jobs = try await event(id, device: device, company: company)
        return try #require(jobs.count == 1 ? jobs.first : nil)
    }

    func now(_ job: TicketJob) async throws -> TicketJob { try #require(try await storage.job(job.id)) }

    /// Processes the due jobs.
    func work(_ seconds: TimeInterval = 0, on connection: StoredConnection? = nil) async {
        time.advance(by: seconds)
        await dispatcher().work(on: (connection ?? self.connection).id)
    }

    /// Processes the due jobs each time the clock reaches the next one, for a number of rounds.
    func work(rounds: Int) async throws {
        for _ in 0..<rounds {
            let (due, next) = try await storage.engine.dueConnections(now: time.now, lease: policy.lease)
            guard !due.isEmpty || next != nil else { return }
            await work(due.isEmpty ? max(0, next?.timeIntervalSince(time.now) ?? 0) + 0.001 : 0)
        }
    }

    func log(_ action: AuditAction) async throws -> [AuditEntry] {
        try await storage.audit(AuditFilter(action: action), before: nil, limit: 1_000).map(\.entry)
    }
}

/// Discards everything.
struct NoLog: TextSink {
    func write(_ text: String) {}
}

extension AuditEntry {
    /// An entry with only its action.
    static func outbox(_ action: AuditAction, at: Date = .sampleNow) -> AuditEntry {
        AuditEntry(at: at, actor: .system, action: action, target: "t", outcome: .done, detail: "", correlationID: "c")
    }
}

/// The request was sent, and no response was received.
let outcomeUnknown = PSAError(.writeOutcomeUnknown)

/// The request was never sent.
let connectionRefused = PSAError(.networkRefused)
