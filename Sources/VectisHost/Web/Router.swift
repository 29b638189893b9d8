/// Finds the route of a request.
struct Router: Sendable {
    let routes: [Route]

    enum Match: Sendable {
        case route(Route, parameters: [String: String])
        /// The path exists for these methods only.
        case otherMethods([Route.Method])
        case nothing
    }

    /// The most precise route of a path; `HEAD` is answered as `GET`.
    func match(method: String, path: [String]) -> Match {
        let found = routes.compactMap { route in route.match(path).map { (route: route, parameters: $0) } }
        guard let precision = found.map(\.route.precision).max() else { return .nothing }
        let candidates = found.filter { $0.route.precision == precision }
        let wanted = method == "HEAD" ? "GET" : method
        guard let match = candidates.first(where: { $0.route.method.rawValue == wanted }) else {
            return .otherMethods(candidates.map(\.route.method))
        }
        return .route(match.route, parameters: match.parameters)
    }
}
