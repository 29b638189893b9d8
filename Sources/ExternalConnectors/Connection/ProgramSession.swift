import Glibc
import PSACore
import Synchronization

/// A running connector and its messages to and from the host.
///
/// Calls may run concurrently. What the connector writes is read on one thread, line after line, so that a flood waits in its
/// pipe instead of in memory. The first fault ends the session, the program and all waiting calls.
final class ProgramSession: Sendable {
    struct Call {
        let method: ConnectorMethod
        let progress: (@Sendable (JSONView) -> Void)?
        let continuation: CheckedContinuation<CallOutcome, any Error>
        /// Where the session records the writes of the call.
        let writes: WriteLog?
        /// What the writes of the call need.
        let leases: [WriteLease]
        var trace = CallTrace()
        var requests: [String: Task<Void, Never>] = [:]
        var requestCount = 0
    }

    struct State {
        var calls: [Int: Call] = [:]
        /// Cancelled calls without a response so far.
        var cancelled: Set<Int> = []
        var lastID = 0
        var greeting: CheckedContinuation<Void, any Error>?
        var hasGreeted = false
        var fault: ProgramFault?
        var logLines = 0
        var silence: Task<Void, Never>?
        var silenceRound = 0
        var process: ChildProcess?
    }

    let limits: ExternalConnectorLimits
    let time: TimeSource
    let relay: RequestRelay?
    let stderrTail = StderrTail()
    let state = Mutex(State())
    private let redactor: Redactor
    private let splitter: Mutex<LineSplitter>

    private init(limits: ExternalConnectorLimits, time: TimeSource, relay: RequestRelay?, redactor: Redactor) {
        self.limits = limits
        self.time = time
        self.relay = relay
        self.redactor = redactor
        splitter = Mutex(LineSplitter(limit: limits.lineBytes))
    }

    /// Starts a connector and waits for its `hello`.
    ///
    /// - Parameters:
    ///   - path: Its absolute path.
    ///   - limits: The limits of its resources and timeouts.
    ///   - time: The host's time.
    ///   - relay: Makes its requests; nil if it may make none.
    ///   - redactor: Removes secrets from its last lines.
    /// - Returns: The session; its owner must ``end()`` it.
    /// - Throws: ``Failure`` or `CancellationError`.
    static func start(
        _ path: String, limits: ExternalConnectorLimits, time: TimeSource, relay: RequestRelay?, redactor: Redactor
    ) async throws -> ProgramSession {
        let conversation = ProgramSession(limits: limits, time: time, relay: relay, redactor: redactor)
        do {
            try await conversation.greet(path)
        } catch let fault as ProgramFault {
            throw Failure(fault: fault, stderrTail: conversation.spokenLines)
        }
        return conversation
    }

    /// Why the session could not start.
    struct Failure: Error {
        let fault: ProgramFault
        let stderrTail: [String]
    }

    /// The last lines it wrote for people, without secrets.
    var spokenLines: [String] { stderrTail.text(redactor) }

    /// What ended it, or nil while it continues.
    var fault: ProgramFault? { state.withLock { $0.fault } }

    /// Whether one of its requests is in progress.
    var isWaitingForServer: Bool { state.withLock { $0.calls.values.contains { !$0.requests.isEmpty } } }

    private func greet(_ path: String) async throws {
        do {
            let process = try ChildProcess.start(path, unreadLimit: limits.unreadBytes, listener: self)
            let fault = state.withLock { state in
                state.process = process
                return state.fault
            }
            if fault != nil { leave(process) }
            process.write(OutgoingMessage.hello(contract: ExternalConnector.contractVersion).line)
        } catch {
            throw ProgramFault.notStarted(code: error.code)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let ready: Result<Void, any Error>? = state.withLock { state in
                    if let fault = state.fault { return .failure(fault) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.hasGreeted { return .success(()) }
                    state.greeting = continuation
                    resetIdleTimer(&state)
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            let greeting = state.withLock { state in
                defer { state.greeting = nil }
                return state.greeting
            }
            greeting?.resume(throwing: CancellationError())
            end()
        }
        if Task.isCancelled {
            end()
            throw CancellationError()
        }
    }

    /// Sends a call and waits for the response.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - arguments: Its arguments.
    ///   - progress: Called with the checks of a test.
    /// - Returns: The result, the connector's error or the fault of its program.
    /// - Throws: `CancellationError` only; the connector is notified, and its requests for the call are cancelled.
    func call(
        _ method: ConnectorMethod, _ arguments: JSONValue, progress: (@Sendable (JSONView) -> Void)? = nil
    ) async throws -> CallOutcome {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            let (writes, leases) = (WriteLog.current, WriteLease.current)
            return try await withCheckedThrowingContinuation { continuation in
                let refused: Result<CallOutcome, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let fault = state.fault { return .success(outcome(.fault(fault), CallTrace())) }
                    state.calls[id] = Call(
                        method: method, progress: progress, continuation: continuation, writes: writes, leases: leases)
                    // Under the lock, so that the cancellation of a call can't overtake it.
                    state.process?.write(OutgoingMessage.call(id: id, method, arguments: arguments).line)
                    resetIdleTimer(&state)
                    return nil
                }
                if let refused { continuation.resume(with: refused) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: Int) {
        let (call, isTooMuch) = state.withLock { state -> (Call?, Bool) in
            guard let call = state.calls.removeValue(forKey: id) else { return (nil, false) }
            state.cancelled.insert(id)
            state.process?.write(OutgoingMessage.cancel(call: id).line)
            resetIdleTimer(&state)
            return (call, state.cancelled.count > limits.unansweredCancellations)
        }
        call?.requests.values.forEach { $0.cancel() }
        call?.continuation.resume(throwing: CancellationError())
        if isTooMuch { fail(.tooMuch(.unansweredCancellations(limits.unansweredCancellations))) }
    }

    /// The outcome with the log lines that may explain it.
    func outcome(_ ending: CallOutcome.Ending, _ trace: CallTrace) -> CallOutcome {
        var trace = trace
        trace.stderrTail = spokenLines
        return CallOutcome(ending: ending, trace: trace)
    }
}

extension ProgramSession: ChildProcess.Listener {
    func output(_ bytes: ArraySlice<UInt8>) {
        // Output after a fault is discarded, so that the program can end.
        guard fault == nil else { return }
        do {
            try splitter.withLock { splitter in
                try splitter.lines(bytes) { line in
                    if fault == nil { try receive(try IncomingMessage(line)) }
                }
            }
        } catch is LineSplitter.LineTooLong {
            fail(.lineTooLong(limit: limits.lineBytes))
        } catch let mismatch as WireMismatch {
            fail(.nonsense(mismatch))
        } catch let fault as ProgramFault {
            fail(fault)
        } catch {
            fail(.outOfTurn)
        }
    }

    func errors(_ bytes: ArraySlice<UInt8>) { stderrTail.append(bytes) }

    func overflowed() { fail(.tooMuch(.unreadBytes(limits.unreadBytes))) }

    func ended(_ end: ProcessEnd) { fail(.ended(end)) }
}
