import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisCore
import VectisRules
import WebServer

/// The companies that senders named and that were not found, and their mappings.
struct UnmatchedCompaniesPage: WebPage {
    let context: RequestContext
    let connections: [StoredConnection]
    let unmatched: [UnmatchedCompany]
    let mappings: [CompanyMapping]
    var notice: Notice?

    /// How many are shown; more are counted.
    private static let most = 200

    var document: HTML {
        let open = unmatched.filter { $0.dismissedAt == nil }
        let dismissed = unmatched.filter { $0.dismissedAt != nil }
        return Layout(context, .rules, title: "Companies not found").document(
            """
            <h1>Companies not found</h1>
            \(RuleTabs(context: context, current: "/rules/companies").html)
            <p class="lead">Programs named these companies, and Vectis could not match them to a company of the PSA. Their tickets have no company.
            Choose the company, and the next ticket has it.</p>
            \(notice?.html)
            \(open.isEmpty ? "<p class=\"empty\">Every company that was named was found.</p>" : list(open, "Companies not found"))
            \(mappings.isEmpty ? .empty : mapped)
            \(dismissed.isEmpty ? .empty : "<details><summary>Dismissed (\(dismissed.count))</summary>\(list(dismissed, "Dismissed companies"))</details>")
            """)
    }

    private func list(_ companies: [UnmatchedCompany], _ label: HTML) -> HTML {
        let more: HTML =
            companies.count > Self.most ? "<p class=\"help\">\(companies.count - Self.most) more are not shown.</p>" : .empty
        let table = DataTable(
            name: .label(label), columns: ["Named as", "Connection", "Why", "Last seen", "Times", "What to do"],
            rows: companies.prefix(Self.most).map(row))
        return table.html + more
    }

    private func row(_ company: UnmatchedCompany) -> DataTable.Row {
        let isDismissed = company.dismissedAt != nil
        let path = "/rules/companies/\(company.id.rawValue)"
        return DataTable.Row([
            SentCompanyLine(sent: company.sent).html, name(of: company.connection), company.reason.words,
            TimestampView(company.lastSeenAt).html, "\(company.count)",
            """
            <div class="actions"><a class="button" href="\(path)">Map<span class="hidden"> \(company.sent.label)</span></a>
            <form method="post" action="\(path)/dismiss">\(FormToken(context.user).field)
            <input type="hidden" name="dismissed" value="\(isDismissed ? "0" : "1")">
            <button class="quiet">\(isDismissed ? "Show again" : "Dismiss" as HTML)<span class="hidden"> \(company.sent.label)</span></button></form></div>
            """,
        ])
    }

    private var mapped: HTML {
        """
        <section aria-labelledby="mapped"><h2 id="mapped">Mapped by a person</h2>
        \(DataTable(
            name: .heading("mapped"), columns: ["Named as", "Connection", "Company in the PSA", "Mapped by", "What to do"],
            rows: mappings.map(row)
        ).html)
        </section>
        """
    }

    private func row(_ mapping: CompanyMapping) -> DataTable.Row {
        let outdated: HTML = isOutdated(mapping) ? " <span class=\"help\">(another tenant; not used)</span>" : .empty
        return DataTable.Row([
            SentCompanyLine(sent: mapping.sent).html, name(of: mapping.connection) + outdated,
            "\(mapping.companyName) <code>\(mapping.company.rawValue)</code>",
            "\(mapping.mappedBy), \(TimestampView(mapping.mappedAt).html)",
            """
            <form method="post" action="/rules/companies/mappings/\(String(mapping.id.rawValue))/remove">\(FormToken(context.user).field)
            <button class="danger">Remove<span class="hidden"> the mapping of \(mapping.sent.label)</span></button></form>
            """,
        ])
    }

    private func isOutdated(_ mapping: CompanyMapping) -> Bool {
        connections.first { $0.id == mapping.connection }.map { $0.tenant != mapping.tenant } ?? true
    }

    private func name(of id: ConnectionID) -> HTML {
        connections.first { $0.id == id }.map { HTML(text: $0.name) } ?? "a connection that was removed"
    }
}

/// A company as it was named: its name, its id, or both.
struct SentCompanyLine: Sendable {
    let sent: SentCompany

    var html: HTML {
        let id: HTML = sent.id.isEmpty ? .empty : " <span class=\"help\">id <code>\(sent.id)</code></span>"
        return "<strong>\(sent.name)</strong>\(id)"
    }
}

extension SentCompany {
    /// The company for display.
    package var label: String { CompanyName.key(of: name).isEmpty ? "the id \(id)" : name }
}

/// Lets an administrator search for the company and choose it.
struct CompanyMappingPage: WebPage {
    let context: RequestContext
    let unmatched: UnmatchedCompany
    let connection: StoredConnection
    /// The search text.
    var search: String
    var found: [CompanyFacts] = []
    /// Whether the connection may read companies.
    var isReadable = true
    /// The time to which the companies are up to date; nil if they were not read.
    var readAt: Date?
    var problem: HTML?
    var notice: Notice?

    /// How many are offered at most.
    static let most = 50

    private var path: String { "/rules/companies/\(unmatched.id.rawValue)" }

    var document: HTML {
        Layout(context, .rules, title: "Map \(unmatched.sent.label)").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a> · <a href="/rules/companies">Companies not found</a></p>
            <h1>Which company is “\(unmatched.sent.label)”?</h1>
            <p class="lead">Programs named it \(SentCompanyLine(sent: unmatched.sent).html). \(unmatched.reason.words) Tickets that are sent from now on
            through “\(connection.name)” go to the company that you choose; those that exist already stay as they are.</p>
            \(notice?.html)
            <form method="get" action="\(path)" role="search">
            \(FieldRow(name: "search", label: "Search by name", input: .text(value: search), help: "Part of the name as it is in the PSA, or the company’s id.").html)
            <div class="buttons"><button>Search</button></div></form>
            \(FormProblems(problem.map { [.init(field: "id", "Id of the company in the PSA", $0)] } ?? []).html)
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            \(choices)\(freshness)
            \(FieldRow(name: "id", label: "Id of the company in the PSA", input: .text(value: ""), help: isReadable ? "Instead of a choice above; it is verified before it is saved." : "The connection may not read companies, so the id can’t be verified.", message: problem).html)
            <div class="buttons"><button class="primary">Map</button><a class="button quiet" href="/rules/companies">Cancel</a></div></form>
            """)
    }

    private var freshness: HTML {
        guard isReadable, let readAt else { return .empty }
        return
            "<p class=\"help\">The companies as of \(TimestampView(readAt).html). <a href=\"\(DataPage.path(of: connection.id))\">Data of \(connection.name)</a></p>"
    }

    private var choices: HTML {
        guard isReadable else { return .empty }
        guard !found.isEmpty else {
            return search.isEmpty ? .empty : "<p class=\"empty\">No company in the PSA has all of these words in its name.</p>"
        }
        let more: HTML = found.count == Self.most ? "<p class=\"help\">The first \(Self.most); add a word to see others.</p>" : .empty
        return """
            <fieldset><legend>Companies in the PSA</legend>\(each: found, choice)</fieldset>
            \(more)
            """
    }

    private func choice(_ company: CompanyFacts) -> HTML {
        """
        <p><label><input type="radio" name="company" value="\(company.id.rawValue)"> \(company.name) <code>\(company.id.rawValue)</code>\(company.isActive == false ? " (inactive)" : .empty as HTML)</label></p>
        """
    }
}

/// One notice for each connection with companies that were not found, on pages that an administrator opens anyway.
struct UnmatchedNotices: Sendable {
    let unmatched: [UnmatchedCompany]
    let connections: [StoredConnection]

    var html: HTML {
        .all(
            connections.compactMap { connection in
                let count = unmatched.count { $0.connection == connection.id && $0.dismissedAt == nil }
                guard count > 0 else { return nil }
                return Notice(
                    .warning,
                    """
                    \(count == 1 ? "One company was" : "\(count) companies were" as HTML) not found in “\(connection.name)”.
                    <a href="/rules/companies">Say which \(count == 1 ? "one it is" : "ones they are" as HTML)</a>
                    """
                ).html
            })
    }
}

extension PageRoutes {
    /// The companies that were not found, and the actions on them.
    var companyRoutes: [Route] {
        [
            Route(.get, "/rules/companies", .operator) { try await unmatchedCompanies($0) },
            Route(.get, "/rules/companies/{id}", .operator) { context in
                let (unmatched, connection) = try await unmatchedCompany(context)
                let search = context.request.queryValue("search")?.trimmingSpaces
                return .page(200, await mappingPage(context, unmatched, connection, search: search))
            },
            Route(.post, "/rules/companies/{id}", .operator) { try await mapCompany($0) },
            Route(.post, "/rules/companies/{id}/dismiss", .operator) { context in
                let (unmatched, connection) = try await unmatchedCompany(context)
                let isDismissed = try context.form().text("dismissed") != "0"
                let audit = context.audit(.unmatchedCompanyDismissed, unmatched.sent.label, .done, dismissal(isDismissed, connection))
                try await services.storage.setDismissed(isDismissed ? context.now : nil, unmatched.id, audit: audit)
                return .redirect(to: "/rules/companies?notice=\(isDismissed ? "company-dismissed" : "company-shown")")
            },
            Route(.post, "/rules/companies/mappings/{id}/remove", .operator) { context in
                let id = Int64(context.parameter("id")).map(CompanyMapping.ID.init(rawValue:))
                guard let id, let mapping = try await services.storage.companyMapping(id) else { throw StoreError.notFound }
                try await services.storage.removeCompanyMapping(
                    id, audit: context.audit(.companyMappingRemoved, mapping.sent.label, .done, "Company \(mapping.company)."))
                let isOnOwnPage = try context.form().text("from") == mapping.connection.rawValue
                let page = isOnOwnPage ? CompanyMappingsPage.path(of: mapping.connection) : "/rules/companies"
                return .redirect(to: page + "?notice=company-mapping-removed")
            },
        ]
    }

    private func unmatchedCompanies(_ context: RequestContext) async throws -> WebResponse {
        let page = UnmatchedCompaniesPage(
            context: context, connections: try await services.storage.connections(),
            unmatched: try await services.storage.unmatchedCompanies(of: nil),
            mappings: try await services.storage.companyMappings(of: nil),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    /// What the path names.
    private func unmatchedCompany(_ context: RequestContext) async throws -> (UnmatchedCompany, StoredConnection) {
        let id = Int64(context.parameter("id")).map(UnmatchedCompany.ID.init(rawValue:))
        guard let id, let unmatched = try await services.storage.unmatchedCompany(id),
            let connection = try await services.storage.connection(unmatched.connection)
        else { throw WebError(.notFound, "This company is not listed any more. It may have been mapped.") }
        return (unmatched, connection)
    }

    /// The page with the companies of the PSA that match the search text, or the name that was sent.
    private func mappingPage(
        _ context: RequestContext, _ unmatched: UnmatchedCompany, _ connection: StoredConnection, search: String?
    ) async -> CompanyMappingPage {
        var page = CompanyMappingPage(context: context, unmatched: unmatched, connection: connection, search: search ?? "")
        do {
            let wanted = search ?? unmatched.sent.searchWords
            let result = try await services.companyMapper.search(wanted, of: connection, limit: CompanyMappingPage.most)
            (page.found, page.isReadable) = (wanted.isEmpty ? [] : result.companies, result.isReadable)
            page.readAt = result.readAt
            if page.found.isEmpty, search == nil { page.search = "" } else { page.search = wanted }
        } catch let error as PSAError {
            page.notice = Notice(
                .problem,
                "The companies could not be read: \(error.guidance(in: Viewer.current.renderer).title). <a href=\"/errors/\(error.code.rawValue)\">What that means</a>"
            )
        } catch {
            page.notice = Notice(.problem, "The companies could not be read. Try again in a minute.")
        }
        return page
    }

    private func mapCompany(_ context: RequestContext) async throws -> WebResponse {
        let (unmatched, connection) = try await unmatchedCompany(context)
        let form = try context.form()
        let typed = form.text("id").trimmingSpaces
        let company = typed.isEmpty ? form.text("company") : typed
        var problem: HTML?
        do {
            let author = context.origin.actor
            _ = try await services.companyMapper.map(unmatched.sent, to: company, of: connection, by: author, at: context.now) { facts in
                context.audit(.companyMapped, unmatched.sent.label, .done, "Company \(facts.id) in “\(connection.name)”.")
            }
        } catch CompanyMappingError.noSuchCompany {
            problem =
                company.isEmpty ? "Choose a company, or enter its id." : "The PSA has no company of the id “\(String(company.prefix(40)))”."
        }
        guard let problem else { return .redirect(to: "/rules/companies?notice=company-mapped") }
        var page = await mappingPage(context, unmatched, connection, search: nil)
        page.problem = problem
        return .page(422, page)
    }
}

/// The text of a dismissal in the audit log.
package func dismissal(_ isDismissed: Bool, _ connection: StoredConnection) -> String {
    isDismissed ? "Dismissed for “\(connection.name)”." : "Shown again for “\(connection.name)”."
}

extension SentCompany {
    /// The longest word of the name, by which a person most probably finds it.
    fileprivate var searchWords: String {
        let words = CompanyName(name).cores.sorted().first?.split(separator: " ").map { String($0) } ?? []
        return words.max { $0.count < $1.count } ?? ""
    }
}

extension HostServices {
    /// The service that maps companies.
    package var companyMapper: CompanyMapper { CompanyMapper(storage: storage, connections: connections, companies: companies) }
}

extension APIRoutes {
    /// The companies that were not found, and their mappings.
    var companyMappingRoutes: [Route] {
        let root = "\(Self.root)/company-mappings"
        return [
            Route(.get, root, .operator, for: .readRules) { context in
                try context.allowQuery(["connection"])
                let connection = try await context.request.queryValue("connection").mapAsync { try await stored($0).id }
                let mappings = try await services.storage.companyMappings(of: connection)
                let unmatched = try await services.storage.unmatchedCompanies(of: connection)
                return .json(["mappings": .array(mappings.map(\.json)), "unmatched": .array(unmatched.map(\.json))])
            },
            Route(.post, root, .operator, for: .writeRules) { try await mapCompany($0) },
            Route(.delete, root + "/{id}", .operator, for: .writeRules) { context in
                let id = Int64(context.parameter("id")).map(CompanyMapping.ID.init(rawValue:))
                guard let id, let mapping = try await services.storage.companyMapping(id) else { throw StoreError.notFound }
                try await services.storage.removeCompanyMapping(
                    id, audit: context.audit(.companyMappingRemoved, mapping.sent.label, .done, "Company \(mapping.company)."))
                return .noContent
            },
            Route(.put, root + "/unmatched/{id}", .operator, for: .writeRules) { try await setDismissed($0) },
        ]
    }

    private func mapCompany(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["sentID", "sentName"])
        let id = body.text("connection")
        let sent = SentCompany(id: body.id("sentID"), name: body.optionalText("sentName") ?? "")
        let company = body.id("company")
        if sent.isEmpty, !body.hasProblem("sentName"), !body.hasProblem("sentID") { body.note("sentName", .missing) }
        if company.isEmpty, !body.hasProblem("company") { body.note("company", .missing) }
        try body.finish()
        let connection = try await stored(id)
        do {
            let author = context.origin.actor
            let mapping = try await services.companyMapper.map(sent, to: company, of: connection, by: author, at: context.now) { facts in
                context.audit(.companyMapped, sent.label, .done, "Company \(facts.id) in “\(connection.name)”.")
            }
            return .json(mapping.json, status: 201)
        } catch CompanyMappingError.noSuchCompany {
            throw APIError([BodyError("company", .noSuchCompany)])
        }
    }

    private func setDismissed(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let isDismissed = body.flag("dismissed")
        try body.finish()
        let id = Int64(context.parameter("id")).map(UnmatchedCompany.ID.init(rawValue:))
        guard let id, let unmatched = try await services.storage.unmatchedCompany(id),
            let connection = try await services.storage.connection(unmatched.connection)
        else { throw StoreError.notFound }
        let audit = context.audit(.unmatchedCompanyDismissed, unmatched.sent.label, .done, dismissal(isDismissed, connection))
        try await services.storage.setDismissed(isDismissed ? context.now : nil, id, audit: audit)
        guard let changed = try await services.storage.unmatchedCompany(id) else { throw StoreError.notFound }
        return .json(changed.json)
    }
}

extension CompanyMapping {
    /// The mapping for programs.
    fileprivate var json: JSONValue {
        [
            "id": .integer(Int(id.rawValue)), "connection": .string(connection.rawValue), "sentID": .string(sent.id),
            "sentName": .string(sent.name), "company": .string(company.rawValue), "companyName": .string(companyName),
            "mappedBy": .string(mappedBy), "mappedAt": .string(mappedAt.formatted(.iso8601)),
        ]
    }
}

extension UnmatchedCompany {
    /// The company for programs.
    fileprivate var json: JSONValue {
        [
            "id": .integer(Int(id.rawValue)), "connection": .string(connection.rawValue), "sentID": .string(sent.id),
            "sentName": .string(sent.name), "reason": .string(reason.rawValue), "firstSeenAt": .string(firstSeenAt.formatted(.iso8601)),
            "lastSeenAt": .string(lastSeenAt.formatted(.iso8601)), "count": .integer(count), "dismissed": .bool(dismissedAt != nil),
        ]
    }
}

extension Optional {
    /// The value through an asynchronous function.
    fileprivate func mapAsync<Other>(_ transform: (Wrapped) async throws -> Other) async rethrows -> Other? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
