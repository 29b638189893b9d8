import PSACore

extension ConformanceRule {
    /// What a person is shown when reading fails.
    static let failures: [ConformanceRule] = [
        answering(
            "failures.unauthorized", "An answer of 401 is reported as a matter of credentials or permission",
            because: "A person would wait for a vendor who waits for them.", [401], areas: ["auth", "permission"]),
        answering(
            "failures.forbidden", "An answer of 403 is reported as a matter of permission",
            because: "A person would make new credentials, which changes nothing.", [403], areas: ["permission"]),
        answering(
            "failures.throttled", "An answer of 429 is reported as too many requests",
            because: "A person would look for a fault where there is only haste.", [429], areas: ["rate"]),
        answering(
            "failures.unavailable",
            "An answer of 502, 503 or 504 is reported as a vendor who is not available, never as a matter of credentials",
            because: "A working secret would be thrown away.", [502, 503, 504], areas: ["vendor"]),
        ConformanceRule(
            "failures.page", .silver, "A web page in place of data is reported as such",
            because: "A proxy's login page would pass for an empty list.", needs: [.connection, .list]
        ) { subject in
            let page = HTTPResponse(
                status: 200, headers: ["Content-Type": "text/html"], body: Array("<!DOCTYPE html><html><title>Sign in</title></html>".utf8))
            return try await expectation(subject, .answer(page), "a web page") { $0.code.area == "proxy" }
        },
        ConformanceRule(
            "failures.redirect", .silver, "A redirect to a login page is reported as such",
            because: "Credentials would be followed to a foreign server.", needs: [.connection, .list]
        ) { subject in
            let redirect = HTTPResponse(status: 302, headers: ["Location": "https://login.example.com/"])
            return try await expectation(subject, .answer(redirect), "a redirect") { $0.code.area == "proxy" }
        },
        ConformanceRule(
            "failures.nonsense", .silver, "An answer that is empty, cut off, or of another form is an error, never an empty list",
            because: "Every company would seem to be gone.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for (name, body) in nonsense {
                let answer = HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: Array(body.utf8))
                violations += try await expectation(subject, .answer(answer), name) { $0.code == .vendorUnexpectedResponse }
            }
            return violations
        },
        ConformanceRule(
            "failures.network", .silver, "A request without an answer is reported by its cause",
            because: "A person would ask the vendor about a broken cable.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for (kind, code) in TransportFault.unreachable + [(.timedOut, .networkTimeout), (.interrupted, .networkInterrupted)] {
                violations += try await expectation(subject, .fail(TransportError(kind, delivery: .maybeSent)), kind.rawValue) {
                    $0.code == code
                }
            }
            return violations
        },
        ConformanceRule(
            "failures.traceable", .silver, "A refusal names the request by method, host and template, and the vendor's status",
            because: "The vendor's support can't find a request that nobody can name.", needs: [.connection, .list]
        ) { subject in
            let refusal = HTTPResponse(status: 403, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
            return try await expectation(subject, .answer(refusal), "a refusal that can be traced") { error in
                error.vendor?.status == 403 && error.request?.isEmpty == false && error.request?.contains("?") == false
            }
        },
    ]

    private static let nonsense = [
        ("an empty answer", ""), ("a cut-off answer", "{\"rows\": [{\"id\": 1, \"na"), ("a bare text", "\"surprise\""),
        ("a bare number", "42"), ("brackets without end", String(repeating: "[", count: 100_000)),
    ]

    /// The rule that an answer of some statuses is reported as something of some areas.
    private static func answering(
        _ id: ID, _ title: String, because reason: String, _ statuses: [Int], areas: Set<String>
    ) -> ConformanceRule {
        ConformanceRule(id, .silver, title, because: reason, needs: [.connection, .list]) { subject in
            var violations: [Violation] = []
            for status in statuses {
                let answer = HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
                violations += try await expectation(subject, .answer(answer), "\(status)") { areas.contains($0.code.area) }
            }
            return violations
        }
    }

    /// What falls short when the first list is read with a fault in every request but the one for a token.
    private static func expectation(
        _ subject: ConformanceSubject, _ effect: TransportFault.Effect, _ name: String, holds: (PSAError) -> Bool
    ) async throws -> [Violation] {
        let fault = TransportFault(effect) { !subject.isTokenRequest($0) }
        let session = try ConformanceStage(subject, faults: [fault]).session()
        let error = try await failure { _ = try await subject.lists[0].rows(session, 10) }
        guard let error else { return [Violation("\(name) passes for a list.")] }
        return .unless(holds(error), "\(name) is reported as \(error).")
    }
}
