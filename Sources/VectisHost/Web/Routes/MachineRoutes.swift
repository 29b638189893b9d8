import PSACore
import Sodium
import WebServer

/// What monitors ask: whether the host is well, and what it has counted.
struct MachineRoutes: Sendable {
    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        [
            Route(.get, "/healthz", .open) { _ in
                // Whether an event could be stored; no vendor is asked, for a PSA that is down is not this host's illness.
                let answers = (try? await services.storage.connections()) != nil
                let trouble = await services.health.checked(by: services.storage)
                let isWell = answers && trouble == nil
                let text = trouble.map { TextRenderer().text($0) } ?? (isWell ? "ok" : "the storage does not answer")
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

    /// A collector of metrics would follow the way to the sign-in page and wonder about what it finds there.
    private static var refusal: WebResponse {
        let sentence = "Sign in, or send the token that VECTIS_METRICS_TOKEN holds as “Authorization: Bearer …”.\n"
        return WebResponse(
            status: 401, headers: ["Content-Type": "text/plain; charset=utf-8", "WWW-Authenticate": "Bearer realm=\"Vectis\""],
            body: .bytes(Array(sentence.utf8)))
    }

    private func mayRead(_ context: RequestContext) async throws -> Bool {
        if let token = services.environment.metricsToken, let sent = context.request.headers["Authorization"],
            ConstantTime.areEqual(Array(sent.utf8), Array("Bearer \(token.reveal())".utf8))
        {
            return true
        }
        return try await RequestAuthorizer(services).visitor(of: context) != nil
    }
}
