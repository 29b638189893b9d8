import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The filters of a list of records, as an address carries them.
struct RecordFilter: Sendable {
    /// The words that the name contains.
    var search = ""
    /// The company as it was typed: its id or its name.
    var company = ""
    /// The states by their names; empty for those that the PSA lists.
    var state = ""
    /// Whether the latest change comes first; nil for the resource's own order.
    var order = ""

    init(_ request: WebRequest) {
        func value(_ name: String) -> String { String((request.queryValue(name) ?? "").trimmingSpaces.prefix(200)) }
        search = value("search")
        company = value("company")
        state = value("state")
        order = value("order")
    }

    /// The choices of states, by their names in addresses.
    static func states(of resource: SyncResource) -> [(value: String, label: HTML)] {
        let own: [(String, HTML)] =
            resource == .tickets
            ? [("present", "Open"), ("closed", "Closed"), ("merged", "Merged"), ("deleted", "Deleted"), ("unreachable", "Unreachable")]
            : [("deleted", "Deleted"), ("unreachable", "Unreachable")]
        return own + [("all", "All")]
    }

    /// The search in the copy, apart from the company.
    func query(_ resource: SyncResource) -> SyncQuery {
        var query = SyncQuery(resource)
        query.text = search
        if state == "all" { query.states = [] } else if let state = SyncRecord.State(rawValue: state) { query.states = [state] }
        let isByChange = order.isEmpty ? [.tickets, .notes].contains(resource) : order == "change"
        query.order = isByChange ? .latestChange : .name
        return query
    }

    /// The filters as a query, without the place.
    var text: String {
        [("search", search), ("company", company), ("state", state), ("order", order)].filter { !$0.1.isEmpty }
            .map { "\($0.0)=\(WebPath.encoded($0.1))" }.joined(separator: "&")
    }

    var isEmpty: Bool { search.isEmpty && company.isEmpty && state.isEmpty }
}

/// The records of a resource that match, a page at a time.
struct RecordsPage: WebPage {
    static let pageSize = 50

    let context: RequestContext
    let connection: StoredConnection
    let resource: SyncResource
    let status: SyncStatus?
    let filter: RecordFilter
    let result: SyncRecordPage
    /// The company of the filter; nil if there is none, or it is not known.
    var company: CompanyFacts?
    /// The companies that the typed name could mean.
    var candidates: [CompanyFacts] = []
    var problem: String?
    /// Whether this is not the first page.
    var isContinued = false

    private var path: String { "\(DataPage.path(of: connection.id))/\(resource.rawValue)" }
    /// The addresses and names of what the records refer to.
    let links: RecordLinks

    var document: HTML {
        Layout(context, .integrations, title: "\(HTML(term: resource.title)) of \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(DataPage.path(of: connection.id))">Data of \(connection.name)</a></p>
            <h1>\(HTML(term: resource.title)) of “\(connection.name)”</h1>
            <p class="lead">\(freshness)</p>
            \(problem.map { Notice(.problem, HTML(term: $0)).html })
            \(candidates.isEmpty ? .empty : choice)
            \(filters)
            \(result.records.isEmpty ? nothing : table)
            \(paging)
            """)
    }

    private var freshness: HTML {
        guard resource.isList else { return "The notes of tickets that changed since the first run; they are read with their ticket." }
        guard let freshAt = status?.progress.freshAt else { return "Not read to its end yet; what was read so far is shown." }
        return "As of \(TimestampView(freshAt).html)."
    }

    private var hasCompany: Bool {
        switch resource {
        case .contacts, .tickets, .agreements, .recurringInvoices: true
        default: false
        }
    }

    private var filters: HTML {
        let orders: [(String, HTML)] = [("name", "Name"), ("change", "Latest change")]
        let order = filter.query(resource).order == .name ? "name" : "change"
        return """
            <form method="get" action="\(path)" class="filters" role="search" aria-label="Filters">
            <div class="field"><label for="filter-search">Search</label><input type="text" id="filter-search" name="search" value="\(filter.search)" autocomplete="off"></div>
            \(hasCompany ? "<div class=\"field\"><label for=\"filter-company\">Company</label><input type=\"text\" id=\"filter-company\" name=\"company\" value=\"\(company?.name ?? filter.company)\" autocomplete=\"off\"></div>" : .empty)
            <div class="field"><label for="filter-state">State</label><select id="filter-state" name="state"><option value="">\(resource == .tickets ? "Open and closed" : "In the PSA" as HTML)</option>
            \(each: RecordFilter.states(of: resource), { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == filter.state)>\($0.label)</option>" })</select></div>
            <div class="field"><label for="filter-order">Sorted by</label><select id="filter-order" name="order">
            \(each: orders, { "<option value=\"\($0.0)\"\(flag: "selected", $0.0 == order)>\($0.1)</option>" })</select></div>
            <div class="buttons"><button class="primary">Show</button>\(filter.isEmpty ? .empty : " <a class=\"button quiet\" href=\"\(path)\">Clear filters</a>")
            <span class="aside"><a class="button" href="\(path)/export.csv?\(exportQuery)" download>Export as CSV</a>
            <a class="button" href="\(path)/export.jsonl?\(exportQuery)" download>Export as JSON lines</a></span></div>
            </form>
            """
    }

    /// The filters with the company that was found in place of what was typed.
    private var exportQuery: String {
        var filter = filter
        if let company { filter.company = company.id.rawValue }
        return filter.text
    }

    private var choice: HTML {
        """
        <p>Several companies match “\(filter.company)”:</p>
        <ul class="links">\(each: candidates, { company in
            "<li><a href=\"\(path)?\(query(of: company))\">\(company.name)</a> <code>\(company.id.rawValue)</code></li>"
        })</ul>
        """
    }

    private func query(of company: CompanyFacts) -> String {
        var filter = filter
        filter.company = company.id.rawValue
        return filter.text
    }

    private var nothing: HTML {
        if isContinued { return "<p class=\"empty\">There is nothing after this place.</p>" }
        return filter.isEmpty
            ? "<p class=\"empty\">The copy has no \(resource.lowercaseTitle).</p>"
            : "<p class=\"empty\">Nothing matches. Change or clear a filter.</p>"
    }

    private var table: HTML {
        let columns = RecordColumns.of(resource)
        return DataTable(
            name: .label(HTML(term: resource.title)), columns: columns.map(\.title) + ["State"], hasRowHeaders: true,
            rows: result.records.map { row($0, columns) }
        ).html
    }

    private func row(_ record: SyncRecord, _ columns: [RecordColumns.Column]) -> DataTable.Row {
        let cells: [HTML] = columns.enumerated().map { index, column in
            let value = column.value(record, links)
            return index == 0 ? "<a href=\"\(links.path(of: record))\">\(value)</a>" : value
        }
        return DataTable.Row(cells + [RecordState(record).mark])
    }

    private var paging: HTML {
        let separator = filter.text.isEmpty ? "" : "&"
        let next: HTML =
            result.next.map {
                "<a class=\"button\" href=\"\(path)?\(filter.text)\(separator)after=\(WebPath.encoded($0.rawValue))\">Next page</a>"
            }
            ?? .empty
        let first: HTML = isContinued ? "<a class=\"button quiet\" href=\"\(path)?\(filter.text)\">First page</a>" : .empty
        guard result.next != nil || isContinued else { return .empty }
        return "<nav class=\"actions\" aria-label=\"Pages\">\(next)\(first)</nav>"
    }
}

/// Addresses of records on pages.
struct RecordLinks: Sendable {
    let connection: ConnectionID
    /// The names of statuses, priorities, types and agents by their ids, for rows that have only ids.
    var names: [SyncResource: [String: String]] = [:]

    /// The path of a record.
    func path(of record: SyncRecord) -> String { path(record.resource, record.id.rawValue) }

    /// The path of a record by its id.
    func path(_ resource: SyncResource, _ id: String) -> String {
        "\(DataPage.path(of: connection))/\(resource.rawValue)/records/\(WebPath.encoded(id))"
    }

    /// A reference of a neutral record as its name, with a link.
    ///
    /// - Parameters:
    ///   - value: The reference.
    ///   - resource: What it leads to; nil for no link.
    ///   - picklist: Where its name is, if the reference has none.
    /// - Returns: The name, or the id if no name is known.
    func reference(_ value: JSONValue?, _ resource: SyncResource?, picklist: SyncResource? = nil) -> HTML {
        guard let id = value?["id"]?.string else { return HTML(text: value?["name"]?.string ?? "") }
        let name = value?["name"]?.string ?? (picklist ?? resource).flatMap { names[$0]?[id] } ?? id
        guard let resource else { return "\(name)" }
        return "<a href=\"\(path(resource, id))\">\(name)</a>"
    }
}

/// The columns of lists of records.
enum RecordColumns {
    struct Column: Sendable {
        let title: HTML
        let value: @Sendable (SyncRecord, RecordLinks) -> HTML
    }

    static func of(_ resource: SyncResource) -> [Column] {
        let first = Column(title: first(resource)) { record, _ in HTML(text: name(of: record)) }
        switch resource {
        case .companies: return [first, id, text("phone", "Phone"), flag("active", "Active")]
        case .contacts: return [first, reference("company", "Company", .companies), texts("emails", "E-mail"), texts("phones", "Phone")]
        case .agents: return [first, text("email", "E-mail"), flag("active", "Active")]
        case .ticketTypes: return [first, id, flag("canCreate", "Tickets can be created")]
        case .ticketStatuses: return [first, id, text("phase", "Phase"), text("scope", "Scope")]
        case .ticketPriorities: return [first, id, text("scope", "Scope")]
        case .agreements:
            return [
                first, reference("company", "Company", .companies), text("kind", "Kind"), text("status", "Status"), time("endsAt", "Ends"),
            ]
        case .recurringInvoices:
            return [
                first, reference("company", "Company", .companies), reference("agreement", "Agreement", .agreements),
                text("total", "Total"),
                time("nextInvoiceAt", "Next invoice"),
            ]
        case .tickets:
            return [
                first, reference("company", "Company", .companies), reference("status", "Status", nil, .ticketStatuses),
                reference("priority", "Priority", nil, .ticketPriorities), reference("assignee", "Assigned to", nil, .agents),
                Column(title: "Last activity") { record, _ in record.facts.lastActivityAt.map { TimestampView($0).html } ?? .empty },
            ]
        case .notes:
            return [
                first, Column(title: "Ticket") { record, links in ticket(record, links) }, text("visibility", "Visibility"),
                time("createdAt", "Written"),
            ]
        }
    }

    /// What a record is called; its id where it has no name.
    static func name(of record: SyncRecord) -> String {
        if record.resource == .tickets, let number = record.content["number"]?.string {
            return record.facts.name.isEmpty ? number : "\(number) \(record.facts.name)"
        }
        return record.facts.name.trimmingSpaces.isEmpty ? record.id.rawValue : record.facts.name
    }

    private static func first(_ resource: SyncResource) -> HTML {
        switch resource {
        case .tickets: "Ticket"
        case .recurringInvoices: "Reference"
        case .notes: "Kind"
        default: "Name"
        }
    }

    private static var id: Column { Column(title: "Id") { record, _ in "<code>\(record.id.rawValue)</code>" } }

    private static func text(_ member: String, _ title: HTML) -> Column {
        Column(title: title) { record, _ in RecordValue.html(record.content[member]) }
    }

    private static func texts(_ member: String, _ title: HTML) -> Column { text(member, title) }
    private static func flag(_ member: String, _ title: HTML) -> Column { text(member, title) }

    private static func reference(
        _ member: String, _ title: HTML, _ resource: SyncResource?, _ picklist: SyncResource? = nil
    ) -> Column {
        Column(title: title) { record, links in links.reference(record.content[member], resource, picklist: picklist) }
    }

    private static func time(_ member: String, _ title: HTML) -> Column {
        Column(title: title) { record, _ in RecordValue.time(record.content[member]) }
    }

    private static func ticket(_ record: SyncRecord, _ links: RecordLinks) -> HTML {
        guard let id = record.facts.ticket?.rawValue else { return .empty }
        return "<a href=\"\(links.path(.tickets, id))\">\(id)</a>"
    }
}

/// Values of neutral records for display.
enum RecordValue {
    /// A value as text; a list has commas between its values.
    static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null?: ""
        case .string(let text)?: text
        case .bool(let isOn)?: isOn ? "Yes" : "No"
        case .integer(let number)?: String(number)
        case .double?: value?.encodedText ?? ""
        case .array(let elements)?: elements.map { text($0) }.joined(separator: ", ")
        case .object?: value?["name"]?.string ?? value?["label"]?.string ?? value?.encodedText ?? ""
        }
    }

    /// A value as text, with a Boolean in the viewer's language.
    static func html(_ value: JSONValue?) -> HTML {
        if case .bool(let isOn)? = value { return isOn ? "Yes" : "No" }
        return HTML(text: text(value))
    }

    /// A timestamp of a neutral record; text that is none as it is.
    static func time(_ value: JSONValue?) -> HTML {
        guard let text = value?.string else { return .empty }
        return GregorianUTC.instant(iso8601: text).map { TimestampView($0).html } ?? HTML(text: text)
    }
}

/// The state of a record in words.
struct RecordState: Sendable {
    private let record: SyncRecord

    init(_ record: SyncRecord) { self.record = record }

    private var word: HTML {
        switch record.state {
        case .present: record.resource == .tickets ? "Open" : "In the PSA"
        case .closed: "Closed"
        case .merged: "Merged"
        case .deleted: "Deleted"
        case .unreachable: "Unreachable"
        }
    }

    /// The class that gives the mark its colour.
    private var style: String {
        switch record.state {
        case .present: "connected"
        case .closed, .merged: "ended"
        case .deleted: "needs_attention"
        case .unreachable: "limited"
        }
    }

    var mark: HTML { "<span class=\"\(style)\"><span class=\"state\">\(word)</span></span>" }

    /// What the state means.
    func explanation(_ links: RecordLinks) -> HTML {
        switch record.state {
        case .present: return .empty
        case .closed: return "It is closed in the PSA."
        case .merged:
            guard let id = record.content["mergedInto"]?.string else { return "It was merged into another ticket." }
            return "It was merged into <a href=\"\(links.path(.tickets, id))\">ticket \(id)</a>."
        case .deleted: return "The PSA says that it is deleted. The values below are the last that were read."
        case .unreachable:
            return """
                The PSA does not list it any more and does not say why: it was deleted or archived, or Vectis may not see it any more. The values below
                are the last that were read.
                """
        }
    }
}

extension PageRoutes {
    /// Lists of records and single records.
    var recordRoutes: [Route] {
        let root = "/connections/{id}/data/{resource}"
        return [
            Route(.get, root, .viewer) { try await listRecords($0) },
            Route(.get, root + "/records/{record}", .viewer) { try await showRecord($0) },
            Route(.post, root + "/records/{record}/read-again", .admin) { try await readAgain($0) },
        ]
    }

    private func listRecords(_ context: RequestContext) async throws -> WebResponse {
        let (connection, resource) = try await resource(context)
        let filter = RecordFilter(context.request)
        var query = filter.query(resource)
        query.limit = RecordsPage.pageSize
        query.after = context.request.queryValue("after").map(SyncRecordPage.Place.init(rawValue:))
        let company = try await company(filter.company, of: connection)
        var result = SyncRecordPage(records: [], next: nil)
        if company.problem == nil, company.candidates.isEmpty {
            query.company = company.found?.id
            result = try await services.sync.records(query, in: connection.id)
        }
        let page = RecordsPage(
            context: context, connection: connection, resource: resource,
            status: try await services.sync.statuses(of: connection.id).first { $0.resource == resource }, filter: filter, result: result,
            company: company.found, candidates: company.candidates, problem: company.problem, isContinued: query.after != nil,
            links: try await links(connection, for: resource))
        return .page(company.problem == nil ? 200 : 422, page)
    }

    /// Addresses of records, for tickets with the names of what their rows name by ids.
    private func links(_ connection: StoredConnection, for resource: SyncResource) async throws -> RecordLinks {
        var links = RecordLinks(connection: connection.id)
        guard resource == .tickets else { return links }
        for picklist in [SyncResource.ticketStatuses, .ticketPriorities, .ticketTypes, .agents] {
            var query = SyncQuery(picklist)
            query.states = []
            query.limit = SyncLimits.page
            var names: [String: String] = [:]
            var isAmbiguous: Set<String> = []
            for record in try await services.sync.records(query, in: connection.id).records {
                let id = record.content["id"]?.string ?? record.id.rawValue
                // Ids of priorities repeat in each scope; a name that is not the same everywhere is not shown.
                if let known = names[id], known != record.facts.name { isAmbiguous.insert(id) }
                names[id] = record.facts.name
            }
            links.names[picklist] = names.filter { !isAmbiguous.contains($0.key) }
        }
        return links
    }

    /// The company that a filter means: by its id, or by its name.
    func company(
        _ text: String, of connection: StoredConnection
    ) async throws -> (found: CompanyFacts?, candidates: [CompanyFacts], problem: String?) {
        guard !text.isEmpty else { return (nil, [], nil) }
        if let id = SyncRecord.ID(text), let record = try await services.sync.record(id, of: .companies, in: connection.id),
            let company = Company.ID(text)
        {
            return (CompanyFacts(id: company, name: record.facts.name, isActive: record.facts.isActive), [], nil)
        }
        var query = SyncQuery(.companies)
        query.text = text
        query.states = []
        query.limit = 21
        let found = try await services.sync.records(query, in: connection.id).records.compactMap { record in
            Company.ID(record.id.rawValue).map { CompanyFacts(id: $0, name: record.facts.name, isActive: record.facts.isActive) }
        }
        if let same = found.first(where: { $0.name == text }), found.count(where: { $0.name == text }) == 1 { return (same, [], nil) }
        switch found.count {
        case 0: return (nil, [], "The copy has no company “\(text.prefix(60))”.")
        case 1: return (found[0], [], nil)
        default: return (nil, Array(found.prefix(20)), nil)
        }
    }

    /// The record that the path names.
    private func record(_ context: RequestContext) async throws -> (StoredConnection, SyncRecord) {
        let (connection, resource) = try await resource(context)
        guard let id = SyncRecord.ID(context.parameter("record")),
            let record = try await services.sync.record(id, of: resource, in: connection.id)
        else { throw WebError(.notFound, "The copy of this connection has no such record.") }
        return (connection, record)
    }

    private func showRecord(_ context: RequestContext) async throws -> WebResponse {
        let (connection, record) = try await record(context)
        var notes: [SyncRecord] = []
        var hasMoreNotes = false
        if record.resource == .tickets, let ticket = Ticket.ID(record.id.rawValue) {
            var query = SyncQuery(.notes)
            query.ticket = ticket
            query.states = []
            query.limit = RecordPage.maxNotes
            let page = try await services.sync.records(query, in: connection.id)
            notes = page.records.sorted { first, second in
                (first.facts.updatedAt ?? first.firstSeenAt, first.id.rawValue) < (
                    second.facts.updatedAt ?? second.firstSeenAt, second.id.rawValue
                )
            }
            hasMoreNotes = page.next != nil
        }
        let descriptor = try? descriptor(of: connection)
        let page = RecordPage(
            context: context, connection: connection, vendor: descriptor?.displayName ?? "the PSA", record: record, notes: notes,
            hasMoreNotes: hasMoreNotes, copies: Set(try await services.sync.statuses(of: connection.id).map(\.resource)),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)),
            links: try await links(connection, for: record.resource))
        return .page(200, page)
    }

    private func readAgain(_ context: RequestContext) async throws -> WebResponse {
        let (connection, record) = try await record(context)
        guard record.resource == .tickets, let ticket = Ticket.ID(record.id.rawValue) else {
            throw WebError(.notFound, "Only tickets are read one by one.")
        }
        try await services.storage.append(
            context.audit(.ticketReadAgain, connection.name, .done, "Ticket \(RecordColumns.name(of: record).prefix(80))."))
        try await services.sync.readAgain([ticket], of: connection.id)
        return .redirect(to: RecordLinks(connection: connection.id).path(of: record) + "?notice=ticket-requested")
    }
}
