import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The companies that were not found, and what persons say about them.
    var companyRoutes: [Route] {
        [
            Route(.get, "/rules/companies", .admin) { try await unmatchedCompanies($0) },
            Route(.get, "/rules/companies/{id}", .admin) { context in
                let (unmatched, connection) = try await unmatchedCompany(context)
                let search = context.request.queryValue("search")?.trimmingSpaces
                return .page(200, await mappingPage(context, unmatched, connection, search: search))
            },
            Route(.post, "/rules/companies/{id}", .admin) { try await mapCompany($0) },
            Route(.post, "/rules/companies/{id}/dismiss", .admin) { context in
                let (unmatched, connection) = try await unmatchedCompany(context)
                let isDismissed = try context.form().text("dismissed") != "0"
                let audit = context.audit(.unmatchedCompanyDismissed, unmatched.sent.label, .done, dismissal(isDismissed, connection))
                try await services.storage.setDismissed(isDismissed ? context.now : nil, unmatched.id, audit: audit)
                return .redirect(to: "/rules/companies?notice=\(isDismissed ? "company-dismissed" : "company-shown")")
            },
            Route(.post, "/rules/companies/mappings/{id}/remove", .admin) { context in
                let id = Int64(context.parameter("id")).map(CompanyMapping.ID.init(rawValue:))
                guard let id, let mapping = try await services.storage.companyMapping(id) else { throw StoreError.notFound }
                try await services.storage.removeCompanyMapping(
                    id, audit: context.audit(.companyMappingRemoved, mapping.sent.label, .done, "Company \(mapping.company)."))
                return .redirect(to: "/rules/companies?notice=company-mapping-removed")
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
        else { throw WebError(.notFound, "This company is not listed any more. Perhaps somebody has mapped it.") }
        return (unmatched, connection)
    }

    /// The page with the companies of the PSA that have the words, or the words that were sent.
    private func mappingPage(
        _ context: RequestContext, _ unmatched: UnmatchedCompany, _ connection: StoredConnection, search: String?
    ) async -> CompanyMappingPage {
        var page = CompanyMappingPage(context: context, unmatched: unmatched, connection: connection, search: search ?? "")
        do {
            let wanted = search ?? unmatched.sent.searchWords
            let result = try await services.companyMapper.search(wanted, of: connection, limit: CompanyMappingPage.most)
            (page.found, page.isReadable) = (wanted.isEmpty ? [] : result.found, result.isReadable)
            if page.found.isEmpty, search == nil { page.search = "" } else { page.search = wanted }
        } catch let error as PSAError {
            page.notice = Notice(
                .problem,
                "The companies could not be read: \(error.guidance.title). <a href=\"/errors#\(error.code.anchor)\">What that means</a>")
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
        var problem: String?
        do {
            guard let account = context.user?.account.name else { throw WebError(.signInNeeded, "Please sign in.") }
            _ = try await services.companyMapper.map(unmatched.sent, to: company, of: connection, by: account, at: context.now) { facts in
                context.audit(.companyMapped, unmatched.sent.label, .done, "Company \(facts.id) in “\(connection.name)”.")
            }
        } catch CompanyMapper.Refusal.noSuchCompany {
            problem = company.isEmpty ? "Choose a company, or enter its id." : "The PSA has no company of the id “\(company.prefix(40))”."
        }
        guard let problem else { return .redirect(to: "/rules/companies?notice=company-mapped") }
        var page = await mappingPage(context, unmatched, connection, search: nil)
        page.problem = problem
        return .page(422, page)
    }
}

/// What the audit log says of a dismissal.
func dismissal(_ isDismissed: Bool, _ connection: StoredConnection) -> String {
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
    /// What lets persons say which company is meant.
    var companyMapper: CompanyMapper { CompanyMapper(storage: storage, connections: connections, companies: companies) }
}
