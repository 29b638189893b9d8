import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The page of a rule: its state, its actions, and its jobs, the newest first.
struct TicketJobsPage: WebPage {
    static let pageSize = 50

    let context: RequestContext
    /// The rule whose page this is.
    let rule: Rule
    /// What the connection of the rule is called; nil if it was removed.
    let connectionName: String?
    let jobs: [TicketJob]
    let hasMore: Bool
    let counts: TicketJob.Counts
    let state: TicketJob.State.Name?
    /// Connections whose secrets none of the keys opens.
    var locked: Set<ConnectionID> = []
    /// The files that events came with.
    var files: [HostEvent.ID: [EventFile]] = [:]
    /// The connections whose connector attaches files.
    var attaching: Set<ConnectionID> = []
    /// Every connection there is.
    var connections: [StoredConnection] = []
    /// How often the rule has fired.
    var activity = RuleActivity()
    var notice: Notice?

    private var path: String { "/rules/\(rule.id)" }

    var document: HTML {
        Layout(context, .rules, title: "\(rule.name)").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(rule.name)</h1>
            \(notice?.html)
            \(RuleControls(context: context, rule: rule, connectionName: connectionName, counts: counts, activity: activity).html)
            <h2>Jobs</h2>
            \(filter)
            \(jobs.isEmpty ? "<p class=\"empty\">No event has matched yet.</p>" : list)
            \(more)
            """)
    }

    private var list: HTML {
        "<ul class=\"jobs\">\(each: jobs, { TicketJobRow(job: $0, rule: rule, isOnRulePage: true, context: context, isLocked: locked.contains($0.connection), files: $0.event.flatMap { files[$0] } ?? [], attachesFiles: attaching.contains($0.connection), connection: JobConnection($0, connections)).html })</ul>"
    }

    private var filter: HTML {
        let states = TicketJob.State.Name.allCases.filter { counts[$0] > 0 }
        guard !states.isEmpty else { return .empty }
        return """
            <nav aria-label="States"><p class="actions states">
            <a class="button quiet" href="\(path)"\(attribute: "aria-current", state == nil ? "true" : nil)>All</a>
            \(each: states, { name in
                "<a class=\"button quiet\" href=\"\(path)?state=\(name.rawValue)\"\(attribute: "aria-current", state == name ? "true" : nil)>\(TicketJobRow.word(name)) (\(counts[name]))</a>"
            })</p></nav>
            """
    }

    private var more: HTML {
        guard hasMore, let last = jobs.last else { return .empty }
        let state = state.map { "&state=\($0.rawValue)" } ?? ""
        return "<p><a class=\"button\" href=\"\(path)?before=\(String(last.id.rawValue))\(state)\">Older jobs</a></p>"
    }
}

/// The files that a PSA may hold although no ticket refers to them.
struct OrphanUploads: Sendable {
    let uploads: [JobUpload]
    let connections: [StoredConnection]
    let context: RequestContext

    var html: HTML {
        guard !uploads.isEmpty else { return .empty }
        return """
            <section aria-labelledby="orphan-uploads"><h2 id="orphan-uploads">Files without a ticket</h2>
            <p class="help">These files were sent to a PSA, and no ticket is known that refers to them. Vectis deletes those whose id is known, unless a ticket may refer to them.</p>
            \(DataTable(
                name: .heading("orphan-uploads"), columns: ["File", "Connection", "Sent", "State", "What to do"],
                rows: uploads.prefix(200).map(row)
            ).html)
            \(uploads.count > 200 ? "<p class=\"help\">\(uploads.count - 200) more are not shown.</p>" as HTML : .empty)
            </section>
            """
    }

    private func row(_ upload: JobUpload) -> DataTable.Row {
        let file = upload.attachment
        return DataTable.Row([
            "\(file.name) (\(TicketJobRow.size(file.byteCount)))",
            connections.first { $0.id == upload.connection }.map { HTML(text: $0.name) } ?? "a removed connection",
            TimestampView(upload.begunAt).html, state(upload),
            """
            <a class="button danger" href="/jobs/uploads/\(String(upload.id.rawValue))/forget">Remove from this list<span class="hidden">: \(file.name)</span></a>
            """,
        ])
    }

    private func state(_ upload: JobUpload) -> HTML {
        guard let id = upload.vendorID else { return "It is not known whether the PSA has it. Look there for a file of this name." }
        guard let due = upload.discardAt else {
            return upload.deletionFailed
                ? "It could not be deleted. Its id in the PSA: <code>\(id.rawValue)</code>"
                : "It is kept: a ticket may refer to it, or its connection has changed. Its id in the PSA: <code>\(id.rawValue)</code>"
        }
        return "It is deleted \(TimestampView(due).html). Its id in the PSA: <code>\(id.rawValue)</code>"
    }
}

/// What became of the connection of a job since the job was made.
enum JobConnection: Sendable, Equatable {
    /// It leads where it led.
    case unchanged
    /// It leads to another tenant now.
    case moved(TenantIdentity)
    case removed

    /// Looks a job's connection up among all that there are.
    init(_ job: TicketJob, _ connections: [StoredConnection]) {
        guard let connection = connections.first(where: { $0.id == job.connection }) else {
            self = .removed
            return
        }
        self = connection.isOfFormerTenant(job.id) ? .moved(connection.tenant) : .unchanged
    }
}

/// One job in a history: its outcome, and the possible decisions.
struct TicketJobRow: Sendable {
    let job: TicketJob
    /// Its rule; nil if that was removed.
    let rule: Rule?
    /// Whether the page is that of its rule, which then needs no link.
    let isOnRulePage: Bool
    let context: RequestContext
    /// Whether none of the keys opens the secrets of its connection.
    var isLocked = false
    /// The files that its event came with.
    var files: [EventFile] = []
    /// Whether its connector attaches files.
    var attachesFiles = true
    /// What became of its connection.
    var connection = JobConnection.unchanged
    /// The id of the form that a box beside it belongs to; nil for no box.
    var selectionForm: String?
    /// What is wrong with the typed id of a ticket.
    var ticketProblem: HTML?
    /// The typed id of a ticket that is probably not the one of the job; nil for none.
    var doubtfulTicket: String?
    /// Whether a decision leads to the page of the job, in place of the list.
    var isOnOwnPage = false

    private var checkbox: HTML {
        guard let selectionForm, [.failed, .needsReview].contains(job.state.name), !job.state.isOutcomeUnknown else { return .empty }
        let id = String(job.id.rawValue)
        return """
            <input type="checkbox" class="choose" form="\(selectionForm)" name="job" value="\(id)" aria-label="Select \(job.payload.summary)">
            """
    }

    var html: HTML {
        """
        <li class="\(job.state.name.rawValue)" id="job-\(String(job.id.rawValue))">
        <p class="status">\(checkbox)<span class="state">\(Self.word(job.state.name))</span> <strong><a href="/jobs/\(String(job.id.rawValue))">\(job.payload.summary)</a></strong></p>
        <p class="help">\(TimestampView(job.createdAt).html)\(isOnRulePage ? .empty : ruleLink)\(subject)</p>
        \(outcome)\(notes)
        \(context.user?.isOperator ?? false ? decision : .empty)
        </li>
        """
    }

    /// A state for display.
    static func word(_ state: TicketJob.State.Name) -> HTML {
        switch state {
        case .wouldCreate: "Would create"
        case .checking: "Reading the company"
        case .waiting: "Waiting"
        case .sending: "Being sent"
        case .created: "Created"
        case .appended: "Added as a note"
        case .replied: "Reply sent"
        case .statusChanged: "Status changed"
        case .skipped: "Skipped"
        case .failed: "Failed"
        case .unknown: "Outcome unknown"
        case .needsReview: "On hold"
        case .dropped: "Discarded"
        }
    }

    /// A state for display, with its meaning.
    static func badge(_ state: TicketJob.State.Name) -> Badge {
        switch state {
        case .created, .appended, .replied, .statusChanged: Badge(.good, word(state))
        case .wouldCreate, .checking, .waiting, .sending, .skipped, .dropped: Badge(.neutral, word(state))
        case .unknown, .needsReview: Badge(.warning, word(state))
        case .failed: Badge(.bad, word(state))
        }
    }

    private var ruleLink: HTML {
        guard let rule else { return " · a removed rule" }
        return " · <a href=\"/rules/\(rule.id.rawValue)\">\(rule.name)</a>"
    }

    private var subject: String {
        let parts = [job.payload.company, job.payload.device].filter { !$0.isEmpty }
        return parts.isEmpty ? "" : " · " + parts.joined(separator: " · ")
    }

    /// What its state means.
    var outcome: HTML { "\(stateLine)\(formerTenant)" }

    /// Where a new ticket goes that was made for another tenant.
    private var formerTenant: HTML {
        guard case .moved(let tenant) = connection, job.payload.operation == .createTicket,
            [.failed, .needsReview].contains(job.state.name)
        else { return .empty }
        return "<p>It was made while the connection led to another tenant. Sent now, it goes to \(tenant.rawValue).</p>"
    }

    private var stateLine: HTML {
        switch job.state {
        case .wouldCreate: "<p>Dry run: nothing was sent.</p>"
        case .checking: checking
        case .waiting: waiting
        case .sending: "<p>A request is in progress.</p>"
        case .created(let ticket), .appended(let ticket), .replied(let ticket), .statusChanged(let ticket): "<p>Ticket \(link(ticket))</p>"
        case .skipped(let why): "<p>\(SkipReason(stored: why).words)</p>"
        case .failed(let code, let problem): failure(code, problem)
        case .unknown where connection == .removed:
            "<p>It is not known whether the last request was executed. Its connection was removed, so Vectis can’t search for it.</p>"
        case .needsReview(.outcomeUnknown) where connection == .removed:
            "<p>It is not known whether the last request was executed. Its connection was removed, so Vectis can’t search for it. Search the PSA for <code>\(job.reference.rawValue)</code>.</p>"
        case .needsReview where connection == .removed: "<p>Its connection was removed, so it can’t be sent.</p>"
        case .unknown:
            "<p>It is not known whether the last request was executed. \(job.cause.map { reference($0.code) } ?? .empty) Vectis searches the PSA for its reference; next search \(TimestampView(job.dueAt).html).</p>"
        case .needsReview(.outcomeUnknown):
            "<p>The search was inconclusive. Search the PSA for <code>\(job.reference.rawValue)</code>.</p>"
        case .needsReview(let reason): "<p>\(reason.words)</p>"
        case .dropped: "<p>It was discarded; nothing was sent.</p>"
        }
    }

    private static var locked: HTML {
        "<p>It waits because the key file does not open the secrets of its connection. <a href=\"/errors/\(ErrorCode.configSecretUnreadable.rawValue)\">What to do</a></p>"
    }

    private var checking: HTML {
        if isLocked { return Self.locked }
        if job.dueAt <= context.now { return "<p>The rule asks about the company; the PSA’s list is read next.</p>" }
        return job.attempts > 0
            ? "<p>The rule asks about the company, and the PSA’s list could not be read. The next try is due \(TimestampView(job.dueAt).html).</p>"
            : "<p>The PSA’s list, as it was last read, lacks the company. It is read again \(TimestampView(job.dueAt).html).</p>"
    }

    private var waiting: HTML {
        if isLocked { return Self.locked }
        if let rule, rule.mode != .active { return "<p>It waits until its rule is active again.</p>" }
        if let pause = rule?.fieldPause {
            return
                "<p>Its rule is paused: it has no value for \(HTML.quoted(pause.fields)) that the ticket type accepts. It is sent once the rule has one.</p>"
        }
        if let code = rule?.refusal, job.attempts == 0, !job.isReleased {
            return "<p>Its rule is paused: the PSA rejected a ticket. It is sent once a ticket is created. \(reference(code))</p>"
        }
        let due: HTML = job.dueAt > context.now ? " The next try is due \(TimestampView(job.dueAt).html)." : " It is next in line."
        guard let cause = job.cause else {
            return job.attempts == 0 && job.dueAt > context.now
                ? "<p>The connection waits for the PSA.\(due)</p>" : "<p>\(due)</p>"
        }
        let tries: HTML = job.attempts == 1 ? "once" : "\(job.attempts) times"
        return
            "<p>Tried \(tries): \(TranslatedJSON.read(cause.problem, in: Viewer.current.language)?["detail"]?.string ?? "") \(reference(cause.code))\(due)</p>"
    }

    private func reference(_ code: ErrorCode) -> HTML { "<a href=\"/errors/\(code.rawValue)\"><code>\(code.rawValue)</code></a>" }

    /// The details beside the state.
    private var notes: HTML {
        var sentences: [HTML] = []
        if !job.remark.isEmpty { sentences.append(JobRemark(stored: job.remark).words) }
        if let reason = job.company?.reason {
            let name = [job.payload.company, job.payload.companyID].filter { !$0.isEmpty }.joined(separator: ", id ")
            sentences.append("“\(name)”: \(reason.words) The ticket names it in its text.")
        }
        return content + .all(sentences.map { "<p class=\"help\">\($0)</p>" })
    }

    /// The fields and files of the ticket.
    private var content: HTML {
        let fields = job.payload.fields.sorted { $0.key.rawValue < $1.key.rawValue }
        let values: [HTML] = fields.map { "<code>\($0.key.rawValue)</code> “\(String($0.value.text.prefix(200)))”" }
        let own: HTML = values.isEmpty ? .empty : "<p class=\"help\">Fields: \(HTML.joined(values))</p>"
        guard !files.isEmpty else { return own }
        let names = files.map { "\($0.name) (\(Self.size($0.byteCount)))" }.joined(separator: ", ")
        let left: HTML = attachesFiles ? .empty : ". The connector can’t attach files, so the ticket is created without them."
        return own + "<p class=\"help\">Files: \(names)\(left)</p>"
    }

    /// A number of bytes for display.
    static func size(_ bytes: Int) -> String {
        bytes < 1_024 ? "\(bytes) bytes" : "\((bytes + 512) / 1_024) KiB"
    }

    /// A ticket, with a link to it where its address is one of the web.
    func link(_ ticket: PostedTicket) -> HTML {
        // Only web addresses become links: a value from the vendor must not run as a script.
        guard let address = ticket.webAddress, address.hasPrefix("https://") || address.hasPrefix("http://") else {
            return "\(ticket.number)"
        }
        return
            "<a href=\"\(address)\" rel=\"noreferrer noopener\" target=\"_blank\">\(ticket.number)<span class=\"hidden\"> (opens a new tab)</span></a>"
    }

    private func failure(_ code: ErrorCode, _ problem: String) -> HTML {
        let root = TranslatedJSON.read(problem, in: Viewer.current.language)
        let steps = root?["steps"]?.elements.compactMap(\.string) ?? []
        // An earlier version stored steps without their causes.
        let first = root?["causes"]?.elements.first?["steps"]?.elements.count ?? steps.count
        return """
            <p>\(root?["detail"]?.string ?? "") <a href="/errors/\(code.rawValue)"><code>\(code.rawValue)</code></a></p>
            \(FailedFields(problem: problem).html)
            \(steps.isEmpty ? .empty : "<details><summary>What to do</summary><ol>\(each: steps.prefix(first), { "<li>\($0)</li>" })</ol>\(others(steps, after: first))</details>" as HTML)
            """
    }

    private func others(_ steps: [String], after first: Int) -> HTML {
        guard steps.count > first else { return .empty }
        return "<p>If that was not it:</p><ol start=\"\(first + 1)\">\(each: steps.dropFirst(first), { "<li>\($0)</li>" })</ol>"
    }

    /// The decisions that are possible, as forms.
    var decision: HTML {
        let path = "/jobs/\(job.id.rawValue)/decide"
        let seen: HTML =
            "\(FormToken(context.user).field)<input type=\"hidden\" name=\"seen\" value=\"\(job.state.seenValue)\">\(isOnOwnPage ? "<input type=\"hidden\" name=\"page\" value=\"job\">" as HTML : .empty)"
        switch job.state {
        case .failed where connection == .removed, .needsReview where connection == .removed:
            return """
                <form method="post" action="\(path)" class="actions">\(seen)<button class="quiet" name="choice" value="drop">Discard</button></form>
                """
        case .needsReview(.outcomeUnknown):
            let field = "ticket-\(job.id.rawValue)"
            return """
                <form method="post" action="\(path)">\(seen)
                <div class="field\(ticketProblem == nil ? "" : " wrong")"><label for="\(field)">It exists: its ticket id</label>\
                <input type="text" id="\(field)" name="ticket" autocomplete="off" required\(attribute: "value", doubtfulTicket)\(attribute: "aria-invalid", ticketProblem == nil ? nil : "true")\
                \(attribute: "aria-describedby", ticketProblem == nil ? nil : "\(field)-problem")\(flag: "autofocus", ticketProblem != nil)>\
                \(ticketProblem.map { "<p class=\"problem\" id=\"\(field)-problem\"><strong>Problem:</strong> \($0)</p>" as HTML })</div>
                <div class="actions"><button name="choice" value="adopt">Take this ticket</button>
                \(doubtfulTicket.map { "<input type=\"hidden\" name=\"doubtful\" value=\"\($0)\"><button name=\"choice\" value=\"adopt-doubtful\">Take it nevertheless</button>" as HTML })
                <button name="choice" value="send" formnovalidate>It does not exist: send again</button><button class="quiet" name="choice" value="drop" formnovalidate>Discard</button></div></form>
                """
        case .failed:
            return """
                <form method="post" action="\(path)" class="actions">\(seen)<a class="button" href="/jobs/\(String(job.id.rawValue))/correct">Correct and send again</a><button name="choice" value="send">Send again as it is</button>
                <button class="quiet" name="choice" value="drop">Discard</button></form>
                """
        case .needsReview:
            return """
                <form method="post" action="\(path)" class="actions">\(seen)<button name="choice" value="send">Release: send it</button>
                <button class="quiet" name="choice" value="drop">Discard</button></form>
                """
        default: return .empty
        }
    }
}

/// The fields that a refused ticket lacked, as its failure names them.
struct FailedFields: Sendable {
    private let fields: [(id: TicketField.ID, message: String)]
    /// The fields whose inputs are on the page.
    private let beside: Set<TicketField.ID>

    /// Reads the fields of a problem as JSON.
    init(problem: String, beside: Set<TicketField.ID> = []) {
        let root = TranslatedJSON.read(problem, in: Viewer.current.language)
        fields = (root?["ticketFields"]?.elements ?? []).compactMap { element in
            guard let id = element["field"]?.string.flatMap({ TicketField.ID($0) }), let message = element["message"]?.string else {
                return nil
            }
            return (id, message)
        }
        self.beside = beside
    }

    var html: HTML {
        guard !fields.isEmpty else { return .empty }
        return "<ul class=\"ticket-fields\">\(each: fields, row)</ul>"
    }

    private func row(_ field: (id: TicketField.ID, message: String)) -> HTML {
        guard beside.contains(field.id) else { return "<li>\(field.message)</li>" }
        return "<li><a href=\"#field-\(TicketFieldInputs.name(field.id))\">\(field.message)</a></li>"
    }
}
