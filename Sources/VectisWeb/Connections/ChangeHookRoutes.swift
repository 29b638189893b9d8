import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The routes where vendors send their messages about changes.
struct ChangeHookRoutes: Sendable {
    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        [Route(.post, ChangeHookService.root + "/{connection}/{token}", .open) { try await accept($0) }]
    }

    /// Answers without content: a vendor needs only the status, and a stranger learns nothing.
    private func accept(_ context: RequestContext) async throws -> WebResponse {
        let message = ChangeHookService.Message(
            connection: context.parameter("connection"), token: context.parameter("token"),
            authorization: context.request.headers["Authorization"], signature: context.request.headers["Token"],
            body: context.request.body)
        let (outcome, authentication) = try await services.hooks.accept(message)
        services.metrics.hook(outcome)
        var response = WebResponse(status: outcome.status)
        switch outcome {
        case .unauthorized:
            response.headers["WWW-Authenticate"] = authentication == .basic ? "Basic realm=\"Vectis\"" : "Bearer realm=\"Vectis\""
        case .tooMany: response.headers["Retry-After"] = "60"
        default: break
        }
        return response
    }
}

extension ChangeHookService.Outcome {
    /// The HTTP status of the answer.
    fileprivate var status: Int {
        switch self {
        // A vendor that gets an error here would switch its messages off; the next run reads what they named.
        case .accepted, .notEnqueued: 202
        case .unknown: 404
        case .unauthorized: 401
        case .tooMany: 429
        case .malformed: 400
        }
    }
}

extension APIRoutes {
    /// The change hook of a connection.
    var changeHookRoutes: [Route] {
        let path = "\(Self.root)/connections/{id}/hook"
        return [
            Route(.get, path, .admin) { context in
                try context.allowQuery([])
                let connection = try await stored(context.parameter("id"))
                return .json(try await services.hooks.status(of: connection.id).json)
            },
            Route(.put, path, .admin) { try await enableHook($0) },
            Route(.delete, path, .admin) { context in
                try await services.hooks.disable(of: try await stored(context.parameter("id")), by: context.origin)
                return .noContent
            },
        ]
    }

    private func enableHook(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await stored(context.parameter("id"))
        var body = try APIBody(context.request, nullable: ["user", "secret"])
        let kind = body.choice("authentication", HookAuthentication.Kind.self)
        let user = body.optionalText("user", upTo: ChangeHookLimits.user)
        let secret = body.optionalText("secret", upTo: ChangeHookLimits.secret.upperBound).map { Secret($0) }
        var authentication = HookAuthentication.none
        if let kind, !body.hasProblem("user"), !body.hasProblem("secret") {
            do {
                authentication = try HookAuthentication(kind, user: user, secret: secret)
            } catch ChangeHookError.invalid(let problem) {
                body.note(problem.member, .invalid(problem.sentence))
            }
        }
        try body.finish()
        let path = try await services.hooks.enable(of: connection, authentication: authentication, by: context.origin)
        return .json(try await services.hooks.status(of: connection.id).json.adding(("path", .string(path))))
    }
}

extension ChangeHookError.Problem {
    /// The member of a body that it is about.
    fileprivate var member: String {
        switch self {
        case .user, .noUser: "user"
        case .secret, .noSecret: "secret"
        }
    }
}

extension Optional<ChangeHook> {
    /// The hook for programs; never its token or its secret.
    fileprivate var json: JSONValue {
        .init(present: [
            ("enabled", .bool(self != nil)), ("authentication", self.map { .string($0.authentication.rawValue) }),
            ("user", self.flatMap { $0.user.isEmpty ? nil : .string($0.user) }),
            ("createdAt", self.map { .string($0.createdAt.formatted(.iso8601)) }), ("createdBy", self.map { .string($0.createdBy) }),
            ("lastMessageAt", self?.lastMessageAt.map { .string($0.formatted(.iso8601)) }),
        ])
    }
}
