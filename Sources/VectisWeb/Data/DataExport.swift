import PSACore
import PSAEngine
import VectisCore
import WebServer

extension PageRoutes {
    /// The records of a resource as files, with the filters of their page.
    var dataExportRoutes: [Route] {
        let root = "/connections/{id}/data/{resource}/export"
        return [
            Route(.get, root + ".csv", .viewer) { try await exportRecords($0, .csv) },
            Route(.get, root + ".jsonl", .viewer) { try await exportRecords($0, .jsonl) },
        ]
    }

    private func exportRecords(_ context: RequestContext, _ format: SyncExport.Format) async throws -> WebResponse {
        let (connection, resource) = try await resource(context)
        let filter = RecordFilter(context.request)
        var query = filter.query(resource)
        if !filter.company.isEmpty {
            guard let company = try await company(filter.company, of: connection).found else {
                throw WebError(
                    .invalid, "The copy has no single company “\(String(filter.company.prefix(60)))”. Choose one on the page first.")
            }
            query.company = company.id
        }
        let filters = filter.text.isEmpty ? "No filter" : "Filter: \(filter.text)"
        // It is customers' data that leaves the host.
        try await services.storage.append(
            context.audit(.dataExported, connection.name, .done, "\(resource.title) as \(format.rawValue). \(filters)."))
        let export = SyncExport(sync: services.sync, connection: connection.id, query: query, format: format)
        return WebResponse(
            status: 200,
            headers: [
                "Content-Type": format.contentType,
                "Content-Disposition": "attachment; filename=\"vectis-\(resource.rawValue).\(format.rawValue)\"",
            ], body: .stream(export.pieces))
    }
}
