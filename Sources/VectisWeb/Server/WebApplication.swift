import FoundationEssentials
import PSACore
import PSAEngine
import Sodium
import Synchronization
import VectisCore
import VectisRules
package import WebServer

/// Handles every request: finds its route, authorizes it, and turns results and errors into responses.
package final class WebApplication: Sendable {
    package let services: HostServices
    let router: Router
    private let failures: ErrorResponder
    private let guardian: RequestAuthorizer

    package init(_ services: HostServices) {
        self.services = services
        failures = ErrorResponder(services)
        guardian = RequestAuthorizer(services)
        router = Router(
            routes: PageRoutes(services).routes + APIRoutes(services).routes + MachineRoutes(services).routes
                + ChangeHookRoutes(services).routes)
    }

    /// Responds to one request; it never fails.
    package func respond(to request: WebRequest) async -> WebResponse {
        let start = services.time.now()
        let correlationID = CorrelationID()
        let (response, route, origin, isKnown) = await Viewer.$current.withValue(Viewer(request, now: start)) {
            await answer(request, correlationID, start)
        }
        let seconds = services.time.now().timeIntervalSince(start)
        services.metrics.answered(route, status: response.status, seconds: seconds)
        services.log.record(
            response.status >= 500 ? .error : .info, "http_request",
            [
                ("method", .string(request.method)), ("route", .string(route)), ("status", .integer(response.status)),
                ("milliseconds", .integer(Int(seconds * 1_000))), ("account", origin?.account.map { .string($0.rawValue) }),
                ("apiKey", origin?.apiKey.map { .string($0) }),
                ("correlationID", .string(correlationID.rawValue)),
            ])
        var secured = SecurityHeaders(isBehindTLS: services.environment.isBehindTLS).added(to: Self.challenging(response))
        secured.isForKnownClient = isKnown
        return secured
    }

    private func answer(
        _ request: WebRequest, _ correlationID: CorrelationID, _ now: Date
    ) async -> (response: WebResponse, route: String, origin: RequestOrigin?, isKnown: Bool) {
        var context = RequestContext(
            request: request, parameters: [:], user: nil, correlationID: correlationID, now: now, clientAddress: clientAddress(request))
        do {
            guard isKnownHost(request) else {
                throw WebError(
                    .misdirected, "This host does not answer to the name in the request. Use the address it printed at its start.")
            }
            switch router.match(method: request.method, path: request.segments) {
            case .nothing:
                return await answer(context, "(none)") { context in
                    WebError(
                        .notFound,
                        context.user == nil
                            ? "No page has this address." : "No page has this address. The menu leads to every page there is.")
                }
            case .otherMethods(let methods):
                let allowed = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }.joined(separator: ", ")
                if let page = pageOf(request) { return (.redirect(to: page), "(method)", nil, false) }
                var found = await answer(context, "(method)") { _ in
                    WebError(.methodNotAllowed, "This address understands \(allowed) only.")
                }
                found.response.headers["Allow"] = allowed
                return found
            case .route(let route, let parameters):
                do {
                    context = try await checked(context, route, parameters)
                    // A switch that is not read here, as a dry run, must not be taken for one that is.
                    if route.isChangeByPrograms { try context.allowQuery(route.query) }
                    // Only reads have a share: what an administrator changes or tests is asked for deliberately.
                    let owner = route.method == .get ? context.user?.account.name.rawValue ?? context.sender.map { "key/\($0.id)" } : nil
                    let viewer = Viewer.current.signedIn(context.user?.account)
                    let response = try await Viewer.$current.withValue(viewer) { [context] in
                        try await RequestOwner.$current.withValue(owner) { try await route.handler(context) }
                    }
                    return (response, route.pattern, context.origin, context.isFromKnownClient)
                } catch {
                    let viewer = Viewer.current.signedIn(context.user?.account)
                    let response = Viewer.$current.withValue(viewer) { failures.answer(error, context) }
                    return (response, route.pattern, context.origin, context.isFromKnownClient)
                }
            }
        } catch {
            return (failures.answer(error, context), "(none)", nil, false)
        }
    }

    /// The answer to a request that no route takes; a page of it has the menu of who is signed in.
    private func answer(
        _ context: RequestContext, _ route: String, _ failure: (RequestContext) -> WebError
    ) async -> (response: WebResponse, route: String, origin: RequestOrigin?, isKnown: Bool) {
        let user = context.request.segments.first == "api" ? nil : try? await guardian.signedInUser(of: context)
        let known = RequestContext(
            request: context.request, parameters: [:], user: user, correlationID: context.correlationID, now: context.now,
            clientAddress: context.clientAddress)
        let response = Viewer.$current.withValue(Viewer.current.signedIn(user?.account)) { failures.answer(failure(known), known) }
        return (response, route, user == nil ? nil : known.origin, known.isFromKnownClient)
    }

    /// The page whose forms are sent to an address that is opened as if it were a page itself; nil for a program, and for no such page.
    private func pageOf(_ request: WebRequest) -> String? {
        guard ["GET", "HEAD"].contains(request.method), request.segments.first != "api" else { return nil }
        var path = request.segments
        while path.popLast() != nil {
            guard case .route = router.match(method: "GET", path: path) else { continue }
            return "/" + path.map { PercentEncoding.component($0) }.joined(separator: "/")
        }
        return nil
    }

    /// The context with its user, once the request is authorized.
    private func checked(_ context: RequestContext, _ route: Route, _ parameters: [String: String]) async throws -> RequestContext {
        if route.method != .get { try guardian.refuseForeignOrigin(context.request) }
        if route.access == .sender {
            var known = context
            known.sender = try await guardian.sender(of: context.request)
            return known
        }
        if let key = try await guardian.key(of: context.request, for: route) {
            // No form token: what a browser sends by itself holds no key.
            var known = RequestContext(
                request: context.request, parameters: parameters, user: nil, correlationID: context.correlationID, now: context.now,
                clientAddress: context.clientAddress)
            known.sender = key
            return known
        }
        var user: SignedInUser?
        if let role = route.access.role {
            guard let found = try await guardian.signedInUser(of: context) else {
                throw WebError(.signInNeeded, "You are not signed in, or were away for so long that your session has ended.")
            }
            user = found
            if route.method != .get { try guardian.refuseMissingToken(context.request, found) }
            guard found.account.role.includes(role) else {
                throw WebError(
                    .forbidden,
                    role == .operator
                        ? "Your account may look, but not change anything. An operator or an administrator can do this."
                        : "Your account may not do this. An administrator can.")
            }
        }
        var known = RequestContext(
            request: context.request, parameters: parameters, user: user, correlationID: context.correlationID, now: context.now,
            clientAddress: context.clientAddress)
        // The failure may be over; the rate of the probe is limited, however many pages are opened.
        if user != nil, services.health.failure != nil, let failure = await services.health.checked(by: services.storage) {
            known.notices = [Notice(.problem, HTML(text: Viewer.current.signedIn(user?.account).renderer.text(failure)))]
        }
        return known
    }

    /// RFC 9110 requires every 401 to name a scheme; browsers show no prompt for this one.
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

/// Holds requests until the application has started: it needs the port, which is known once the server listens.
package final class StartupLatch: Sendable {
    private struct State {
        var application: WebApplication?
        var waiting: [CheckedContinuation<WebApplication, Never>] = []
    }

    private let state = Mutex(State())

    /// Creates a ``StartupLatch``.
    package init() {}

    /// Lets all requests through.
    package func open(_ application: WebApplication) {
        let waiting = state.withLock { state in
            state.application = application
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume(returning: application) }
    }

    /// The application, once it has started.
    package func application() async -> WebApplication {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                if state.application == nil { state.waiting.append(continuation) }
                return state.application
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}

/// The security headers of every response.
struct SecurityHeaders: Sendable {
    let isBehindTLS: Bool

    /// Only this host's files: no inline script or style, no frame, no other origin.
    static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    func added(to response: WebResponse) -> WebResponse {
        var response = response
        response.headers["Content-Security-Policy"] = Self.contentPolicy
        response.headers["X-Content-Type-Options"] = "nosniff"
        // Not “no-referrer”: browsers then send “Origin: null” with a form, as if another site had made it.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if isBehindTLS { response.headers["Strict-Transport-Security"] = "max-age=31536000" }
        // Pages contain private data; only files with their digest in the address may be cached.
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        return response
    }
}

/// A file that pages refer to, by an address that changes with its content, so that browsers may cache it permanently.
struct WebAsset: Sendable {
    private let name: String
    private let contentType: String
    private let bytes: [UInt8]
    private let digest: String

    static let style = WebAsset("vectis.css", "text/css; charset=utf-8", .vectisCSS)
    static let script = WebAsset("vectis.js", "text/javascript; charset=utf-8", .vectisJS)
    static let icon = WebAsset("icon.svg", "image/svg+xml", .iconSVG)

    private static let all = [style, script, icon]

    private init(_ name: String, _ contentType: String, _ file: EmbeddedFile) {
        self.name = name
        self.contentType = contentType
        bytes = Array(file.text.utf8)
        digest = String(Base64URL.encode(Digest(of: bytes).bytes).prefix(12))
    }

    /// Its address.
    var path: String { "/assets/\(name)?v=\(digest)" }

    /// The response to a request for an asset.
    static func answer(_ context: RequestContext) throws -> WebResponse {
        guard let asset = all.first(where: { $0.name == context.parameter("name") }) else {
            throw WebError(.notFound, "There is no such file.")
        }
        let isExact = context.request.queryValue("v") == asset.digest
        return WebResponse(
            status: 200,
            headers: ["Content-Type": asset.contentType, "Cache-Control": isExact ? "public, max-age=31536000, immutable" : "no-cache"],
            body: .bytes(asset.bytes))
    }
}
