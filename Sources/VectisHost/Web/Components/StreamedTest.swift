import PSACore

/// A connection test whose checks reach the browser as they finish.
struct StreamedTest: Sendable {
    let services: HostServices
    let draft: ConnectionDraft
    let audit: AuditEntry

    /// A line of JSON for each check, `{"check": "<li>…"}`, and at the end `{"result": "…", "receipt": "…"}`.
    ///
    /// A browser that goes away does not end the test: it is short, and the audit log says how it ended.
    var lines: AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        let send: @Sendable ([(String, JSONValue?)]) -> Void = { members in
            continuation.yield(JSONValue(present: members).encoded + [UInt8(ascii: "\n")])
        }
        Task {
            defer { continuation.finish() }
            guard draft.validation.problems.isEmpty else {
                let problems = ProblemSummary(problems: draft.validation.problems, descriptor: draft.descriptor)
                let fields = draft.validation.problems.map { problem -> JSONValue in
                    ["field": .string(problem.field.rawValue), "message": .string(problem.message)]
                }
                return send([("result", .string(problems.html.description)), ("problems", .array(fields))])
            }
            do {
                let outcome = try await services.connections.test(draft, audit: audit) { check in
                    send([("check", .string(CheckList.item(check).description))])
                }
                let result = TestResult(report: outcome.report, services: services, isBesideForm: true, hasChecks: false)
                send([
                    ("result", .string(result.html.description)), ("receipt", outcome.receipt.map { .string($0.rawValue) }),
                    ("refused", outcome.report.failure.map(Self.refused)),
                ])
            } catch {
                services.log.record(
                    .error, "defect", [("type", .string("\(type(of: error))")), ("correlationID", .string(audit.correlationID))])
                let notice = Notice(
                    .problem,
                    "The test could not be written down, so its result does not count. Correlation id: <code>\(audit.correlationID)</code>")
                send([("result", .string(notice.html.description))])
            }
        }
        return stream
    }

    /// What to say at the fields that the guidance is about.
    private static func refused(_ failure: PSAError) -> JSONValue {
        let title = failure.guidance.title + "."
        return .array(failure.fields.map { ["field": .string($0.rawValue), "message": .string(title)] })
    }
}
