import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// All jobs, the newest first, with their filters and the decisions on many.
struct JobsPage: WebPage {
    static let pageSize = 50
    private static let bulkForm = "bulk"

    let context: RequestContext
    let query: JobQuery
    let page: TicketJob.Page
    /// All rules there are, for names and pauses.
    let rules: [Rule]
    let connections: [StoredConnection]
    /// Connections whose secrets none of the keys opens.
    var locked: Set<ConnectionID> = []
    /// The files that events came with.
    var files: [HostEvent.ID: [EventFile]] = [:]
    /// The connections whose connector attaches files.
    var attaching: Set<ConnectionID> = []
    /// The uploads that no ticket refers to, for administrators.
    var orphans: OrphanUploads?
    var notice: Notice?

    private var isOperator: Bool { context.user?.isOperator ?? false }
    private var path: String { query.isOfReplays ? "/jobs?replays=true" : "/jobs" }

    var document: HTML {
        Layout(context, .events, title: "Jobs and sending queue").document(
            """
            <h1>\(query.isOfReplays ? "Replays" : "Jobs and sending queue" as HTML)</h1>
            \(EventsPage.tabs(path))
            <p class="lead">\(lead)</p>
            \(notice?.html)\(inputs.problems(Self.labels))
            \(orphans?.html)
            \(filters)
            \(isOperator && !query.isOfReplays && !page.jobs.isEmpty ? bulk : .empty)
            \(page.jobs.isEmpty ? empty : list)
            \(more)
            """)
    }

    private var lead: HTML {
        query.isOfReplays
            ? "What rules would have done with earlier events. Nothing of it is ever sent."
            : "A job is one ticket or note that a rule creates from an event. Jobs of replays are listed apart."
    }

    private var empty: HTML {
        guard query.fields.isEmpty, query.before == nil else {
            return EmptyState(title: "No job matches.", text: "Widen the dates or clear a filter.").html
        }
        return EmptyState(title: "There is no job yet.", text: "A job is made when an event matches a rule.").html
    }

    private var list: HTML {
        let rules = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let form = isOperator && !query.isOfReplays ? Self.bulkForm : nil
        return """
            <ul class="jobs">\(each: page.jobs, { job in
                TicketJobRow(
                    job: job, rule: job.rule.flatMap { rules[$0] }, isOnRulePage: false, context: context, isLocked: locked.contains(job.connection),
                    files: job.event.flatMap { files[$0] } ?? [], attachesFiles: attaching.contains(job.connection),
                    connection: JobConnection(job, connections), selectionForm: form
                ).html
            })</ul>
            """
    }

    private var inputs: FilterInputs { FilterInputs(query.issues) }

    private static var labels: [(name: String, label: HTML)] {
        [
            ("text", "Text contains"), ("company", "Company"), ("device", "Device"), ("state", "State"), ("connection", "Connection"),
            ("rule", "Rule"), ("from", "From"), ("to", "To"),
        ]
    }

    private var filters: HTML {
        let states = TicketJob.State.Name.allCases.map { (value: $0.rawValue, label: TicketJobRow.word($0)) }
        let replays: HTML = query.isOfReplays ? "<input type=\"hidden\" name=\"replays\" value=\"true\">" : .empty
        let reason: HTML =
            query.given("reason").isEmpty ? .empty : "<input type=\"hidden\" name=\"reason\" value=\"\(query.given("reason"))\">"
        return """
            <form method="get" action="/jobs" class="filters" role="search" aria-label="Filters">\(replays)\(reason)
            \(inputs.text("text", "Text contains", query.given("text")))
            \(inputs.text("company", "Company", query.given("company")))
            \(inputs.text("device", "Device", query.given("device")))
            \(inputs.choice("state", "State", states, query.given("state")))
            \(inputs.choice("connection", "Connection", connections.map { ($0.id.rawValue, "\($0.name)") }, query.given("connection")))
            \(inputs.choice("rule", "Rule", rules.prefix(200).map { ($0.id.rawValue, "\($0.name)") }, query.given("rule")))
            \(inputs.date("from", "From", query.given("from")))
            \(inputs.date("to", "To", query.given("to")))
            <div class="buttons"><button class="primary">Show</button> <a class="button quiet" href="\(path)">All of them</a></div>
            </form>
            """
    }

    private var bulk: HTML {
        """
        <form method="post" action="/jobs/bulk" id="\(Self.bulkForm)">\(FormToken(context.user).field)
        \(each: query.fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })\
        \(query.before.map { "<input type=\"hidden\" name=\"before\" value=\"\(String($0.rawValue))\">" as HTML })
        <details><summary>Send again or discard several</summary>
        <p class="help">Jobs that failed or are on hold. A page tells in numbers what will happen before anything does.</p>
        <div class="actions"><button name="do" value="resend-selected">Send the selected again</button>
        <button name="do" value="discard-selected">Discard the selected</button>
        <button name="do" value="resend-all">Send all that match the filter again</button>
        <button name="do" value="discard-all">Discard all that match the filter</button></div></details></form>
        """
    }

    private var more: HTML {
        guard let next = page.next else { return .empty }
        let address = "/jobs?\(query.text.isEmpty ? "" : query.text + "&")before=\(next.rawValue)"
        let note: HTML =
            page.isPartial
            ? "<p class=\"help\">The search has looked at \(TicketJob.Filter.searchWindow) jobs, and stopped there.</p>" : .empty
        return "\(note)<p><a class=\"button\" href=\"\(address)\">\(page.isPartial ? "Search older jobs" : "Older jobs" as HTML)</a></p>"
    }
}

extension PageRoutes {
    /// The list of jobs that match a query.
    func jobsPage(_ context: RequestContext, _ query: JobQuery) async throws -> JobsPage {
        let found = try await services.storage.engine.jobPage(query.filter, before: query.before, limit: JobsPage.pageSize)
        let connections = try await services.storage.connections()
        let locked = try await services.storage.issues(of: nil).filter { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        var orphans: OrphanUploads?
        if context.user?.isOperator ?? false, !query.isOfReplays {
            let uploads = try await services.storage.engine.orphanUploads(of: nil)
            orphans = OrphanUploads(uploads: uploads, connections: connections, context: context)
        }
        return JobsPage(
            context: context, query: query, page: found, rules: try await services.storage.rules(), connections: connections,
            locked: Set(locked.map(\.connection)), files: try await services.storage.files(of: Set(found.jobs.compactMap(\.event))),
            attaching: Set(connections.filter(services.connections.attachesFiles).map(\.id)), orphans: orphans,
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }
}

// MARK: Decisions on many jobs

extension PageRoutes {
    private struct Bulk: Sendable {
        let action: JobBulkAction
        let selection: JobSelection
        let query: JobQuery
        /// The selected jobs; none where all that match are meant.
        let selected: [TicketJob.ID]
        /// What the form said, such as `resend-all`.
        let word: String
    }

    /// The most jobs of a page that are selected one by one.
    private static let maxSelected = 200

    /// The filter of the list that a decision was made on.
    private func bulkQuery(_ context: RequestContext) -> JobQuery {
        JobQuery((context.request.formFields ?? []).filter { JobQuery.fields.contains($0.name) }, in: Viewer.current.timeZone)
    }

    private func bulk(_ context: RequestContext, upTo last: TicketJob.ID?) throws -> Bulk {
        let form = try context.form()
        let parts = form.text("do").split(separator: "-").map(String.init)
        guard parts.count == 2, let action = JobBulkAction(rawValue: parts[0]), ["selected", "all"].contains(parts[1]) else {
            throw WebError(.invalid, "There is no such choice here.")
        }
        let query = bulkQuery(context)
        guard query.issues.isEmpty, !query.isOfReplays else {
            throw WebError(
                .invalid,
                query.issues.isEmpty ? "Jobs of replays are never sent." : Words(term: query.issues.map(\.sentence).joined(separator: " ")))
        }
        guard parts[1] == "selected" else {
            return Bulk(
                action: action, selection: .matching(query.filter, upTo: last), query: query, selected: [], word: form.text("do"))
        }
        let ids = form.texts("job").compactMap { Int64($0).map(TicketJob.ID.init(rawValue:)) }
        guard !ids.isEmpty, ids.count <= Self.maxSelected, ids.count == form.texts("job").count else {
            throw WebError(.invalid, "Select 1 to \(Self.maxSelected) jobs first.")
        }
        return Bulk(action: action, selection: .jobs(ids), query: query, selected: ids, word: form.text("do"))
    }

    /// Tells in numbers what an action on many jobs will do.
    func previewBulk(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        if JobBulkAction.allCases.contains(where: { form.text("do") == "\($0.rawValue)-selected" }), form.texts("job").isEmpty {
            var page = try await jobsPage(context, bulkQuery(context))
            page.notice = Notice(.problem, "Select 1 to \(Self.maxSelected) jobs first.").refusing()
            return .page(422, page)
        }
        let bulk = try bulk(context, upTo: nil)
        let preview = try await services.jobs.preview(bulk.selection)
        guard preview.count > 0 else {
            var page = try await jobsPage(context, bulk.query)
            page.notice = Notice(.information, Self.nothing(preview))
            return .page(422, page)
        }
        let rules = try await services.storage.rules()
        let connections = try await services.storage.connections()
        var fields = bulk.query.fields + bulk.selected.map { ("job", String($0.rawValue)) } + [("do", bulk.word)]
        if let newest = preview.newest { fields.append(("upTo", String(newest.rawValue))) }
        let isResend = bulk.action == .resend
        let count = preview.count
        return .page(
            200,
            Confirmation(
                context: context, section: .events,
                origin: ("Jobs and sending queue", bulk.query.text.isEmpty ? "/jobs" : "/jobs?" + bulk.query.text),
                question: isResend
                    ? (count == 1 ? "Send 1 job again?" : "Send \(count) jobs again?")
                    : (count == 1 ? "Discard 1 job?" : "Discard \(count) jobs?"),
                consequences: JobBulkWords(preview: preview, rules: rules, connections: connections).consequences(of: bulk.action),
                action: "/jobs/bulk/confirmed", fields: fields,
                verb: isResend ? "Send again" : "Discard", isDestructive: !isResend))
    }

    /// Does what was previewed.
    func decideBulk(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        let bulk = try bulk(context, upTo: Int64(form.text("upTo")).map(TicketJob.ID.init(rawValue:)))
        let result = try await services.jobs.decideAll(bulk.action, bulk.selection, by: context.origin)
        var page = try await jobsPage(context, bulk.query)
        let done: HTML =
            switch (bulk.action, result.done) {
            case (.resend, 1): "1 job is queued to be sent again."
            case (.resend, let count): "\(count) jobs are queued to be sent again."
            case (.discard, 1): "1 job is discarded."
            case (.discard, let count): "\(count) jobs are discarded."
            }
        let left: HTML =
            result.left == 0
            ? .empty : result.left == 1 ? " 1 more matches; repeat the action." : " \(result.left) more match; repeat the action."
        page.notice = Notice(.done, "\(done)\(left)")
        return .page(200, page)
    }

    private static func nothing(_ preview: JobBulkPreview) -> HTML {
        let unknown: HTML =
            preview.outcomeUnknown == 0
            ? .empty : " The outcome of \(preview.outcomeUnknown) is unknown: open each, look into the PSA, and decide on it alone."
        return "None of these jobs failed or is on hold, so nothing can be sent again or discarded.\(unknown)"
    }
}

/// What an action on many jobs will do, in sentences with numbers.
struct JobBulkWords: Sendable {
    let preview: JobBulkPreview
    let rules: [Rule]
    let connections: [StoredConnection]

    /// The most rules or connections that are named.
    private static let named = 10

    func consequences(of action: JobBulkAction) -> [HTML] {
        var sentences: [HTML] = []
        let states: [HTML] = TicketJob.State.Name.allCases.compactMap { state in
            preview.byState[state].map { "\(TicketJobRow.word(state)): \($0)" }
        }
        sentences.append("By state – \(HTML.joined(states)).")
        let byRule = preview.bySource.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        sentences.append(
            "By rule – \(names(byRule.map { source, count in (rules.first { $0.id == RuleID(source) }?.name, count) }, removed: "removed rules"))."
        )
        let byConnection = preview.byConnection.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        sentences.append(
            "By connection – \(names(byConnection.map { id, count in (connections.first { $0.id == id }?.name, count) }, removed: "removed connections"))."
        )
        switch action {
        case .resend:
            sentences.append(
                preview.tickets == 1
                    ? "Up to 1 ticket will be created in the PSA." : "Up to \(preview.tickets) tickets will be created in the PSA.")
            if preview.byState[.failed] != nil {
                sentences.append("For jobs that failed, Vectis searches the PSA once before it sends, so that nothing is created twice.")
            }
            sentences += Self.otherTenants(preview.ofFormerTenant, connections)
            if preview.ofRemovedConnection > 0 {
                sentences.append(
                    "\(preview.ofRemovedConnection) of them are of a removed connection. They are skipped, and nothing is sent for them.")
            }
        case .discard: sentences.append("Nothing is sent for them. They stay in the list as discarded.")
        }
        if preview.left > 0 {
            sentences.append(
                "\(preview.left) more match and are left for now: one action changes at most \(JobService.bulkLimit), the oldest first.")
        }
        if preview.outcomeUnknown > 0 {
            sentences.append("The outcome of \(preview.outcomeUnknown) more is unknown. They are left out: a person decides on each alone.")
        }
        if preview.unsuitable > 0 {
            sentences.append("\(preview.unsuitable) of the selected are neither failed nor on hold. They stay as they are.")
        }
        return sentences
    }

    /// Where new tickets go that were made while their connection led to another tenant.
    static func otherTenants(_ counts: [ConnectionID: Int], _ connections: [StoredConnection]) -> [HTML] {
        connections.compactMap { connection in
            counts[connection.id].map { count in
                count == 1
                    ? "1 of them was made while “\(connection.name)” led to another tenant. It goes to \(connection.tenant.rawValue)."
                    : "\(count) of them were made while “\(connection.name)” led to another tenant. They go to \(connection.tenant.rawValue)."
            }
        }
    }

    /// Names with their numbers; what has none any more is one entry at the end.
    private func names(_ counts: [(name: String?, count: Int)], removed: HTML) -> HTML {
        guard !counts.isEmpty else { return "none" }
        let gone = counts.reduce(0) { $0 + ($1.name == nil ? $1.count : 0) }
        let known: [HTML] = counts.compactMap { entry in entry.name.map { "\($0): \(entry.count)" } }
        let shown = known.prefix(Self.named) + (gone == 0 ? [] : ["\(removed): \(gone)"])
        let rest = known.count - min(known.count, Self.named)
        return rest > 0 ? "\(HTML.joined(Array(shown))) and \(rest) more" : HTML.joined(Array(shown))
    }
}
