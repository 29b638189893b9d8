#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Sends the jobs of the outbox: one write at a time per connection, connections independently.
struct OutboxDispatcher: Sendable {
    let store: any EngineStore
    let sessions: ConnectionSessions
    let writer: TicketWriter
    /// The policy at present, read before each job.
    let policy: @Sendable () async throws -> OutboxPolicy
    /// Called for a connection before its jobs are sent.
    let preparation: (@Sendable (ConnectionID, OutboxPolicy) async throws -> Void)?
    let time: TimeSource
    let log: any EngineLog
    /// This process, for its leases.
    let process: ProcessID
    /// Notified when there may be something to do, and after each job.
    let wakeup: WakeupSignal
    /// Called with each outcome that was stored.
    let completed: @Sendable (TicketJob.ID) -> Void
    /// Called every minute while it runs.
    var upkeep: @Sendable () async -> Void = {}

    /// The longest time until the store is read again, because another process may have added jobs.
    private static let maxSleep: TimeInterval = 5
    private static let upkeepInterval = Duration.seconds(60)
    /// The lease that is assumed while the policy cannot be read.
    private static let defaultLease = OutboxPolicy().lease

    /// Runs until its task is cancelled, and returns once everything that was begun is stored.
    func run() async {
        let working = WorkingSet()
        var upkeptAt = time.instant()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                if time.instant() - upkeptAt >= Self.upkeepInterval {
                    upkeptAt = time.instant()
                    await upkeep()
                }
                let (due, next) = await whatIsDue()
                for connection in due where await working.begin(connection) {
                    group.addTask {
                        await RequestUrgency.$current.withValue(.delivery) { await work(on: connection) }
                        await working.end(connection)
                        wakeup.notify()
                    }
                }
                let wait = min(Self.maxSleep, max(0.02, next?.timeIntervalSince(time.now()) ?? Self.maxSleep))
                await wakeup.wait(atMost: .milliseconds(Int(wait * 1_000)), time)
            }
        }
    }

    private func whatIsDue() async -> (connections: [ConnectionID], next: Date?) {
        do {
            return try await store.dueConnections(now: time.now(), lease: (try? await policy().lease) ?? Self.defaultLease)
        } catch {
            // The store may be busy; it is read again soon.
            log.record(EngineEvent(.storeUnreadable, errorType: "\(type(of: error))"))
            return ([], nil)
        }
    }

    /// Sends the due jobs of a connection, one after the other.
    func work(on id: ConnectionID) async {
        var retryDelay = writer.policy.storeRetryDelay
        while !Task.isCancelled {
            do {
                // Read each time, so that a change applies to what waits already. Before anything is leased: the store may be busy.
                var writer = writer
                writer.policy = try await policy()
                retryDelay = writer.policy.storeRetryDelay
                try await preparation?(id, writer.policy)
                let start = time.instant()
                guard let job = try await store.leaseNext(for: id, by: process, now: time.now(), lease: writer.policy.lease) else {
                    return try await discardUploads(of: id, writer.policy)
                }
                await writer.reached(.afterLease)
                let outcome = await withLease(job, from: start, writer.policy.lease) { [writer] in await execute(job, with: writer) }
                try await write(outcome, of: job, writer)
            } catch {
                // Nothing is lost: a job held by this process becomes unknown when its lease expires, and is searched for.
                log.record(EngineEvent(.outcomeNotStored, errorType: "\(type(of: error))"))
                // A store that is busy or full is not read again at once.
                try? await time.sleep(retryDelay)
                return
            }
        }
    }

    private func execute(_ job: TicketJob, with writer: TicketWriter) async -> JobOutcome {
        let isNew = job.state.name == .sending
        do {
            guard let connection = try await store.connection(job.connection) else {
                return writer.outcome(job, isNew ? .skipped("The connection was removed.") : .needsReview(.outcomeUnknown))
            }
            let descriptor = try sessions.registry.descriptor(named: connection.connector.rawValue)
            if let outcome = writer.outcome(ofFormerTenant: job, of: connection, descriptor) { return outcome }
            let session = try await sessions.session(of: connection)
            writer.opened.use(connection.tenant, of: connection.id)
            return isNew
                ? await writer.send(job, of: connection, through: session) : await writer.search(for: job, of: connection, through: session)
        } catch {
            // A session that cannot be made sends nothing, and finds nothing.
            return isNew ? writer.outcome(ofUnsent: error, job) : writer.outcome(ofFailedSearch: error, job)
        }
    }

    /// Renews the lease of a job while it is worked on; if the lease is lost, the work is cancelled, and no write is sent any more.
    ///
    /// Another process searches for the job by then, and must not be overtaken by a request that was delayed for so long.
    private func withLease(
        _ job: TicketJob, from start: MonotonicInstant, _ duration: Duration, _ work: @escaping @Sendable () async -> JobOutcome
    ) async -> JobOutcome {
        let lease = WriteLease(from: start, lasting: duration, time: time) {
            try await store.renewLease(job.id, by: process, until: time.now().addingTimeInterval(duration.seconds))
        }
        let working = WriteLease.$current.withValue([lease]) { Task { await work() } }
        let renewing = Task {
            await keep(lease, duration)
            working.cancel()
        }
        defer { renewing.cancel() }
        return await withTaskCancellationHandler {
            await working.value
        } onCancel: {
            working.cancel()
        }
    }

    /// Renews the lease until it is lost or the task is cancelled.
    private func keep(_ lease: WriteLease, _ duration: Duration) async {
        while (try? await time.sleep(duration / 3)) != nil {
            do {
                guard try await lease.renew() else { return }
            } catch {
                // A busy store is tolerated for the length of the lease.
                if lease.hasEnded { return }
            }
        }
    }

    /// Limits a refusal to this job, if another job of the source was written since the first refusal.
    ///
    /// The job fails once it is refused again. A refusal that proves nothing counts when its write is proven absent: the one that paused the
    /// source is the first, and after it the job is sent once more.
    private func corrected(_ outcome: JobOutcome, of job: TicketJob, _ writer: TicketWriter) async throws -> JobOutcome {
        guard let code = outcome.pauses, FailureScope(code) == .source, [.waiting, .unknown].contains(outcome.state.name),
            let since = job.refusedAt, let cause = outcome.cause, let source = job.source,
            try await store.hasWritten(source, since: since)
        else { return outcome }
        let isRepeated = job.state.name == .sending || writer.policy.provenAbsent(searchAttempts: outcome.searchAttempts) > 1
        guard outcome.state == .waiting, isRepeated else {
            var alone = outcome
            alone.pauses = nil
            return alone
        }
        var corrected = writer.outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
        corrected.issue = nil
        return corrected
    }

    private func write(_ outcome: JobOutcome, of job: TicketJob, _ writer: TicketWriter) async throws {
        let now = time.now()
        let outcome = try await corrected(outcome, of: job, writer)
        let isStored = try await store.complete(job.id, by: process, outcome, at: now)
        await writer.reached(.afterCompletion)
        guard isStored else { return log.record(EngineEvent(.leaseLost, job: job.id)) }
        log.record(
            EngineEvent(
                .job, job: job.id, state: outcome.state.name, code: outcome.report?.code ?? outcome.issue ?? outcome.cause?.code,
                attempts: outcome.attempts))
        completed(job.id)
    }
}

/// The connections that are being worked on in this process.
private actor WorkingSet {
    private var connections: Set<ConnectionID> = []

    func begin(_ connection: ConnectionID) -> Bool { connections.insert(connection).inserted }
    func end(_ connection: ConnectionID) { connections.remove(connection) }
}
