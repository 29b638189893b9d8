import FoundationEssentials
import PSACore
import WebServer

/// Answers every request: finds its route, checks who asks and from where, and turns whatever happens into an answer.
struct WebApplication: Sendable {
    let services: HostServices
    let router: Router

    init(_ services: HostServices) {
        self.services = services
        router = Router(routes: PageRoutes(services).routes + APIRoutes(services).routes + MachineRoutes(services).routes)
    }

    /// Answers one request; it never fails.
    func respond(to request: WebRequest) async -> WebResponse {
        let start = services.time.now()
        let correlationID = CorrelationID()
        let (response, route, account) = await answer(request, correlationID, start)
        let seconds = services.time.now().timeIntervalSince(start)
        services.metrics.answered(route, status: response.status, seconds: seconds)
        services.log.record(
            response.status >= 500 ? .error : .info, "http_request",
            [
                ("method", .string(request.method)), ("route", .string(route)), ("status", .integer(response.status)),
                ("milliseconds", .integer(Int(seconds * 1_000))), ("account", account.map { .string($0.rawValue) }),
                ("correlationID", .string(correlationID.rawValue)),
            ])
        return SecurityHeaders(isBehindTLS: services.environment.isBehindTLS).added(to: Self.challenging(response))
    }

    private func answer(
        _ request: WebRequest, _ correlationID: CorrelationID, _ now: Date
    ) async -> (response: WebResponse, route: String, account: AccountName?) {
        var context = RequestContext(
            request: request, parameters: [:], user: nil, correlationID: correlationID, now: now, clientAddress: clientAddress(request))
        let failures = ErrorResponder(services)
        do {
            guard isKnownHost(request) else {
                throw WebError(
                    .misdirected, "This host does not answer to the name in the request. Use the address it printed at its start.")
            }
            switch router.match(method: request.method, path: request.segments) {
            case .nothing: throw WebError(.notFound, "No page has this address. The menu leads to every page there is.")
            case .otherMethods(let methods):
                let allowed = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }.joined(separator: ", ")
                var response = failures.answer(
                    WebError(.methodNotAllowed, "This address understands \(allowed) only."), context)
                response.headers["Allow"] = allowed
                return (response, "(method)", nil)
            case .route(let route, let parameters):
                do {
                    context = try await checked(context, route, parameters)
                    return (try await route.handler(context), route.pattern, context.user?.account.name)
                } catch {
                    return (failures.answer(error, context), route.pattern, context.user?.account.name)
                }
            }
        } catch {
            return (failures.answer(error, context), "(none)", nil)
        }
    }

    /// The context with its user, once it is clear that they may do this.
    private func checked(_ context: RequestContext, _ route: Route, _ parameters: [String: String]) async throws -> RequestContext {
        let guardian = RequestAuthorizer(services)
        if route.method != .get { try guardian.refuseForeignOrigin(context.request) }
        if route.access == .sender {
            var known = context
            known.sender = try await guardian.sender(of: context.request)
            return known
        }
        var user: SignedInUser?
        if route.access != .open {
            guard let found = try await guardian.visitor(of: context) else {
                throw WebError(.signInNeeded, "You are not signed in, or were away for so long that your session has ended.")
            }
            user = found
            if route.method != .get { try guardian.refuseMissingToken(context.request, found) }
            guard route.access == .viewer || found.isAdmin else {
                throw WebError(.forbidden, "Your account may look, but not change anything. An administrator can do this.")
            }
        }
        var known = RequestContext(
            request: context.request, parameters: parameters, user: user, correlationID: context.correlationID, now: context.now,
            clientAddress: context.clientAddress)
        // What was in trouble may be well again; the probe is bounded however many pages are opened.
        if user != nil, services.health.trouble != nil, let trouble = await services.health.checked(by: services.storage) {
            known.notices = [Notice(.problem, HTML(text: TextRenderer().text(trouble)))]
        }
        return known
    }

    /// RFC 9110 wants every 401 to say how to authenticate; browsers ask nobody anything for this scheme.
    private static func challenging(_ response: WebResponse) -> WebResponse {
        guard response.status == 401, response.headers["WWW-Authenticate"] == nil else { return response }
        var response = response
        response.headers["WWW-Authenticate"] = "Cookie realm=\"Vectis\""
        return response
    }

    private func isKnownHost(_ request: WebRequest) -> Bool {
        services.environment.hosts.contains((request.headers["Host"] ?? "").lowercased())
    }

    /// The peer; behind a proxy the last address it added, because earlier ones come from the client and can be anything.
    private func clientAddress(_ request: WebRequest) -> String {
        guard services.environment.isBehindTLS, let forwarded = request.headers.values(of: "X-Forwarded-For").last else {
            return request.remoteAddress
        }
        let last = forwarded.split(separator: ",").last.map { String($0.filter { $0 != " " }.prefix(45)) } ?? ""
        return IPAddress(last).map { $0.description } ?? request.remoteAddress
    }
}
