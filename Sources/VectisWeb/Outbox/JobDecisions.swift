import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension PageRoutes {
    /// All jobs, one job, and the decisions about one or many.
    var jobRoutes: [Route] {
        [
            Route(.get, "/jobs", .viewer) { context in
                let page = try await jobsPage(context, JobQuery(context.request.query, in: Viewer.current.timeZone))
                return .page(page.query.issues.isEmpty ? 200 : 422, page)
            },
            Route(.get, "/jobs/{id}", .viewer) { .page(200, try await jobPage($0)) },
            Route(.post, "/jobs/bulk", .operator) { try await previewBulk($0) },
            Route(.post, "/jobs/bulk/confirmed", .operator) { try await decideBulk($0) },
            Route(.post, "/jobs/{id}/decide", .operator) { try await decide($0) },
            Route(.get, "/jobs/{job}/correct", .operator) { context in
                let job = try await failedJob(context)
                let form = TicketJobCorrection(job.payload)
                var page = TicketJobCorrectionPage(context: context, job: job, form: form)
                page.fields = try await fieldInputs(of: job, form)
                return .page(200, page)
            },
            Route(.post, "/jobs/{job}/correct", .operator) { try await correct($0) },
            Route(.get, "/jobs/uploads/{id}/forget", .operator) { try await confirmForgetting($0) },
            Route(.post, "/jobs/uploads/{id}/forget", .operator) { try await forgetUpload($0) },
        ]
    }

    /// The file without a ticket that the path names.
    private func orphanUpload(_ context: RequestContext) async throws -> JobUpload {
        let id = Int64(context.parameter("id")).map(JobUpload.ID.init(rawValue:))
        guard let upload = try await services.storage.engine.orphanUploads(of: nil).first(where: { $0.id == id }) else {
            throw WebError(.notFound, "There is no such file. It may have been deleted meanwhile.")
        }
        return upload
    }

    private func confirmForgetting(_ context: RequestContext) async throws -> WebResponse {
        let upload = try await orphanUpload(context)
        let size = TicketJobRow.size(upload.attachment.byteCount)
        return .page(
            200,
            Confirmation(
                context: context, section: .events, origin: ("Jobs and sending queue", "/jobs"),
                question: "Remove “\(upload.attachment.name)” from the list of files without a ticket?",
                consequences: [
                    upload.vendorID == nil
                        ? "Vectis forgets the file of \(size)."
                        : "Vectis forgets the file of \(size) and its id, and does not delete it in the PSA.",
                    "This can’t be undone.",
                ], action: "/jobs/uploads/\(String(upload.id.rawValue))/forget", verb: "Remove"))
    }

    private func forgetUpload(_ context: RequestContext) async throws -> WebResponse {
        let upload = try await orphanUpload(context)
        let audit = context.audit(.jobDecided, upload.attachment.name, .done, "Removed from the list of files without a ticket.")
        try await services.storage.forgetUpload(upload.id, audit: audit)
        return .redirect(to: "/jobs?notice=upload-forgotten")
    }

    private func failedJob(_ context: RequestContext) async throws -> TicketJob {
        guard let id = Int64(context.parameter("job")).map(TicketJob.ID.init(rawValue:)),
            let job = try await services.storage.job(id)
        else { throw WebError(.notFound, "There is no such job.") }
        guard job.state.name == .failed else {
            throw WebError(.conflict, "Only a job that failed can be corrected, and this one is in another state.")
        }
        return job
    }

    private func correct(_ context: RequestContext) async throws -> WebResponse {
        let job = try await failedJob(context)
        let sent = try context.form()
        var correction = TicketJobCorrection(sent)
        var page = TicketJobCorrectionPage(context: context, job: job, form: correction)
        page.fields = try await fieldInputs(of: job, correction, sent: sent)
        var wrong: [TicketFieldIssue] = []
        correction.fields = job.payload.fields
        if case .success(var inputs)? = page.fields, sent.has(TicketFieldInputs.typeField) {
            (correction.fields, wrong) = inputs.values(keeping: job.payload.fields)
            inputs.show(wrong)
            page.fields = .success(inputs)
        }
        page.problems = correction.problems
        guard sent.searchedField == nil, sent.text("action") != "reload" else {
            page.problems = []
            return .page(200, page)
        }
        guard page.problems.isEmpty, wrong.isEmpty else { return .page(422, page) }
        try await services.storage.resend(
            job.id, as: correction.applied(to: job.payload), at: context.now,
            audit: context.audit(.jobDecided, correction.summary, .done, "Corrected, to be sent again. Reference \(job.reference)."))
        services.rules.wake()
        let path = try await self.page(of: job)
        return .redirect(to: "\(path)?notice=sent-again#job-\(job.id.rawValue)")
    }

    /// The inputs for the fields of the ticket that was refused; nil if its connection is gone.
    private func fieldInputs(
        of job: TicketJob, _ correction: TicketJobCorrection, sent: SubmittedForm? = nil
    ) async throws -> Result<TicketFieldInputs, PSAError>? {
        guard job.payload.operation == .createTicket, let connection = try await services.storage.connection(job.connection) else {
            return nil
        }
        let type = TicketType.ID(correction.defaults[.type]) ?? services.connections.defaultType(of: connection)
        let inputs = try await fieldInputs(of: connection, for: type, typed: job.payload.fields.mapValues(\.text), sent: sent)
        return inputs?.map { inputs in
            var inputs = inputs
            inputs.inherited = connection.ticketFieldDefaults.type == type ? connection.ticketFieldDefaults.values : [:]
            return inputs
        }
    }

    private func decide(_ context: RequestContext) async throws -> WebResponse {
        guard let id = Int64(context.parameter("id")).map(TicketJob.ID.init(rawValue:)), let job = try await services.storage.job(id)
        else {
            throw WebError(.notFound, "There is no such job.")
        }
        let form = try context.form()
        let decision: JobDecision
        switch form.text("choice") {
        case "send": decision = job.state.isOutcomeUnknown ? .absent : .resend
        case "drop": decision = .discard
        case "adopt", "adopt-doubtful":
            guard let ticket = Ticket.ID(form.text("ticket").trimmingSpaces) else {
                var page = try await jobPage(context)
                page.ticketProblem = "Enter the id of the ticket that was found in the PSA."
                return .page(422, page)
            }
            // What was confirmed is the ticket of which the doubts were shown.
            decision = .adopt(ticket, isConfirmed: form.text("choice") == "adopt-doubtful" && form.text("doubtful") == ticket.rawValue)
        default: throw WebError(.invalid, "There is no such choice here.")
        }
        do {
            try await services.jobs.decide(job, decision, seen: form.text("seen"), by: context.origin)
        } catch JobDecisionError.doubtful(let doubts) {
            var page = try await jobPage(context)
            page.doubtfulTicket = form.text("ticket").trimmingSpaces
            page.ticketProblem =
                "\(each: doubts, { "\(HTML($0)) " })Look at the ticket again. If it is the one of this job, take it nevertheless."
            return .page(422, page)
        }
        let notice = ["send": "sent-again", "adopt": "taken", "adopt-doubtful": "taken"][form.text("choice")] ?? "not-sent"
        guard form.text("page") != "job" else { return .redirect(to: "/jobs/\(job.id.rawValue)?notice=\(notice)") }
        let page = try await page(of: job)
        return .redirect(to: "\(page)?notice=\(notice)#job-\(id.rawValue)")
    }

    /// The page that lists a job.
    private func page(of job: TicketJob) async throws -> String {
        guard let id = job.rule, try await services.storage.rule(id) != nil else { return "/jobs" }
        return "/rules/\(id)"
    }
}

/// The form in which an administrator corrects what the PSA rejected, and sends it again.
struct TicketJobCorrectionPage: WebPage {
    let context: RequestContext
    let job: TicketJob
    let form: TicketJobCorrection
    var problems: [(field: String, message: any LocalizedMessage)] = []
    /// The fields of the ticket's type, or why they can't be read.
    var fields: Result<TicketFieldInputs, PSAError>?

    private var path: String { "/jobs/\(job.id.rawValue)/correct" }

    var document: HTML {
        Layout(context, .events, title: "Correct and send again").document(
            """
            <p class="crumbs"><a href="/jobs">Jobs and sending queue</a> · <a href="/jobs/\(String(job.id.rawValue))">The job</a></p>
            <h1>Correct and send again</h1>
            \(problemSummary)\(refusal)
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            <button name="action" value="send" hidden>Send again</button>
            \(row("summary", "Summary", .text(value: form.summary), isRequired: true))
            \(row("details", "Details", .lines(value: form.details)))
            \(fieldSection)
            \(AdvancedFields(isOpen: opensAdvanced, content: advanced).html)
            <p class="help">The rule itself stays as it is. Vectis searches the PSA for the reference once before it sends.</p>
            <div class="buttons"><button class="primary" name="action" value="send">Send again</button>
            <a class="button quiet" href="/jobs?state=failed">Cancel</a></div>
            </form>
            """)
    }

    private var refusal: HTML {
        guard case .failed(let code, let problem) = job.state else { return .empty }
        let detail = TranslatedJSON.read(problem, in: Viewer.current.language)?["detail"]?.string ?? ""
        let inputs: Set<TicketField.ID> = if case .success(let inputs)? = fields { inputs.inputIDs } else { [] }
        return Notice(
            .problem,
            "\(detail) <a href=\"/errors/\(code.rawValue)\"><code>\(code.rawValue)</code></a>\(FailedFields(problem: problem, beside: inputs).html)"
        ).html
    }

    private var fieldSection: HTML {
        switch fields {
        case nil: .empty
        case .success(let inputs):
            """
            <p><button class="quiet" name="action" value="reload">Show the fields of this ticket type</button></p>
            \(inputs.html)
            """
        case .failure: Notice(.warning, "The fields of the ticket type can’t be read now. The values of the ticket stay as they are.").html
        }
    }

    private static func label(_ choice: TicketDefault) -> HTML {
        switch choice {
        case .type: "Ticket type id"
        case .status: "Status id"
        case .priority: "Priority id"
        }
    }

    private func problem(_ name: String) -> HTML? {
        let messages = problems.filter { $0.field == name }.map { HTML($0.message) }
        return messages.isEmpty ? nil : .all(messages.enumerated().map { $0 == 0 ? $1 : " " + $1 })
    }

    private func row(_ name: String, _ label: HTML, _ input: FieldRow.Input, help: HTML = .empty, isRequired: Bool = false) -> HTML {
        FieldRow(name: name, label: label, input: input, help: help, isRequired: isRequired, message: problem(name)).html
    }

    /// What the PSA seldom rejects.
    private var advanced: HTML {
        """
        \(row("company", "Company", .text(value: form.company), help: "Its name. The id below counts first."))
        \(row("companyID", "Company id in the PSA", .text(value: form.companyID)))
        \(each: TicketDefault.allCases, { row($0.rawValue, Self.label($0), .id(value: form.defaults[$0], offered: []), help: $0 == .type ? "Left empty, the connection’s ticket default." : "Left empty, the connection’s ticket default, if the ticket has the type of the ticket defaults.") })
        """
    }

    private var opensAdvanced: Bool {
        let values = [form.company, form.companyID] + TicketDefault.allCases.map { form.defaults[$0] }
        return values.contains { !$0.isEmpty } || problems.contains { !["summary", "details"].contains($0.field) }
    }

    private var problemSummary: HTML {
        let rows: [(name: String, title: HTML)] =
            [("summary", "Summary"), ("details", "Details"), ("company", "Company"), ("companyID", "Company id in the PSA")]
            + TicketDefault.allCases.map { ($0.rawValue, Self.label($0)) }
        let own = rows.compactMap { row in problem(row.name).map { FormProblems.Item(field: row.name, row.title, $0) } }
        guard case .success(let inputs)? = fields else { return FormProblems(own).html }
        return FormProblems(own + inputs.summary).html
    }
}

/// What is wrong with a corrected ticket.
enum CorrectionProblem: LocalizedMessage, Hashable {
    case summary
    case company
    case id

    var values: [String: MessageValue] { self == .summary ? ["limit": .verbatim(String(RuleDefinition.maxSummaryLength))] : [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.summary, .english): "A summary has 1 to {limit} characters."
        case (.summary, .german): "Eine Zusammenfassung hat 1 bis {limit} Zeichen."
        case (.company, .english): "A name has at most 200 characters."
        case (.company, .german): "Ein Name hat höchstens 200 Zeichen."
        case (.id, .english): "An id has at most 200 characters, and no line breaks."
        case (.id, .german): "Eine ID hat höchstens 200 Zeichen und keine Zeilenumbrüche."
        }
    }
}

/// The corrected values of an item.
struct TicketJobCorrection: Sendable {
    var summary: String
    var details: String
    var company: String
    var companyID: String
    var defaults = TicketDefaultValues()
    /// The values of further fields.
    var fields: [TicketField.ID: TicketFieldValue] = [:]

    init(_ order: TicketJob.Payload) {
        (summary, details, company, companyID) = (order.summary, order.details, order.company, order.companyID)
        defaults.values = [.type: order.type, .status: order.status, .priority: order.priority]
        fields = order.fields
    }

    init(_ form: SubmittedForm) {
        summary = form.text("summary").trimmingSpaces
        details = form.text("details")
        company = form.text("company").trimmingSpaces
        companyID = form.text("companyID").trimmingSpaces
        for choice in TicketDefault.allCases { defaults.values[choice] = form.text(choice.rawValue).trimmingSpaces }
    }

    /// Its issues, by field.
    var problems: [(field: String, message: any LocalizedMessage)] {
        var problems: [(field: String, message: any LocalizedMessage)] = []
        if !(1...RuleDefinition.maxSummaryLength).contains(summary.count) {
            problems.append(("summary", CorrectionProblem.summary))
        }
        if details.count > RuleDefinition.maxDetailsLength {
            problems.append(("details", RuleProblem.textTooLong(limit: RuleDefinition.maxDetailsLength)))
        }
        if company.count > 200 { problems.append(("company", CorrectionProblem.company)) }
        if !companyID.isEmpty, Company.ID(companyID) == nil {
            problems.append(("companyID", CorrectionProblem.id))
        }
        for choice in TicketDefault.allCases where !defaults[choice].isEmpty && TicketType.ID(defaults[choice]) == nil {
            problems.append((choice.rawValue, CorrectionProblem.id))
        }
        return problems
    }

    /// A payload with the corrections.
    func applied(to order: TicketJob.Payload) -> TicketJob.Payload {
        var order = order
        (order.summary, order.details, order.company, order.companyID) = (summary, details, company, companyID)
        (order.type, order.status, order.priority) = (defaults[.type], defaults[.status], defaults[.priority])
        order.fields = fields
        return order
    }
}
