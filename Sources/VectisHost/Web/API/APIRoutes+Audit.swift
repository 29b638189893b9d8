import PSACore
import WebServer

extension APIRoutes {
    private static let pageSizes = 1...500
    private static let usualPageSize = 50

    var auditRoutes: [Route] { [Route(.get, "\(Self.root)/audit", .viewer) { try await audit($0) }] }

    private func audit(_ exchange: Exchange) async throws -> WebResponse {
        try exchange.allowQuery(["action", "user", "target", "from", "to", "before", "limit"])
        let query = AuditQuery(exchange.request.query, now: exchange.now)
        var problems = query.problems.map { BodyProblem($0.field, .invalid($0.sentence)) }
        let limit = exchange.request.queryValue("limit").map { Int($0) ?? 0 } ?? Self.usualPageSize
        if !Self.pageSizes.contains(limit) { problems.append(BodyProblem("limit", .outOfRange(Self.pageSizes))) }
        guard problems.isEmpty else { throw APIFailure(problems) }
        let found = try await services.storage.audit(query.filter, before: query.before, limit: limit + 1)
        let entries = found.prefix(limit)
        let next = found.count > limit ? entries.last.map { JSONValue.integer(Int($0.place.rawValue)) } : nil
        return .json(.init(present: [("entries", .array(entries.map(\.json))), ("next", next)]))
    }
}
