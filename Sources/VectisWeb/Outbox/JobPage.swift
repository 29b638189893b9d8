import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// One job: where it comes from, what is written, and each attempt.
struct JobPage: WebPage {
    let context: RequestContext
    let job: TicketJob
    let attempts: [JobAttempt]
    /// The event that created it; nil for a replay, and once it is removed.
    let event: StoredEvent?
    let files: [EventFile]
    let rule: Rule?
    let connection: StoredConnection?
    let attachesFiles: Bool
    let isLocked: Bool
    let company: JobCompany
    /// What is wrong with the typed id of a ticket.
    var ticketProblem: HTML?
    /// The typed id of a ticket that is probably not the one of the job; nil for none.
    var doubtfulTicket: String?
    var notice: Notice?

    private var isOperator: Bool { context.user?.isOperator ?? false }
    private var row: TicketJobRow {
        TicketJobRow(
            job: job, rule: rule, isOnRulePage: false, context: context, isLocked: isLocked, files: files, attachesFiles: attachesFiles,
            connection: JobConnection(job, connection.map { [$0] } ?? []), ticketProblem: ticketProblem,
            doubtfulTicket: doubtfulTicket, isOnOwnPage: true)
    }

    var document: HTML {
        Layout(context, .events, title: "\(job.payload.summary)").document(
            """
            <p class="crumbs"><a href="/events">Events</a> · \(job.isReplay ? "<a href=\"/jobs?replays=true\">Replays</a>" as HTML : "<a href=\"/jobs\">Jobs and sending queue</a>")</p>
            <h1>\(job.payload.summary)</h1>
            \(notice?.html)
            <p class="status">\(TicketJobRow.badge(job.state.name).html)</p>
            \(row.outcome)
            \(isOperator ? row.decision : .empty)
            \(facts)
            <section aria-labelledby="attempts"><h2 id="attempts">Attempts</h2>\(attemptList)</section>
            <section aria-labelledby="why"><h2 id="why">Why it exists</h2>\(origin)</section>
            <section aria-labelledby="company"><h2 id="company">Company</h2>\(company.html)</section>
            <section aria-labelledby="ticket"><h2 id="ticket">What is written</h2>\(ticket)</section>
            """)
    }

    private var facts: HTML {
        let audit =
            "/audit?target=\(PercentEncoding.component(String(job.payload.summary.prefix(120))))&from=\(FilterDay.text(job.createdAt, in: Viewer.current.timeZone))"
        return """
            <dl class="facts">
            <dt>Connection</dt><dd>\(connectionName)</dd>
            <dt>Created</dt><dd>\(TimestampView(job.createdAt).html)</dd>
            <dt>Last change</dt><dd>\(TimestampView(job.changedAt).html)</dd>
            \(job.state.isFinal ? .empty : "<dt>Next step</dt><dd>\(TimestampView(job.dueAt).html)</dd>" as HTML)
            \((job.state.ticket ?? job.target).map { "<dt>Ticket</dt><dd>\(row.link($0))</dd>" as HTML })
            \(job.remark.isEmpty ? .empty : "<dt>Remark</dt><dd>\(JobRemark(stored: job.remark).words)</dd>" as HTML)
            <dt>Reference in the PSA</dt><dd><code>\(job.reference.rawValue)</code></dd>
            <dt>Audit log</dt><dd><a href="\(audit)">Entries about it</a></dd>
            </dl>
            """
    }

    private var connectionName: HTML {
        guard let connection else { return "a connection that was removed" }
        return context.user?.isAdmin ?? false
            ? "<a href=\"/integrations/\(connection.id.rawValue)\">\(connection.name)</a>" : "\(connection.name)"
    }

    // MARK: Attempts

    private var attemptList: HTML {
        guard let latest = attempts.first else {
            return job.state == .wouldCreate ? "<p>A dry run: nothing was attempted.</p>" : "<p>Nothing was attempted yet.</p>"
        }
        let dropped = latest.number - attempts.count
        let count: HTML = latest.number == 1 ? "One so far." : "\(latest.number) so far, the latest first."
        let older: HTML =
            dropped <= 0 ? .empty : dropped == 1 ? " The first one is not kept any more." : " The first \(dropped) are not kept any more."
        return
            "<p class=\"help\">\(count)\(older)</p><ol class=\"jobs\" reversed start=\"\(latest.number)\">\(each: attempts, attempt)</ol>"
    }

    private func attempt(_ attempt: JobAttempt) -> HTML {
        let reason: HTML =
            attempt.reason.isEmpty
            ? .empty
            : "<p>\(attempt.state == .needsReview ? ReviewReason(rawValue: attempt.reason).words : SkipReason(stored: attempt.reason).words)</p>"
        let remark: HTML = attempt.remark.isEmpty ? .empty : "<p>\(JobRemark(stored: attempt.remark).words)</p>"
        let id: HTML = attempt.correlationID.map { "<p class=\"help\">Correlation id <code>\($0)</code></p>" } ?? .empty
        return """
            <li><p class="status"><strong>\(Self.word(attempt.kind))</strong> \(TicketJobRow.badge(attempt.state).html) \(TimestampView(attempt.at).html)</p>
            \(reason)\(remark)\(KeptGuidance(code: attempt.code, problem: attempt.problem).html)\(id)</li>
            """
    }

    private static func word(_ kind: JobAttempt.Kind) -> HTML {
        switch kind {
        case .send: "Sending"
        case .search: "Search in the PSA"
        case .check: "Check of the company"
        case .decision: "Decision of a person"
        }
    }

    // MARK: Origin

    private var origin: HTML {
        let from: HTML
        if let event {
            from =
                "<p>Event: <a href=\"/events/\(String(event.id.rawValue))\">\(event.event.shortText)</a> \(TimestampView(event.event.receivedAt).html)</p>"
        } else {
            from = job.isReplay ? "<p>A replay of earlier events made it.</p>" : "<p>Its event is not kept any more.</p>"
        }
        guard let rule else { return from + "<p>Its rule was removed.</p>" }
        let changed: HTML =
            rule.changedAt > job.createdAt
            ? "<p class=\"help\">The rule was changed or promoted after this job was made. These are its conditions now.</p>" : .empty
        let conditions: HTML =
            event.map { RuleExplanationView(explanation: RuleExplanation(rule.definition, $0.event), event: $0.event).html } ?? .empty
        return "\(from)<p>Rule: <a href=\"/rules/\(rule.id.rawValue)\">\(rule.name)</a></p>\(changed)\(conditions)"
    }

    // MARK: Ticket

    private var ticket: HTML {
        let payload = job.payload
        let shown = String(payload.details.prefix(EventDetailPage.shownText))
        let choices: [(HTML, String)] = [
            ("Ticket type id", payload.type), ("Status id", payload.status), ("Priority id", payload.priority), ("Device", payload.device),
        ]
        let fields = payload.fields.sorted { $0.key.rawValue < $1.key.rawValue }
        return """
            <dl class="facts"><dt>Summary</dt><dd>\(payload.summary)</dd>
            \(each: choices.filter { !$0.1.isEmpty }, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })
            \(each: fields, { "<dt><code>\($0.key.rawValue)</code></dt><dd>\(String($0.value.text.prefix(500)))</dd>" })
            \(files.isEmpty ? .empty : "<dt>Files</dt><dd>\(each: files, { "\($0.name) (\(TicketJobRow.size($0.byteCount)))<br>" })\(attachesFiles ? .empty : "The connector can’t attach files." as HTML)</dd>" as HTML)
            </dl>
            \(shown.isEmpty ? .empty : "<h3>Details</h3><pre class=\"long-text\" tabindex=\"0\">\(shown)</pre>" as HTML)
            <p class="help">What a field does not say comes from the ticket defaults of the connection.</p>
            """
    }
}

/// The company of a job: as it was sent, as it was found, and why.
struct JobCompany: Sendable {
    let job: TicketJob
    /// What the local copy calls it; nil if it is not there.
    var name: String?
    /// Whether a person has mapped it.
    var isMapped = false
    /// Whether the viewer may say which company is meant.
    var mayMap = false

    var html: HTML {
        let sent = [job.payload.company, job.payload.companyID.isEmpty ? "" : "id \(job.payload.companyID)"].filter { !$0.isEmpty }
        guard !sent.isEmpty else { return "<p>The event names no company.</p>" }
        let named: HTML = "<p>The event names “\(sent.joined(separator: ", "))”.</p>"
        switch job.company {
        case nil:
            return job.state == .wouldCreate
                ? named + "<p>A dry run does not look it up.</p>" : named + "<p>It is looked up when the ticket is sent.</p>"
        case .notNamed?: return named
        case .unresolved(let reason)?:
            let map: HTML = mayMap ? " <a href=\"/rules/companies\">Say which one it is</a>" : .empty
            return named + "<p>\(reason.words) The ticket names it in its text.\(map)</p>"
        case .resolved(let id)?:
            let known: HTML = name.map { "“\($0)”, id " } ?? "the company with the id "
            return named + "<p>In the PSA it is \(known)<code>\(id.rawValue)</code>: \(why(id))</p>"
        }
    }

    private func why(_ id: Company.ID) -> HTML {
        if isMapped { return "an administrator has mapped it." }
        return job.payload.companyID == id.rawValue ? "the event has this id." : "it has this name."
    }
}

/// The guidance that was kept of a failure.
struct KeptGuidance: Sendable {
    let code: ErrorCode?
    /// Problem JSON; empty for none.
    let problem: String

    var html: HTML {
        guard let code else { return .empty }
        let root = TranslatedJSON.read(problem, in: Viewer.current.language)
        let steps = root?["steps"]?.elements.compactMap(\.string) ?? []
        let causes = root?["causes"]?.elements.compactMap { $0["text"]?.string } ?? []
        return """
            <p><strong>\(root?["title"]?.string ?? "")</strong> \(root?["detail"]?.string ?? "") <a href="/errors#\(code.anchor)"><code>\(code.rawValue)</code></a></p>
            \(FailedFields(problem: problem).html)
            \(steps.isEmpty && causes.isEmpty ? .empty : "<details><summary>Why, and what to do</summary>\(causes.isEmpty ? .empty : "<ul>\(each: causes, { "<li>\($0)</li>" })</ul>" as HTML)<ol>\(each: steps, { "<li>\($0)</li>" })</ol></details>" as HTML)
            """
    }
}

extension PageRoutes {
    /// The job that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func jobPage(_ context: RequestContext) async throws -> JobPage {
        guard let id = Int64(context.parameter("id")).map(TicketJob.ID.init(rawValue:)), let job = try await services.storage.job(id) else {
            throw WebError(.notFound, "There is no such job. It may have been removed.")
        }
        let details = try await JobDetails(job, services)
        let locked = try await services.storage.issues(of: job.connection)
            .contains { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        return JobPage(
            context: context, job: job, attempts: details.attempts, event: details.event, files: details.files, rule: details.rule,
            connection: details.connection, attachesFiles: details.connection.map(services.connections.attachesFiles) ?? true,
            isLocked: locked,
            company: JobCompany(
                job: job, name: details.companyName, isMapped: details.isMapped, mayMap: context.user?.isOperator ?? false),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }
}

/// What is stored about a job beside the job.
struct JobDetails: Sendable {
    let attempts: [JobAttempt]
    let event: StoredEvent?
    let files: [EventFile]
    let rule: Rule?
    let connection: StoredConnection?
    /// What the local copy calls its company.
    private(set) var companyName: String?
    /// Whether a person has mapped its company.
    private(set) var isMapped = false

    /// Reads them.
    ///
    /// - Throws: Errors of the storage.
    init(_ job: TicketJob, _ services: HostServices) async throws {
        let storage = services.storage
        attempts = try await storage.engine.attempts(of: job.id)
        if let id = job.event {
            event = try await storage.event(id)
            files = try await storage.files(of: [id])[id] ?? []
        } else {
            (event, files) = (nil, [])
        }
        if let id = job.rule { rule = try await storage.rule(id) } else { rule = nil }
        connection = try await storage.connection(job.connection)
        guard case .resolved(let id)? = job.company, let connection else { return }
        if let key = SyncRecord.ID(id.rawValue) {
            companyName = try await services.sync.record(key, of: .companies, in: connection.id)?.content["name"]?.string
        }
        let sent = SentCompany(id: job.payload.companyID, name: job.payload.company)
        isMapped = try await storage.engine.mappedCompany(sent.key, of: connection.id, tenant: connection.tenant) == id
    }
}
