import FoundationEssentials
import PSACore

/// The program of one connection: started on demand, given its settings, kept while it is used, and backed off for a while when it
/// keeps failing.
actor ProgramSupervisor {
    private let path: String
    private let settings: JSONValue
    private let redactor: Redactor
    private let relay: RequestRelay
    private let limits: ExternalConnectorLimits
    private let time: TimeSource
    private var current: ProgramSession?
    private var start: Task<Opening, Never>?
    private var failures: [MonotonicInstant] = []
    private var callsUnderWay = 0
    private var idleRound = 0

    /// The result of a start.
    private enum Opening: Sendable {
        case open(ProgramSession)
        case closed(CallOutcome)
    }

    /// - Parameters:
    ///   - path: The program's absolute path.
    ///   - settings: The settings it gets at its start, secrets included.
    ///   - redactor: Redacts those secrets.
    ///   - relay: Makes its requests.
    ///   - limits: The limits of its resources and timeouts.
    ///   - time: The clock for the limits.
    init(
        path: String, settings: JSONValue, redactor: Redactor, relay: RequestRelay, limits: ExternalConnectorLimits, time: TimeSource
    ) {
        self.path = path
        self.settings = settings
        self.redactor = redactor
        self.relay = relay
        self.limits = limits
        self.time = time
    }

    deinit { current?.end() }

    /// Whether it waits for a server's response itself.
    var isWaitingForServer: Bool { current?.isWaitingForServer ?? false }

    /// Sends a call to the program, starting it if necessary.
    ///
    /// - Throws: `CancellationError` only.
    func call(
        _ method: ConnectorMethod, _ arguments: JSONValue, progress: (@Sendable (JSONView) -> Void)? = nil
    ) async throws -> CallOutcome {
        callsUnderWay += 1
        defer { finishedCall() }
        switch await opened() {
        case .closed(let outcome):
            try Task.checkCancellation()
            return outcome
        case .open(let conversation):
            defer { letGoIfOver() }
            return try await conversation.call(method, arguments, progress: progress)
        }
    }

    /// Discards a session that a fault has ended, and counts the fault once.
    private func letGoIfOver() {
        guard current?.fault != nil else { return }
        current = nil
        noteFailure()
    }

    private func opened() async -> Opening {
        letGoIfOver()
        if let current { return .open(current) }
        // One program is started for all waiting callers; the cancellation of one of them does not stop it.
        if let start { return await start.value }
        if let fault = backingOff() { return .closed(CallOutcome(ending: .fault(fault), trace: CallTrace())) }
        let task = Task { await open() }
        start = task
        let opening = await task.value
        start = nil
        return opening
    }

    private func open() async -> Opening {
        do {
            let conversation = try await ProgramSession.start(path, limits: limits, time: time, relay: relay, redactor: redactor)
            let outcome = try await conversation.call(.open, ["settings": settings])
            switch outcome.ending {
            case .result:
                current = conversation
                return .open(conversation)
            case .refusal: conversation.end()
            case .fault: noteFailure()
            }
            return .closed(outcome)
        } catch let failure as ProgramSession.Failure {
            noteFailure()
            return .closed(CallOutcome(ending: .fault(failure.fault), trace: CallTrace(stderrTail: failure.stderrTail)))
        } catch {
            // This task is never cancelled.
            return .closed(CallOutcome(ending: .fault(.outOfTurn), trace: CallTrace()))
        }
    }

    private func noteFailure() {
        failures.append(time.instant())
        failures = failures.suffix(limits.failures)
    }

    /// Whether it has failed too often recently; restarting a program that crashes at each start would waste CPU time.
    private func backingOff() -> ProgramFault? {
        let now = time.instant()
        failures.removeAll { now - $0 >= limits.failurePeriod }
        guard failures.count >= limits.failures, let oldest = failures.first else { return nil }
        return .backingOff(failures: failures.count, seconds: Int((limits.failurePeriod - (now - oldest)).seconds.rounded(.up)))
    }

    private func finishedCall() {
        callsUnderWay -= 1
        idleRound += 1
        guard callsUnderWay == 0, current != nil else { return }
        Task { [weak self, round = idleRound, time, limits] in
            do { try await time.sleep(limits.idle) } catch { return }
            await self?.endIfIdle(since: round)
        }
    }

    private func endIfIdle(since round: Int) {
        guard round == idleRound, callsUnderWay == 0 else { return }
        current?.end()
        current = nil
    }
}
