import FoundationEssentials
import PSACore
import PSAEngine
import WebServer

extension APIRoutes {
    /// The companies that were not found, and what persons said about them.
    var companyMappingRoutes: [Route] {
        let root = "\(Self.root)/company-mappings"
        return [
            Route(.get, root, .admin) { context in
                try context.allowQuery(["connection"])
                let connection = try await context.request.queryValue("connection").mapAsync { try await stored($0).id }
                let mappings = try await services.storage.companyMappings(of: connection)
                let unmatched = try await services.storage.unmatchedCompanies(of: connection)
                return .json(["mappings": .array(mappings.map(\.json)), "unmatched": .array(unmatched.map(\.json))])
            },
            Route(.post, root, .admin) { try await mapCompany($0) },
            Route(.delete, root + "/{id}", .admin) { context in
                let id = Int64(context.parameter("id")).map(CompanyMapping.ID.init(rawValue:))
                guard let id, let mapping = try await services.storage.companyMapping(id) else { throw StoreError.notFound }
                try await services.storage.removeCompanyMapping(
                    id, audit: context.audit(.companyMappingRemoved, mapping.sent.label, .done, "Company \(mapping.company)."))
                return .noContent
            },
            Route(.put, root + "/unmatched/{id}", .admin) { try await setDismissed($0) },
        ]
    }

    private func mapCompany(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let id = body.text("connection")
        let sent = SentCompany(id: body.id("sentID"), name: body.optionalText("sentName") ?? "")
        let company = body.id("company")
        if sent.isEmpty, !body.hasProblem("sentName"), !body.hasProblem("sentID") { body.note("sentName", .missing) }
        if company.isEmpty, !body.hasProblem("company") { body.note("company", .missing) }
        try body.finish()
        let connection = try await stored(id)
        guard let account = context.user?.account.name else { throw WebError(.signInNeeded, "Sign in first.") }
        do {
            let mapping = try await services.companyMapper.map(sent, to: company, of: connection, by: account, at: context.now) { facts in
                context.audit(.companyMapped, sent.label, .done, "Company \(facts.id) in “\(connection.name)”.")
            }
            return .json(mapping.json, status: 201)
        } catch CompanyMapper.Refusal.noSuchCompany {
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
