import PSACore
import WebServer

extension PageRoutes {
    /// The history of all rules, and what a person decides about one firing.
    var firingRoutes: [Route] {
        [
            Route(.get, "/firings", .viewer) { .page(200, try await history($0, of: nil)) },
            Route(.post, "/firings/{id}/decide", .admin) { try await decide($0) },
            Route(.get, "/firings/{firing}/correct", .admin) { exchange in
                let firing = try await failedFiring(exchange)
                return .page(200, FiringCorrectionPage(exchange: exchange, firing: firing, form: FiringCorrection(firing.order)))
            },
            Route(.post, "/firings/{firing}/correct", .admin) { try await correct($0) },
        ]
    }

    private func failedFiring(_ exchange: Exchange) async throws -> Firing {
        guard let id = Int64(exchange.parameter("firing")).map(Firing.ID.init(rawValue:)),
            let firing = try await services.storage.firing(id)
        else { throw WebFailure(.notFound, "There is no such firing.") }
        guard firing.state.name == "failed" else { throw StorageError.stale }
        return firing
    }

    private func correct(_ exchange: Exchange) async throws -> WebResponse {
        let firing = try await failedFiring(exchange)
        let correction = FiringCorrection(try exchange.form())
        guard correction.problems.isEmpty else {
            return .page(
                422, FiringCorrectionPage(exchange: exchange, firing: firing, form: correction, problems: correction.problems))
        }
        try await services.storage.resend(
            firing.id, as: correction.applied(to: firing.order), at: exchange.now,
            audit: exchange.audit(.firingDecided, correction.summary, .done, "Corrected, to be sent again. Reference \(firing.marker)."))
        services.rules.bell.ring()
        let page = try await services.storage.rule(firing.rule).map { "/rules/\($0.id)" } ?? "/firings"
        return .redirect(to: "\(page)?notice=sent-again#firing-\(firing.id.rawValue)")
    }

    private func decide(_ exchange: Exchange) async throws -> WebResponse {
        guard let id = Int64(exchange.parameter("id")).map(Firing.ID.init(rawValue:)), let firing = try await services.storage.firing(id)
        else {
            throw WebFailure(.notFound, "There is no such firing.")
        }
        let form = try exchange.form()
        guard form.text("seen") == firing.state.name, ["undecided", "failed"].contains(firing.state.name) else { throw StorageError.stale }
        let (state, sentence) = try await decision(form, on: firing)
        let settlement = Settlement(
            state: state, attempts: 0, looks: state == .unknown ? OutboxPolicy.looksBeforeTheLast : 0, dueAt: exchange.now,
            audit: exchange.audit(.firingDecided, firing.order.summary, .done, "\(sentence) Reference \(firing.marker)."))
        try await services.storage.decide(id, from: firing.state.name, to: settlement, at: exchange.now)
        services.rules.bell.ring()
        let notice = ["send": "sent-again", "adopt": "taken"][form.text("choice")] ?? "not-sent"
        // A rule that was removed has no page of its own any more.
        let page = try await services.storage.rule(firing.rule).map { "/rules/\($0.id)" } ?? "/firings"
        return .redirect(to: "\(page)?notice=\(notice)#firing-\(id.rawValue)")
    }

    private func decision(_ form: SubmittedForm, on firing: Firing) async throws -> (state: FiringState, sentence: String) {
        switch form.text("choice") {
        // A connector may have failed after the PSA had stored what was sent; one look costs little. What was looked for already is sent.
        case "send": return (firing.state == .undecided ? .waiting : .unknown, "To be sent again.")
        case "drop": return (.dropped, "Dropped.")
        case "adopt" where firing.state == .undecided:
            guard let id = Ticket.ID(form.text("ticket").trimmingSpaces),
                let connection = try await services.storage.connection(firing.connection)
            else { throw WebFailure(.invalid, "Enter the id of the ticket that was found in the PSA.") }
            // Read once, so that a mistyped id is not taken for the ticket.
            let ticket = try await services.connections.session(of: connection).ticket(id)
            return (.created(PostedTicket(ticket)), "Taken: ticket \(ticket.number).")
        default: throw WebFailure(.invalid, "There is no such choice here.")
        }
    }
}
