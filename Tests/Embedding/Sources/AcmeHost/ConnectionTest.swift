import PSACore

/// What a settings page says after a test: a headline, and what to do about the first problem.
struct TestResult: Equatable {
    var headline: String
    var causes: [String] = []
    var steps: [String] = []
    var fields: [String] = []
}

/// Tests a connection, and reports each check while it runs.
func testConnection(_ session: ConnectorSession, show: @escaping @Sendable (String) -> Void) async throws -> TestResult {
    let report = try await session.testConnection { check in
        show("\(check.subject): \(check.outcome.rawValue)")
    }
    var result = TestResult(headline: report.headline)
    if let guidance = report.failure?.guidance {
        result.causes = guidance.causes.map(\.text)
        result.steps = guidance.steps
        result.fields = guidance.fields.map(\.rawValue)
    }
    return result
}
