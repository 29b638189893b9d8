import FoundationEssentials
import PSACore

extension ExternalConnection: PSAConnection {
    /// Tests the connection through the program, within the context's limit; every misbehaviour of the program becomes a check.
    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let checks = try await runTest(telling: progress)
        return ConnectionReport(connector: descriptor.id, host: tenantName, checks: checks)
    }

    private enum Event: Sendable {
        case answered(CallOutcome)
        case late(isWaitingForServer: Bool)
        case received([ConnectionCheck])
    }

    private func runTest(telling progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        let limit = context.connectionTestLimit
        let (stream, feed) = AsyncStream<JSONView>.makeStream()
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                defer { feed.finish() }
                return .answered(try await program.call(.test, [:]) { feed.yield($0) })
            }
            group.addTask {
                try await context.time.sleep(limit)
                return .late(isWaitingForServer: await program.isWaitingForServer)
            }
            group.addTask {
                var received: [ConnectionCheck] = []
                for await view in stream {
                    guard let check = try? self.check(try WireObject(view), trace: CallTrace()) else { continue }
                    received.append(check)
                    progress(check)
                }
                return .received(received)
            }
            var received: [ConnectionCheck]?
            var last: ConnectionCheck?
            while let event = try await group.next() {
                switch event {
                case .received(let checks): received = checks
                case .late(let isWaitingForServer):
                    last = lateCheck(isWaitingForServer: isWaitingForServer, limit)
                    feed.finish()
                case .answered(let outcome):
                    switch final(outcome) {
                    case .success(let checks):
                        group.cancelAll()
                        return checks
                    case .failure(let error):
                        last = ConnectionCheck(.reachable, .failed, evidence: error.firstEvidence, error: error)
                    }
                }
                // The reader ends once its feed does; then every reported check is known.
                if let received, let last {
                    group.cancelAll()
                    progress(last)
                    return received + [last]
                }
            }
            return received ?? []
        }
    }

    private func final(_ outcome: CallOutcome) -> Result<[ConnectionCheck], PSAError> {
        switch outcome.ending {
        case .result(let view):
            do {
                return .success(
                    try WireObject(view).objects("checks").map { object throws(WireMismatch) in try check(object, trace: outcome.trace) })
            } catch {
                return .failure(failures.error(error, .test, outcome.trace))
            }
        case .refusal(let view): return .failure(failures.error(view, .test, outcome.trace))
        case .fault(let fault): return .failure(failures.error(fault, .test, outcome.trace))
        }
    }

    private func lateCheck(isWaitingForServer: Bool, _ limit: Duration) -> ConnectionCheck {
        guard isWaitingForServer else {
            let error = failures.error(.silent(seconds: Int(limit.components.seconds)), .test, CallTrace())
            return ConnectionCheck(.reachable, .failed, evidence: error.firstEvidence, error: error)
        }
        let error = PSAError(
            .networkTimeout, catalogue: descriptor.guidance,
            values: [.object: .phrase(CoreMessage.connectionTest), .host: .verbatim(tenantName)],
            evidence: CoreMessage.unanswered(.timedOut))
        return ConnectionCheck(.reachable, .failed, evidence: CoreMessage.unanswered(.timedOut), error: error)
    }

    /// Reads a step of a test.
    ///
    /// - Throws: ``WireMismatch``.
    func check(_ object: WireObject, trace: CallTrace) throws(WireMismatch) -> ConnectionCheck {
        let outcome = try object.word("outcome", ConnectionCheck.Outcome.self)
        let evidence = failures.redactor.clean(try object.text("evidence"), maximumLength: 200)
        let error = try object.object("error").map { failures.error($0.view, .test, trace) }
        guard outcome != .failed || error != nil else { throw object.mismatch("error", .object) }
        return ConnectionCheck(
            try subject(object), outcome, evidence: ProgramMessage.words(evidence),
            duration: try Self.duration(object), error: outcome == .passed ? nil : error)
    }

    /// How long a step took, at most a day.
    private static func duration(_ object: WireObject) throws(WireMismatch) -> Duration? {
        try object.optional("milliseconds", .wholeNumber) { view in
            view.integer.flatMap { (0...86_400_000).contains($0) ? .milliseconds($0) : nil }
        }
    }

    private enum SubjectName: String, CaseIterable {
        case address, nameResolution, connection, certificate, reachable, credentials, scope, read, ticketDefaults, write
    }

    private func subject(_ object: WireObject) throws(WireMismatch) -> ConnectionCheck.Subject {
        switch try object.word("subject", SubjectName.self) {
        case .address: .address
        case .nameResolution: .nameResolution
        case .connection: .connection
        case .certificate: .certificate
        case .reachable: .reachable
        case .credentials: .credentials
        case .scope: .scope
        case .read: .read(try object.word("capability", Capability.self))
        case .ticketDefaults: .ticketDefaults
        case .write: .write
        }
    }
}

extension PSAError {
    /// The evidence for the check.
    var firstEvidence: any LocalizedMessage { findings.lazy.compactMap(\.evidence).first ?? CoreMessage.connectionTest }
}
