import PSACore

extension ConformanceRule {
    /// What happens when the caller gives up.
    static let cancellation: [ConformanceRule] = [
        ConformanceRule(
            "cancellation.reading", .gold, "Reading that is given up ends at once, as cancellation",
            because: "A person who leaves the page would be shown a fault that never was.", needs: [.connection, .list]
        ) { subject in
            let hang = TransportFault(.hang) { !subject.isTokenRequest($0) }
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            return await violations(of: "Reading", stage, once: hang) { _ = try await subject.lists[0].rows(session, 10) }
        },
        ConformanceRule(
            "cancellation.testing", .gold, "A test that is given up ends at once, as cancellation",
            because: "A connection would be marked as broken because somebody closed a page."
        ) { subject in
            let hang = TransportFault(.hang)
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            return await violations(of: "The test", stage, once: hang) { _ = try await session.testConnection() }
        },
        ConformanceRule(
            "cancellation.writing", .gold,
            "A write that is given up after it was sent is reported as of unknown outcome, and before that as cancelled",
            because: "A host that takes it for cancelled sends the same ticket again.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let mark = Marker()
            let hang = TransportFault(.hang) { mark.isIn($0) }
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            let sent = await result(of: stage, once: hang) { _ = try await session.createTicket(mark.draft(subject)) }
            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await session.createTicket(Marker().draft(subject))
            }
            let unsent = await early.result
            return Violations.unless(
                (sent.failure as? PSAError)?.mayHaveBeenExecuted == true, "Given up after it was sent, it ended with \(sent).")
                + .unless(unsent.failure is CancellationError, "Given up before it was sent, it ended with \(unsent).")
        },
    ]

    /// Gives up work once a request of it hangs, and says if it did not end as cancelled; work that ends before is not waited for.
    private static func violations(
        of work: String, _ stage: ConformanceStage, once hang: TransportFault, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> [Violation] {
        switch await result(of: stage, once: hang, operation) {
        case .success: return [Violation("\(work) ended as if it had succeeded.")]
        case .failure(is CancellationError): return []
        case .failure(let error): return [Violation("\(work) ended with \(error).")]
        }
    }

    /// How work ends that is given up once a request of it hangs.
    private static func result(
        of stage: ConformanceStage, once hang: TransportFault, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        let ended = Signal()
        let task = Task {
            defer { ended.fire() }
            try await operation()
        }
        while ended.count == 0, !stage.transport.requests.contains(where: hang.hits) { await Task.yield() }
        task.cancel()
        return await task.result
    }
}

extension Result {
    /// The error of a failure.
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
