package import PSACore
package import PSAEngine
import Sodium
import VectisCore
import VectisRules
package import WebServer

/// One route of the web server.
final class Route: Sendable {
    enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// Who may send the request.
    enum Access: Sendable, Hashable {
        /// Everybody.
        case open
        /// A program with an API key, and no one else.
        case sender
        /// Every signed-in user.
        case viewer
        /// Operators and administrators.
        case `operator`
        /// Administrators.
        case admin

        /// The least role that a session needs; nil where a session is not asked for.
        var role: Role? {
            switch self {
            case .open, .sender: nil
            case .viewer: .viewer
            case .operator: .operator
            case .admin: .admin
            }
        }
    }

    typealias Handler = @Sendable (RequestContext) async throws -> WebResponse

    let method: Method
    /// The path as documents and metrics spell it: `/integrations/{id}`.
    let pattern: String
    let access: Access
    /// The scope with which an API key may send the request; nil if none may.
    let scope: APIScope?
    /// The fields of the query that the handler reads, of a route that changes something for programs; those of others are not listed here.
    let query: [String]
    let handler: Handler
    /// How many of its segments are fixed; of two routes that match, the one with more of them is used.
    let precision: Int
    private let segments: [Segment]

    private enum Segment: Sendable {
        case fixed(String)
        case parameter(String)
    }

    init(
        _ method: Method, _ pattern: String, _ access: Access, for scope: APIScope? = nil, query: [String] = [],
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.scope = scope
        self.query = query
        self.handler = handler
        segments = pattern.split(separator: "/").map {
            $0.hasPrefix("{") && $0.hasSuffix("}") ? .parameter(String($0.dropFirst().dropLast())) : .fixed(String($0))
        }
        precision = segments.count { if case .fixed = $0 { true } else { false } }
    }

    /// Whether programs change something with it.
    var isChangeByPrograms: Bool { method != .get && pattern.hasPrefix(APIRoutes.root) }

    /// Its segments, if all of them are fixed.
    var fixedPath: [String]? {
        let path = segments.compactMap { if case .fixed(let text) = $0 { text } else { nil } }
        return path.count == segments.count ? path : nil
    }

    /// The values of the parameters, or nil if the path is another one.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .fixed(let text): guard text == part else { return nil }
            case .parameter(let name): values[name] = part
            }
        }
        return values
    }
}

/// Finds the route of a request.
struct Router: Sendable {
    let routes: [Route]
    /// The routes without parameters, by their paths.
    private let fixed: [[String]: [Route]]
    /// The others.
    private let open: [Route]

    enum Match: Sendable {
        case route(Route, parameters: [String: String])
        /// The path exists for these methods only.
        case otherMethods([Route.Method])
        case nothing
    }

    init(routes: [Route]) {
        self.routes = routes
        var fixed: [[String]: [Route]] = [:]
        for route in routes { if let path = route.fixedPath { fixed[path, default: []].append(route) } }
        self.fixed = fixed
        open = routes.filter { $0.fixedPath == nil }
    }

    /// The most precise route of a path; `HEAD` is answered as `GET`.
    func match(method: String, path: [String]) -> Match {
        // No route with parameters is as precise as one without.
        if let candidates = fixed[path] { return Self.match(method, candidates.map { ($0, [:]) }) }
        let found = open.compactMap { route in route.match(path).map { (route: route, parameters: $0) } }
        guard let precision = found.map(\.route.precision).max() else { return .nothing }
        return Self.match(method, found.filter { $0.route.precision == precision })
    }

    private static func match(_ method: String, _ candidates: [(route: Route, parameters: [String: String])]) -> Match {
        let wanted = method == "HEAD" ? "GET" : method
        guard let match = candidates.first(where: { $0.route.method.rawValue == wanted }) else {
            return .otherMethods(candidates.map(\.route.method))
        }
        return .route(match.route, parameters: match.parameters)
    }
}

/// The routes of all pages.
struct PageRoutes: Sendable {
    let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        [
            Route(.get, "/", .viewer) { _ in .redirect(to: "/integrations") },
            Route(.get, "/assets/{name}", .open) { try WebAsset.answer($0) },
        ] + signInRoutes + integrationRoutes + connectionRoutes + ticketDefaultsRoutes + auditRoutes + guideRoutes + accountRoutes
            + preferenceRoutes + ruleRoutes + ruleFormRoutes + ruleMatchRoutes
            + dataRoutes + recordRoutes + dataExportRoutes + changeHookPageRoutes + companyMappingPageRoutes + eventPageRoutes + jobRoutes
            + companyRoutes
            + outboxLimitRoutes + retentionRoutes + apiKeyRoutes + detectorRoutes + notificationRoutes
            + accountSessionRoutes + secondFactorRoutes + onboardingRoutes
    }
}

/// The routes for monitors: health and metrics.
struct MachineRoutes: Sendable {
    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        [
            Route(.get, "/healthz", .open) { _ in
                // Whether an event could be stored; no PSA is contacted, because its outage is not a failure of this host.
                let answers = (try? await services.storage.connections()) != nil
                let failure = await services.health.checked(by: services.storage)
                let isWell = answers && failure == nil
                let text = failure.map { TextRenderer().text($0) } ?? (isWell ? "ok" : "the storage does not answer")
                var response = WebResponse(
                    status: isWell ? 200 : 503, headers: ["Content-Type": "text/plain; charset=utf-8"],
                    body: .bytes(Array((text + "\n").utf8)))
                if !isWell { response.headers["Retry-After"] = String(StorageFailure.retryAfter) }
                return response
            },
            Route(.get, "/metrics", .open) { context in
                guard try await mayRead(context) else { return Self.refusal }
                return WebResponse(
                    status: 200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                    body: .bytes(Array(services.metrics.text.utf8)))
            },
        ]
    }

    /// A collector of metrics would follow the redirect to the sign-in page and try to parse it.
    private static var refusal: WebResponse {
        let sentence = "Sign in, or send the token that VECTIS_METRICS_TOKEN holds as “Authorization: Bearer …”.\n"
        return WebResponse(
            status: 401, headers: ["Content-Type": "text/plain; charset=utf-8", "WWW-Authenticate": "Bearer realm=\"Vectis\""],
            body: .bytes(Array(sentence.utf8)))
    }

    private func mayRead(_ context: RequestContext) async throws -> Bool {
        if let token = services.environment.metricsToken, let sent = context.request.bearerToken,
            ConstantTime.areEqual(Array(sent.utf8), Array(token.reveal().utf8))
        {
            return true
        }
        return try await RequestAuthorizer(services).signedInUser(of: context) != nil
    }
}

/// The routes of the JSON API, described by `Docs/OpenAPI.json`.
///
/// They use the same services as the pages, with the same rules.
package struct APIRoutes: Sendable {
    package static let root = "/api/v1"

    package let services: HostServices

    package init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        sessionRoutes + connectorRoutes + connectionRoutes + connectionOverviewRoutes + connectionTestRoutes + ticketDefaultsRoutes
            + auditRoutes + accountRoutes + accountSessionRoutes + secondFactorRoutes + onboardingRoutes
            + eventRoutes + apiKeyRoutes + outboxLimitRoutes + retentionRoutes + companyMappingRoutes + detectorRoutes + documentRoutes
            + syncRoutes + preferenceRoutes
            + changeHookRoutes + notificationRoutes + jobRoutes + ruleRoutes
    }

    /// The connection that the path names, and its descriptor.
    ///
    /// - Throws: ``WebError`` if there is none.
    func connection(_ context: RequestContext) async throws -> (connection: StoredConnection, descriptor: ConnectorDescriptor) {
        try await connection(context.parameter("id"))
    }

    /// The connection of an id, and its descriptor.
    ///
    /// - Throws: ``WebError`` if there is none.
    package func connection(_ id: String) async throws -> (connection: StoredConnection, descriptor: ConnectorDescriptor) {
        let connection = try await stored(id)
        return (connection, try services.registry.descriptor(named: connection.connector.rawValue))
    }

    /// The connection of an id, even if its connector is missing.
    ///
    /// - Throws: ``WebError`` if there is none.
    package func stored(_ id: String) async throws -> StoredConnection {
        guard let id = ConnectionID(id), let connection = try await services.storage.connection(id) else {
            throw WebError(.notFound, "There is no connection with this id. It may have been removed.")
        }
        return connection
    }
}

extension WebResponse {
    /// Done, without content.
    package static var noContent: WebResponse { WebResponse(status: 204) }
}
