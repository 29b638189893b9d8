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
        return SecurityHeaders(isBehindTLS: services.surroundings.isBehindTLS).added(to: Self.challenging(response))
    }

    private func answer(
        _ request: WebRequest, _ correlationID: CorrelationID, _ now: Date
    ) async -> (response: WebResponse, route: String, account: AccountName?) {
        var exchange = Exchange(
            request: request, parameters: [:], visitor: nil, correlationID: correlationID, now: now, clientAddress: clientAddress(request))
        let failures = FailureAnswers(services)
        do {
            guard isKnownHost(request) else {
                throw WebFailure(
                    .misdirected, "This host does not answer to the name in the request. Use the address it printed at its start.")
            }
            switch router.match(method: request.method, path: request.segments) {
            case .nothing: throw WebFailure(.notFound, "No page has this address. The menu leads to every page there is.")
            case .otherMethods(let methods):
                let allowed = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }.joined(separator: ", ")
                var response = failures.answer(
                    WebFailure(.methodNotAllowed, "This address understands \(allowed) only."), exchange)
                response.headers["Allow"] = allowed
                return (response, "(method)", nil)
            case .route(let route, let parameters):
                do {
                    exchange = try await checked(exchange, route, parameters)
                    return (try await route.handler(exchange), route.pattern, exchange.visitor?.account.name)
                } catch {
                    return (failures.answer(error, exchange), route.pattern, exchange.visitor?.account.name)
                }
            }
        } catch {
            return (failures.answer(error, exchange), "(none)", nil)
        }
    }

    /// The exchange with its visitor, once it is clear that they may do this.
    private func checked(_ exchange: Exchange, _ route: Route, _ parameters: [String: String]) async throws -> Exchange {
        let guardian = RequestGuard(services)
        if route.method != .get { try guardian.refuseForeignOrigin(exchange.request) }
        if route.access == .sender {
            var known = exchange
            known.sender = try await guardian.sender(of: exchange.request)
            return known
        }
        var visitor: Visitor?
        if route.access != .open {
            guard let found = try await guardian.visitor(of: exchange) else {
                throw WebFailure(.signInNeeded, "You are not signed in, or were away for so long that your session has ended.")
            }
            visitor = found
            if route.method != .get { try guardian.refuseMissingToken(exchange.request, found) }
            guard route.access == .viewer || found.isAdmin else {
                throw WebFailure(.forbidden, "Your account may look, but not change anything. An administrator can do this.")
            }
        }
        var known = Exchange(
            request: exchange.request, parameters: parameters, visitor: visitor, correlationID: exchange.correlationID, now: exchange.now,
            clientAddress: exchange.clientAddress)
        // What was in trouble may be well again; the probe is bounded however many pages are opened.
        if visitor != nil, services.health.trouble != nil, let trouble = await services.health.checked(by: services.storage) {
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
        services.surroundings.hosts.contains((request.headers["Host"] ?? "").lowercased())
    }

    /// The peer; behind a proxy the last address it added, because earlier ones come from the client and can be anything.
    private func clientAddress(_ request: WebRequest) -> String {
        guard services.surroundings.isBehindTLS, let forwarded = request.headers.values(of: "X-Forwarded-For").last else {
            return request.remoteAddress
        }
        let last = forwarded.split(separator: ",").last.map { String($0.filter { $0 != " " }.prefix(45)) } ?? ""
        return IPAddress(last).map { $0.description } ?? request.remoteAddress
    }
}
