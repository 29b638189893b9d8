import Foundation
import PSACore
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Who may do what, over the whole table of routes")
struct AccessTests {
    @Test func whatIsOpenIsAShortList() async throws {
        try await WebFixture.with { bed in
            let open = bed.application.router.routes.filter { $0.access == .open }.map { "\($0.method.rawValue) \($0.pattern)" }
            #expect(
                Set(open) == [
                    "GET /assets/{name}", "GET /sign-in", "POST /sign-in", "GET /healthz", "GET /metrics", "POST /api/v1/session",
                    "GET /api/v1/openapi.json",
                ])
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func whoIsNotSignedInSeesNothing(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let connection = try await bed.connect()
            let before = try await bed.audit().count
            for route in bed.application.router.routes where route.access != .open {
                let answer = try await bed.send(route.method.rawValue, bed.path(route, connection))
                let isPage = !route.pattern.hasPrefix("/api")
                #expect(answer.status == (isPage && route.method == .get ? 303 : 401), "\(route.method) \(route.pattern)")
                if isPage, route.method == .get { #expect(answer.headers["Location"]?.hasPrefix("/sign-in?next=") == true) }
                if answer.status == 401 { #expect(answer.headers["WWW-Authenticate"] != nil) }
                #expect(!answer.text.contains("Acme"))
            }
            #expect(try await bed.audit().count == before)
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func aViewerChangesNothing(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let connection = try await bed.connect()
            let viewer = try await bed.signIn("viewer")
            let before = try await bed.audit().count
            let routes = bed.application.router.routes.filter { $0.access == .admin }
            #expect(routes.count > 20)
            for route in routes {
                let path = bed.path(route, connection)
                let isAPI = route.pattern.hasPrefix("/api/v1")
                let answer =
                    if isAPI {
                        try await viewer.call(route.method.rawValue, String(path.dropFirst(7)), route.method == .get ? nil : [:])
                    } else if route.method == .get {
                        try await viewer.get(path)
                    } else {
                        try await viewer.post(path)
                    }
                #expect(answer.status == 403, "\(route.method) \(route.pattern)")
                if isAPI { #expect(answer.code == "forbidden") }
            }
            #expect(try await bed.audit().count == before)
        }
    }

    @Test func noChangeIsMadeWithoutAFormToken() async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect()
            let admin = try await bed.signIn()
            let before = try await bed.audit().count
            for route in bed.application.router.routes where route.method != .get && [.viewer, .admin].contains(route.access) {
                let answer = try await bed.send(
                    route.method.rawValue, bed.path(route, connection), [("Cookie", admin.cookie), ("Content-Type", "application/json")],
                    body: Array("{}".utf8))
                #expect(answer.status == 403, "\(route.method) \(route.pattern)")
            }
            #expect(try await bed.audit().count == before)
        }
    }

    @Test func readingNeverWritesDownAnythingButAnExport() async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect()
            let admin = try await bed.signIn()
            for route in bed.application.router.routes where route.method == .get {
                let before = try await bed.audit().count
                _ = try await admin.get(bed.path(route, connection))
                let isExport = route.pattern.hasPrefix("/audit/export")
                #expect(try await bed.audit().count == before + (isExport ? 1 : 0), "\(route.pattern)")
            }
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func everyAnswerTellsTheBrowserWhatToRefuse(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let connection = try await bed.connect()
            let admin = try await bed.signIn()
            var answers: [(String, WebAnswer)] = []
            for route in bed.application.router.routes {
                let path = bed.path(route, connection)
                answers.append((path, try await bed.send(route.method.rawValue, path)))
                if route.method == .get { answers.append((path, try await admin.get(path))) }
            }
            for (method, path) in [("GET", "/nowhere"), ("PUT", "/integrations"), ("GET", "/api/v1/nowhere"), ("DELETE", "/api/v1/audit")] {
                answers.append((path, try await bed.send(method, path)))
            }
            for (path, answer) in answers {
                #expect(answer.headers["Content-Security-Policy"] == SecurityHeaders.contentPolicy, "\(path)")
                #expect(answer.headers["X-Content-Type-Options"] == "nosniff", "\(path)")
                #expect(answer.headers["Referrer-Policy"] == "same-origin", "\(path)")
                #expect(answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", "\(path)")
                #expect(answer.headers["Strict-Transport-Security"] == nil)
                #expect(answer.headers["Cache-Control"] != nil, "\(path)")
                if !path.hasPrefix("/assets") { #expect(answer.headers["Cache-Control"] == "no-store", "\(path)") }
            }
        }
    }

    @Test func behindTLSBrowsersAreToldToStayWithIt() async throws {
        try await WebFixture.with(.inProcess, .init(isBehindTLS: true)) { bed in
            let answer = try await bed.send("GET", "/sign-in")
            #expect(answer.headers["Strict-Transport-Security"] == "max-age=31536000")
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func headIsAnsweredAsGetWithoutABody(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let admin = try await bed.signIn()
            for path in ["/integrations", "/sign-in", "/api/v1/session", "/healthz", "/nowhere"] {
                let get = try await admin.get(path)
                let head = try await bed.send("HEAD", path, [("Cookie", admin.cookie)])
                #expect(head.status == get.status && head.headers["Content-Type"] == get.headers["Content-Type"])
                if way == .overASocket { #expect(head.body.isEmpty && !get.body.isEmpty) }
            }
        }
    }

    @Test(
        "a method that a path does not know is told those it does",
        arguments: [
            ("DELETE", "/integrations", "GET, HEAD"), ("PUT", "/sign-in", "GET, HEAD, POST"), ("GET", "/sign-out", "POST"),
            ("POST", "/healthz", "GET, HEAD"), ("POST", "/api/v1/audit", "GET, HEAD"),
            ("PUT", "/api/v1/session", "POST, GET, HEAD, DELETE"),
            ("PATCH", "/api/v1/connections/abc", "GET, HEAD, PUT, DELETE"),
        ])
    func wrongMethod(method: String, path: String, allowed: String) async throws {
        try await WebFixture.with { bed in
            let answer = try await bed.signIn().bed.send(method, path)
            #expect(answer.status == 405 && answer.headers["Allow"] == allowed)
            if path.hasPrefix("/api") { #expect(answer.code == "method_not_allowed") }
        }
    }

    @Test func everyPathOfATableIsOneRouteAMethod() async throws {
        try await WebFixture.with { bed in
            let all = bed.application.router.routes.map { "\($0.method.rawValue) \($0.pattern)" }
            #expect(Set(all).count == all.count)
        }
    }
}
