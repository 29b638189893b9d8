import PSACore
import WebServer

extension APIRoutes {
    private static let pageSizes = 1...500
    private static let usualPageSize = 50

    var auditRoutes: [Route] { [Route(.get, "\(Self.root)/audit", .viewer) { try await audit($0) }] }

    private func audit(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["action", "user", "target", "from", "to", "before", "limit"])
        let query = AuditQuery(context.request.query, now: context.now)
        var problems = query.problems.map { BodyError($0.field, .invalid($0.sentence)) }
        let limit = context.request.queryValue("limit").map { Int($0) ?? 0 } ?? Self.usualPageSize
        if !Self.pageSizes.contains(limit) { problems.append(BodyError("limit", .outOfRange(Self.pageSizes))) }
        guard problems.isEmpty else { throw APIError(problems) }
        let found = try await services.storage.audit(query.filter, before: query.before, limit: limit + 1)
        let entries = found.prefix(limit)
        let next = found.count > limit ? entries.last.map { JSONValue.integer(Int($0.place.rawValue)) } : nil
        return .json(.init(present: [("entries", .array(entries.map(\.json))), ("next", next)]))
    }
}
