import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The local copy of a connection: how each resource stands, and what needs a decision.
struct DataPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let connection: StoredConnection
    /// The descriptor of the connector; nil if it is missing.
    let descriptor: ConnectorDescriptor?
    let statuses: [SyncStatus]
    var notice: Notice?

    private var path: String { Self.path(of: connection.id) }
    private var isAdmin: Bool { context.user?.isAdmin ?? false }
    private var isOperator: Bool { context.user?.isOperator ?? false }
    private var lists: [SyncStatus] { statuses.filter(\.resource.isList) }

    /// The address of the page of a connection.
    static func path(of connection: ConnectionID) -> String { "/connections/\(connection)/data" }

    var document: HTML {
        Layout(context, .integrations, title: "Data of \(connection.name)", refreshInterval: refreshInterval).document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>Data of “\(connection.name)”</h1>
            \(ConnectionTabs(connection: connection, descriptor: descriptor, context: context, current: .data).html)
            <p class="lead">What Vectis has read from \(descriptor.map { HTML(text: $0.displayName) } ?? "the PSA") and keeps up to date: companies are matched, rules are decided and
            searches are answered from this copy, without a request.\(services.guides.path(of: GuideAnchor("Docs/Data.md", "")).map { " <a href=\"\($0)\">What this page shows</a>" as HTML })</p>
            \(notice?.html)
            \(services.isSyncing ? .empty : notSyncing)
            <div id="sync-status"\(attribute: "data-refresh", refreshInterval.map(String.init))>
            \(statuses.isEmpty ? unprepared : status)
            </div>
            """)
    }

    /// The seconds between two updates while something is under way or about to begin.
    private var refreshInterval: Int? {
        guard services.isSyncing else { return nil }
        let isMoving = statuses.contains { SyncActivity($0, now: context.now).isMoving }
        return isMoving || statuses.isEmpty && !readable.isEmpty ? 3 : nil
    }

    /// The resources that the connector can read.
    private var readable: [SyncResource] {
        SyncResource.allCases.filter { descriptor?.capabilities.contains($0.capability) ?? false }
    }

    private var unprepared: HTML {
        guard !readable.isEmpty else {
            return
                "<p class=\"empty\">\(descriptor.map { HTML(text: $0.displayName) } ?? "The connector of this connection") reads nothing that could be copied.</p>"
        }
        return empty
    }

    /// What a host that reads no copies says.
    private var notSyncing: HTML {
        """
        <div class="notice warning" role="alert"><strong>Warning:</strong> This Vectis was started with <code>--no-sync</code>. It reads nothing, and runs
        that are asked for wait. Start it without this option.</div>
        """
    }

    private var empty: HTML {
        """
        <div class="empty"><p>Nothing was read yet. \(services.isSyncing ? "The first run begins by itself." : .empty)</p>
        \(isAdmin ? "<div class=\"actions\">\(button("sync", [("kind", "now")], "Sync now"))</div>" : .empty)</div>
        """
    }

    private var status: HTML {
        let isEmpty = lists.allSatisfy {
            $0.progress.freshAt == nil && $0.progress.run == nil && $0.progress.failure == nil && !$0.isPaused
        }
        return """
            \(each: lists.filter { $0.progress.missing != nil }, missing)
            \(each: failures, failure)
            \(isEmpty ? empty : .empty)
            \(isAdmin && !isEmpty ? controls : .empty)\(isOperator && !isAdmin ? "<div class=\"actions\">\(mappings)</div>" : .empty)
            \(table)
            \(each: lists.filter { !$0.progress.unreadable.isEmpty }, unreadable)
            """
    }

    // MARK: Controls

    private var mappings: HTML {
        "<a class=\"button quiet\" href=\"\(CompanyMappingsPage.path(of: connection.id))\">Company mappings</a>"
    }

    private var controls: HTML {
        let isAllPaused = lists.allSatisfy(\.isPaused)
        return """
            <div class="actions">
            \(isAllPaused ? .empty : button("sync", [("kind", "now")], "Sync now", isPrimary: true))
            \(isAllPaused ? .empty : button("sync", [("kind", "full")], "Read everything again"))
            \(isAllPaused ? .empty : button("sync-pause", [("paused", "1")], "Pause all"))
            \(lists.contains(where: \.isPaused) ? button("sync-pause", [("paused", "0")], "Resume all", isPrimary: isAllPaused) : .empty)
            \(mappings)
            <a class="button quiet" href="\(ChangeHookPage.path(of: connection.id))">Messages about changes</a>
            </div>
            """
    }

    private func button(
        _ action: String, _ fields: [(String, String)], _ label: HTML, about: HTML? = nil, isPrimary: Bool = false
    ) -> HTML {
        """
        <form method="post" action="/connections/\(connection.id.rawValue)/\(action)">\(FormToken(context.user).field)\
        \(each: fields, { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" })\
        <button\(attribute: "class", isPrimary ? "primary" : nil)>\(label)\(about.map { "<span class=\"hidden\"> \($0)</span>" as HTML })</button></form>
        """
    }

    // MARK: Table

    private var table: HTML {
        let columns: [HTML] = ["Resource", "Records", "Up to date to", "Latest run", "Next run"]
        return DataTable(
            name: .label("Resources"), columns: isAdmin ? columns + ["What to do"] : columns, hasRowHeaders: true, style: "resources",
            rows: statuses.map(row)
        ).html
    }

    private func row(_ status: SyncStatus) -> DataTable.Row {
        let resource = status.resource
        let activity = SyncActivity(status, now: context.now)
        let name: HTML = "<a href=\"\(path)/\(resource.rawValue)\">\(HTML(term: resource.title))</a>"
        let cells =
            resource.isList
            ? [name, records(status), freshness(status), latest(status, activity), next(status, activity), actions(status)]
            : [name, records(status), "<span class=\"help\">With each ticket that changes</span>", .empty, .empty, .empty]
        return DataTable.Row(id: "resource-\(resource.rawValue)", cells)
    }

    private func records(_ status: SyncStatus) -> HTML {
        let others = [SyncRecord.State.closed, .merged, .deleted, .unreachable].filter { status.counts[$0, default: 0] > 0 }
        let links: [HTML] = others.map { state in
            let label: HTML = "\(status.counts[state, default: 0].grouped) \(state.word)"
            return "<a href=\"\(path)/\(status.resource.rawValue)?state=\(state.rawValue)\">\(label)</a>"
        }
        return """
            <strong>\(status.counts[.present, default: 0].grouped)</strong>\(status.resource == .tickets ? " open" : .empty as HTML)\
            \(links.isEmpty ? .empty : "<p class=\"help\">\(HTML.joined(links))</p>")
            """
    }

    private func freshness(_ status: SyncStatus) -> HTML {
        guard let freshAt = status.progress.freshAt else { return "<span class=\"help\">Never read</span>" }
        let isStale = status.isStale(at: context.now, services.sync.policy)
        let mark: HTML =
            "<p class=\"limited\"><span class=\"state\">Stale</span> <a href=\"/errors/\(ErrorCode.syncStale.rawValue)\">What to do</a></p>"
        return "\(TimestampView(freshAt).html)\(isStale ? mark : .empty)"
    }

    private func latest(_ status: SyncStatus, _ activity: SyncActivity) -> HTML {
        let progress = status.progress
        let failed: HTML? = progress.failure.map { failure in
            let times: HTML = failure.count == 1 ? "Failed" : "Failed \(failure.count) times"
            let id = failures.first { $0.resources.contains(status.resource) }?.id ?? ""
            return
                "<p class=\"failed\"><span class=\"state\">\(times)</span> <a href=\"#\(id)\"><code>\(failure.code.rawValue)</code></a></p>"
        }
        return "\(activity.html(resource: HTML(term: status.resource.title)))\(failed)\(progress.lastRun.map(summary))"
    }

    private func summary(_ run: SyncRunSummary) -> HTML {
        var parts: [HTML] = [
            Self.rows(run.rows), "\(run.added.grouped) new", "\(run.changed.grouped) changed",
        ]
        if run.missing > 0 { parts.append("\(run.missing.grouped) missing") }
        if run.unreadable > 0 { parts.append("\(run.unreadable.grouped) unreadable") }
        if run.hasGap { parts.append("with gaps") }
        return """
            \(run.kind == .full ? "Whole list" : "Changes" as HTML), \(TimestampView(run.endedAt).html)
            <p class="help">\(HTML.joined(parts)), in \(Self.duration(run.endedAt.timeIntervalSince(run.startedAt)))</p>
            """
    }

    private func next(_ status: SyncStatus, _ activity: SyncActivity) -> HTML {
        if status.isPaused { return "<span class=\"state\">Paused</span>" }
        if activity.isMoving { return "Now" }
        return status.nextRunAt <= context.now ? "Shortly" : TimestampView(status.nextRunAt).html
    }

    private func actions(_ status: SyncStatus) -> HTML {
        let resource = ("resource", status.resource.rawValue)
        let name = status.resource.lowercaseTitle
        guard !status.isPaused else {
            return "<div class=\"actions\">\(button("sync-pause", [resource, ("paused", "0")], "Resume", about: name))</div>"
        }
        return """
            <div class="actions">\(button("sync", [resource, ("kind", "now")], "Sync now", about: name))
            \(button("sync", [resource, ("kind", "full")], "Read all", about: name))
            \(button("sync-pause", [resource, ("paused", "1")], "Pause", about: name))</div>
            """
    }

    static func rows(_ count: Int) -> HTML { count == 1 ? "1 row" : "\(count.grouped) rows" }

    static func duration(_ seconds: TimeInterval) -> HTML {
        let seconds = Int(max(0, seconds).rounded())
        switch seconds {
        case 0: return "less than a second"
        case ..<60: return "\(seconds) s"
        case ..<3_600: return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
        case 172_800...: return "\(seconds / 86_400) days"
        default: return seconds % 3_600 < 60 ? "\(seconds / 3_600) h" : "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        }
    }

    // MARK: What needs attention

    private func missing(_ status: SyncStatus) -> HTML {
        guard let missing = status.progress.missing else { return .empty }
        let accept: HTML = """
            <p class="actions"><a class="button danger" href="\(path)/\(status.resource.rawValue)/missing">Accept that they are gone<span class="hidden">: \(status.resource.lowercaseTitle)</span></a></p>
            """
        return """
            \(Notice(.warning, "<span class=\"headline\">\(missing.sentence(about: status.resource))</span> Seen \(TimestampView(missing.at).html).").html)
            \(GuidancePanel(
                error: tooManyMissing(status.resource), services: services, isBesideForm: false, isWarning: true,
                titleID: "missing-\(status.resource.rawValue)", hasOccurrence: false
            ).html)
            \(isAdmin ? accept : .empty)
            """
    }

    private func tooManyMissing(_ resource: SyncResource) -> PSAError {
        var error = PSAError(
            .syncTooManyMissing, catalogue: descriptor?.guidance ?? .shared,
            values: [.object: .verbatim("the \(resource.title.lowercased()) of “\(connection.name)”")])
        error.connector = connection.connector
        return error
    }

    /// A failure, and the resources that have it in the same words.
    private struct SharedFailure {
        let failure: SyncFailure
        let detail: String?
        var resources: [SyncResource]

        var id: String { "failure-" + (resources.first?.rawValue ?? "") }
    }

    private var failures: [SharedFailure] {
        var found: [SharedFailure] = []
        for status in lists {
            guard let failure = status.progress.failure else { continue }
            let detail = (try? JSONDocument(Array(failure.problem.utf8)).root)?["detail"]?.string
            if let index = found.firstIndex(where: { $0.failure.code == failure.code && $0.detail == detail }) {
                found[index].resources.append(status.resource)
            } else {
                found.append(SharedFailure(failure: failure, detail: detail, resources: [status.resource]))
            }
        }
        return found
    }

    private func failure(_ shown: SharedFailure) -> HTML {
        let failure = shown.failure
        return StoredProblemPanel(
            problem: failure.problem, code: failure.code, id: shown.id,
            occurrence: """
                Concerns: \(HTML.joined(shown.resources.map(\.lowercaseTitle))). \
                \(failure.count == 1 ? "It happened once" : "It happened \(failure.count) times in a row" as HTML), last \(TimestampView(failure.at).html). \
                It is tried again by itself.
                """,
            at: failure.at, versions: services.versions
        ).html
    }

    private func unreadable(_ status: SyncStatus) -> HTML {
        let rows = status.progress.unreadable
        let count = max(rows.count, status.progress.lastRun?.unreadable ?? 0, status.progress.omissions?.unreadable ?? 0)
        return """
            <details id="unreadable-\(status.resource.rawValue)"><summary>\(HTML(term: status.resource.title)): \(Self.rows(count)) could not be read</summary>
            <p class="help">These rows did not have the form that the connector expects, and are not in the copy. All others are.</p>
            \(DataTable(
                name: .label("Unreadable rows of \(status.resource.lowercaseTitle)"),
                columns: ["Page", "Row of the page", "Member that did not fit"],
                rows: rows.map { DataTable.Row(["\($0.page)", "\($0.position + 1)", "<code>\($0.member)</code>"]) }
            ).html)
            \(count > rows.count ? "<p class=\"help\">\((count - rows.count).grouped) more are not listed.</p>" : .empty)
            </details>
            """
    }
}

/// What goes on with a resource right now.
struct SyncActivity: Sendable {
    private let status: SyncStatus
    private let now: Date

    init(_ status: SyncStatus, now: Date) {
        self.status = status
        self.now = now
    }

    /// Whether its run is under way or about to begin.
    var isMoving: Bool {
        guard !status.isPaused, status.resource.isList else { return false }
        if status.request != nil { return true }
        return (status.progress.run != nil || isFirst) && status.nextRunAt <= now
    }

    /// Whether it was never read, and reading has not failed.
    private var isFirst: Bool { status.progress.freshAt == nil && status.progress.failure == nil }

    /// The run that is under way, with its progress; nothing without one.
    func html(resource: HTML) -> HTML {
        guard let run = status.progress.run else {
            return status.request != nil && !status.isPaused ? "<p>Requested; it begins shortly.</p>" : .empty
        }
        let what: HTML = status.isPaused ? "Paused" : isMoving ? Self.sentence(run) : "Interrupted"
        let rows: HTML = run.total.map { "\(run.rows.grouped) of \(DataPage.rows($0))" } ?? DataPage.rows(run.rows)
        // Without a total the browser shows that something goes on, not how far it is.
        let bar: HTML
        if let total = run.total, total > 0 {
            bar = "<progress aria-label=\"\(resource)\" max=\"\(total)\" value=\"\(min(run.rows, total))\"></progress>"
        } else {
            bar = isMoving ? "<progress aria-label=\"\(resource)\"></progress>" : .empty
        }
        return "<p class=\"running\">\(what): \(rows)\(bar)</p>"
    }

    private static func sentence(_ run: SyncRun) -> HTML {
        switch run.phase {
        case .list: run.kind == .full ? "Reading the whole list" : "Reading changes"
        case .deleted: "Reading the list of deleted records"
        case .decision: "Comparing with the copy"
        }
    }
}

/// Asks for confirmation before records that a full reading missed are taken for gone.
private struct MissingPage: WebPage {
    let context: RequestContext
    let connection: StoredConnection
    let resource: SyncResource
    let missing: SyncMissing?

    var document: HTML {
        let path = DataPage.path(of: connection.id)
        return Layout(context, .integrations, title: "Missing \(resource.lowercaseTitle)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(path)">Data of \(connection.name)</a></p>
            \(missing.map(question) ?? "<h1>Nothing to accept</h1><p>No \(resource.lowercaseTitle) are missing. <a href=\"\(path)\">Back to the data</a></p>")
            """)
    }

    private func question(_ missing: SyncMissing) -> HTML {
        let name = resource.lowercaseTitle
        let consequence: HTML =
            resource == .tickets
            ? "Each ticket that is still missing is asked about separately: it becomes deleted, merged or unreachable, as the PSA answers."
            : "Those that are still missing become unreachable: they stay in the copy with what was last read, and searches leave them out."
        return """
            <h1>Accept that \(missing.missing.grouped) \(name) are gone?</h1>
            <p>\(missing.sentence(about: resource)) If people removed them on purpose, accept it. If the user that Vectis acts as lost access to them, give the
            access back instead.</p>
            <p>Vectis reads the whole list once more. \(consequence) Nothing is changed in the PSA, and a record that comes back is in the copy again after the next run.</p>
            <form method="post" class="buttons">\(FormToken(context.user).field)<input type="hidden" name="seen" value="\(missing.seenValue)">
            <button class="danger">Accept that they are gone</button> <a class="button" href="\(DataPage.path(of: connection.id))">Leave the copy as it is</a></form>
            """
    }
}

extension SyncMissing {
    /// What was seen, in a sentence.
    fileprivate func sentence(about resource: SyncResource) -> HTML {
        "\(missing.grouped) of \(rows.grouped) \(resource.lowercaseTitle) are missing from the last full reading. Nothing was removed."
    }

    /// What a form sends back so that a decision only applies to what was shown.
    fileprivate var seenValue: String { "\(missing)/\(rows)" }
}

extension PageRoutes {
    /// How the local copy of a connection stands, and what an administrator can do with it.
    var dataRoutes: [Route] {
        let root = "/connections/{id}/data"
        return [
            Route(.get, root, .viewer) { context in
                let connection = try await connection(context)
                let page = DataPage(
                    services: services, context: context, connection: connection, descriptor: try? descriptor(of: connection),
                    statuses: try await services.sync.statuses(of: connection.id),
                    notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
                return .page(200, page)
            },
            Route(.post, "/connections/{id}/sync", .admin) { try await requestSync($0) },
            Route(.post, "/connections/{id}/sync-pause", .admin) { try await pauseSync($0) },
            Route(.get, root + "/{resource}/missing", .admin) { context in
                let (connection, resource) = try await resource(context)
                let status = try await services.sync.statuses(of: connection.id).first { $0.resource == resource }
                let page = MissingPage(
                    context: context, connection: connection, resource: resource, missing: status?.progress.missing)
                return .page(200, page)
            },
            Route(.post, root + "/{resource}/missing", .admin) { try await acceptMissing($0) },
        ]
    }

    /// The connection and the resource that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func resource(_ context: RequestContext) async throws -> (StoredConnection, SyncResource) {
        let connection = try await connection(context)
        guard let resource = SyncResource(rawValue: context.parameter("resource")) else {
            throw WebError(.notFound, "There is no such resource. The data page lists those that there are.")
        }
        return (connection, resource)
    }

    /// The resource that a form names; nil for all.
    private func resource(in form: SubmittedForm) throws -> SyncResource? {
        guard let name = form["resource"] else { return nil }
        guard let resource = SyncResource(rawValue: name) else { throw WebError(.notFound, "There is no such resource.") }
        return resource
    }

    private func requestSync(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let form = try context.form()
        let resource = try resource(in: form)
        let request: SyncRequest = form.text("kind") == "full" ? .full : .now
        try await services.connections.requestSync(request, resource.map { [$0] }, of: connection, by: context.origin)
        return .redirect(to: DataPage.path(of: connection.id) + "?notice=\(services.isSyncing ? "sync-requested" : "sync-waits")")
    }

    private func pauseSync(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let form = try context.form()
        let resource = try resource(in: form)
        let isPaused = form.text("paused") != "0"
        try await services.connections.setSyncPaused(isPaused, resource.map { [$0] }, of: connection, by: context.origin)
        return .redirect(to: DataPage.path(of: connection.id) + "?notice=\(isPaused ? "sync-paused" : "sync-resumed")")
    }

    private func acceptMissing(_ context: RequestContext) async throws -> WebResponse {
        let (connection, resource) = try await resource(context)
        let status = try await services.sync.statuses(of: connection.id).first { $0.resource == resource }
        guard let missing = status?.progress.missing, try context.form().text("seen") == missing.seenValue else {
            throw WebError(.conflict, "The number of missing records changed after you opened the page. Open it again and decide then.")
        }
        try await services.storage.append(
            context.audit(
                .missingRecordsAccepted, connection.name, .done, "\(missing.missing) of \(missing.rows) \(resource.title.lowercased())."))
        try await services.sync.request(.acceptMissing, [resource], of: connection.id)
        return .redirect(to: DataPage.path(of: connection.id) + "?notice=missing-accepted")
    }
}

extension SyncResource {
    /// The resource within a sentence.
    var lowercaseTitle: HTML { HTML(term: title.lowercased()) }

    /// The resource for display.
    var title: String {
        switch self {
        case .companies: "Companies"
        case .contacts: "Contacts"
        case .agents: "Agents"
        case .ticketTypes: "Ticket types"
        case .ticketStatuses: "Ticket statuses"
        case .ticketPriorities: "Ticket priorities"
        case .agreements: "Agreements"
        case .recurringInvoices: "Recurring invoices"
        case .tickets: "Tickets"
        case .notes: "Notes"
        }
    }
}

extension SyncRecord.State {
    /// The state in one word, after a number.
    var word: HTML {
        switch self {
        case .present: "there"
        case .closed: "closed"
        case .merged: "merged"
        case .deleted: "deleted"
        case .unreachable: "unreachable"
        }
    }
}

extension Int {
    /// The number with commas between thousands.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }
}
