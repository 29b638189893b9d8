import ExternalConnectors
import FoundationEssentials
import Glibc
import Mail
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb
import WebServer

/// The running host: storage, pages, API and schedule around one registry of connectors.
struct Host: Sendable {
    /// The configuration of a host.
    struct Configuration: Sendable {
        var folder: DataFolder
        var database = HostDatabase.files
        var address = "127.0.0.1"
        var port: UInt16 = 8080
        var environment: WebEnvironment
        var connectors: FoundConnectors
        var addressPolicy = AddressPolicy.publicOnly
        /// The interval of scheduled connection tests; nil for none.
        var checkInterval: Duration? = .seconds(6 * 3600)
        var connectionTestLimit: Duration = .seconds(10)
        /// Whether keys that are there may be used for a new database.
        var createsDatabase = false
        var passwords = PasswordPolicy()
        var outbox = OutboxPolicy()
        /// The rate limit of every tenant; nil for each connector's own.
        var pace: RateLimit?
        /// How long a killed process keeps others from creating tickets in a tenant.
        var gateLease = TenantRateLimits.gateLease
        /// How local copies are kept in sync; nil to read none.
        var sync: SyncPolicy? = SyncPolicy()
        /// The address of the host as people reach it, for links in messages; nil if it is not known.
        var publicAddress: String?
        /// Hands mails to servers.
        var mail: any MailTransport = CurlMailTransport()
        /// Called at each step of a write; a test may end the process there.
        var reached: @Sendable (WriteStep) async -> Void = { _ in }
        /// Called within a transaction at each step of it; a test may end the process there.
        var reachedInTransaction: @Sendable (WriteStep) -> Void = { _ in }
    }

    /// The file of the local copies can't be used.
    struct CopyError: Error {
        let reason: StorageFileError
    }

    /// The first administrator, created when there was no account.
    struct FirstAccount: Sendable {
        let name: AccountName
        let password: Secret
    }

    let port: UInt16
    /// Created at this start; nil if there were accounts already.
    let firstAccount: FirstAccount?
    private let server: WebServer
    private let schedule: Task<Void, Never>?
    private let engine: Task<Void, Never>
    /// Nil if no copies are read.
    private let syncing: Task<Void, Never>?
    private let detecting: Task<Void, Never>
    private let signIn: SignInService
    /// Writes counts of refused sign-ins.
    private let signingIn: Task<Void, Never>
    private let retaining: Task<Void, Never>
    private let tenants: TenantRateLimits
    /// Writes how much of the rate limits was used.
    private let usage: TenantUsageRecorder
    private let recordingUsage: Task<Void, Never>
    private let notifying: Task<Void, Never>
    private let copies: any SyncStore
    private let storage: any Storage

    /// Opens the data directory and listens.
    ///
    /// - Throws: What storage, key file or web server throw.
    static func start(
        _ configuration: Configuration, transport: any HTTPTransport, time: TimeSource, log: HostLog
    ) async throws -> Host {
        let registry = configuration.connectors.registry
        try configuration.folder.prepare()
        let (folder, database) = (configuration.folder, configuration.database)
        let lock = try DataFolderLock.take(folder)
        // The disk of a server is its own affair.
        let health = database.isShared ? StorageHealth(lock: lock, log: log, space: { nil }) : StorageHealth(lock: lock, log: log)
        // Released once the key file is in its place.
        let keyLock = try await folder.lockMissingKeys()
        defer { withExtendedLifetime(keyLock) {} }
        let ring = try folder.openKeys(
            createsDatabase: configuration.createsDatabase, try await database.content(in: folder), name: database.name(in: folder))
        let storage = try await database.openStorage(folder, health: health, reached: configuration.reachedInTransaction)
        if !database.isShared { lock.guardDatabase() }
        let copies: any SyncStore
        do {
            if database.isShared { try await storage.requireCompleteCopy() }
            // Beside other processes a wrong key does harm; alone in a folder, secrets can be entered again.
            let isKeyOfDatabase = try await storage.admitKeys(ring, replacing: !database.isShared)
            guard isKeyOfDatabase || !database.isShared else { throw KeyRingError.noFittingKey }
            try configuration.folder.confirmKeys()
            copies = try await database.openCopies(folder, health: health)
        } catch let error as StorageFileError {
            await storage.close()
            throw CopyError(reason: error)
        } catch {
            await storage.close()
            throw error
        }
        do {
            let metrics = HostMetrics(droppedLogLines: { log.droppedLines })
            let context = ConnectorContext(
                transport: transport, addressPolicy: configuration.addressPolicy, time: time,
                log: VendorCallLog(log: log, metrics: metrics),
                tenants: TenantRateLimits(
                    override: configuration.pace.map { .some($0) }, shared: database.isShared ? storage.engine : nil,
                    time: database.isShared ? time : .system, gateLease: configuration.gateLease),
                connectionTestLimit: configuration.connectionTestLimit)
            let duties = ProcessDuties(sharedIn: database.isShared ? storage.engine : nil, time: time)
            let vault = Vault(ring, time: time)
            let engine = try await Engine(
                store: storage.engine, registry: registry, context: context, sealer: vault,
                options: engineOptions(
                    storage: storage, policy: configuration.outbox, time: time, wakeups: storage.wakeups, log: log,
                    reached: configuration.reached))
            let syncPolicy = configuration.sync ?? SyncPolicy()
            let detectors = DetectorService(
                storage: storage, copies: copies, policy: syncPolicy,
                events: EventService(storage: storage, time: time, wake: { engine.wake() }, reached: configuration.reached), time: time,
                log: log, duties: duties)
            let sync = SyncEngine(
                store: copies, engine: engine,
                options: SyncEngine.Options(
                    policy: syncPolicy, removesOtherCopies: true, log: HostSyncLog(log: log, metrics: metrics),
                    wakeups: storage.wakeups,
                    isAlone: !database.isShared,
                    reached: { step in if step == .ended { detectors.wake() } }))
            await engine.companies.use { try await sync.companies(of: $0) }
            let connections = ConnectionService(
                registry: registry, storage: storage, vault: vault, context: context, metrics: metrics, sessions: engine.sessions,
                sync: sync,
                wake: { engine.wake() }, timeout: configuration.connectionTestLimit + .seconds(5))
            let signIn = try SignInService(storage: storage, vault: vault, time: time, passwords: configuration.passwords)
            let events = EventService(
                storage: storage, time: time, wake: { engine.wake() }, attachesFiles: connections.attachesFiles,
                reached: configuration.reached)
            try await KeyInspection(storage: storage, vault: vault, registry: registry, log: log, now: time.now()).run()
            var listening = Self.limits(isBehindTLS: configuration.environment.isBehindTLS)
            (listening.address, listening.port) = (configuration.address, configuration.port)
            let retention = RetentionService(
                storage: storage, copies: copies,
                // On a server the audit log stays in the database: several machines have no folder in common.
                archiver: database.isShared ? nil : SQLiteAuditArchiver(storage, folder: folder.auditArchives), time: time,
                metrics: metrics, log: log, duties: duties)
            let notifications = NotificationService(
                storage: storage, registry: registry,
                sender: NotificationSender(
                    http: transport, mail: configuration.mail, vault: vault, policy: configuration.addressPolicy,
                    address: configuration.publicAddress, now: time.now),
                vault: vault, addressPolicy: configuration.addressPolicy, machine: Self.machineName, time: time, log: log)
            let services = HostServices(
                registry: registry, storage: storage, vault: vault, connections: connections, companies: engine.companies, sync: sync,
                events: events, rules: RuleService(storage: storage, time: time, wake: { engine.wake() }), detectors: detectors,
                retention: retention, notifications: notifications, signIn: signIn,
                guides: try GuideLibrary(
                    registry: registry, found: configuration.connectors.guides, errorsOf: configuration.connectors.compiledIn),
                metrics: metrics, log: log, time: time, isSyncing: configuration.sync != nil,
                unusableConnectors: configuration.connectors.unusable.map {
                    UnusableProgram(name: $0.name, reason: TextRenderer().text($0.reason), stderrTail: $0.stderrTail)
                },
                environment: configuration.environment)
            let (server, firstAccount) = try await listen(listening, services) { try await makeFirstAccount(storage, signIn, time) }
            let schedule = configuration.checkInterval.map { interval in
                Task { await ConnectionSchedule(service: connections, interval: interval, duties: duties).run() }
            }
            for problem in configuration.connectors.unusable {
                log.record(.warning, "connector_unusable", [("file", .string(problem.name)), ("reason", .string("\(problem)"))])
            }
            log.record(.info, "started", [("port", .integer(Int(server.port)))])
            let usage = TenantUsageRecorder(tenants: context.tenants, store: storage, time: time)
            return Host(
                port: server.port, firstAccount: firstAccount, server: server, schedule: schedule,
                engine: Task { await engine.run() },
                syncing: configuration.sync.map { _ in Task { await sync.run() } }, detecting: Task { await detectors.run() },
                signIn: signIn, signingIn: Task { await signIn.run() }, retaining: Task { await retention.run() },
                tenants: context.tenants, usage: usage, recordingUsage: Task { await usage.run() },
                notifying: Task { await notifications.run() },
                copies: copies, storage: storage)
        } catch {
            await copies.close()
            await storage.close()
            throw error
        }
    }

    /// The name of this machine, as messages about its disk call it.
    private static var machineName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.filter { (0x21...0x7E).contains($0) }
        return name.isEmpty ? "localhost" : String(decoding: name.prefix(100), as: UTF8.self)
    }

    /// The engine's hooks for this host: the limits that an administrator has set, and the decisions that depend on companies.
    static func engineOptions(
        storage: any Storage, policy: OutboxPolicy, time: TimeSource, wakeups: (any WakeupChannel)? = nil, log: HostLog,
        reached: @escaping @Sendable (WriteStep) async -> Void
    ) -> Engine.Options {
        Engine.Options(
            policy: { policy.within(try await storage.outboxLimits()) },
            preparation: { engine, connection, policy in
                try await CompanyChecker(
                    checks: storage, store: storage.engine, sessions: engine.sessions, companies: engine.companies, policy: policy,
                    time: time
                ).work(on: connection)
            }, wakeups: wakeups, log: OutboxLog(log: log), reached: reached)
    }

    /// Finishes running responses, then closes everything.
    func stop() async {
        schedule?.cancel()
        engine.cancel()
        syncing?.cancel()
        detecting.cancel()
        retaining.cancel()
        notifying.cancel()
        await server.stop()
        await engine.value
        await syncing?.value
        await detecting.value
        await retaining.value
        await notifying.value
        await schedule?.value
        signingIn.cancel()
        await signingIn.value
        await signIn.finish()
        recordingUsage.cancel()
        await recordingUsage.value
        await usage.record()
        await tenants.giveBackReservations()
        await copies.close()
        await storage.close()
    }

    /// The web server's limits for requests; only events reach them, no form and no other body of the API.
    static func limits(isBehindTLS: Bool) -> WebServer.Configuration {
        WebServer.Configuration(
            maximumBodyBytes: 256 * 1024, bodyLimits: [APIRoutes.eventsPath: EventLimits.body],
            // Behind a proxy all browsers come from one address; it limits each of them.
            connectionsPerAddress: isBehindTLS ? 0 : 64, handlerDeadline: .seconds(90))
    }

    /// Listens, and responds once the first account is created.
    ///
    /// A start that can't listen leaves no account behind whose password was never shown. The names a browser uses on this machine hold the
    /// port, which is known only once the server listens.
    private static func listen(
        _ listening: WebServer.Configuration, _ services: HostServices, _ makeAccount: () async throws -> FirstAccount?
    ) async throws -> (WebServer, FirstAccount?) {
        let gate = StartupLatch()
        var listening = listening
        listening.rejectionResponse = RejectedRequestResponder(services: services).answer
        let server = try WebServer.start(listening) { await gate.application().respond(to: $0) }
        var environment = services.environment
        let names = ["127.0.0.1", "localhost", "[::1]"]
        environment.hosts.formUnion(names.flatMap { server.port == 80 ? [$0] : ["\($0):\(server.port)"] })
        let application = WebApplication(services.with(environment))
        do {
            let account = try await makeAccount()
            gate.open(application)
            return (server, account)
        } catch {
            // A waiting request must not keep the server from ending.
            gate.open(application)
            await server.stop()
            throw error
        }
    }

    static func makeFirstAccount(_ storage: any Storage, _ signIn: SignInService, _ time: TimeSource) async throws -> FirstAccount? {
        guard try await storage.accounts().isEmpty, let name = AccountName("admin") else { return nil }
        let password = GeneratedPassword.make()
        let account = Account(
            name: name, role: .admin, passwordHash: try await signIn.hash(password.reveal()), createdAt: time.now())
        let audit = AuditEntry(
            at: time.now(), actor: .system, action: .accountCreated, target: name.rawValue, outcome: .done, detail: "First start.",
            correlationID: CorrelationID().rawValue)
        do {
            try await storage.add(account, audit: audit)
        } catch AccountError.duplicateAccount {
            // Another process that started at the same time has made it, and has shown its password.
            return nil
        }
        return FirstAccount(name: name, password: password)
    }
}

/// A generated password: 20 characters that can't be mistaken for one another, about 99 bits.
enum GeneratedPassword {
    static func make() -> Secret {
        let alphabet = CorrelationID.alphabet
        let groups = (0..<4).map { _ in String((0..<5).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] }) }
        return Secret(groups.joined(separator: "-"))
    }
}
