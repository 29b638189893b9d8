import Foundation
import HaloSimulator
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

@Suite("The JSON API in front of a HaloPSA simulator")
struct APIHaloTests {
    private func withHalo(_ body: (WebFixture, Browser, HaloSimulatorServer, JSONValue) async throws -> Void) async throws {
        let server = try HaloSimulatorServer.start()
        let settings: JSONValue = [
            "tenantURL": .string("http://127.0.0.1:\(server.port)"), "clientID": .string(HaloSimulator.Configuration.demoClientID),
            "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret),
        ]
        do {
            try await WebFixture.with(.inProcess, .init(reachesLoopback: true)) { fixture in
                try await body(fixture, try await fixture.signIn(), server, settings)
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func settingsAreTestedSavedAndUsed() async throws {
        try await withHalo { fixture, browser, server, settings in
            let test = try await browser.call("POST", "/connection-tests", ["connector": "halopsa", "settings": settings])
            #expect(test.json["connected"] == true, "\(test.text)")
            let receipt = try #require(test.json["receipt"])
            let saved = try await browser.call("POST", "/connections", ["connector": "halo", "settings": settings, "receipt": receipt])
            #expect(saved.status == 201 && saved.json["name"]?.string == "127.0.0.1:\(server.port)")
            let path = "/connections/\(saved.json["id"]?.string ?? "")"
            let choices = try await browser.call("GET", path + "/ticket-choices?type=1")
            #expect(choices.json["types"]?.elements.isEmpty == false && choices.json["priorities"]?.elements.isEmpty == false)
            let defaults = try await browser.call("PUT", path + "/ticket-defaults", ["revision": 1, "type": 1])
            #expect(defaults.json["ticketDefaults"] == ["type": "1"])
            let before = await server.simulator.ticketCount()
            let ticket = try await browser.call("POST", path + "/test-ticket")
            #expect(ticket.json["outcome"] == "passed", "\(ticket.text)")
            #expect(await server.simulator.ticketCount() == before)
            #expect(!fixture.log.text.contains(HaloSimulator.Configuration.demoClientSecret))
        }
    }

    @Test(arguments: [("en", false), ("de", true)])
    func aWrongSecretIsExplainedInTheLanguageOfItsReader(language: String, isGerman: Bool) async throws {
        try await withHalo { _, browser, server, settings in
            await server.simulator.setFaults([try HaloFault(parsing: "token-invalid-client")])
            let body: JSONValue = ["connector": "halopsa", "settings": settings]
            let test = try await browser.call("POST", "/connection-tests", body, [("Accept-Language", language)])
            #expect(test.json["problem"]?["code"] == "auth.invalid_client" && test.json["receipt"] == nil, "\(test.text)")
            let steps = test.json["problem"]?["steps"]?.elements.compactMap(\.string) ?? []
            #expect(steps.contains("Verbindung erneut testen.") == isGerman && !steps.isEmpty, "\(steps)")
        }
    }
}
