import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Requests from people who mean harm")
struct HostileRequestTests {
    /// Sends a request as it is written; `HOST` stands for the host's name.
    private func raw(_ bed: WebFixture, _ text: String) async throws -> String {
        let port = try #require(bed.port)
        let client = try RawClient(port: port)
        // A server that has refused already reads no more.
        try? await client.send(text.replacing("HOST", with: bed.host))
        return String(decoding: try await client.everything(), as: UTF8.self)
    }

    private func status(_ answer: String) -> Int? { answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

    @Test(arguments: ["/api/v1/accounts", "/sign-in"])
    func aBodyBeyondTheLimitIsRefused(path: String) async throws {
        try await WebFixture.with(.overASocket) { bed in
            let browser = try await bed.signIn()
            let headers = [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", "application/json")]
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 256 * 1024 + 1)
            let answer = try await bed.send("POST", path, headers, body: body)
            #expect(answer.status == 413)
            #expect(answer.headers["Content-Security-Policy"] == SecurityHeaders.contentPolicy)
            if path.hasPrefix("/api") {
                #expect(answer.code == "too_large" && answer.headers["Content-Type"] == "application/problem+json")
                let correlationID = try #require(answer.json["correlationID"]?.string)
                #expect(bed.log.text.contains(correlationID))
                #expect(bed.services.metrics.text.contains("route=\"(refused)\",status=\"413\""))
            }
            let allowed = try await bed.send("POST", "/api/v1/accounts", headers, body: Array(body.dropLast()))
            #expect(allowed.status == 400)
        }
    }

    @Test(
        "a request that can be read in two ways is read in none",
        arguments: [
            ("GET /%zz HTTP/1.1\r\nHost: HOST\r\n\r\n", 400), ("GET /a%00b HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
            ("GET /healthz?a=%ff HTTP/1.1\r\nHost: HOST\r\n\r\n", 400), ("GET /%c0%ae%c0%ae/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
            ("POST /sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
            ("POST /sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n", 400), ("GET /healthz HTTP/1.1\r\n\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: HOST\r\nX : y\r\n\r\n", 400),
            ("GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
            ("POST /api/v1/session HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ])
    func ambiguous(text: String, expected: Int) async throws {
        try await WebFixture.with(.overASocket) { bed in
            let answer = try await raw(bed, text)
            #expect(status(answer) == expected, "\(answer.prefix(200))")
            // What the library itself refuses has no headers of ours, and no content of ours either.
            if expected != 400 || answer.contains("Content-Security-Policy") { #expect(answer.contains("X-Content-Type-Options: nosniff")) }
        }
    }

    @Test func aRefusalUnderTheAPIIsAProblem() async throws {
        try await WebFixture.with(.overASocket) { bed in
            for target in ["/api/v1/%zz", "/api/v1/a%00b"] {
                let answer = try await raw(bed, "GET \(target) HTTP/1.1\r\nHost: HOST\r\n\r\n")
                #expect(status(answer) == 400 && answer.contains("application/problem+json") && answer.contains("\"code\":\"malformed\""))
            }
        }
    }

    @Test func aFloodOfHeadersIsRefused() async throws {
        try await WebFixture.with(.overASocket) { bed in
            let flood = (0..<2_000).map { "X-\($0): \(String(repeating: "x", count: 40))\r\n" }.joined()
            let answer = try await raw(bed, "GET /healthz HTTP/1.1\r\nHost: HOST\r\n\(flood)\r\n")
            #expect(status(answer) == 431 || answer.isEmpty, "\(answer.prefix(100))")
            let large = try await bed.send("GET", "/healthz", [("X-Large", String(repeating: "x", count: 33_000))])
            #expect(large.status == 431)
            #expect(try await bed.send("GET", "/healthz").status == 200)
        }
    }

    @Test(arguments: ["GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: ", "POST /sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9999\r\n\r\n"])
    func aSlowDripIsCutWhileOthersAreServed(start: String) async throws {
        let options = WebFixture.Options(change: { $0.requestDeadline = .milliseconds(400) })
        try await WebFixture.with(.overASocket, options) { bed in
            let slow = try RawClient(port: try #require(bed.port))
            try await slow.send(start.replacing("HOST", with: bed.host))
            async let cut: Void = slow.drip(UInt8(ascii: "a"))
            for _ in 0..<20 { #expect(try await bed.send("GET", "/healthz").status == 200) }
            try await cut
        }
    }

    @Test(
        "no path leads to a file",
        arguments: [
            "/assets/../../etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/....//etc/passwd",
            "/assets/%252e%252e%252fetc%252fpasswd", "/../../etc/passwd", "/assets//etc/passwd", "/guides/..%2f..%2fREADME",
            "/guides/%2e%2e%2fErrors.md", "/assets/vectis.css/../vectis.db", "/assets/vectis.css%20", "/.git/config", "/vectis.key",
        ])
    func traversal(path: String) async throws {
        try await WebFixture.with(.overASocket) { bed in
            let browser = try await bed.signIn()
            let request = "GET \(path) HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nCookie: \(browser.cookie)\r\n\r\n"
            let answer = try await raw(bed, request)
            #expect(status(answer) == 404 && !answer.contains("root:"), "\(answer.prefix(100))")
        }
    }

    @Test func theAssetsThemselvesAreServedAndMayBeKept() async throws {
        try await WebFixture.with(.overASocket) { bed in
            for asset in [WebAsset.style, .script, .icon] {
                let answer = try await bed.send("GET", asset.path)
                #expect(answer.status == 200 && answer.headers["Cache-Control"] == "public, max-age=31536000, immutable")
                let old = try await bed.send("GET", asset.path + "x")
                #expect(old.status == 200 && old.headers["Cache-Control"] == "no-cache")
            }
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func tenThousandFieldsAreOnlyAWrongForm(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let browser = try await bed.signIn()
            let many = (0..<10_000).map { ("field\($0)", "x") }
            let answer = try await browser.post(
                "/accounts", many + [("name", "o'hara"), ("password", "long enough 123"), ("role", "viewer")])
            #expect(answer.status == 422 && answer.text.contains("o&#39;hara"))
            let body = JSONValue(present: many.map { ($0.0, .string($0.1)) })
            #expect(try await browser.call("POST", "/accounts", body).status == 422)
        }
    }

    @Test(
        "a form that is none is told so",
        arguments: [
            ("text/plain", "name=a"), ("", "name=a"), ("application/json", "{}"), ("multipart/form-data; boundary=x", "--x"),
            ("application/x-www-form-urlencoded", "name=%zz"), ("application/x-www-form-urlencoded", "name=%00"),
            ("application/x-www-form-urlencoded", "name=%ff"),
        ])
    func noForm(type: String, body: String) async throws {
        try await WebFixture.with { bed in
            let answer = try await bed.send("POST", "/sign-in", [("Content-Type", type)], body: Array(body.utf8))
            #expect(answer.status == 400 && answer.text.contains("The form could not be read"))
        }
    }

    @Test func anEmptyFormIsNoCrash() async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect()
            let browser = try await bed.signIn()
            for route in bed.application.router.routes where route.method == .post && !route.pattern.hasPrefix("/api") {
                guard !route.pattern.hasSuffix("/remove"), route.pattern != "/sign-out" else { continue }
                let answer = try await browser.post(bed.path(route, connection))
                #expect(answer.status < 500, "\(route.pattern)")
            }
        }
    }
}
