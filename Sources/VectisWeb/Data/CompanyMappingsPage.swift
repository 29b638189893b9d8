import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// All mappings of a connection: which names and ids of events mean which company.
struct CompanyMappingsPage: WebPage {
    static let pageSize = 100

    let context: RequestContext
    let connection: StoredConnection
    /// The mappings that match, of which a page is shown.
    let mappings: [CompanyMapping]
    let unmatchedCount: Int
    /// What the copy says about the companies of the shown mappings; nil for those that it does not have.
    let companies: [Company.ID: SyncRecord]
    let search: String
    let start: Int
    var notice: Notice?

    private var path: String { Self.path(of: connection.id) }
    private var shown: ArraySlice<CompanyMapping> { mappings.dropFirst(start).prefix(Self.pageSize) }

    static func path(of connection: ConnectionID) -> String { "/connections/\(connection)/company-mappings" }

    var document: HTML {
        let open: HTML = """
            <p>\(unmatchedCount == 1 ? "One company of events could not be matched." : "\(unmatchedCount) companies of events could not be matched." as HTML) <a href="/rules/companies">\(unmatchedCount == 1 ? "Say which it is" : "Say which they are" as HTML)</a></p>
            """
        return Layout(context, .integrations, title: "Company mappings of \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(DataPage.path(of: connection.id))">Data of \(connection.name)</a></p>
            <h1>Company mappings of “\(connection.name)”</h1>
            <p class="lead">Events name companies by a name or an id. Where neither is that of a company in the PSA, a mapping says which company is meant.</p>
            \(notice?.html)
            \(unmatchedCount > 0 ? open : .empty)
            <form method="get" action="\(path)" class="filters" role="search" aria-label="Filters">
            <div class="field"><label for="filter-search">Search</label><input type="text" id="filter-search" name="search" value="\(search)" autocomplete="off"></div>
            <div class="buttons"><button class="primary">Show</button>\(search.isEmpty ? .empty : " <a class=\"button quiet\" href=\"\(path)\">Clear filters</a>")</div></form>
            \(shown.isEmpty ? nothing : table)
            \(paging)
            """)
    }

    private var nothing: HTML {
        search.isEmpty
            ? "<p class=\"empty\">No company is mapped. Every name of an event is looked for among the names in the PSA.</p>"
            : "<p class=\"empty\">No mapping matches.</p>"
    }

    private var table: HTML {
        DataTable(
            name: .label("Mappings"), columns: ["Named as", "Company in the PSA", "Mapped by", "What to do"], rows: shown.map(row)
        ).html
    }

    private func row(_ mapping: CompanyMapping) -> DataTable.Row {
        DataTable.Row([
            SentCompanyLine(sent: mapping.sent).html, company(mapping), "\(mapping.mappedBy), \(TimestampView(mapping.mappedAt).html)",
            """
            <form method="post" action="/rules/companies/mappings/\(String(mapping.id.rawValue))/remove">\(FormToken(context.user).field)
            <input type="hidden" name="from" value="\(connection.id.rawValue)">
            <button class="danger">Remove<span class="hidden"> the mapping of \(mapping.sent.label)</span></button></form>
            """,
        ])
    }

    private func company(_ mapping: CompanyMapping) -> HTML {
        let id = mapping.company.rawValue
        guard mapping.tenant == connection.tenant else {
            return "\(mapping.companyName) <code>\(id)</code> <span class=\"help\">(another tenant; not used)</span>"
        }
        guard let record = companies[mapping.company] else { return "\(mapping.companyName) <code>\(id)</code>" }
        return """
            <a href="\(RecordLinks(connection: connection.id).path(of: record))">\(record.facts.name)</a> <code>\(id)</code>\
            \(record.state.isListed ? .empty : " \(RecordState(record).mark)" as HTML)
            """
    }

    private var paging: HTML {
        func link(_ start: Int, _ words: HTML) -> HTML {
            "<a class=\"button\" href=\"\(path)?search=\(WebPath.encoded(search))&start=\(start)\">\(words)</a>"
        }
        let hasNext = mappings.count > start + Self.pageSize
        guard hasNext || start > 0 else { return .empty }
        return """
            <nav class="actions" aria-label="Pages">\(hasNext ? link(start + Self.pageSize, "Next page") : .empty)\
            \(start > 0 ? link(0, "First page") : .empty)</nav>
            """
    }
}

extension PageRoutes {
    /// The mappings of a connection.
    var companyMappingPageRoutes: [Route] {
        [Route(.get, "/connections/{id}/company-mappings", .operator) { try await companyMappings($0) }]
    }

    private func companyMappings(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let search = String((context.request.queryValue("search") ?? "").trimmingSpaces.prefix(200))
        let words = CompanyName.key(of: search).split(separator: " ")
        let mappings = try await services.storage.companyMappings(of: connection.id).filter { mapping in
            let key = CompanyName.key(of: "\(mapping.sent.id) \(mapping.sent.name) \(mapping.companyName) \(mapping.company.rawValue)")
            return words.allSatisfy { key.contains($0) }
        }
        let start = min(max(0, context.request.queryValue("start").flatMap { Int($0) } ?? 0), mappings.count)
        var companies: [Company.ID: SyncRecord] = [:]
        for id in Set(mappings.dropFirst(start).prefix(CompanyMappingsPage.pageSize).map(\.company)) {
            guard let record = SyncRecord.ID(id.rawValue) else { continue }
            companies[id] = try await services.sync.record(record, of: .companies, in: connection.id)
        }
        let page = CompanyMappingsPage(
            context: context, connection: connection, mappings: mappings,
            unmatchedCount: try await services.storage.unmatchedCompanies(of: connection.id).count { $0.dismissedAt == nil },
            companies: companies, search: search, start: start,
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }
}
