import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The audit log with its filters, a page of entries at a time.
struct AuditPage: WebPage {
    static let pageSize = 50

    let context: RequestContext
    let query: AuditQuery
    let entries: [StoredAuditEntry]
    /// Whether there are older entries.
    let hasMore: Bool
    /// The latest archive; nil if all entries are in the database.
    let archive: AuditArchive?

    var document: HTML {
        Layout(context, .audit, title: "Audit log").document(
            """
            <h1>Audit log</h1>
            <p class="lead">Who did what, and how it ended. Entries can’t be changed or removed. \(archived)</p>
            \(problems)
            \(filters)
            \(entries.isEmpty ? "<p class=\"empty\">No entry matches. Widen the dates or clear a filter.</p>" : table)
            \(more)
            """)
    }

    private var archived: HTML {
        guard let archive else { return "They move to files after a time: <a href=\"/retention\">Retention</a>." }
        return """
            Entries up to \(TimestampView(archive.lastAt).exact) are archived in files: <a href="/retention#archives">how to read them</a>.
            """
    }

    private var inputs: FilterInputs { FilterInputs(query.issues) }

    private var problems: HTML {
        inputs.problems([("action", "Action"), ("user", "User"), ("target", "Target contains"), ("from", "From"), ("to", "To")])
    }

    private var filters: HTML {
        """
        <form method="get" action="/audit" class="filters" aria-label="Filters">
        \(inputs.choice("action", "Action", AuditAction.allCases.map { (value: $0.rawValue, label: HTML(term: $0.title)) }, query.filter.action?.rawValue ?? ""))
        \(inputs.text("user", "User", query.filter.actor ?? ""))
        \(inputs.text("target", "Target contains", query.filter.target ?? ""))
        \(inputs.date("from", "From", query.fromText))
        \(inputs.date("to", "To", query.toText))
        <div class="buttons"><button class="primary">Show</button> <a class="button quiet" href="/audit">Last 7 days</a>
        <span class="aside"><a class="button" href="/audit/export.csv?\(query.text)" download>Export as CSV</a>
        <a class="button" href="/audit/export.json?\(query.text)" download>Export as JSON</a></span></div>
        </form>
        """
    }

    private var table: HTML {
        DataTable(
            name: .label("Entries"), columns: ["When", "User", "Action", "Target", "Outcome", "Detail"], rows: entries.map(row)
        ).html
    }

    private func row(_ stored: StoredAuditEntry) -> DataTable.Row {
        let entry = stored.entry
        let code: HTML = entry.code.map { " <a href=\"/errors/\($0.rawValue)\"><code>\($0.rawValue)</code></a>" } ?? .empty
        return DataTable.Row([
            TimestampView(entry.at).exact, HTML(text: entry.actor.text), HTML(term: entry.action.title), HTML(text: entry.target),
            "<span class=\"outcome-word \(entry.outcome.rawValue)\">\(HTML(term: entry.outcome.rawValue))</span>",
            """
            \(entry.detail)\(code) <span class="help">\(entry.correlationID)\(entry.address.map { " · from \($0)" as HTML })</span>
            """,
        ])
    }

    private var more: HTML {
        guard hasMore, let last = entries.last else { return .empty }
        return "<p><a class=\"button\" href=\"/audit?\(query.text)&amp;before=\(String(last.position.rawValue))\">Older entries</a></p>"
    }
}

extension PageRoutes {
    var auditRoutes: [Route] {
        [
            Route(.get, "/audit", .viewer) { context in
                let query = AuditQuery(context.request.query, now: context.now, in: Viewer.current.timeZone)
                let found = try await services.storage.audit(query.filter, before: query.before, limit: AuditPage.pageSize + 1)
                let page = AuditPage(
                    context: context, query: query, entries: Array(found.prefix(AuditPage.pageSize)),
                    hasMore: found.count > AuditPage.pageSize, archive: try await services.storage.auditArchives().last)
                return .page(query.issues.isEmpty ? 200 : 422, page)
            },
            Route(.get, "/audit/export.csv", .viewer) { try await export($0, .csv) },
            Route(.get, "/audit/export.json", .viewer) { try await export($0, .json) },
        ]
    }

    private func export(_ context: RequestContext, _ format: AuditExport.Format) async throws -> WebResponse {
        let query = AuditQuery(context.request.query, now: context.now, in: Viewer.current.timeZone)
        guard query.issues.isEmpty else { throw WebError(.invalid, Words(term: query.issues.map(\.sentence).joined(separator: " "))) }
        try await services.storage.append(context.audit(.auditExported, format.rawValue, .done, "Filter: \(query.text)."))
        let export = AuditExport(storage: services.storage, filter: query.filter, format: format)
        return WebResponse(
            status: 200,
            headers: [
                "Content-Type": format.contentType, "Content-Disposition": "attachment; filename=\"vectis-audit.\(format.rawValue)\"",
            ], body: .stream(export.pieces))
    }
}

extension APIRoutes {
    private static let pageSizes = 1...500
    private static let defaultPageSize = 50

    var auditRoutes: [Route] { [Route(.get, "\(Self.root)/audit", .viewer, for: .readAudit) { try await audit($0) }] }

    private func audit(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["action", "user", "target", "from", "to", "before", "limit"])
        let query = AuditQuery(context.request.query, now: context.now)
        var problems = query.issues.map { BodyError($0.field, .invalid($0.sentence)) }
        let limit = context.request.queryValue("limit").map { Int($0) ?? 0 } ?? Self.defaultPageSize
        if !Self.pageSizes.contains(limit) { problems.append(BodyError("limit", .outOfRange(Self.pageSizes))) }
        guard problems.isEmpty else { throw APIError(problems) }
        let found = try await services.storage.audit(query.filter, before: query.before, limit: limit + 1)
        let entries = found.prefix(limit)
        let next = found.count > limit ? entries.last.map { JSONValue.integer(Int($0.position.rawValue)) } : nil
        return .json(.init(present: [("entries", .array(entries.map(\.json))), ("next", next)]))
    }
}
