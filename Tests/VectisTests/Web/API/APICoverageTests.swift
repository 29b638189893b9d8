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

@Suite("Every operation of the JSON API, once")
struct APICoverageTests {
    /// ``Browser/call(_:_:_:_:)`` compares each context with the description; here each operation is called with success.
    @Test(arguments: WebFixture.Mode.allCases)
    func eachSucceedsAsDescribed(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.services.storage.engine.recordUnmatched(
                SentCompany(id: "7", name: "Beta"), .notFound, of: connection.id, at: fixture.time.now)
            let settings: JSONValue = ["tenant": "second", "password": "x"]
            let own = "/connections/\(connection.id)"
            let password: JSONValue = ["current": .string(WebFixture.password), "new": "long enough 123"]
            let calls: [(String, String, JSONValue?)] = [
                ("POST", "/session", ["name": "viewer", "password": .string(WebFixture.password)]), ("GET", "/session", nil),
                ("GET", "/connectors", nil), ("GET", "/connectors/halopsa", nil), ("GET", "/connectors/autotask", nil),
                ("POST", "/connection-tests", ["connector": "scripted", "settings": settings]),
                ("POST", "/connection-tests", ["connector": "scripted", "settings": ["tenant": "a", "password": "x", "mode": "refused"]]),
                ("POST", "/connections", ["connector": "scripted", "settings": settings, "acceptUntested": true]),
                ("POST", own + "/test", nil), ("GET", "/connections", nil), ("GET", own, nil),
                ("PUT", own, ["revision": 1, "name": "New", "acceptUntested": true]), ("GET", own + "/ticket-choices?type=1", nil),
                ("PUT", own + "/ticket-defaults", ["revision": 2, "type": 1, "status": nil]), ("POST", own + "/test-ticket", nil),
                ("GET", "/company-mappings", nil),
                ("POST", "/company-mappings", ["connection": .string(connection.id.rawValue), "sentName": "Acme", "company": "12"]),
                ("DELETE", "/company-mappings/1", nil), ("PUT", "/company-mappings/unmatched/1", ["dismissed": true]),
                ("DELETE", own, nil), ("POST", "/accounts", ["name": "sam", "password": "long enough 123", "role": "viewer"]),
                ("GET", "/accounts", nil), ("PUT", "/accounts/sam", ["role": "admin"]), ("DELETE", "/accounts/sam", nil),
                ("GET", "/audit?limit=3", nil), ("GET", "/errors", nil), ("GET", "/errors/rate.limited", nil),
                ("GET", "/openapi.json", nil), ("GET", "/outbox-limits", nil),
                ("PUT", "/outbox-limits", ["revision": 0, "maxAgeHours": 72, "maxWaitMinutes": 15]),
                ("POST", "/tokens", ["name": "shared", "namespace": "Backup"]), ("GET", "/tokens", nil),
                ("PUT", "/account/password", password),
            ]
            var covered: Set<String> = []
            for (method, path, body) in calls {
                let answer = try await browser.call(method, path, body)
                #expect((200...204).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text.prefix(200))")
                if let operation = APIDescription.served.operation(method, "/api/v1" + path) { covered.insert(operation.name) }
            }
            let id = try #require(try await fixture.services.storage.tokens().first?.id)
            for (method, body) in [("PUT", ["namespace": nil] as JSONValue?), ("DELETE", nil)] {
                let answer = try await browser.call(method, "/tokens/\(id)", body)
                #expect((200...204).contains(answer.status), "\(answer.text)")
                covered.insert("\(method) /api/v1/tokens/{id}")
            }
            #expect(try await browser.call("DELETE", "/session").status == 204)
            covered.insert("DELETE /api/v1/session")
            let (text, token) = try APIToken.make(name: "monitor", at: fixture.time.now)
            try await fixture.services.storage.add(token, audit: .sample(.tokenCreated))
            let event: JSONValue = [
                "source": "monitor", "id": "1", "type": "backup.failed", "severity": "error", "text": "The disk is full.",
            ]
            let answer = try await browser.call("POST", "/events", event, [("Authorization", "Bearer \(text.reveal())")])
            #expect(answer.status == 202)
            covered.insert("POST /api/v1/events")
            #expect(Set(APIDescription.served.operations.map(\.name)).subtracting(covered).isEmpty)
        }
    }
}
