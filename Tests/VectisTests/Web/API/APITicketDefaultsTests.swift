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

@Suite("Ticket defaults over the JSON API")
struct APITicketDefaultsTests {
    @Test func theChoicesAreThoseOfThePSA() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let viewer = try await fixture.signIn("viewer")
            let all = try await viewer.call("GET", "/connections/\(connection.id)/ticket-choices")
            #expect(all.json["types"] == [["id": "1", "name": "Incident"]])
            #expect(all.json["statuses"] == [["id": "2", "name": "New", "phase": "open"]])
            #expect(all.json["priorities"] == [])
            let ofType = try await viewer.call("GET", "/connections/\(connection.id)/ticket-choices?type=1")
            #expect(ofType.json["priorities"] == [["id": "3", "name": "High"]])
        }
    }

    @Test func theyAreCheckedAndSaved() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)/ticket-defaults"
            let wrong = try await browser.call("PUT", path, ["revision": 1, "type": 9, "status": "8", "priority": 7])
            #expect(wrong.status == 422 && wrong.json["problems"]?.elements.map { $0["member"] } == ["type", "status", "priority"])
            let saved = try await browser.call("PUT", path, ["revision": 1, "type": 1, "status": "2", "priority": 3])
            #expect(saved.status == 200 && saved.json["ticketDefaults"] == ["type": "1", "status": "2", "priority": "3"])
            #expect(saved.json["revision"] == 2)
            #expect(try await browser.call("PUT", path, ["revision": 1, "type": 1]).code == "stale")
            let none = try await browser.call("PUT", path, ["revision": 2, "type": nil, "status": ""])
            #expect(none.json["ticketDefaults"] == [:])
        }
    }

    @Test func unverifiableDefaultsAreSavedOnlyOnRequest() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutLists)
            let browser = try await fixture.signIn()
            let choices = try await browser.call("GET", "/connections/\(connection.id)/ticket-choices")
            #expect(choices.status == 502 && choices.code == "network.timeout")
            let path = "/connections/\(connection.id)/ticket-defaults"
            let asked = try await browser.call("PUT", path, ["revision": 1, "type": "77"])
            #expect(asked.status == 409 && asked.code == "unverified" && asked.json["problem"]?["code"] == "network.timeout")
            let saved = try await browser.call("PUT", path, ["revision": 1, "type": "77", "acceptUnverified": true])
            #expect(saved.json["ticketDefaults"] == ["type": "77"])
        }
    }

    @Test func aTestTicketIsReportedAsACheck() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/connections/\(connection.id)/test-ticket")
            #expect(made.status == 200 && made.json["outcome"] == "passed" && made.json["problem"] == nil)
            let broken = try await fixture.connect("broken", mode: .refused)
            let failed = try await browser.call("POST", "/connections/\(broken.id)/test-ticket")
            #expect(failed.status == 200 && failed.json["outcome"] == "failed")
            #expect(failed.json["problem"]?["code"] == "write.outcome_unknown")
        }
    }
}
