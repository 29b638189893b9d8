#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore
import Synchronization

/// Keeps a local copy of what connections can read, and answers questions about it without a request.
///
/// ```swift
/// let sync = SyncEngine(store: copies, engine: engine)
/// let running = Task { await sync.run() }
/// defer { running.cancel() }
/// for try await record in sync.changes(of: .tickets, in: acme) {
///     try await save(record, upTo: record.sequence)
/// }
/// ```
///
/// A host opens one engine per process beside its ``Engine``, and calls ``run()`` in a task. Each page that was read survives a killed process
/// together with the place after it; the next start goes on there. One process at a time works on a connection.
public final class SyncEngine: Sendable {
    /// The options of a sync engine.
    public struct Options: Sendable {
        /// How the copies are kept in sync.
        public var policy = SyncPolicy()
        /// Whether copies in the store whose connection does not exist any more are removed.
        ///
        /// A host that keeps all its connections in one engine sets it; a program that syncs one of several tenants must not.
        public var removesOtherCopies = false
        /// Receives what cannot be thrown to a caller.
        public var log: any SyncLog = SilentSyncLog()
        /// Wakes the engines of other processes that share the store, and is woken by them; nil for a process that is alone.
        public var wakeups: (any WakeupChannel)?
        /// Whether no other process works on the store, so that what a killed one had leased is taken over at once.
        public var isAlone = false
        /// Called at each step, for tests, which may suspend or end the process there.
        public var reached: @Sendable (SyncStep) async -> Void = { _ in }

        /// Creates options.
        public init(
            policy: SyncPolicy = SyncPolicy(), removesOtherCopies: Bool = false, log: any SyncLog = SilentSyncLog(),
            wakeups: (any WakeupChannel)? = nil, isAlone: Bool = false,
            reached: @escaping @Sendable (SyncStep) async -> Void = { _ in }
        ) {
            self.policy = policy
            self.removesOtherCopies = removesOtherCopies
            self.log = log
            self.wakeups = wakeups
            self.isAlone = isAlone
            self.reached = reached
        }
    }

    /// The store of the copies.
    public let store: any SyncStore
    /// How the copies are kept in sync.
    public let policy: SyncPolicy
    private let connections: any EngineStore
    private let sessions: ConnectionSessions
    private let time: TimeSource
    private let options: Options
    private let turns = Mutex(WorkingTurns())
    private let wakeup = WakeupSignal()
    private let sender: WakeupSender
    private let observers = Mutex(Observers())
    private let lists = Mutex<[ConnectionID: (sequence: ChangeSequence, list: CompanyList)]>([:])

    /// Opens a sync engine.
    ///
    /// - Parameters:
    ///   - store: The store of the copies.
    ///   - engine: The engine whose connections and sessions it uses.
    ///   - options: Policy, log and hooks.
    public init(store: any SyncStore, engine: Engine, options: Options = Options()) {
        self.store = store
        self.options = options
        policy = options.policy
        connections = engine.store
        sessions = engine.sessions
        time = engine.sessions.context.time
        sender = WakeupSender(options.wakeups, .sync, time)
    }

    // MARK: Running

    /// Reads what is due until its task is cancelled.
    public func run() async {
        let working = WorkingConnections()
        var upkeep = Upkeep()
        let listening = Task { await listen() }
        defer { listening.cancel() }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let (due, next) = await whatIsDue(&upkeep)
                for connection in working.begin(due, policy, now: time.instant()) {
                    group.addTask { [self] in
                        let isDone = await turnOrNote(connection)
                        working.end(connection)
                        // A turn that could not begin is tried again later, not at once.
                        if isDone != nil { wakeup.notify() }
                    }
                }
                let longest = working.isResting(due, now: time.instant()) ? 1 : Self.maxSleep
                let wait = min(longest, max(0.05, next?.timeIntervalSince(time.now()) ?? Self.maxSleep))
                await wakeup.wait(atMost: .milliseconds(Int(wait * 1_000)), time)
            }
        }
    }

    private static let maxSleep: TimeInterval = 5

    /// Looks at the store when another process says that there may be something in it.
    private func listen() async {
        guard let channel = options.wakeups else { return }
        for await topic in channel.topics() where topic == .sync {
            wakeup.notify()
            observers.withLock { $0.notifyAll() }
        }
    }

    private func wake() {
        wakeup.notify()
        sender.send()
    }

    /// What the loop remembers of the connections.
    private struct Upkeep {
        var connections: [ConnectionID: TenantIdentity] = [:]
        var lastAt: MonotonicInstant?
    }

    private static let upkeepInterval = Duration.seconds(60)

    /// The connections that are due, the longest due first, and when the next one is.
    private func whatIsDue(_ upkeep: inout Upkeep) async -> (due: [ConnectionID], next: Date?) {
        do {
            let stored = try await connections.connections()
            let tenants = Dictionary(stored.map { ($0.id, $0.tenant) }) { first, _ in first }
            let isUpkeep = tenants != upkeep.connections || upkeep.lastAt.map { time.instant() - $0 >= Self.upkeepInterval } ?? true
            if isUpkeep {
                for connection in stored { try await prepare(connection) }
                for copy in try await store.copies() where options.removesOtherCopies && tenants[copy.connection] == nil {
                    try await store.removeCopy(of: copy.connection)
                }
                try await store.finishRemovals()
                try await noteStaleness(of: stored)
                upkeep.connections = tenants
                upkeep.lastAt = time.instant()
            }
            let now = time.now()
            let schedule = try await store.schedule().filter { tenants[$0.key] != nil }
            var due = schedule.filter { $0.value <= now || WrongClock.isTooFarAhead($0.value, of: now, maxWait: policy.maxWait) }
            if isUpkeep {
                // Of what is planned further ahead than changes are, the resources say whether a wrong clock planned it.
                for (connection, at) in schedule where WrongClock.isTooFarAhead(at, of: now, maxWait: policy.maxChangesInterval) {
                    if try await store.statuses(of: connection, countingRecords: false).contains(where: { $0.isDue(at: now, policy) }) {
                        due[connection] = at
                    }
                }
            }
            let order = due.sorted { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
            return (order.map(\.key), schedule.values.filter { $0 > now }.min())
        } catch {
            options.log.record(.storeUnreadable(errorType: "\(type(of: error))"))
            return ([], nil)
        }
    }

    /// Prepares the copy of a connection and the resources that its connector can read.
    private func prepare(_ connection: StoredConnection) async throws {
        let resources = resources(of: connection)
        guard !resources.isEmpty else { return }
        let known = try await store.copies().first { $0.connection == connection.id }
        if known?.tenant != connection.tenant || known?.connector != connection.connector {
            try await store.register(connection.id, connector: connection.connector, tenant: connection.tenant)
            lists.withLock { $0[connection.id] = nil }
        }
        if try await store.statuses(of: connection.id, countingRecords: false).count < resources.count {
            // Many connections that are added at once do not begin in the same second.
            let due = time.now().addingTimeInterval(known == nil ? 0 : time.random())
            try await store.prepare(resources, of: connection.id, dueAt: due)
        }
    }

    /// The resources that the connector of a connection can read; none if this process does not have it.
    private func resources(of connection: StoredConnection) -> [SyncResource] {
        guard let descriptor = try? sessions.registry.descriptor(named: connection.connector.rawValue) else { return [] }
        return SyncResource.allCases.filter { descriptor.capabilities.contains($0.capability) && ($0 != .notes || policy.readsNotes) }
    }

    /// Opens and resolves the issue `sync.stale` of each connection, by what is open in the store: another process, or a person, may have
    /// changed it.
    private func noteStaleness(of known: [StoredConnection]) async throws {
        let now = time.now()
        let open = Set(try await connections.issues(of: nil).filter { $0.code == .syncStale && $0.resolvedAt == nil }.map(\.connection))
        for connection in known {
            let resources = Set(resources(of: connection).filter(\.isList))
            guard !resources.isEmpty else { continue }
            let statuses = try await store.statuses(of: connection.id, countingRecords: false).filter { resources.contains($0.resource) }
            let isStale = statuses.contains { $0.isStale(at: now, policy) }
            if isStale, !open.contains(connection.id) {
                try await connections.recordIssue(.syncStale, of: connection.id, at: now)
            } else if !isStale, open.contains(connection.id) {
                try await connections.resolveIssue(.syncStale, of: connection.id, at: now)
            }
        }
    }

    /// Works on a connection for one turn.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - wanted: The resources to work on; nil for all.
    ///   - waits: Whether it waits for the end of a turn that this process has begun.
    /// - Returns: Whether everything that was due is done; nil if the turn could not begin, or was ended by another process.
    /// - Throws: Errors of the store. What was stored stays; the next turn goes on from there.
    private func turn(_ id: ConnectionID, _ wanted: Set<SyncResource>? = nil, waits: Bool = false) async throws -> Bool? {
        guard await begin(id, waits: waits) else { return nil }
        defer { turns.withLock { $0.end(id) } }
        // The lease is one of this turn: where the copy is replaced by another one meanwhile, of another tenant or an empty one, the lease is
        // gone with it, and no later turn of this process gives it back.
        let holder = ProcessID()
        guard let connection = try await connections.connection(id), try await lease(id, by: holder) else { return nil }
        let result: Bool?
        do {
            result = try await work(on: connection, wanted, by: holder)
        } catch {
            try? await release(id, by: holder)
            throw error
        }
        try await release(id, by: holder)
        notifyObservers(of: id)
        // Programs that follow the changes may ask another process.
        sender.send()
        return result
    }

    /// Waits, if wanted, until no other turn of this process works on a connection, and begins one.
    private func begin(_ id: ConnectionID, waits: Bool) async -> Bool {
        while let end = turns.withLock({ $0.begin(id) }) {
            guard waits else { return false }
            for await _ in end {}
            guard !Task.isCancelled else { return false }
        }
        return true
    }

    /// Works on a connection whose lease a turn has.
    private func work(on connection: StoredConnection, _ wanted: Set<SyncResource>?, by holder: ProcessID) async throws -> Bool? {
        let id = connection.id
        // A copy that is replaced after this has no lease any more.
        guard try await store.copies().first(where: { $0.connection == id })?.tenant == connection.tenant else { return nil }
        do {
            let session = try await sessions.session(of: connection)
            let runner = SyncRunner(
                store: store, connection: connection, session: session, policy: policy, time: time, holder: holder,
                issues: EngineIssues(store: connections), log: options.log, reached: options.reached, beganAt: time.instant())
            return try await keepingLease(of: id, by: holder) { try await runner.turn(wanted) }
        } catch let error as PSAError {
            // A session that cannot be opened reads nothing.
            try await postpone(id, after: error, by: holder)
            return true
        } catch is SyncRunner.LeaseLostError {
            return nil
        } catch is CancellationError {
            return nil
        }
    }

    /// Works on a connection for one turn, and notes an error of the store.
    private func turnOrNote(_ id: ConnectionID) async -> Bool? {
        do {
            return try await turn(id)
        } catch {
            options.log.record(.storeUnreadable(errorType: "\(type(of: error))"))
            try? await time.sleep(.seconds(1))
            return nil
        }
    }

    private func lease(_ id: ConnectionID, by holder: ProcessID) async throws -> Bool {
        let now = time.now()
        let until = now.addingTimeInterval(policy.lease.seconds)
        // In the distant future each lease of another process has ended.
        return try await store.lease(id, by: holder, now: options.isAlone ? .distantFuture : now, until: until)
    }

    /// Gives the lease of a turn back, also where its task was cancelled.
    private func release(_ id: ConnectionID, by holder: ProcessID) async throws {
        try await Task { [store] in try await store.release(id, by: holder) }.value
    }

    /// Renews the lease while a turn works; if it is lost, the work is cancelled.
    private func keepingLease(
        of id: ConnectionID, by holder: ProcessID, _ work: @escaping @Sendable () async throws -> Bool
    ) async throws -> Bool {
        let working = Task { try await work() }
        let renewing = Task { [self] in
            while (try? await time.sleep(policy.lease / 3)) != nil {
                let until = time.now().addingTimeInterval(policy.lease.seconds)
                guard (try? await store.renew(id, by: holder, until: until)) == true else { break }
            }
            working.cancel()
        }
        defer { renewing.cancel() }
        return try await withTaskCancellationHandler {
            try await working.value
        } onCancel: {
            working.cancel()
        }
    }

    private func postpone(_ id: ConnectionID, after error: PSAError, by holder: ProcessID) async throws {
        let now = time.now()
        var earliest: Date?
        for status in try await store.statuses(of: id, countingRecords: false) where status.resource.isList {
            var progress = status.progress
            let count = (progress.failure?.count ?? 0) + 1
            progress.failure = SyncFailure(code: error.code, problem: error.storedProblem, at: now, count: count)
            let next = now.addingTimeInterval(SyncRunner.delay(after: error, .connection, count: count).seconds)
            _ = try await store.save(progress, of: status.resource, of: id, nextRunAt: next, begins: true, by: holder)
            earliest = min(next, earliest ?? next)
            options.log.record(.runFailed(id, status.resource, error))
        }
        // Else a ticket that is to be read again would make the connection due at once.
        try await store.postponeRereads(of: id, until: earliest ?? now.addingTimeInterval(60))
        try await connections.recordIssue(error.code, problem: error.storedProblem, of: id, at: now)
    }

    /// Reads resources of a connection now, and returns when they are done, have failed or are paused.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - resources: The resources; nil for all that the connector can read.
    ///   - full: Whether whole lists are read.
    ///   - acceptingMissing: The resources whose missing records are taken for removed, however many there are.
    /// - Returns: How the resources stand.
    /// - Throws: ``StoreError/notFound``, ``SyncError/busy`` if another process works on the connection, `CancellationError`, or errors of the
    ///   store.
    @discardableResult public func sync(
        _ connection: ConnectionID, resources: Set<SyncResource>? = nil, full: Bool = false,
        acceptingMissing: Set<SyncResource> = []
    ) async throws -> [SyncStatus] {
        guard let stored = try await connections.connection(connection) else { throw StoreError.notFound }
        try await prepare(stored)
        let all = Set(try await store.statuses(of: connection, countingRecords: false).map(\.resource))
        let wanted = resources?.intersection(all) ?? all
        try await store.request(full ? .full : .now, wanted.filter(\.isList), of: connection)
        if !acceptingMissing.isEmpty {
            try await store.request(.acceptMissing, wanted.intersection(acceptingMissing).filter(\.isList), of: connection)
        }
        var isRefused = false
        while true {
            try Task.checkCancellation()
            switch try await turn(connection, wanted, waits: true) {
            case true?: return try await statuses(of: connection).filter { wanted.contains($0.resource) }
            case false?: isRefused = false
            case nil:
                try Task.checkCancellation()
                // A process that was killed keeps its lease for a while.
                guard !isRefused else { throw SyncError.busy }
                isRefused = true
                try await time.sleep(policy.lease + .seconds(1))
            }
        }
    }

    // MARK: Control

    /// Returns how the resources of a connection stand, in the order in which they are read.
    ///
    /// - Throws: Errors of the store.
    public func statuses(of connection: ConnectionID) async throws -> [SyncStatus] {
        let statuses = try await store.statuses(of: connection)
        return SyncResource.allCases.compactMap { resource in statuses.first { $0.resource == resource } }
    }

    /// Asks for a run; the process that runs the engine begins it.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - resources: The resources; nil for all.
    ///   - connection: The connection.
    /// - Throws: Errors of the store.
    public func request(_ request: SyncRequest, _ resources: Set<SyncResource>? = nil, of connection: ConnectionID) async throws {
        let wanted = (resources ?? Set(SyncResource.allCases)).filter(\.isList)
        try await store.request(request, wanted, of: connection)
        wake()
    }

    /// Pauses or resumes resources; a run that is under way goes on to the end of its turn, and is resumed at its place.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    public func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>? = nil, of connection: ConnectionID) async throws {
        try await store.setPaused(isPaused, resources ?? Set(SyncResource.allCases), of: connection)
        wake()
    }

    /// Takes the message of a vendor that something changed, and reads the tickets that it names again soon.
    ///
    /// - Parameters:
    ///   - message: The body of the message; it is never trusted as data.
    ///   - connection: The connection.
    /// - Returns: The number of tickets that are read again.
    /// - Throws: ``StoreError/notFound``, ``/PSACore/PSAError`` if no session can be opened, or errors of the store.
    @discardableResult public func take(hint message: JSONView, of connection: ConnectionID) async throws -> Int {
        guard let stored = try await connections.connection(connection) else { throw StoreError.notFound }
        let tickets = try await sessions.session(of: stored).hintedTickets(in: message)
        try await readAgain(tickets, of: connection)
        return tickets.count
    }

    /// Reads tickets again soon, each with its fields and notes.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    public func readAgain(_ tickets: [Ticket.ID], of connection: ConnectionID) async throws {
        guard !tickets.isEmpty else { return }
        try await store.enqueue(tickets.map { Reread($0, .hint) }, of: connection, at: time.now())
        wake()
    }

    /// Removes the copy of a connection.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    public func removeCopy(of connection: ConnectionID) async throws {
        try await store.removeCopy(of: connection)
        lists.withLock { $0[connection] = nil }
    }

    // MARK: Reading

    /// Returns what changed after a place, in the order of the changes; a record that changed several times comes once.
    ///
    /// Each change comes at least once, also if the caller is killed, as long as it stores ``SyncRecord/sequence`` with what it made of a record.
    ///
    /// - Parameters:
    ///   - resource: The resource.
    ///   - connection: The connection.
    ///   - place: The sequence of the last record that was taken; ``ChangeSequence/beginning`` for all.
    ///   - limit: The most records, 1 to ``SyncLimits/page``.
    /// - Returns: The records; none if there is no change after the place.
    /// - Throws: Errors of the store.
    public func changes(
        of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int = SyncLimits.page
    ) async throws -> [SyncRecord] {
        try await store.changes(of: resource, in: connection, after: place, limit: min(max(limit, 1), SyncLimits.page))
    }

    /// Streams what changes after a place, and goes on with each change that is stored later.
    ///
    /// Changes that another process stores come within a few seconds. The stream ends when its task is cancelled.
    public func changes(
        of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence = .beginning
    ) -> AsyncThrowingStream<SyncRecord, any Error> {
        let position = Mutex((place: place, buffer: ArraySlice<SyncRecord>()))
        return AsyncThrowingStream { [self] in
            while !Task.isCancelled {
                if let record = position.withLock({ position in
                    position.buffer.popFirst().map { record in
                        position.place = record.sequence
                        return record
                    }
                }) {
                    return record
                }
                let place = position.withLock { $0.place }
                let found = try await changes(of: resource, in: connection, after: place, limit: 200)
                if found.isEmpty {
                    await nextStored(of: connection)
                } else {
                    position.withLock { $0.buffer = found[...] }
                }
            }
            return nil
        }
    }

    /// Returns a record, or nil if the copy does not have it.
    ///
    /// - Throws: Errors of the store.
    public func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord? {
        try await store.record(id, of: resource, in: connection)
    }

    /// Returns the records that match.
    ///
    /// - Throws: Errors of the store.
    public func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage {
        var query = query
        query.limit = min(max(query.limit, 1), SyncLimits.page)
        return try await store.records(query, in: connection)
    }

    /// Finds the company of a name, as events name it.
    ///
    /// - Returns: The company, or why there is none; ``CompanyList/Match/notKnown`` if the copy is not complete.
    /// - Throws: Errors of the store.
    public func company(named name: String, in connection: ConnectionID) async throws -> CompanyList.Match {
        try await companies(of: connection)?.company(named: name) ?? .notKnown
    }

    /// Returns the companies whose names contain all words of a text, sorted by name.
    ///
    /// - Throws: Errors of the store.
    public func companies(matching text: String, in connection: ConnectionID, limit: Int = 50) async throws -> [CompanyFacts] {
        try await companies(of: connection)?.companies(matching: text, limit: limit) ?? []
    }

    /// Returns the tickets of a company, the latest change first.
    ///
    /// - Parameters:
    ///   - company: The company.
    ///   - connection: The connection.
    ///   - states: The states.
    ///   - limit: The most tickets, 1 to ``SyncLimits/page``.
    /// - Returns: The tickets.
    /// - Throws: Errors of the store.
    public func tickets(
        of company: Company.ID, in connection: ConnectionID, states: Set<SyncRecord.State> = [.present], limit: Int = SyncLimits.page
    ) async throws -> [SyncRecord] {
        var query = SyncQuery(.tickets)
        query.company = company
        query.states = states
        query.order = .latestChange
        query.limit = limit
        return try await records(query, in: connection).records
    }

    /// The companies of the copy as a list that finds names; nil if no full run has ended or the copy is stale.
    ///
    /// - Throws: Errors of the store.
    public func companies(of connection: ConnectionID) async throws -> CompanyList? {
        guard let status = try await store.statuses(of: connection, countingRecords: false).first(where: { $0.resource == .companies }),
            let readAt = status.progress.freshAt, status.progress.lastFullAt != nil, !status.isStale(at: time.now(), policy),
            let stored = try await connections.connection(connection),
            let descriptor = try? sessions.registry.descriptor(named: stored.connector.rawValue),
            try await store.copies().first(where: { $0.connection == connection })?.tenant == stored.tenant
        else { return nil }
        let isComplete = status.progress.hasEveryRow
        let latest = try await store.latestSequence(of: .companies, in: connection)
        if let known = lists.withLock({ $0[connection] }), known.sequence == latest, known.list.tenant == stored.tenant,
            known.list.isComplete == isComplete
        {
            return known.list.read(at: readAt)
        }
        var facts: [CompanyFacts] = []
        var query = SyncQuery(.companies)
        query.limit = SyncLimits.page
        repeat {
            let page = try await store.records(query, in: connection)
            facts += page.records.compactMap { record in
                Company.ID(record.id.rawValue).map { CompanyFacts(id: $0, name: record.facts.name, isActive: record.facts.isActive) }
            }
            query.after = page.next
        } while query.after != nil
        let list = CompanyList(facts, of: stored.tenant, readAt: readAt, idForm: descriptor.companyIDs, isComplete: isComplete)
        lists.withLock { $0[connection] = (latest, list) }
        return list
    }

    // MARK: Observers

    private func notifyObservers(of connection: ConnectionID) { observers.withLock { $0.notify(connection) } }

    /// Returns when something of a connection may have been stored, at the latest after two seconds.
    private func nextStored(of connection: ConnectionID) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let observer = observers.withLock { $0.add(connection, continuation) }
        let poll = Task { [time] in
            try? await time.sleep(.seconds(2))
            continuation.yield()
        }
        for await _ in stream { break }
        poll.cancel()
        observers.withLock { $0.remove(observer) }
    }
}

/// The turns under way in this process: one at a time for each connection.
private struct WorkingTurns {
    private var waiting: [ConnectionID: [AsyncStream<Void>.Continuation]] = [:]

    /// Begins a turn, or returns what ends with the one under way.
    mutating func begin(_ connection: ConnectionID) -> AsyncStream<Void>? {
        guard let others = waiting[connection] else {
            waiting[connection] = []
            return nil
        }
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        waiting[connection] = others + [continuation]
        return stream
    }

    mutating func end(_ connection: ConnectionID) {
        for continuation in waiting.removeValue(forKey: connection) ?? [] { continuation.finish() }
    }
}

/// Why a sync could not be done.
public enum SyncError: Error, Equatable {
    /// Another process works on the connection.
    case busy
}

/// Issues in the store of the connections.
private struct EngineIssues: SyncIssues {
    let store: any EngineStore

    func record(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) async throws {
        try await store.recordIssue(code, problem: problem, of: connection, at: time)
    }

    func resolve(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await store.resolveIssue(code, of: connection, at: time)
    }
}

/// The callers that wait for changes.
private struct Observers {
    private var signals: [Int: (connection: ConnectionID, signal: AsyncStream<Void>.Continuation)] = [:]
    private var last = 0

    mutating func add(_ connection: ConnectionID, _ signal: AsyncStream<Void>.Continuation) -> Int {
        last += 1
        signals[last] = (connection, signal)
        return last
    }

    mutating func remove(_ observer: Int) { signals.removeValue(forKey: observer)?.signal.finish() }

    func notifyAll() {
        for observer in signals.values { observer.signal.yield() }
    }

    func notify(_ connection: ConnectionID) {
        for observer in signals.values where observer.connection == connection { observer.signal.yield() }
    }
}
