import FoundationEssentials
import PSACore

/// Works the outbox off: one write at a time for each connection, connections independent of one another.
struct OutboxDispatcher: Sendable {
    let storage: any Storage
    let connections: ConnectionService
    let writer: TicketWriter
    let checker: CompanyChecker
    /// How patient it is where nobody has set anything else.
    let policy: OutboxPolicy
    let time: TimeSource
    let log: HostLog
    /// This host, for what it holds.
    let host: HostID
    /// Tells that there may be something to do.
    let wakeup: WakeupSignal

    /// How long at most until the storage is asked again; another host may have added something.
    private static let maxSleep: TimeInterval = 5

    /// Runs until its task is cancelled, and returns once everything that was begun is written down.
    func run() async {
        let working = WorkingSet()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let (due, next) = await whatIsDue()
                for connection in due where await working.begin(connection) {
                    group.addTask {
                        await RequestUrgency.$current.withValue(.background) { await work(on: connection) }
                        await working.end(connection)
                        wakeup.ring()
                    }
                }
                let wait = min(Self.maxSleep, max(0.02, next?.timeIntervalSince(time.now()) ?? Self.maxSleep))
                await wakeup.wait(atMost: .milliseconds(Int(wait * 1_000)), time)
            }
        }
    }

    private func whatIsDue() async -> (connections: [ConnectionID], next: Date?) {
        do {
            return try await storage.dueConnections(now: time.now(), lease: policy.lease)
        } catch {
            // The storage may be busy; it is asked again soon, and what is due stays due.
            log.record(.error, "outbox_unreadable", [("type", .string("\(type(of: error))"))])
            return ([], nil)
        }
    }

    /// Works off what is due for a connection, one after the other.
    func work(on id: ConnectionID) async {
        while !Task.isCancelled {
            do {
                // Read each time, so that a change holds for what waits already. Before anything is taken: the storage may be busy.
                var (writer, checker) = (writer, checker)
                writer.policy = policy.within(try await storage.outboxLimits())
                checker.policy = writer.policy
                try await checker.work(on: id)
                guard let job = try await storage.leaseNext(for: id, by: host, now: time.now(), lease: policy.lease) else { return }
                await writer.reached(.afterTaking)
                let outcome = await withLease(job) { [writer] in await carryOut(job, with: writer) }
                try await write(outcome, of: job)
            } catch {
                // Nothing is lost: what this host holds becomes unknown when its time is up, and is looked for.
                log.record(.error, "outbox_not_written", [("type", .string("\(type(of: error))"))])
                // A storage that is busy or full is not asked again at once. Cancelled or not, this round is over.
                try? await time.sleep(policy.storageWait)
                return
            }
        }
    }

    private func carryOut(_ job: TicketJob, with writer: TicketWriter) async -> JobOutcome {
        let isNew = job.state.name == .sending
        do {
            guard let connection = try await storage.connection(job.connection) else {
                return writer.outcome(job, isNew ? .skipped("The connection was removed.") : .needsReview(.outcomeUnknown))
            }
            let session = try await connections.session(of: connection)
            return isNew
                ? await writer.send(job, of: connection, through: session) : await writer.look(for: job, through: session)
        } catch {
            // A session that can't be made sends nothing, and finds nothing.
            return isNew ? writer.outcome(ofUnsent: error, job) : writer.outcome(ofFailedLook: error, job)
        }
    }

    /// Keeps hold of a job while it is worked on; where the hold is lost, the work is cancelled.
    ///
    /// Another host looks for it by then, and must not be overtaken by a request that has been put off for so long.
    private func withLease(_ job: TicketJob, _ work: @escaping @Sendable () async -> JobOutcome) async -> JobOutcome {
        let working = Task { await work() }
        let keeping = Task {
            await keepLease(of: job)
            working.cancel()
        }
        defer { keeping.cancel() }
        return await withTaskCancellationHandler {
            await working.value
        } onCancel: {
            working.cancel()
        }
    }

    /// Prolongs the hold until it is lost or the task is cancelled.
    private func keepLease(of job: TicketJob) async {
        var leasedUntil = time.now().addingTimeInterval(policy.lease.seconds)
        while (try? await time.sleep(policy.lease / 3)) != nil {
            let until = time.now().addingTimeInterval(policy.lease.seconds)
            do {
                guard try await storage.renewLease(job.id, by: host, until: until) else { return }
                leasedUntil = until
            } catch {
                // The storage may be busy for a moment; it is not as long as the hold.
                if time.now() >= leasedUntil { return }
            }
        }
    }

    /// A refusal that seems to hold for every item of the rule holds for this one alone, if another one went through since the first time.
    private func corrected(_ outcome: JobOutcome, of job: TicketJob) async throws -> JobOutcome {
        guard let code = outcome.pauses?.code, FailureScope(code) == .rule, outcome.state == .waiting, let since = job.refusedAt,
            let cause = outcome.cause, try await storage.hasGoneThrough(job.rule, since: since)
        else { return outcome }
        var corrected = writer.outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
        corrected.issue = nil
        return corrected
    }

    private func write(_ outcome: JobOutcome, of job: TicketJob) async throws {
        let now = time.now()
        let outcome = try await corrected(outcome, of: job)
        let isWritten = try await storage.complete(job.id, by: host, outcome, at: now)
        await writer.reached(.afterCompletion)
        guard isWritten else { return log.record(.warning, "outbox_hold_lost", [("job", .integer(Int(job.id.rawValue)))]) }
        log.record(
            .info, "job",
            [
                ("job", .integer(Int(job.id.rawValue))), ("state", .string(outcome.state.name.rawValue)),
                ("code", (outcome.audit?.code ?? outcome.issue ?? outcome.cause?.code).map { .string($0.rawValue) }),
                ("attempts", .integer(outcome.attempts)),
            ])
        switch outcome.state {
        case .created, .appended: try await storage.resolveIssues(of: job.connection, areas: nil, at: now)
        default: if let code = outcome.issue { try await storage.noteIssue(code, of: job.connection, at: now) }
        }
    }
}

/// The connections that are being worked on in this process.
private actor WorkingSet {
    private var connections: Set<ConnectionID> = []

    func begin(_ connection: ConnectionID) -> Bool { connections.insert(connection).inserted }
    func end(_ connection: ConnectionID) { connections.remove(connection) }
}
