import PSACore

extension ConformanceRule {
    /// What is repeated, and what never is.
    static let retries: [ConformanceRule] = [
        ConformanceRule(
            "retries.reads", .gold, "A read that fails once for a passing reason is repeated",
            because: "One hiccup in the night would end the reading of a whole tenant.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for effect in [.answer(HTTPResponse(status: 503)), .fail(TransportError(.interrupted, delivery: .maybeSent))]
                as [TransportFault.Effect]
            {
                let fault = TransportFault(effect, times: 1) { !subject.isTokenRequest($0) }
                let session = try ConformanceStage(subject, faults: [fault]).session()
                let error = try await failure { _ = try await subject.lists[0].rows(session, 10) }
                if let error { violations.append(Violation("After one such fault reading fails with \(error.code).")) }
            }
            return violations
        },
        ConformanceRule(
            "retries.obedient", .gold, "A wait that the vendor asks for is kept",
            because: "A vendor that is not obeyed locks the tenant out for longer.", needs: [.connection, .list]
        ) { subject in
            let throttled = HTTPResponse(status: 429, headers: ["Retry-After": "97"])
            let stage = ConformanceStage(subject, faults: [TransportFault(.answer(throttled), times: 1) { !subject.isTokenRequest($0) }])
            _ = try await subject.lists[0].rows(stage.session(), 10)
            return .unless(stage.time.waits.contains { $0 >= .seconds(97) }, "Asked to wait 97 s, it waited \(stage.time.waits).")
        },
        ConformanceRule(
            "retries.writes-once", .gold, "A write whose answer is lost or unclear is sent once, and told as of unknown outcome",
            because: "A customer would get the same ticket twice, or a ticket would be given up that exists.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let unclear: [(String, TransportFault.Effect)] =
                [
                    ("a lost answer", .loseAnswer(.interrupted)), ("a time-out", .loseAnswer(.timedOut)),
                    ("an interrupted connection", .fail(TransportError(.interrupted, delivery: .maybeSent))),
                ] + [102, 200, 302, 307, 401, 403, 408, 500, 502, 504, 600, 999].map { ("\($0)", .answer(HTTPResponse(status: $0))) }
            var violations: [Violation] = []
            for (name, effect) in unclear {
                let mark = Marker()
                let stage = ConformanceStage(subject, faults: [TransportFault(effect) { mark.isIn($0) }])
                let error = try await failure { _ = try await stage.session().createTicket(mark.draft(subject)) }
                let sent = stage.transport.requests.count { mark.isIn($0) }
                violations +=
                    Violations.unless(sent == 1, "After \(name) the ticket was sent \(sent) times.")
                    + .unless(error?.mayHaveBeenExecuted == true, "\(name) is reported as \(error?.code.rawValue ?? "success").")
            }
            return violations
        },
        ConformanceRule(
            "retries.unsent", .gold, "A write that never left is not reported as of unknown outcome",
            because: "The host would look for a ticket that can't exist, instead of sending it.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let mark = Marker()
            let unsent = TransportFault(.fail(TransportError(.connectionRefused, delivery: .notSent))) { mark.isIn($0) }
            let session = try ConformanceStage(subject, faults: [unsent]).session()
            let error = try await failure { _ = try await session.createTicket(mark.draft(subject)) }
            return .unless(error?.code == .networkRefused, "It is reported as \(error?.code.rawValue ?? "success").")
        },
    ]
}

/// A text by which a ticket of the suite is recognised, in requests and at the tenant.
struct Marker: Sendable {
    let text = "conformance-" + String(UInt64.random(in: 1...UInt64.max), radix: 36)

    /// Whether a request writes the text.
    func isIn(_ request: HTTPRequest) -> Bool {
        !request.method.isSafe && String(decoding: request.body ?? [], as: UTF8.self).contains(text)
    }

    /// A ticket that carries it.
    func draft(_ subject: ConformanceSubject) -> TicketDraft {
        var draft = subject.draft
        draft.summary = "Conformance check \(text)"
        draft.externalReference = text
        return draft
    }
}
