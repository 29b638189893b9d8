import WebServer

extension PageRoutes {
    var auditRoutes: [Route] {
        [
            Route(.get, "/audit", .viewer) { context in
                let query = AuditQuery(context.request.query, now: context.now)
                let found = try await services.storage.audit(query.filter, before: query.before, limit: AuditPage.pageSize + 1)
                let page = AuditPage(
                    context: context, query: query, entries: Array(found.prefix(AuditPage.pageSize)),
                    hasMore: found.count > AuditPage.pageSize)
                return .page(query.problems.isEmpty ? 200 : 422, page)
            },
            Route(.get, "/audit/export.csv", .viewer) { try await export($0, .csv) },
            Route(.get, "/audit/export.json", .viewer) { try await export($0, .json) },
        ]
    }

    private func export(_ context: RequestContext, _ format: AuditExport.Format) async throws -> WebResponse {
        let query = AuditQuery(context.request.query, now: context.now)
        guard query.problems.isEmpty else { throw WebError(.invalid, query.problems.map(\.sentence).joined(separator: " ")) }
        try await services.storage.append(context.audit(.auditExported, format.rawValue, .done, "Filter: \(query.text)."))
        let export = AuditExport(storage: services.storage, filter: query.filter, format: format)
        return WebResponse(
            status: 200,
            headers: [
                "Content-Type": format.contentType, "Content-Disposition": "attachment; filename=\"vectis-audit.\(format.rawValue)\"",
            ], body: .stream(export.pieces))
    }
}
