import PSACore
import WebServer

/// The routes of the JSON API, described by `Docs/OpenAPI.json`.
struct APIRoutes: Sendable {
    let services: HostServices

    init(_ services: HostServices) { self.services = services }

    var routes: [Route] { [] }
}
