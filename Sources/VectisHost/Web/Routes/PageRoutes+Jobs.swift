import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The history of all rules, and what a person decides about one job.
    var jobRoutes: [Route] {
        [
            Route(.get, "/jobs", .viewer) { .page(200, try await history($0, of: nil)) },
            Route(.post, "/jobs/{id}/decide", .admin) { try await decide($0) },
            Route(.get, "/jobs/{job}/correct", .admin) { context in
                let job = try await failedJob(context)
                return .page(200, TicketJobCorrectionPage(context: context, job: job, form: TicketJobCorrection(job.payload)))
            },
            Route(.post, "/jobs/{job}/correct", .admin) { try await correct($0) },
        ]
    }

    private func failedJob(_ context: RequestContext) async throws -> TicketJob {
        guard let id = Int64(context.parameter("job")).map(TicketJob.ID.init(rawValue:)),
            let job = try await services.storage.job(id)
        else { throw WebError(.notFound, "There is no such job.") }
        guard job.state.name == .failed else { throw StoreError.stale }
        return job
    }

    private func correct(_ context: RequestContext) async throws -> WebResponse {
        let job = try await failedJob(context)
        let correction = TicketJobCorrection(try context.form())
        guard correction.problems.isEmpty else {
            return .page(
                422, TicketJobCorrectionPage(context: context, job: job, form: correction, problems: correction.problems))
        }
        try await services.storage.resend(
            job.id, as: correction.applied(to: job.payload), at: context.now,
            audit: context.audit(.jobDecided, correction.summary, .done, "Corrected, to be sent again. Reference \(job.reference)."))
        services.rules.wake()
        let page = try await page(of: job)
        return .redirect(to: "\(page)?notice=sent-again#job-\(job.id.rawValue)")
    }

    private func decide(_ context: RequestContext) async throws -> WebResponse {
        guard let id = Int64(context.parameter("id")).map(TicketJob.ID.init(rawValue:)), let job = try await services.storage.job(id)
        else {
            throw WebError(.notFound, "There is no such job.")
        }
        let form = try context.form()
        guard form.text("seen") == job.state.seenValue, job.state.isOutcomeUnknown || job.state.name == .failed else {
            throw StoreError.stale
        }
        let (state, sentence) = try await decision(form, on: job)
        let outcome = JobOutcome(
            state: state, attempts: 0, searchAttempts: state == .unknown ? OutboxPolicy.searchAttemptsBeforeTheLast : 0, dueAt: context.now)
        let audit = context.audit(.jobDecided, job.payload.summary, .done, "\(sentence) Reference \(job.reference).")
        try await services.storage.decide(id, from: job.state, to: outcome, at: context.now, audit: audit)
        services.rules.wake()
        let notice = ["send": "sent-again", "adopt": "taken"][form.text("choice")] ?? "not-sent"
        let page = try await page(of: job)
        return .redirect(to: "\(page)?notice=\(notice)#job-\(id.rawValue)")
    }

    /// The page that shows a job.
    private func page(of job: TicketJob) async throws -> String {
        guard let id = job.rule, try await services.storage.rule(id) != nil else { return "/jobs" }
        return "/rules/\(id)"
    }

    private func decision(_ form: SubmittedForm, on job: TicketJob) async throws -> (state: TicketJob.State, sentence: String) {
        switch form.text("choice") {
        // A connector may have failed after the PSA had stored what was sent; one look costs little. What was looked for already is sent.
        case "send": return (job.state == .needsReview(.outcomeUnknown) ? .waiting : .unknown, "To be sent again.")
        case "drop": return (.dropped, "Dropped.")
        case "adopt" where job.state == .needsReview(.outcomeUnknown):
            guard let id = Ticket.ID(form.text("ticket").trimmingSpaces),
                let connection = try await services.storage.connection(job.connection)
            else { throw WebError(.invalid, "Enter the id of the ticket that was found in the PSA.") }
            // Read once, so that a mistyped id is not taken for the ticket.
            let ticket = try await services.connections.session(of: connection).ticket(id)
            return (.created(PostedTicket(ticket)), "Taken: ticket \(ticket.number).")
        default: throw WebError(.invalid, "There is no such choice here.")
        }
    }
}
