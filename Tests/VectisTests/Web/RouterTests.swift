import Testing

@testable import VectisWeb

@Suite("Finding the route of a request") struct RouterTests {
    private static func router(_ routes: [(Route.Method, String)]) -> Router {
        Router(routes: routes.map { Route($0.0, $0.1, .viewer) { _ in .noContent } })
    }

    private static func pattern(_ match: Router.Match) -> String? {
        if case .route(let route, _) = match { route.pattern } else { nil }
    }

    @Test func everyRouteOfTheHostIsFoundByAPathOfItsPattern() async throws {
        try await WebFixture.with { fixture in
            let router = fixture.application.router
            for route in router.routes {
                let path = route.pattern.split(separator: "/").map { $0.hasPrefix("{") ? "a value" : String($0) }
                #expect(Self.pattern(router.match(method: route.method.rawValue, path: path)) == route.pattern)
            }
        }
    }

    @Test func aPathWithoutParametersComesBeforeOneWithThem() throws {
        let router = Self.router([(.get, "/rules/{id}"), (.get, "/rules/new"), (.get, "/rules/{id}/mode"), (.get, "/{place}/new")])
        #expect(Self.pattern(router.match(method: "GET", path: ["rules", "new"])) == "/rules/new")
        #expect(Self.pattern(router.match(method: "HEAD", path: ["rules", "7"])) == "/rules/{id}")
        guard case .route(let route, let parameters) = router.match(method: "GET", path: ["rules", "7", "mode"]) else {
            Issue.record("The path has no route.")
            return
        }
        #expect(route.pattern == "/rules/{id}/mode")
        #expect(parameters == ["id": "7"])
    }

    @Test func aMethodThatAPathDoesNotHaveIsRefusedWithThoseItHas() throws {
        let router = Self.router([(.get, "/rules"), (.post, "/rules"), (.put, "/rules/{id}"), (.delete, "/rules/{id}"), (.post, "/{any}")])
        guard case .otherMethods(let fixed) = router.match(method: "PUT", path: ["rules"]),
            case .otherMethods(let open) = router.match(method: "GET", path: ["rules", "7"])
        else {
            Issue.record("Other methods were expected.")
            return
        }
        #expect(fixed == [.get, .post])
        #expect(open == [.put, .delete])
        guard case .nothing = router.match(method: "GET", path: ["rules", "7", "8"]) else {
            Issue.record("No route was expected.")
            return
        }
    }
}
