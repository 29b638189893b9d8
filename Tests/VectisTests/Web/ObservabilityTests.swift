import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Health, metrics and logs")
struct ObservabilityTests {
    @Test(arguments: WebFixture.Mode.allCases)
    func healthIsThatOfTheStorage(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let well = try await fixture.send("GET", "/healthz")
            #expect(well.status == 200 && well.text == "ok\n")
            await fixture.services.storage.close()
            let ill = try await fixture.send("GET", "/healthz")
            #expect(ill.status == 503 && ill.text == "the storage does not answer\n")
        }
    }

    @Test func metricsAreForThoseWhoMayReadThem() async throws {
        try await WebFixture.with(.inProcess, .init(metricsToken: Secret("metrics-token"))) { fixture in
            for header in ["", "metrics-token", "Bearer ", "Bearer wrong", "Basic metrics-token", "Bearer metrics-token "] {
                let refused = try await fixture.send("GET", "/metrics", [("Authorization", header)])
                #expect(refused.status == 401, "\(header)")
            }
            let machine = try await fixture.send("GET", "/metrics", [("Authorization", "Bearer metrics-token")])
            let person = try await fixture.signIn("viewer").get("/metrics")
            #expect(machine.status == 200 && person.status == 200)
        }
    }

    @Test func withoutATokenNoHeaderOpensTheMetrics() async throws {
        try await WebFixture.with { fixture in
            for header in ["Bearer ", "Bearer nil", "Bearer Optional(•••••)", ""] {
                let refused = try await fixture.send("GET", "/metrics", [("Authorization", header)])
                #expect(refused.status == 401, "\(header)")
            }
        }
    }

    @Test(arguments: CombiningSamples.scalars) func aLabelEndsWhereItsQuoteIsWhateverFollows(sample: Unicode.Scalar) {
        let escaped = Array(HostMetrics.escaped("a\"\(sample)\\\(sample)\n\(sample)\r\n").utf8)
        #expect(!escaped.contains(UInt8(ascii: "\n")))
        var rest = escaped[...]
        while let byte = rest.popFirst() {
            #expect(byte != UInt8(ascii: "\""))
            if byte == UInt8(ascii: "\\") { #expect(rest.popFirst().map { [0x5C, 0x22, 0x6E].contains($0) } == true) }
        }
    }

    @Test func metricsParseAndTheirLabelsAreClosed() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let connection = try await fixture.connect()
            for path in [
                "/integrations", "/nowhere/\u{22}x", "/integrations/typed-by-somebody", "/healthz", "/integrations/\(connection.id)",
            ] {
                _ = try await browser.get(path)
            }
            _ = try await fixture.send("PATCH", "/integrations")
            _ = try await browser.call("POST", "/connections/\(connection.id)/test")
            let answer = try await browser.get("/metrics")
            #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            let patterns = Set(fixture.application.router.routes.map(\.pattern)).union(["(none)", "(method)", "(refused)"])
            var (types, samples) = ([String: String](), 0)
            for line in answer.text.split(separator: "\n") {
                if let type = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|histogram)/) { types[String(type.1)] = String(type.2) }
                guard !line.hasPrefix("#") else { continue }
                let sample = try #require(line.wholeMatch(of: /([a-z_]+)\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\} ([0-9.e+-]+)/), "\(line)")
                samples += 1
                let family = String(sample.1).replacing(/_(bucket|sum|count)$/, with: "")
                #expect(types[String(sample.1)] == "counter" || types[family] == "histogram", "\(line)")
                for label in sample.2.matches(of: /([a-z]+)="([^"]*)"/) {
                    switch label.1 {
                    case "route": #expect(patterns.contains(String(label.2)), "\(line)")
                    case "status": #expect(Int(label.2).map { (100...599).contains($0) } == true)
                    case "connector": #expect(label.2 == "scripted")
                    case "code": #expect(label.2 == "none" || ErrorCode.known(String(label.2)) != nil)
                    case "le", "result": break
                    default: Issue.record("a label \(label.1)")
                    }
                }
            }
            #expect(samples > 20 && !answer.text.contains("typed-by-somebody"))
            #expect(answer.text.contains("vectis_http_requests_total{route=\"/integrations\",status=\"200\"} 1\n"))
            #expect(answer.text.contains("vectis_connection_tests_total{connector=\"scripted\",code=\"none\"} 1\n"))
        }
    }

    @Test func bucketsGrowAndEndWithTheCount() async throws {
        try await WebFixture.with { fixture in
            for seconds in [0.01, 0.3, 7, 99] { fixture.services.metrics.answered("/x", status: 200, seconds: seconds) }
            let lines = fixture.services.metrics.text.split(separator: "\n").filter {
                $0.contains("route=\"/x\"") && $0.contains("_bucket")
            }
            let counts = lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            #expect(counts == [1, 1, 1, 2, 2, 2, 2, 3, 4])
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func theLogIsJSONAndKnowsThePageByItsCorrelationID(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            let page = try await browser.get("/nowhere")
            let shown = try #require(page.text.firstMatch(of: /Correlation id: <code>([a-z0-9]+)<\/code>/).map { String($0.1) })
            let problem = try await browser.call("GET", "/nowhere")
            let reported = try #require(problem.json["correlationID"]?.string)
            let lines = try fixture.log.text.split(separator: "\n").map { JSONValue(try JSONDocument(Array($0.utf8)).root) }
            for (id, route) in [(shown, "(none)"), (reported, "(none)")] {
                let line = try #require(lines.first { $0["correlationID"]?.string == id })
                #expect(line["event"] == "http_request" && line["status"] == 404 && line["route"]?.string == route)
                #expect(line["method"] == "GET" && line["level"] == "info")
                // A log is appended to for weeks, so a time of day is not enough.
                let time = try #require(line["time"]?.string)
                #expect(
                    time.hasSuffix("Z")
                        && GregorianUTC.instant(iso8601: time).map { abs($0.timeIntervalSince(fixture.time.now)) < 1 } == true)
            }
            #expect(!fixture.log.text.contains(WebFixture.password) && !fixture.log.text.contains(browser.cookie.dropFirst(7)))
            #expect(!fixture.log.text.contains(browser.formToken))
        }
    }

    @Test func theLogNamesTheAPIKeyOfAProgramAndNeverItsText() async throws {
        try await WebFixture.with { fixture in
            let (text, key) = try APIToken.make(name: "Backup monitor", scopes: [.readJobs], at: fixture.time.now)
            try await fixture.services.storage.add(key, audit: .sample(.tokenCreated))
            let header = [("Authorization", "Bearer \(text.reveal())")]
            #expect(try await fixture.send("GET", "/api/v1/jobs", header).status == 200)
            #expect(try await fixture.send("GET", "/api/v1/rules", header).status == 403)
            let lines = try fixture.log.text.split(separator: "\n").map { JSONValue(try JSONDocument(Array($0.utf8)).root) }
            let line = try #require(lines.first { $0["route"] == "/api/v1/jobs" })
            #expect(line["apiKey"] == "Backup monitor" && line["account"] == nil)
            #expect(!fixture.log.text.contains(text.reveal()))
        }
    }

    @Test func theAuditLogKnowsTheRequestByTheSameCorrelationID() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            _ = try await browser.call("POST", "/accounts", ["name": "sam", "password": "long enough 123", "role": "viewer"])
            let entry = try #require(try await fixture.audit().first)
            let lines = try fixture.log.text.split(separator: "\n").map { JSONValue(try JSONDocument(Array($0.utf8)).root) }
            let line = try #require(lines.first { $0["correlationID"]?.string == entry.correlationID })
            #expect(line["route"] == "/api/v1/accounts" && line["account"] == "admin" && line["status"] == 201)
        }
    }
}
