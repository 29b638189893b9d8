import PSACore

extension ConformanceRule {
    /// What happens when the caller gives up.
    static let cancellation: [ConformanceRule] = [
        ConformanceRule(
            "cancellation.reading", .gold, "Reading that is given up ends at once, as cancellation",
            because: "A person who leaves the page would be told of a fault that never was.", needs: [.connection, .list]
        ) { subject in
            let hang = TransportFault(.hang) { !subject.isTokenRequest($0) }
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            return await shortfalls(of: "Reading", stage, once: hang) { _ = try await subject.lists[0].rows(session, 10) }
        },
        ConformanceRule(
            "cancellation.testing", .gold, "A test that is given up ends at once, as cancellation",
            because: "A connection would be marked as broken because somebody closed a page."
        ) { subject in
            let hang = TransportFault(.hang)
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            return await shortfalls(of: "The test", stage, once: hang) { _ = try await session.testConnection() }
        },
    ]

    /// Gives up work once a request of it hangs, and says if it did not end as cancelled; work that ends before is not waited for.
    private static func shortfalls(
        of work: String, _ stage: ConformanceStage, once hang: TransportFault, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> [Shortfall] {
        let ended = Signal()
        let task = Task {
            defer { ended.fire() }
            try await operation()
        }
        while ended.count == 0, !stage.transport.requests.contains(where: hang.hits) { await Task.yield() }
        task.cancel()
        switch await task.result {
        case .success: return [Shortfall("\(work) ended as if it had succeeded.")]
        case .failure(is CancellationError): return []
        case .failure(let error): return [Shortfall("\(work) ended with \(error).")]
        }
    }
}
