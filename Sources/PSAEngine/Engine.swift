#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore
import Synchronization

/// Executes writes to PSAs exactly once, as far as that can be proven, and keeps every accepted write in a store.
///
/// ```swift
/// let engine = try await Engine(store: store, registry: registry, context: context)
/// try await engine.addConnection(acme, connector: "halopsa", settings: settings)
/// let running = Task { await engine.run() }
/// defer { running.cancel() }
/// let id = try await engine.enqueue(.newTicket("Disk full on SRV-1", company: "Acme"), through: acme, key: key)
/// let job = try await engine.completion(of: id)
/// print(job.state.ticket?.number ?? job.state.name.rawValue)
/// ```
///
/// A host opens one engine per process, adds its connections, enqueues jobs and calls ``run()`` in a task. A job that
/// ``enqueue(_:attachments:through:key:source:)`` has accepted survives a killed process. A write is sent again only when it is proven not to have been
/// executed; a write whose outcome cannot be proven needs review.
public final class Engine: Sendable {
    /// The options of an engine.
    public struct Options: Sendable {
        /// Returns the policy of the outbox; read before each job, so that a change applies at once.
        public var policy: @Sendable () async throws -> OutboxPolicy = { OutboxPolicy() }
        /// Called for a connection before its jobs are sent, for example to decide on jobs in the state `checking`; nil for nothing.
        public var preparation: (@Sendable (Engine, ConnectionID, OutboxPolicy) async throws -> Void)?
        /// Wakes the engines of other processes that share the store, and is woken by them; nil for a process that is alone.
        public var wakeups: (any WakeupChannel)?
        /// Receives the events of the engine.
        public var log: any EngineLog = SilentEngineLog()
        /// Called at each step of a write, for tests, which may suspend or end the process there.
        public var reached: @Sendable (WriteStep) async -> Void = { _ in }

        /// Creates options.
        public init(
            policy: @escaping @Sendable () async throws -> OutboxPolicy = { OutboxPolicy() },
            preparation: (@Sendable (Engine, ConnectionID, OutboxPolicy) async throws -> Void)? = nil,
            wakeups: (any WakeupChannel)? = nil,
            log: any EngineLog = SilentEngineLog(),
            reached: @escaping @Sendable (WriteStep) async -> Void = { _ in }
        ) {
            self.policy = policy
            self.preparation = preparation
            self.wakeups = wakeups
            self.log = log
            self.reached = reached
        }
    }

    /// The store of connections and jobs.
    public let store: any EngineStore
    /// The sessions of the connections, shared with the host.
    public let sessions: ConnectionSessions
    /// The companies of the connections, shared by jobs and host so that each list is read once.
    public let companies: CompanyDirectory
    private let sealer: (any SecretSealer)?
    private let time: TimeSource
    private let wakeup = WakeupSignal()
    private let sender: WakeupSender
    private let waiters = Mutex(Waiters())
    private let writer: TicketWriter
    private let options: Options

    /// Opens an engine on a store.
    ///
    /// - Parameters:
    ///   - store: The store of connections and jobs.
    ///   - registry: The connectors that connections may name.
    ///   - context: Transport, clock, log and address policy for each connection.
    ///   - sealer: Encrypts secrets before they are stored. If nil, no secret is stored: the host adds its connections again at each start,
    ///     and their jobs wait until then.
    ///   - options: Policy, log and hooks.
    /// - Throws: Errors of the store.
    public init(
        store: any EngineStore, registry: ConnectorRegistry, context: ConnectorContext, sealer: (any SecretSealer)? = nil,
        options: Options = Options()
    ) async throws {
        self.store = store
        self.sealer = sealer
        self.options = options
        time = context.time
        sender = WakeupSender(options.wakeups, .jobs, context.time)
        sessions = ConnectionSessions(registry: registry, context: context, sealer: sealer)
        companies = CompanyDirectory(time: context.time, mappings: store)
        writer = TicketWriter(
            store: store, companies: companies, policy: OutboxPolicy(), time: context.time,
            startup: StartupVerification(
                latest: try await store.latestJob(), startedAt: context.time.now(), instant: context.time.instant()),
            reached: options.reached)
    }

    /// Adds a connection, or replaces the settings of the connection with this id.
    ///
    /// The revision rises only if connector, settings or stored secrets differ. Jobs that wait for the connection become due. Those that were
    /// made for another tenant are not sent to this one: new tickets need review (``ReviewReason/tenantChanged``), changes of tickets fail.
    ///
    /// - Parameters:
    ///   - id: The host's id of the connection.
    ///   - connector: The name or an alias of the connector.
    ///   - settings: All settings, including secrets.
    ///   - name: The name shown to people; if nil, the stored name or, for a new connection, the tenant.
    /// - Returns: The stored connection.
    /// - Throws: ``/PSACore/PSAError`` for an unknown connector or for invalid settings, with all issues at once;
    ///   ``StoreError/duplicateTenant(_:)`` if another connection of the connector has the same tenant.
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
            settings: descriptor.settings.plainSettings(of: settings, validated: valid), secrets: [:], revision: stored?.revision ?? 0,
            createdAt: stored?.createdAt ?? now,
            changedAt: stored?.changedAt ?? now,
            status: stored?.status, ticketFieldDefaults: stored?.ticketFieldDefaults ?? TicketFieldDefaults(),
            lastJobOfFormerTenant: stored?.lastJobOfFormerTenant)
        if connection.name.isEmpty { connection.name = connection.tenant.rawValue }
        if let sealer {
            for field in descriptor.settings.fields where field.isSecret {
                guard let value = settings[field.key], !value.isEmpty else { continue }
                // Encrypting it again would give other bytes: a secret that is stored already stays as it is.
                let known = stored?.secrets[field.key]
                let isUnchanged = known.map { (try? sealer.open($0, of: id, field.key)) == value } ?? false
                connection.secrets[field.key] = isUnchanged ? known : try sealer.seal(value, of: id, field.key)
            }
        }
        let isUnchanged = connection.isSameWay(as: stored)
        if !isUnchanged {
            connection.revision += 1
            connection.changedAt = now
            // The result of a test of other settings is not valid for these.
            connection.status = nil
        }
        if connection != stored {
            try await store.save(connection)
            connection = try await store.connection(id) ?? connection
        }
        let isKnown = await sessions.keep(settings, of: connection)
        // The same settings would be refused for the same reason; settings that this process did not have may not.
        if !isUnchanged || !isKnown { _ = try await store.resumeSources(of: id) }
        try await store.wake(id, at: now)
        wake()
        return connection
    }

    /// Replaces the values that new tickets of one type start with; jobs that wait are sent with the new ones.
    ///
    /// - Parameters:
    ///   - defaults: The values, and the type that they are for; their limits are those of ``TicketJob/Payload/fields``.
    ///   - id: The connection.
    /// - Throws: ``EnqueueError`` if a value exceeds its limit, ``StoreError/notFound``, or errors of the store.
    public func setTicketFieldDefaults(_ defaults: TicketFieldDefaults, of id: ConnectionID) async throws {
        try TicketJob.Payload(summary: "", fields: defaults.values).validateSizes()
        try await store.setTicketFieldDefaults(defaults, of: id)
        // What was refused for a missing field may pass now.
        _ = try await store.resumeSources(of: id)
        try await store.wake(id, at: time.now())
        wake()
    }

    /// Removes a connection, and its session, secrets and token from memory.
    ///
    /// Its jobs stay in the store; those that wait are skipped, and one whose outcome is unknown needs review.
    ///
    /// - Throws: ``StoreError/notFound``.
    public func removeConnection(_ id: ConnectionID) async throws {
        try await store.removeConnection(id)
        await sessions.forget(id)
        // Also those that back off or whose source is paused: nothing will ever send them.
        for state in [TicketJob.State.Name.waiting, .checking] {
            while true {
                let jobs = try await store.jobs(TicketJob.Filter(connection: id, state: state), before: nil, limit: Self.skipBatch)
                for job in jobs { try await skip(job) }
                if jobs.count < Self.skipBatch { break }
            }
        }
        wakeup.notify()
    }

    private static let skipBatch = 200

    private func skip(_ job: TicketJob) async throws {
        let now = time.now()
        let outcome = JobOutcome(state: .skipped("The connection was removed."), attempts: job.attempts, dueAt: now)
        do {
            try await store.decide(job.id, from: job.state, to: outcome, at: now)
            notifyWaiters(of: job.id)
        } catch StoreError.stale {
            // A process has leased it meanwhile, and skips it because the connection does not exist.
        }
    }

    /// Tests a connection and returns a report with guidance.
    ///
    /// - Throws: ``StoreError/notFound``, or ``/PSACore/PSAError`` if no session can be opened.
    public func testConnection(_ id: ConnectionID) async throws -> ConnectionReport {
        guard let connection = try await store.connection(id) else { throw StoreError.notFound }
        return try await sessions.session(of: connection).testConnection()
    }

    /// Enqueues a write.
    ///
    /// When the method returns, the job survives a killed process.
    ///
    /// - Parameters:
    ///   - payload: The write.
    ///   - attachments: The files of a new ticket, note or reply: at most ten, of at most 25 MiB together.
    ///   - connection: The connection to write through.
    ///   - key: The caller's name of the write. If the connection already has a job with this key, nothing is added.
    ///   - source: The origin of a group of jobs, such as a rule, which a refusal pauses as a group; nil for a job on its own.
    /// - Returns: The id of the new job, or of the job that already has the key.
    /// - Throws: ``EnqueueError`` if a text or file is missing, too large or not usable, ``StoreError/notFound`` if the connection does not exist, or
    ///   errors of the store.
    @discardableResult public func enqueue(
        _ payload: TicketJob.Payload, attachments: [AttachmentFile] = [], through connection: ConnectionID, key: IdempotencyKey,
        source: JobSource? = nil
    ) async throws -> TicketJob.ID {
        try payload.validate()
        guard try await store.connection(connection) != nil else { throw StoreError.notFound }
        let ids = try await store.add(
            [NewJob(connection: connection, key: key, source: source, payload: payload, attachments: attachments)], at: time.now())
        wake()
        guard let id = ids.first else { throw StoreError.notFound }
        return id
    }

    /// Returns the current state of a job, or nil if it does not exist.
    ///
    /// - Throws: Errors of the store.
    public func job(_ id: TicketJob.ID) async throws -> TicketJob? { try await store.job(id) }

    /// Waits until a job is in a final state: written, failed, dropped, skipped, or in need of review.
    ///
    /// It also returns when another process completes the job; the store is read once a second for that.
    ///
    /// - Returns: The job in its final state; at once if it is in one already.
    /// - Throws: ``StoreError/notFound``, `CancellationError` if the task is cancelled, or errors of the store.
    public func completion(of id: TicketJob.ID) async throws -> TicketJob {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let waiter = waiters.withLock { $0.add(id, continuation) }
        // Another process may complete it, which notifies nothing here.
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
    /// If a request may have been executed for it, it is searched for once more and sent only if it is proven absent. A job from before the
    /// start of the process is searched for as well, because a backup may have been restored; after ``ReviewReason/notVerified`` it is sent.
    ///
    /// - Throws: ``StoreError/stale`` if it is in another state or its state changed meanwhile, ``StoreError/notFound``.
    public func release(_ id: TicketJob.ID) async throws {
        try await decide(id) { $0.state.mayHaveBeenSent ? .unknown : .waiting }
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
        notifyWaiters(of: id)
        wake()
    }

    /// Returns the uploads that no ticket refers to, of a connection or of all: what the PSA may hold beside its tickets.
    ///
    /// One whose PSA id is known is deleted by the engine, up to five times; it stays listed until that succeeds. One that was begun by a
    /// process that ended, or whose answer was lost, is only a possible orphan: its id is not known, so a person looks for it.
    ///
    /// - Parameter connection: The connection; nil for all.
    /// - Returns: The uploads in the order in which they were begun.
    /// - Throws: Errors of the store.
    public func orphanUploads(of connection: ConnectionID? = nil) async throws -> [JobUpload] {
        try await store.orphanUploads(of: connection)
    }

    /// Removes the finished jobs that have not changed since a time, in steps beside the other work.
    ///
    /// What is open or needs review stays. The key of a removed job is free: whoever enqueues under it again writes again. Choose a time
    /// before which no sender repeats a write, and call this from time to time, such as once an hour.
    ///
    /// - Parameter time: Jobs that changed last before it are removed.
    /// - Returns: The number of removed jobs.
    /// - Throws: Errors of the store, or `CancellationError`; what was removed by then stays removed.
    @discardableResult public func removeFinishedJobs(before time: Date) async throws -> Int {
        var (count, place): (Int, JobRemoval.Place?) = (0, nil)
        repeat {
            let step = try await store.removeFinishedJobs(JobExpiry(finishedBefore: time), after: place, limit: 200)
            (count, place) = (count + step.removed, step.next)
            if place != nil { try await self.time.sleep(.milliseconds(20)) }
        } while place != nil
        return count
    }

    /// Removes an upload from the list of orphans, after a person has looked into the PSA; nothing is deleted there.
    ///
    /// - Throws: ``StoreError/notFound`` if there is no orphan with this id, or errors of the store.
    public func forgetUpload(_ id: JobUpload.ID) async throws { try await store.removeUpload(id) }

    /// Makes the engine read the store at once, and those of other processes, after the host has changed something in it.
    public func wake() {
        wakeup.notify()
        sender.send()
    }

    /// Sends jobs until its task is cancelled, and returns once the outcomes of running writes are stored.
    public func run() async {
        let listening = Task { await listen() }
        await dispatcher.run()
        listening.cancel()
    }

    /// Looks at the store when another process says that there may be something in it.
    private func listen() async {
        guard let channel = options.wakeups else { return }
        for await topic in channel.topics() where topic == .jobs {
            wakeup.notify()
            waiters.withLock { $0.notifyAll() }
        }
    }

    /// Removes from memory the sessions of connections that another process has removed.
    private func forgetRemovedConnections() async {
        // In this order: a connection that is added meanwhile is not among them.
        let known = await sessions.known
        guard !known.isEmpty, let stored = try? await store.connections() else { return }
        for id in known.subtracting(stored.map(\.id)) { await sessions.forget(id) }
    }

    /// Sends the jobs of a connection that are due now, and returns when none is due.
    public func work(on connection: ConnectionID) async { await dispatcher.work(on: connection) }

    private var dispatcher: OutboxDispatcher {
        let preparation = options.preparation.map { prepare in
            { @Sendable [self] (id: ConnectionID, policy: OutboxPolicy) async throws in try await prepare(self, id, policy) }
        }
        return OutboxDispatcher(
            store: store, sessions: sessions, writer: writer, policy: options.policy, preparation: preparation, time: time,
            log: options.log, process: process, wakeup: wakeup,
            completed: { [self] id in
                notifyWaiters(of: id)
                // Another process may wait for the job.
                sender.send()
            }, upkeep: { [self] in await forgetRemovedConnections() })
    }

    private let process = ProcessID()

    private func notifyWaiters(of job: TicketJob.ID) { waiters.withLock { $0.notify(job) } }
}

extension StoredConnection {
    /// Whether another version leads to the same tenant by the same connector, settings and secrets.
    fileprivate func isSameWay(as other: StoredConnection?) -> Bool {
        other?.connector == connector && other?.tenant == tenant && other?.settings == settings && other?.secrets == secrets
    }
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

    func notifyAll() {
        for waiter in signals.values { waiter.signal.yield() }
    }

    func notify(_ job: TicketJob.ID) {
        for waiter in signals.values where waiter.job == job { waiter.signal.yield() }
    }
}

extension TenantIdentity {
    /// Derives the tenant from settings.
    public init(_ settings: ConnectorSettings, of descriptor: ConnectorDescriptor) {
        let parts = descriptor.settings.fields.filter { $0.purpose == .tenant }.map { field in
            settings.serviceURL(field.key)?.location ?? settings.text(field.key)?.lowercased() ?? ""
        }
        self.init(rawValue: parts.filter { !$0.isEmpty }.joined(separator: " "))
    }
}
