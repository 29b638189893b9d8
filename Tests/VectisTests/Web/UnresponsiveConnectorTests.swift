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

@Suite("Unresponsive connectors")
struct UnresponsiveConnectorTests {
    private static func form(_ mode: ConfigurableConnector.Mode) -> [(String, String)] {
        [("tenant", "acme"), ("mode", mode.rawValue), ("password", "x"), ("action", "test")]
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aHangingConnectorBlocksNoOtherRequestAndTimesOut(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let hanging = browser.post("/integrations/new/scripted", Self.form(.hanging))
            // The host, waiting for the connector.
            await fixture.time.waitForSleeper()
            for path in ["/integrations", "/audit", "/healthz"] { #expect(try await browser.get(path).status == 200) }
            #expect(try await browser.call("GET", "/connections").status == 200)
            fixture.time.advance(by: 15)
            let answer = try await hanging
            #expect(answer.status == 200 && answer.text.contains("network.timeout"))
            let entry = try #require(try await fixture.audit().first)
            #expect(entry.action == .connectionTested && entry.outcome == .failed && entry.code == .networkTimeout)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func theStreamOfATestThatHangsEndsToo(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let hanging = browser.post("/integrations/new/scripted/test", Self.form(.hanging))
            // The host, waiting for the connector.
            await fixture.time.waitForSleeper()
            fixture.time.advance(by: 15)
            #expect(try await hanging.text.contains("network.timeout"))
        }
    }

    @Test func aConnectorThatThrowsIsReportedAsItsDefect() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.post("/integrations/new/scripted", Self.form(.throwing))
            #expect(answer.status == 200 && answer.text.contains("connector.defect"))
            #expect(try await browser.get("/integrations").status == 200)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aConnectorWithManyChecksIsReadToTheEnd(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let flooded = browser.post("/integrations/new/scripted/test", Self.form(.flooding))
            for _ in 0..<5 { #expect(try await browser.get("/integrations").status == 200) }
            let lines = try await flooded.text.split(separator: "\n")
            #expect(lines.count == 20_001)
            let last = JSONValue(try JSONDocument(Array(try #require(lines.last).utf8)).root)
            #expect(last["receipt"] != nil && last["result"] != nil)
        }
    }

    @Test func listsThatCanNotBeReadLeaveThePageUsable() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutLists)
            let page = try await fixture.signIn().get("/integrations/\(connection.id)/ticket-defaults")
            #expect(page.status == 200 && page.text.contains("inputmode=\"numeric\"") && page.text.contains("network.timeout"))
        }
    }
}
