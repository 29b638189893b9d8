import Foundation
import PSACore
import PSACurl
import PSATesting
import SQL
import Sodium
import TestSupport
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The host's web application with in-memory storage, a manual clock and configurable connectors.
///
/// The same test runs in process and over a socket.
struct WebFixture: Sendable {
    enum Mode: String, CaseIterable, CustomTestStringConvertible {
        case inProcess
        case overASocket

        var testDescription: String { self == .inProcess ? "in process" : "over a socket" }
    }

    /// What differs from the default host.
    struct Options: Sendable {
        var isBehindTLS = false
        var metricsToken: Secret?
        /// Whether connectors reach this machine; otherwise a request to a PSA is a failure of the test.
        var reachesLoopback = false
        /// The rate limit of every tenant; nil for none.
        var pace: RateLimit?
        /// The connectors; nil for the built-in ones and the scripted one.
        var registry: ConnectorRegistry?
        /// What leads to the PSAs; nil for none.
        var transport: (any HTTPTransport)?
        /// Whether the host reads local copies.
        var isSyncing = true
        /// Measures the volume of the storage; nil for one without a volume.
        var space: (@Sendable () -> VolumeSpace?)?
        var change: @Sendable (inout WebServer.Configuration) -> Void = { _ in }
    }

    let services: HostServices
    /// The store of the local copies, which a test fills.
    let copies: InMemorySyncStore
    let application: WebApplication
    let time: ManualClock
    let log: RecordingSink
    /// Where messages to contact points go.
    let sender: FakeNotificationSender
    /// The name in `Host`.
    let host: String
    /// The listening port; nil in process.
    let port: UInt16?
    private let transport: CurlTransport?

    static let password = "correct horse battery"

    /// Runs a test with an admin `admin` and a viewer `viewer`, both with ``password``.
    static func with(_ mode: Mode = .inProcess, _ options: Options = Options(), _ body: (WebFixture) async throws -> Void) async throws {
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        let log = RecordingSink()
        let copies = InMemorySyncStore()
        let sender = FakeNotificationSender(now: { time.now })
        let services = try await services(time, log, options, copies, sender)
        let gate = StartupLatch()
        var configuration = Host.limits(isBehindTLS: options.isBehindTLS)
        configuration.rejectionResponse = RejectedRequestResponder(services: services).answer
        options.change(&configuration)
        let server = mode == .inProcess ? nil : try WebServer.start(configuration) { await gate.application().respond(to: $0) }
        let host = server.map { "127.0.0.1:\($0.port)" } ?? "vectis.test"
        var environment = services.environment
        environment.hosts = [host]
        let application = WebApplication(services.with(environment))
        gate.open(application)
        let fixture = WebFixture(
            services: application.services, copies: copies, application: application, time: time, log: log, sender: sender, host: host,
            port: server?.port,
            transport: server.map { _ in CurlTransport() })
        do {
            try await body(fixture)
        } catch {
            await server?.stop()
            throw error
        }
        await server?.stop()
        await services.storage.close()
    }

    /// Runs a test with two hosts on one database file, as two processes have it, with the same keys, clock and name.
    static func withTwo(
        accounts: [(String, Role)] = usualAccounts, _ options: Options = Options(), _ body: (WebFixture, WebFixture) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shared-hosts-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        let copies = InMemorySyncStore()
        let ring = try KeyRing([try SealingKey.random()])
        var hosts: [WebFixture] = []
        for number in 0..<2 {
            let storage = try await DatabaseStorage.open(folder.appendingPathComponent("vectis.db").path)
            let log = RecordingSink()
            let sender = FakeNotificationSender(now: { time.now })
            let services = try await services(
                time, log, options, copies, sender, storage, ring, accounts: number == 0 ? accounts : [])
            var environment = services.environment
            environment.hosts = ["vectis.test"]
            let application = WebApplication(services.with(environment))
            hosts.append(
                WebFixture(
                    services: application.services, copies: copies, application: application, time: time, log: log, sender: sender,
                    host: "vectis.test", port: nil, transport: nil))
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(hosts[0], hosts[1]))
        } catch {
            result = .failure(error)
        }
        for host in hosts { await host.services.storage.close() }
        try result.get()
    }

    /// The same browser at this host.
    func browser(_ browser: Browser) -> Browser { Browser(fixture: self, cookie: browser.cookie, formToken: browser.formToken) }

    static let usualAccounts = [("admin", Role.admin), ("viewer", Role.viewer)]

    private static let registry = Result { try BuiltInConnectors.registry().adding(ConnectorRegistration(ConfigurableConnector.self)) }

    /// Rendered once: it takes longer than most tests.
    private static let guides = Result { try GuideLibrary(registry: registry.get()) }

    private static func services(
        _ time: ManualClock, _ log: RecordingSink, _ options: Options, _ copies: InMemorySyncStore, _ sender: FakeNotificationSender,
        _ shared: (any Storage)? = nil, _ ring: KeyRing? = nil, accounts: [(String, Role)] = usualAccounts
    ) async throws -> HostServices {
        let registry = try options.registry ?? registry.get()
        let vault = Vault(try ring ?? KeyRing([try SealingKey.random()]), time: time.source)
        let metrics = HostMetrics()
        let hostLog = HostLog(sink: log, time: time.source)
        let storage: any Storage
        if let shared {
            storage = shared
        } else {
            storage = try await DatabaseStorage.empty(health: StorageHealth(log: hostLog, space: options.space, spaceInterval: .zero))
        }
        let forbidden = ForbiddenTransport { request in Issue.record("a request to a PSA: \(request)") }
        let context = ConnectorContext(
            transport: options.transport ?? (options.reachesLoopback ? CurlTransport() : forbidden),
            addressPolicy: options.reachesLoopback ? .allowingLoopback : .publicOnly, time: time.source,
            log: VendorCallLog(log: hostLog, metrics: metrics), tenants: TenantRateLimits(pace: options.pace),
            // A busy machine is no finding.
            connectionTestLimit: .seconds(300))
        let signIn = try SignInService(storage: storage, vault: vault, time: time.source, passwords: .cheap)
        for (text, role) in accounts {
            let name = try #require(AccountName(text))
            let account = Account(name: name, role: role, passwordHash: try await signIn.hash(password), createdAt: time.now)
            let audit = AuditEntry(
                at: time.now, actor: .system, action: .accountCreated, target: text, outcome: .done, detail: "",
                correlationID: CorrelationID().rawValue)
            try await storage.add(account, audit: audit)
        }
        let engine = try await Engine(store: storage.engine, registry: registry, context: context, sealer: vault)
        let sync = SyncEngine(store: copies, engine: engine)
        await engine.companies.use { try await sync.companies(of: $0) }
        let connections = ConnectionService(
            registry: registry, storage: storage, vault: vault, context: context, metrics: metrics, sessions: engine.sessions, sync: sync,
            wake: {},
            timeout: .seconds(15))
        let events = EventService(
            storage: storage, time: time.source, wake: {}, attachesFiles: connections.attachesFiles, reached: { _ in })
        return HostServices(
            registry: registry, storage: storage, vault: vault, connections: connections,
            companies: engine.companies, sync: sync, events: events,
            rules: RuleService(storage: storage, time: time.source, wake: {}),
            detectors: DetectorService(
                storage: storage, copies: copies, policy: sync.policy, events: events, time: time.source, log: hostLog),
            retention: RetentionService(
                storage: storage, copies: copies, archiver: nil, time: time.source, metrics: metrics, log: hostLog),
            notifications: NotificationService(
                storage: storage, registry: registry, sender: sender, vault: vault,
                addressPolicy: .publicOnly, machine: "host1", time: time.source, log: hostLog),
            signIn: signIn,
            guides: try options.registry.map { try GuideLibrary(registry: $0) } ?? guides.get(), metrics: metrics, log: hostLog,
            time: time.source, isSyncing: options.isSyncing,
            environment: WebEnvironment(hosts: [], isBehindTLS: options.isBehindTLS, metricsToken: options.metricsToken))
    }

    /// Sends one request.
    ///
    /// A header that is given replaces the one that is sent otherwise; an empty one is not sent.
    func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = [], from address: String = "127.0.0.1"
    ) async throws -> WebAnswer {
        var fields = WebHeaders([("Host", host)])
        for (name, _) in headers { fields[name] = nil }
        for (name, value) in headers where !value.isEmpty { fields.append(name, value) }
        guard let port, let transport else {
            return await WebAnswer(application.respond(to: Self.request(method, target, fields, body, address)))
        }
        let policy = AddressPolicy.allowingLoopback
        var request = TransportRequest(
            try #require(TransportMethod(rawValue: method)), try ServiceURL(typed: "http://127.0.0.1:\(port)", policy: policy), route: "/",
            body: body.isEmpty ? nil : body, addressPolicy: policy)
        request.path = target
        for field in fields.fields { request.headers.append(field.name, field.value) }
        let response = try await transport.send(request)
        return WebAnswer(status: response.status, headers: WebHeaders(response.headers.fields), body: response.body)
    }

    private static func request(
        _ method: String, _ target: String, _ headers: WebHeaders, _ body: [UInt8], _ address: String
    ) -> WebRequest {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let query = parts.dropFirst().flatMap { $0.split(separator: "&") }.map { field in
            let sides = field.split(separator: "=", maxSplits: 1).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? String($0)
            }
            return (name: sides[0], value: sides.count == 2 ? sides[1] : "")
        }
        return WebRequest(
            method: method, path: parts[0], query: query, headers: headers, body: body, remoteAddress: address)
    }
}

/// An answer, its body read to the end.
struct WebAnswer: Sendable {
    let status: Int
    let headers: WebHeaders
    let body: [UInt8]

    init(status: Int, headers: WebHeaders, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ response: WebResponse) async {
        var bytes: [UInt8] = []
        switch response.body {
        case .bytes(let whole): bytes = whole
        case .stream(let pieces): for await piece in pieces { bytes += piece }
        case .truncated, .hangUp, .interim: break
        }
        self.init(status: response.status, headers: response.headers, body: bytes)
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The body as JSON; null if it is none.
    var json: JSONValue { (try? JSONDocument(body)).map { JSONValue($0.root) } ?? .null }
    /// The stable name of a problem.
    var code: String? { json["code"]?.string }
}

/// A browser, or a program, that is signed in.
struct Browser: Sendable {
    let fixture: WebFixture
    /// The whole `Cookie` field.
    let cookie: String
    let formToken: String

    func get(_ target: String, _ headers: [(String, String)] = []) async throws -> WebAnswer {
        try await fixture.send("GET", target, [("Cookie", cookie)] + headers)
    }

    /// Sends a form as a page of this host does.
    func post(_ target: String, _ fields: [(String, String)] = [], _ headers: [(String, String)] = []) async throws -> WebAnswer {
        let form = PercentEncoding.form((fields + [("form_token", formToken)]).map { QueryItem($0.0, $0.1) })
        let own = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://\(fixture.host)")]
            .filter { field in !headers.contains { $0.0 == field.0 } }
        return try await fixture.send("POST", target, own + headers, body: Array(form.utf8))
    }

    /// Calls the JSON API, and compares what comes back with its description.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []
    ) async throws -> WebAnswer {
        let type = body == nil ? [] : [("Content-Type", "application/json")]
        let answer = try await fixture.send(
            method, "/api/v1" + path, [("Cookie", cookie), ("X-Form-Token", formToken)] + type + headers, body: body?.encoded ?? [])
        let violations = APIDescription.served.violations(method, "/api/v1" + path, body, answer)
        if !violations.isEmpty { Issue.record("\(violations.prefix(5))") }
        return answer
    }
}

extension WebFixture {
    /// Signs in through the JSON API.
    func signIn(_ name: String = "admin", password: String = WebFixture.password, from address: String = "127.0.0.1") async throws
        -> Browser
    {
        let answer = try await trySignIn(name, password: password, from: address)
        try #require(answer.status == 200, "\(answer.text)")
        let cookie = try #require(answer.headers["Set-Cookie"]?.split(separator: ";").first)
        return Browser(fixture: self, cookie: String(cookie), formToken: try #require(answer.json["formToken"]?.string))
    }

    func trySignIn(_ name: String, password: String, from address: String = "127.0.0.1") async throws -> WebAnswer {
        let body: JSONValue = ["name": .string(name), "password": .string(password)]
        return try await send("POST", "/api/v1/session", [("Content-Type", "application/json")], body: body.encoded, from: address)
    }

    /// Saves a connection of the scripted connector, untested.
    func connect(_ tenant: String = "acme", mode: ConfigurableConnector.Mode = .works, name: String = "Acme") async throws
        -> StoredConnection
    {
        let values: [SettingKey: Secret] = [
            "tenant": Secret(tenant), "mode": Secret(mode.rawValue), "password": Secret(ConfigurableConnector.secret),
        ]
        let draft = try services.connections.draft("scripted", SettingsSubmission(name: name, values: values))
        let audit = AuditEntry(
            at: time.now, actor: .system, action: .connectionCreated, target: draft.effectiveName, outcome: .done, detail: "",
            correlationID: CorrelationID().rawValue)
        return try await services.connections.save(draft, SaveConfirmation(acceptsUntested: true), audit: audit)
    }

    /// Saves a rule in dry run, whose id is that of the connection, so that one value fills `{id}` in nearly all paths, an API key
    /// of the same id, and a company that was not found.
    func addRule(for connection: StoredConnection) async throws {
        let definition = RuleDefinition.sample(connection: connection.id)
        let rule = Rule(
            id: try #require(RuleID(connection.id.rawValue)), name: "Backup failed", revision: 1, mode: .dryRun,
            definition: definition, createdAt: time.now, changedAt: time.now)
        try await services.storage.add(rule, audit: .sample(.ruleCreated))
        try await services.storage.add(
            APIToken(
                id: connection.id.rawValue, name: "Monitor",
                digest: Array((connection.id.rawValue + String(repeating: "7", count: 32)).utf8.prefix(32)), createdAt: time.now),
            audit: .sample(.tokenCreated))
        // One item that failed, for the pages that correct it.
        let event = HostEvent.sample(senderID: "of \(connection.id)", receivedAt: time.now)
        _ = try await services.storage.accept(event, from: nil) { event, _, _ in
            [RuleEngine.decision(event, rule, .failed(.requestRejected, problem: PSAError(.requestRejected).storedProblem))]
        }
        try await services.storage.engine.recordUnmatched(SentCompany(id: "", name: "Acme"), .notFound, of: connection.id, at: time.now)
    }

    /// Saves a contact point, whose id is that of the connection for the same reason.
    func addContactPoint(for connection: StoredConnection) async throws {
        let draft = NotificationFixture.draft(.slack)
        let point = ContactPoint(
            id: try #require(ContactPointID(connection.id.rawValue)), kind: .slack, name: draft.name, isEnabled: true, language: .english,
            subscription: draft.subscription, mail: draft.mail, host: "hooks.example.com", password: nil,
            address: try services.vault.seal(Secret("https://hooks.example.com/x"), of: connection.id, ContactPoint.addressKey),
            signingKey: nil, revision: 1, createdAt: time.now, changedAt: time.now, subscribedAt: time.now)
        try await services.storage.add(point, audit: .sample(.contactPointCreated))
    }

    /// Adds a file that was uploaded for no ticket, with the number 1.
    func addOrphanUpload(for connection: StoredConnection) async throws {
        let storage = try #require(services.storage as? DatabaseStorage)
        try await storage.queue.write { database in
            try database.execute(
                """
                INSERT INTO upload (connection_id, job_id, place, name, media_type, byte_count, state, begun_at, discard_attempts)
                VALUES ('\(connection.id)', 1, 0, 'lost.log', 'text/plain', 2048, 'orphaned', 0, 5)
                """)
        }
    }

    /// Everything in the audit log, the newest first.
    func audit() async throws -> [AuditEntry] {
        try await services.storage.audit(AuditFilter(), before: nil, limit: 10_000).map(\.entry)
    }

    /// A path that a route answers, with things that exist.
    func path(_ route: Route, _ connection: StoredConnection) -> String {
        let name = route.pattern.hasPrefix("/assets") ? "vectis.css" : "viewer"
        let isNumbered = ["/rules/companies", "/events/{id}", "/jobs/{id}", "/jobs/uploads/{id}"].contains { route.pattern.contains($0) }
        let id = isNumbered ? "1" : connection.id.rawValue
        return route.pattern.replacing("{id}", with: id).replacing("{connector}", with: "scripted")
            .replacing("{slug}", with: "connect-halopsa").replacing("{code}", with: "network.timeout").replacing("{name}", with: name)
            .replacing("{job}", with: "1").replacing("{ticket}", with: "1").replacing("{connection}", with: connection.id.rawValue)
            .replacing("{token}", with: "token").replacing("{kind}", with: "ticket.waiting").replacing("{resource}", with: "companies")
            .replacing("{record}", with: "1").replacing("{test}", with: "1")
    }
}

extension JSONValue {
    /// The elements of an array; nothing for any other value.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The members of an object; nothing for any other value.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }
}
