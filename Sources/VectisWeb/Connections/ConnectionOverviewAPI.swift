import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// What is known of connections, the same as on their pages.
    var connectionOverviewRoutes: [Route] {
        let root = "\(Self.root)/connections/{id}"
        return [
            Route(.get, root + "/overview", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                return .json(try await services.connections.overview(of: connection).json(at: context.now, services))
            },
            Route(.get, root + "/tests", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                let tests = try await services.storage.connectionTests(of: connection.id)
                return .json(["tests": .array(tests.map { $0.json(withReport: false) })])
            },
            Route(.get, root + "/tests/{test}", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                guard let test = try await services.connections.testReport(context.parameter("test"), of: connection) else {
                    throw WebError(.notFound, Words(term: ConnectionService.noTestReport))
                }
                return .json(test.json(withReport: true))
            },
            Route(.get, root + "/diagnostics", .admin) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                return .json(try await ConnectionDiagnostics(services).json(of: connection, at: context.now))
            },
            Route(.get, "\(Self.root)/issues", .viewer, for: .readConnections) { try await listIssues($0) },
        ]
    }

    private enum IssueState: String, CaseIterable {
        case open
        case all
    }

    private func listIssues(_ context: RequestContext) async throws -> WebResponse {
        var query = try APIQuery(context, ["connection", "state"])
        let id = query.text("connection", upTo: 40)
        let state = query.choice("state", IssueState.self) ?? .open
        try query.finish()
        var connection: ConnectionID?
        if let id { connection = try await stored(id).id }
        let issues = try await services.storage.issues(of: connection).filter { state == .all || $0.resolvedAt == nil }
        let connectors = Dictionary(
            try await services.storage.connections().map { ($0.id, $0.connector) }, uniquingKeysWith: { first, _ in first })
        return .json([
            "issues": .array(
                issues.map { issue in
                    issue.json(connectors[issue.connection].flatMap { try? services.registry.descriptor(named: $0.rawValue) })
                })
        ])
    }
}
