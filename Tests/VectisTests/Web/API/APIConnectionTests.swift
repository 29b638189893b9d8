import Foundation
import HaloSimulator
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Connections over the JSON API")
struct APIConnectionTests {
    private static func settings(_ tenant: String = "acme", mode: ConfigurableConnector.Mode = .works) -> JSONValue {
        ["tenant": .string(tenant), "mode": .string(mode.rawValue), "password": .string(ConfigurableConnector.secret), "typeID": 1]
    }

    private static func draft(_ members: (String, JSONValue)...) -> JSONValue {
        JSONValue(present: [("connector", "scripted"), ("settings", settings())]).adding(members)
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func testedSettingsAreSavedWithTheirProof(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            let test = try await browser.call("POST", "/connection-tests", Self.draft())
            #expect(test.status == 200 && test.json["connected"] == true && test.json["checks"]?.elements.count == 1)
            let receipt = try #require(test.json["receipt"])
            let saved = try await browser.call("POST", "/connections", Self.draft(("receipt", receipt), ("name", "My <Acme>")))
            #expect(saved.status == 201)
            let location = try #require(saved.headers["Location"])
            #expect(location == "/api/v1/connections/\(saved.json["id"]?.string ?? "")")
            #expect(saved.json["name"] == "My <Acme>" && saved.json["revision"] == 1 && saved.json["status"]?["outcome"] == "connected")
            #expect(saved.json["settings"]?["tenant"] == "acme" && saved.json["secrets"] == ["password"])
            #expect(saved.json["ticketDefaults"] == ["type": "1"])
            #expect(try await browser.get(location).json == saved.json)
            let list = try await browser.call("GET", "/connections")
            #expect(list.json["connections"]?.elements.map { $0["id"] } == [saved.json["id"]])
            #expect(list.json["connections"]?.elements.first?["settings"] == nil)
        }
    }

    @Test func aTestProofIsValidForTheTestedSettingsForHalfAnHour() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let receipt = try #require(try await browser.call("POST", "/connection-tests", Self.draft()).json["receipt"])
            let other: JSONValue = ["connector": "scripted", "settings": Self.settings("other"), "receipt": receipt]
            #expect(try await browser.call("POST", "/connections", other).code == "untested")
            #expect(try await browser.call("POST", "/connections", Self.draft(("receipt", "AAAA"))).code == "untested")
            fixture.time.advance(by: 30 * 60)
            let late = try await browser.call("POST", "/connections", Self.draft(("receipt", receipt)))
            #expect(late.status == 409 && late.code == "untested")
        }
    }

    @Test func untestedSettingsAreSavedOnlyOnRequest() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.call("POST", "/connections", Self.draft()).code == "untested")
            #expect(try await browser.call("POST", "/connections", Self.draft(("acceptUntested", false))).code == "untested")
            let saved = try await browser.call("POST", "/connections", Self.draft(("acceptUntested", true)))
            #expect(saved.status == 201 && saved.json["status"] == nil && saved.json["name"] == "acme")
        }
    }

    @Test func aSecondConnectionToATenantNamesTheFirst() async throws {
        try await WebFixture.with { fixture in
            let first = try await fixture.connect()
            let again = try await fixture.signIn().call("POST", "/connections", Self.draft(("acceptUntested", true)))
            #expect(again.status == 409 && again.code == "duplicate" && again.json["connection"]?.string == first.id.rawValue)
            #expect(again.json["detail"]?.string?.contains("“Acme”") == true)
        }
    }

    @Test func aChangeRequiresTheCurrentRevision() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)"
            let change: JSONValue = ["revision": 1, "name": "Renamed", "acceptUntested": true]
            let changed = try await browser.call("PUT", path, change)
            #expect(changed.status == 200 && changed.json["revision"] == 2 && changed.json["name"] == "Renamed")
            #expect(changed.json["settings"]?["tenant"] == "acme" && changed.json["secrets"] == ["password"])
            let stale = try await browser.call("PUT", path, change)
            #expect(stale.status == 409 && stale.code == "stale")
            #expect(try await browser.call("GET", path).json == changed.json)
        }
    }

    @Test func theNameIsKeptWhereNoneIsSent() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let changed = try await fixture.signIn().call(
                "PUT", "/connections/\(connection.id)", ["revision": 1, "settings": ["typeID": 1], "acceptUntested": true])
            #expect(changed.json["name"] == "Acme" && changed.json["settings"]?["typeID"] == "1")
        }
    }

    @Test func aChangeOfTenantNeedsConfirmationAndTheSecretsAgain() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)"
            let withoutSecret: JSONValue = [
                "revision": 1, "settings": ["tenant": "other"], "acceptUntested": true, "acceptOtherTenant": true,
            ]
            let missing = try await browser.call("PUT", path, withoutSecret)
            #expect(missing.status == 422 && missing.code == "config.missing_field" && missing.json["fields"] == ["password"])
            let settings: JSONValue = ["tenant": "other", "password": "another"]
            let asked = try await browser.call("PUT", path, ["revision": 1, "settings": settings, "acceptUntested": true])
            #expect(asked.status == 409 && asked.code == "other_tenant")
            #expect(asked.json["oldTenant"] == "acme" && asked.json["newTenant"] == "other" && asked.json["openJobs"] == 0)
            let moved = try await browser.call(
                "PUT", path, ["revision": 1, "settings": settings, "acceptUntested": true, "acceptOtherTenant": true])
            #expect(moved.status == 200 && moved.json["tenant"] == "other" && moved.json["id"]?.string == connection.id.rawValue)
        }
    }

    @Test func allSettingErrorsAreReportedAtOnce() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let body: JSONValue = ["connector": "scripted", "settings": ["tenat": "acme", "typeID": "1"]]
            for path in ["/connections", "/connection-tests"] {
                let answer = try await browser.call("POST", path, body)
                #expect(answer.status == 422 && answer.json["status"] == 422, "\(answer.text)")
                let codes = answer.json["problems"]?.elements.map { $0["code"]?.string }
                #expect(codes == ["config.missing_field", "config.missing_field", "config.unknown_field"])
                #expect(answer.text.contains("tenant"))
            }
            #expect(try await fixture.services.storage.connections().isEmpty)
        }
    }

    @Test func aPlaceholderIsNotSaved() async throws {
        try await WebFixture.with { fixture in
            let settings: JSONValue = ["username": "a@example.com", "secret": "secretsecret", "integrationCode": "codecodecode"]
            let body: JSONValue = ["connector": "autotask", "settings": settings, "acceptUntested": true]
            let answer = try await fixture.signIn().call("POST", "/connections", body)
            #expect(answer.status == 501 && answer.code == "connector.placeholder")
        }
    }

    @Test func anUnknownConnectorInABodyIsAWrongValue() async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn().call("POST", "/connections", ["connector": "scriptd", "settings": [:]])
            #expect(answer.status == 422 && answer.code == "config.unknown_connector")
            #expect(answer.text.contains("scripted"))
        }
    }

    @Test(
        "a failed connection test is a response in the requested language",
        arguments: [
            (ConfigurableConnector.Mode.refused, "en", "auth.invalid_client"), (.refused, "de", "auth.invalid_client"),
            (.throwing, "en", "connector.defect"),
        ])
    func failing(mode: ConfigurableConnector.Mode, language: String, code: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let body: JSONValue = ["connector": "scripted", "settings": Self.settings(mode: mode)]
            let answer = try await browser.call("POST", "/connection-tests", body, [("Accept-Language", language)])
            #expect(answer.status == 200 && answer.json["connected"] == false && answer.json["receipt"] == nil)
            #expect(answer.json["problem"]?["code"]?.string == code)
            let expected = TextRenderer(Language(locale: language)).text(CoreMessage.outcome(.failed))
            #expect(!expected.isEmpty && answer.json["headline"] == answer.json["problem"]?["title"])
            let english = PSAError(.authInvalidClient).guidance.title
            if mode == .refused { #expect((answer.json["headline"]?.string == english) == (language == "en")) }
        }
    }

    @Test func aSavedConnectionIsTestedWithItsOwnSecrets() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)"
            #expect(try await browser.call("POST", path + "/test").json["connected"] == true)
            #expect(try await browser.call("GET", path).json["status"]?["outcome"] == "connected")
            let changed: JSONValue = [
                "connector": "scripted", "connection": .string(connection.id.rawValue), "settings": ["mode": "refused"],
            ]
            #expect(try await browser.call("POST", "/connection-tests", changed).json["connected"] == false)
            #expect(try await browser.call("GET", path).json["status"]?["outcome"] == "connected", "what is saved was not tested")
            let foreign: JSONValue = ["connector": "halopsa", "connection": .string(connection.id.rawValue), "settings": [:]]
            #expect(try await browser.call("POST", "/connection-tests", foreign).code == "invalid")
            let gone: JSONValue = ["connector": "scripted", "connection": "gone", "settings": [:]]
            #expect(try await browser.call("POST", "/connection-tests", gone).status == 404)
        }
    }

    @Test func aRemovedConnectionIsGone() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)"
            let removed = try await browser.call("DELETE", path)
            #expect(removed.status == 204 && removed.body.isEmpty)
            for method in ["GET", "DELETE"] { #expect(try await browser.call(method, path).code == "not_found") }
        }
    }

    @Test func secretsNeverComeBack() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            var texts: [String] = []
            for route in fixture.application.router.routes where route.method == .get {
                texts.append(try await browser.get(fixture.path(route, connection)).text)
            }
            for body in [Self.draft(), Self.draft(("acceptUntested", true)), Self.draft(("nme", 1))] {
                texts.append(try await browser.call("POST", "/connection-tests", body).text)
                texts.append(try await browser.call("POST", "/connections", body).text)
            }
            texts.append(fixture.log.text)
            #expect(texts.allSatisfy { !$0.contains(ConfigurableConnector.secret) && !$0.contains(WebFixture.password) })
        }
    }
}

extension JSONValue {
    /// The object with further members at its end.
    fileprivate func adding(_ members: [(String, JSONValue)]) -> JSONValue { members.reduce(self) { $0.adding($1) } }
}

@Suite("Ticket defaults over the JSON API")
struct APITicketDefaultsTests {
    @Test func theChoicesAreThoseOfThePSA() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let viewer = try await fixture.signIn("viewer")
            let all = try await viewer.call("GET", "/connections/\(connection.id)/ticket-choices")
            #expect(all.json["types"] == [["id": "1", "name": "Incident"]])
            #expect(all.json["statuses"] == [["id": "2", "name": "New", "phase": "open"]])
            #expect(all.json["priorities"] == [["id": "3", "name": "High"]] && all.json["dependsOn"] == [:])
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
            let without = try await browser.call("GET", path + "/ticket-choices")
            #expect(without.json["statuses"] == [] && without.json["priorities"] == [])
            #expect(without.json["dependsOn"] == ["status": ["type"], "priority": ["type"]])
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
