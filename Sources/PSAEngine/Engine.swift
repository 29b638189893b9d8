import FoundationEssentials
public import PSACore
import Synchronization

/// Executes writes to PSAs exactly once, as far as that can be proven, and keeps everything it accepts in a store.
///
/// A host opens one engine per process, adds its connections, enqueues jobs and runs the engine in a task. What ``enqueue(_:through:key:source:)``
/// has accepted survives a killed process; a write is sent again only when it is proven not to have been executed, and what cannot be proven
/// needs review.
public final class Engine: Sendable {
    /// What an engine is opened with beside its store and connections.
    public struct Options: Sendable {
        /// The policy of the outbox, read before each job, so that a change applies at once.
        public var policy: @Sendable () async throws -> OutboxPolicy = { OutboxPolicy() }
        /// What the host does for a connection before its jobs are sent, such as deciding on jobs in the state `checking`.
        public var preparation: (@Sendable (Engine, ConnectionID, OutboxPolicy) async throws -> Void)?
        /// Takes the events of the engine.
        public var log: any EngineLog = SilentEngineLog()
        /// Called at each step of a write; a test may stop or end the process there.
        public var reached: @Sendable (WriteStep) async -> Void = { _ in }

        /// Creates a ``Options``.
        public init(
            policy: @escaping @Sendable () async throws -> OutboxPolicy = { OutboxPolicy() },
            preparation: (@Sendable (Engine, ConnectionID, OutboxPolicy) async throws -> Void)? = nil,
            log: any EngineLog = SilentEngineLog(),
            reached: @escaping @Sendable (WriteStep) async -> Void = { _ in }
        ) {
            self.policy = policy
            self.preparation = preparation
            self.log = log
            self.reached = reached
        }

    }

    public let store: any EngineStore
    /// The sessions of the connections, shared with the host.
    public let sessions: ConnectionSessions
    /// The companies of the connections, read once for jobs and host.
    public let companies: CompanyDirectory
    private let sealer: (any SecretSealer)?
    private let time: TimeSource
    private let wakeup = WakeupSignal()
    private let waiters = Mutex(Waiters())
    private let writer: TicketWriter
    private let options: Options

    /// Opens an engine on a store.
    ///
    /// - Parameters:
    ///   - store: Keeps jobs and connections.
    ///   - registry: The connectors.
    ///   - context: Transport, clock, log and address policy for each connection.
    ///   - sealer: Encrypts secrets before they are stored. Without one no secret is stored: the host adds its connections again at each
    ///     start, and their jobs wait until it has.
    ///   - options: Everything else.
    /// - Throws: What the store throws.
    public init(
        store: any EngineStore, registry: ConnectorRegistry, context: ConnectorContext, sealer: (any SecretSealer)? = nil,
        options: Options = Options()
    ) async throws {
        self.store = store
        self.sealer = sealer
        self.options = options
        time = context.time
        sessions = ConnectionSessions(registry: registry, context: context, sealer: sealer)
        companies = CompanyDirectory(time: context.time, mappings: store)
        writer = TicketWriter(
            store: store, companies: companies, policy: OutboxPolicy(), time: context.time,
            startup: StartupVerification(latest: try await store.latestJob()), reached: options.reached)
    }

    /// Adds a connection, or gives the one of this id other settings.
    ///
    /// - Parameters:
    ///   - id: The host's id for it.
    ///   - connector: The name of the connector.
    ///   - settings: Its settings, secrets included.
    ///   - name: What people call it; by default the tenant.
    /// - Returns: The connection as it is stored.
    /// - Throws: ``PSAError`` for an unknown connector or for settings with all their issues at once, ``StoreError/duplicateTenant(_:)`` if
    ///   another connection leads to the same tenant.
    @discardableResult public func addConnection(
        _ id: ConnectionID, connector: String, settings: SettingsInput, name: String? = nil
    ) async throws -> StoredConnection {
        let descriptor = try sessions.registry.descriptor(named: connector)
        let validation = descriptor.settings.validate(settings, policy: sessions.context.addressPolicy)
        guard let valid = validation.settings else { throw PSAError(settings: validation.issues, descriptor: descriptor) }
        let now = time.now()
        let stored = try await store.connection(id)
        var connection = StoredConnection(
            id: id, connector: descriptor.id, name: name ?? stored?.name ?? "", tenant: TenantIdentity(valid, of: descriptor),
            settings: [:],
            secrets: [:], revision: stored?.revision ?? 0, createdAt: stored?.createdAt ?? now, changedAt: stored?.changedAt ?? now,
            status: stored?.status)
        if connection.name.isEmpty { connection.name = connection.tenant.rawValue }
        for field in descriptor.settings.fields {
            guard let value = settings[field.key], !value.isEmpty else { continue }
            if !field.isSecret {
                connection.settings[field.key] = valid.serviceURL(field.key)?.text ?? value.reveal()
            } else if let sealer {
                connection.secrets[field.key] = try sealer.seal(value, of: id, field.key)
            }
        }
        if stored?.settings != connection.settings || stored?.tenant != connection.tenant || sealer != nil {
            connection.revision += 1
            connection.changedAt = now
        }
        try await store.save(connection)
        await sessions.keep(settings, of: id)
        _ = try await store.resumeSources(of: id)
        try await store.wake(id, at: now)
        wakeup.notify()
        return connection
    }

    /// Removes a connection, its session and its token. Its jobs stay; those that wait are skipped.
    ///
    /// - Throws: ``StoreError/notFound``.
    public func removeConnection(_ id: ConnectionID) async throws {
        try await store.removeConnection(id)
        await sessions.forget(id)
        wakeup.notify()
    }

    /// Tests a connection: what a person is told about it, with guidance.
    ///
    /// - Throws: ``StoreError/notFound``, or ``PSAError`` if there is no session to test.
    public func testConnection(_ id: ConnectionID) async throws -> ConnectionReport {
        guard let connection = try await store.connection(id) else { throw StoreError.notFound }
        return try await sessions.session(of: connection).testConnection()
    }

    /// Enqueues a write. When this returns, it survives a killed process.
    ///
    /// - Parameters:
    ///   - payload: What is to be written.
    ///   - connection: The connection it goes through.
    ///   - key: The caller's name for the write; a key that the connection has already does nothing.
    ///   - source: What creates it, such as a rule; nil if the host keeps no such thing.
    /// - Returns: The job: the new one, or the one that has the key.
    /// - Throws: ``StoreError/notFound`` if there is no such connection, or what the store throws.
    @discardableResult public func enqueue(
        _ payload: TicketJob.Payload, through connection: ConnectionID, key: IdempotencyKey, source: JobSource? = nil
    ) async throws -> TicketJob.ID {
        guard try await store.connection(connection) != nil else { throw StoreError.notFound }
        let ids = try await store.add(
            [NewJob(connection: connection, key: key, source: source, payload: payload)], at: time.now())
        wakeup.notify()
        guard let id = ids.first else { throw StoreError.notFound }
        return id
    }

    /// A job as it is now, or nil if there is none.
    public func job(_ id: TicketJob.ID) async throws -> TicketJob? { try await store.job(id) }

    /// Waits until a job is in a final state: written, failed, dropped, skipped, or in need of review.
    ///
    /// - Throws: ``StoreError/notFound``, `CancellationError`, or what the store throws.
    public func completion(of id: TicketJob.ID) async throws -> TicketJob {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let waiter = waiters.withLock { $0.add(id, continuation) }
        // Another process may complete it: the store is asked from time to time as well.
        let poll = Task { [time] in
            while (try? await time.sleep(.seconds(1))) != nil { continuation.yield() }
        }
        defer {
            poll.cancel()
            waiters.withLock { $0.remove(waiter) }
        }
        continuation.yield()
        for await _ in stream {
            guard let job = try await store.job(id) else { throw StoreError.notFound }
            if job.state.isFinal { return job }
        }
        throw CancellationError()
    }

    /// Sends a job that needs review or has failed.
    ///
    /// What failed after a request is searched for once before it is sent again.
    ///
    /// - Throws: ``StoreError/stale`` if its state changed meanwhile or it is in no such state, ``StoreError/notFound``.
    public func release(_ id: TicketJob.ID) async throws {
        try await decide(id) { $0.state.name == .failed ? .unknown : .waiting }
    }

    /// Drops a job that needs review or has failed.
    ///
    /// - Throws: As ``release(_:)`` does.
    public func drop(_ id: TicketJob.ID) async throws { try await decide(id) { _ in .dropped } }

    private func decide(_ id: TicketJob.ID, _ state: @Sendable (TicketJob) -> TicketJob.State) async throws {
        guard let job = try await store.job(id) else { throw StoreError.notFound }
        guard [.needsReview, .failed].contains(job.state.name) else { throw StoreError.stale }
        let next = state(job)
        let now = time.now()
        let outcome = JobOutcome(
            state: next, attempts: 0, searchAttempts: next == .unknown ? OutboxPolicy.searchAttemptsBeforeTheLast : 0, dueAt: now)
        try await store.decide(id, from: job.state, to: outcome, at: now)
        wakeup.notify()
    }

    /// Tells the engine that the host has changed something in the store, so that it need not wait for its next look.
    public func wake() { wakeup.notify() }

    /// Works until its task is cancelled, and returns once everything that was begun is stored.
    public func run() async {
        await dispatcher.run()
    }

    /// Works off what is due for a connection now.
    public func work(on connection: ConnectionID) async { await dispatcher.work(on: connection) }

    private var dispatcher: OutboxDispatcher {
        let preparation = options.preparation.map { prepare in
            { @Sendable [self] (id: ConnectionID, policy: OutboxPolicy) async throws in try await prepare(self, id, policy) }
        }
        return OutboxDispatcher(
            store: store, sessions: sessions, writer: writer, policy: options.policy, preparation: preparation, time: time,
            log: options.log, process: process, wakeup: wakeup, completed: { [self] id in waiters.withLock { $0.notify(id) } })
    }

    private let process = ProcessID()
}

/// The callers that wait for jobs.
private struct Waiters {
    private var signals: [Int: (job: TicketJob.ID, signal: AsyncStream<Void>.Continuation)] = [:]
    private var last = 0

    mutating func add(_ job: TicketJob.ID, _ signal: AsyncStream<Void>.Continuation) -> Int {
        last += 1
        signals[last] = (job, signal)
        return last
    }

    mutating func remove(_ waiter: Int) { signals.removeValue(forKey: waiter)?.signal.finish() }

    func notify(_ job: TicketJob.ID) {
        for waiter in signals.values where waiter.job == job { waiter.signal.yield() }
    }
}

extension TenantIdentity {
    /// The tenant that settings lead to.
    public init(_ settings: ConnectorSettings, of descriptor: ConnectorDescriptor) {
        let parts = descriptor.settings.fields.filter { $0.purpose == .tenant }.map { field in
            settings.serviceURL(field.key)?.location ?? settings.text(field.key)?.lowercased() ?? ""
        }
        self.init(rawValue: parts.filter { !$0.isEmpty }.joined(separator: " "))
    }
}
