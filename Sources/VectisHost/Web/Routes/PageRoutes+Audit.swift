import WebServer

extension PageRoutes {
    var auditRoutes: [Route] {
        [
            Route(.get, "/audit", .viewer) { exchange in
                let query = AuditQuery(exchange.request.query, now: exchange.now)
                let found = try await services.storage.audit(query.filter, before: query.before, limit: AuditPage.pageSize + 1)
                let page = AuditPage(
                    exchange: exchange, query: query, entries: Array(found.prefix(AuditPage.pageSize)),
                    hasMore: found.count > AuditPage.pageSize)
                return .page(query.problems.isEmpty ? 200 : 422, page)
            },
            Route(.get, "/audit/export.csv", .viewer) { try await export($0, .csv) },
            Route(.get, "/audit/export.json", .viewer) { try await export($0, .json) },
        ]
    }

    private func export(_ exchange: Exchange, _ format: AuditExport.Format) async throws -> WebResponse {
        let query = AuditQuery(exchange.request.query, now: exchange.now)
        guard query.problems.isEmpty else { throw WebFailure(.invalid, query.problems.map(\.sentence).joined(separator: " ")) }
        try await services.storage.append(exchange.audit(.auditExported, format.rawValue, .done, "Filter: \(query.text)."))
        let export = AuditExport(storage: services.storage, filter: query.filter, format: format)
        return WebResponse(
            status: 200,
            headers: [
                "Content-Type": format.contentType, "Content-Disposition": "attachment; filename=\"vectis-audit.\(format.rawValue)\"",
            ], body: .stream(export.pieces))
    }
}
