import Glibc
import PSACore
import Synchronization

extension ProgramSession {
    /// Ends the program because it is not needed any more.
    func end() {
        if let process = state.withLock({ $0.process }) { leave(process) }
    }

    /// Ends everything because of a fault; the first one counts.
    func fail(_ fault: ProgramFault) {
        let (process, calls, greeting) = state.withLock { state -> (ChildProcess?, [Call], CheckedContinuation<Void, any Error>?) in
            guard state.fault == nil else { return (nil, [], nil) }
            state.fault = fault
            defer { (state.calls, state.cancelled, state.greeting) = ([:], [], nil) }
            resetIdleTimer(&state)
            return (state.process, Array(state.calls.values), state.greeting)
        }
        stderrTail.end()
        if let process { leave(process) }
        greeting?.resume(throwing: fault)
        for call in calls {
            call.requests.values.forEach { $0.cancel() }
            call.continuation.resume(returning: outcome(.fault(fault), call.trace))
        }
    }

    /// Asks a program to exit, and finally kills its process group.
    func leave(_ process: ChildProcess) {
        process.closeInput()
        process.signal(SIGTERM)
        Task { [time, limits] in
            try? await time.sleep(limits.grace)
            process.signal(SIGKILL)
        }
    }

    /// Restarts the idle timer: it is a fault if the connector owes a message, waits for none, and sends none.
    func resetIdleTimer(_ state: inout State) {
        state.silence?.cancel()
        state.silence = nil
        state.silenceRound += 1
        let owesAnswer = !state.calls.isEmpty && state.calls.values.allSatisfy { $0.requests.isEmpty }
        guard state.fault == nil, state.greeting != nil || owesAnswer else { return }
        let limit = state.hasGreeted ? limits.silence : limits.start
        state.silence = Task { [weak self, round = state.silenceRound, time] in
            do { try await time.sleep(limit) } catch { return }
            guard let self, self.state.withLock({ $0.silenceRound }) == round else { return }
            self.fail(.silent(seconds: Int(limit.components.seconds)))
        }
    }
}
