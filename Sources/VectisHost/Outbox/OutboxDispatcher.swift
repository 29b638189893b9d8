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
    let bell: Bell

    /// How long at most until the storage is asked again; another host may have added something.
    private static let longestSleep: TimeInterval = 5

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
                        bell.ring()
                    }
                }
                let wait = min(Self.longestSleep, max(0.02, next?.timeIntervalSince(time.now()) ?? Self.longestSleep))
                await bell.wait(atMost: .milliseconds(Int(wait * 1_000)), time)
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
                guard let firing = try await storage.takeNext(for: id, by: host, now: time.now(), lease: policy.lease) else { return }
                await writer.reached(.afterTaking)
                let settlement = await holding(firing) { [writer] in await carryOut(firing, with: writer) }
                try await write(settlement, of: firing)
            } catch {
                // Nothing is lost: what this host holds becomes unknown when its time is up, and is looked for.
                log.record(.error, "outbox_not_written", [("type", .string("\(type(of: error))"))])
                // A storage that is busy or full is not asked again at once. Cancelled or not, this round is over.
                try? await time.sleep(policy.storageWait)
                return
            }
        }
    }

    private func carryOut(_ firing: Firing, with writer: TicketWriter) async -> Settlement {
        let isNew = firing.state.name == "sending"
        do {
            guard let connection = try await storage.connection(firing.connection) else {
                return writer.settlement(firing, isNew ? .skipped("The connection was removed.") : .undecided)
            }
            let session = try await connections.session(of: connection)
            return isNew
                ? await writer.send(firing, of: connection, through: session) : await writer.look(for: firing, through: session)
        } catch {
            // A session that can't be made sends nothing, and finds nothing.
            return isNew ? writer.settlement(ofUnsent: error, firing) : writer.settlement(ofFailedLook: error, firing)
        }
    }

    /// Keeps hold of a firing while it is worked on; where the hold is lost, the work is cancelled.
    ///
    /// Another host looks for it by then, and must not be overtaken by a request that has been put off for so long.
    private func holding(_ firing: Firing, _ work: @escaping @Sendable () async -> Settlement) async -> Settlement {
        let working = Task { await work() }
        let keeping = Task {
            await keepHold(of: firing)
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
    private func keepHold(of firing: Firing) async {
        var heldUntil = time.now().addingTimeInterval(policy.lease.seconds)
        while (try? await time.sleep(policy.lease / 3)) != nil {
            let until = time.now().addingTimeInterval(policy.lease.seconds)
            do {
                guard try await storage.prolong(firing.id, by: host, until: until) else { return }
                heldUntil = until
            } catch {
                // The storage may be busy for a moment; it is not as long as the hold.
                if time.now() >= heldUntil { return }
            }
        }
    }

    /// A refusal that seems to hold for every item of the rule holds for this one alone, if another one went through since the first time.
    private func corrected(_ settlement: Settlement, of firing: Firing) async throws -> Settlement {
        guard let code = settlement.pauses?.code, FailureScope(code) == .rule, settlement.state == .waiting, let since = firing.refusedAt,
            let cause = settlement.cause, try await storage.hasGoneThrough(firing.rule, since: since)
        else { return settlement }
        var corrected = writer.settlement(firing, .failed(cause.code, problem: cause.problem), cause: cause)
        corrected.issue = nil
        return corrected
    }

    private func write(_ settlement: Settlement, of firing: Firing) async throws {
        let now = time.now()
        let settlement = try await corrected(settlement, of: firing)
        let isWritten = try await storage.settle(firing.id, by: host, settlement, at: now)
        await writer.reached(.afterSettling)
        guard isWritten else { return log.record(.warning, "outbox_hold_lost", [("firing", .integer(Int(firing.id.rawValue)))]) }
        log.record(
            .info, "firing",
            [
                ("firing", .integer(Int(firing.id.rawValue))), ("state", .string(settlement.state.name)),
                ("code", (settlement.audit?.code ?? settlement.issue ?? settlement.cause?.code).map { .string($0.rawValue) }),
                ("attempts", .integer(settlement.attempts)),
            ])
        switch settlement.state {
        case .created, .appended: try await storage.resolveIssues(of: firing.connection, areas: nil, at: now)
        default: if let code = settlement.issue { try await storage.noteIssue(code, of: firing.connection, at: now) }
        }
    }
}

/// The connections that are being worked on in this process.
private actor WorkingSet {
    private var connections: Set<ConnectionID> = []

    func begin(_ connection: ConnectionID) -> Bool { connections.insert(connection).inserted }
    func end(_ connection: ConnectionID) { connections.remove(connection) }
}
