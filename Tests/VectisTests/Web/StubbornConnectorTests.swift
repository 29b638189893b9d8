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

@Suite("A connector that misbehaves")
struct StubbornConnectorTests {
    private static func form(_ mode: ConfigurableConnector.Mode) -> [(String, String)] {
        [("tenant", "acme"), ("mode", mode.rawValue), ("password", "x"), ("action", "test")]
    }

    @Test(arguments: WebFixture.Way.allCases)
    func oneThatHangsHoldsNobodyElseAndIsGivenUp(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let browser = try await bed.signIn()
            async let hanging = browser.post("/integrations/new/scripted", Self.form(.hanging))
            // The host, waiting for the connector.
            await bed.time.waitForSleeper()
            for path in ["/integrations", "/audit", "/healthz"] { #expect(try await browser.get(path).status == 200) }
            #expect(try await browser.call("GET", "/connections").status == 200)
            bed.time.advance(by: 15)
            let answer = try await hanging
            #expect(answer.status == 200 && answer.text.contains("network.timeout"))
            let entry = try #require(try await bed.audit().first)
            #expect(entry.action == .connectionTested && entry.outcome == .failed && entry.code == .networkTimeout)
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func theStreamOfATestThatHangsEndsToo(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let browser = try await bed.signIn()
            async let hanging = browser.post("/integrations/new/scripted/test", Self.form(.hanging))
            // The host, waiting for the connector.
            await bed.time.waitForSleeper()
            bed.time.advance(by: 15)
            #expect(try await hanging.text.contains("network.timeout"))
        }
    }

    @Test func oneThatThrowsIsADefectOfItsOwn() async throws {
        try await WebFixture.with { bed in
            let browser = try await bed.signIn()
            let answer = try await browser.post("/integrations/new/scripted", Self.form(.throwing))
            #expect(answer.status == 200 && answer.text.contains("connector.defect"))
            #expect(try await browser.get("/integrations").status == 200)
        }
    }

    @Test(arguments: WebFixture.Way.allCases)
    func oneThatFloodsIsReadToTheEnd(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let browser = try await bed.signIn()
            async let flooded = browser.post("/integrations/new/scripted/test", Self.form(.flooding))
            for _ in 0..<5 { #expect(try await browser.get("/integrations").status == 200) }
            let lines = try await flooded.text.split(separator: "\n")
            #expect(lines.count == 20_001)
            let last = JSONValue(try JSONDocument(Array(try #require(lines.last).utf8)).root)
            #expect(last["receipt"] != nil && last["result"] != nil)
        }
    }

    @Test func listsThatCanNotBeReadLeaveThePageUsable() async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect(mode: .withoutLists)
            let page = try await bed.signIn().get("/integrations/\(connection.id)/ticket-defaults")
            #expect(page.status == 200 && page.text.contains("inputmode=\"numeric\"") && page.text.contains("network.timeout"))
        }
    }
}
