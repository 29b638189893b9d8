import PSACore

extension ConformanceRule {
    /// What happens when the caller gives up.
    static let cancellation: [ConformanceRule] = [
        ConformanceRule(
            "cancellation.reading", .gold, "Reading that is given up ends at once, as cancellation",
            because: "A person who leaves the page would be told of a fault that never was.", needs: [.connection, .list]
        ) { subject in
            let stage = ConformanceStage(subject, faults: [TransportFault(.hang) { !subject.isTokenRequest($0) }])
            let session = try stage.session()
            return await shortfalls(of: "Reading", stage) { _ = try await subject.lists[0].rows(session, 10) }
        },
        ConformanceRule(
            "cancellation.testing", .gold, "A test that is given up ends at once, as cancellation",
            because: "A connection would be marked as broken because somebody closed a page."
        ) { subject in
            let stage = ConformanceStage(subject, faults: [TransportFault(.hang)])
            let session = try stage.session()
            return await shortfalls(of: "The test", stage) { _ = try await session.testConnection() }
        },
    ]

    /// Gives up work once it has sent its first hanging request, and says if it did not end as cancelled.
    private static func shortfalls(
        of work: String, _ stage: ConformanceStage, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> [Shortfall] {
        let task = Task { try await operation() }
        while stage.transport.requests.allSatisfy({ stage.subject.isTokenRequest($0) }), stage.transport.requests.count < 2 {
            await Task.yield()
            if stage.transport.requests.count == 1, stage.subject.isTokenRequest(stage.transport.requests[0]), work == "The test" { break }
        }
        task.cancel()
        switch await task.result {
        case .success: return [Shortfall("\(work) ended as if it had succeeded.")]
        case .failure(is CancellationError): return []
        case .failure(let error): return [Shortfall("\(work) ended with \(error).")]
        }
    }
}
