import PSACore
import Synchronization

extension ProgramSession {
    /// Handles a message of the connector; called on its reading thread only.
    ///
    /// - Throws: ``ProgramFault`` or ``WireMismatch`` for a message that ends the session.
    func receive(_ message: IncomingMessage) throws {
        switch message {
        case .hello(let contract): try greeted(contract)
        case .log(let level, let text):
            stderrTail.append(line: level == .info ? text : "\(level.rawValue): \(text)")
            try state.withLock { try countRemark(&$0) }
        case _ where !state.withLock({ $0.hasGreeted }): throw ProgramFault.outOfTurn
        case .result(let id, let value): try answered(id, .result(value))
        case .error(let id, let error): try answered(id, .refusal(error))
        case .progress(let id, let check): try progressed(id, check)
        case .request(let call, let id, let view): try requested(call, id, view)
        }
    }

    private func greeted(_ contract: Int) throws(ProgramFault) {
        guard contract == ExternalConnector.contractVersion else {
            throw .otherContract(written: contract, current: ExternalConnector.contractVersion)
        }
        let greeting = try state.withLock { state throws(ProgramFault) in
            guard !state.hasGreeted else { throw .outOfTurn }
            state.hasGreeted = true
            let greeting = state.greeting
            state.greeting = nil
            resetIdleTimer(&state)
            return greeting
        }
        greeting?.resume()
    }

    private func answered(_ id: Int, _ ending: CallOutcome.Ending) throws(ProgramFault) {
        let call = try state.withLock { state throws(ProgramFault) -> Call? in
            state.logLines = 0
            let call = state.calls.removeValue(forKey: id)
            guard call != nil || state.cancelled.remove(id) != nil else { throw .strayAnswer }
            resetIdleTimer(&state)
            return call
        }
        guard let call else { return }
        // It responded without waiting for them.
        call.requests.values.forEach { $0.cancel() }
        call.continuation.resume(returning: outcome(ending, call.trace))
    }

    private func progressed(_ id: Int, _ check: JSONView) throws(ProgramFault) {
        let report = try state.withLock { state throws(ProgramFault) in
            try countRemark(&state)
            guard state.calls[id]?.progress != nil || state.cancelled.contains(id) else { throw .strayAnswer }
            resetIdleTimer(&state)
            return state.calls[id]?.progress
        }
        report?(check)
    }

    private func countRemark(_ state: inout State) throws(ProgramFault) {
        state.logLines += 1
        guard state.logLines <= limits.logLines else { throw .tooMuch(.logLines(limits.logLines)) }
    }

    private func requested(_ id: Int, _ name: String, _ view: JSONView) throws {
        let method = try state.withLock { state throws(ProgramFault) -> ConnectorMethod? in
            guard let call = state.calls[id] else {
                guard state.cancelled.contains(id) else { throw .strayAnswer }
                return nil
            }
            guard call.requests[name] == nil else { throw .strayAnswer }
            // Also those that are refused below.
            state.calls[id]?.requestCount += 1
            guard call.requestCount < limits.requestsPerCall else { throw .tooMuch(.requestsInCall(limits.requestsPerCall)) }
            return call.method
        }
        guard let method, let relay, method != .describe else {
            return respond(name, .unanswered(TransportError(method == nil ? .interrupted : .unusableRequest, delivery: .notSent)))
        }
        switch try relay.read(view, of: method).request {
        case .failure(let failure): respond(name, .unanswered(failure))
        case .success(let request): try perform(request, name, for: id, relay)
        }
    }

    private func perform(_ request: TransportRequest, _ name: String, for id: Int, _ relay: RequestRelay) throws(ProgramFault) {
        try state.withLock { state throws(ProgramFault) in
            guard state.calls.values.reduce(0, { $0 + $1.requests.count }) < limits.openRequests else {
                throw .tooMuch(.requestsAtOnce(limits.openRequests))
            }
            guard var call = state.calls[id] else { return }
            call.trace.request = request.description
            call.trace.host = request.origin.authority
            if !request.isRepeatable { call.trace.openWrites += 1 }
            call.requests[name] = Task { [weak self, writes = call.writes, leases = call.leases] in
                let answer = await WriteLog.$current.withValue(writes) {
                    await WriteLease.$current.withValue(leases) { await relay.answer(to: request) }
                }
                self?.finished(name, of: id, request, answer)
            }
            state.calls[id] = call
            resetIdleTimer(&state)
        }
    }

    private func finished(_ name: String, of id: Int, _ request: TransportRequest, _ answer: RelayedAnswer) {
        state.withLock { state in
            if var call = state.calls[id] {
                call.requests[name] = nil
                if !request.isRepeatable, answer.isProvenNotExecuted { call.trace.openWrites -= 1 }
                state.calls[id] = call
            }
            state.process?.write(OutgoingMessage.response(request: name, answer).line)
            resetIdleTimer(&state)
        }
    }

    private func respond(_ name: String, _ answer: RelayedAnswer) {
        state.withLock { $0.process?.write(OutgoingMessage.response(request: name, answer).line) }
    }
}
