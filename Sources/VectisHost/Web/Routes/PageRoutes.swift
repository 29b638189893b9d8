import WebServer

/// The routes of all pages.
struct PageRoutes: Sendable {
    let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] {
        [
            Route(.get, "/", .viewer) { _ in .redirect(to: "/integrations") },
            Route(.get, "/assets/{name}", .open) { try WebAsset.answer($0) },
        ] + signInRoutes + integrationRoutes + connectionRoutes + ticketDefaultsRoutes + auditRoutes + guideRoutes + accountRoutes
            + ruleRoutes + ruleFormRoutes
            + jobRoutes + companyRoutes + outboxLimitRoutes + tokenRoutes
    }
}
