import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// API keys of programs that send events.
    @Suite struct ProgramTokenTests {
        @Test func aTokenIsShownOnceAllowsOnlyEventsAndStopsWorkingWhenRevoked() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                try await browser.open(host.url + "/api-keys")
                try await browser.follow("main form[action='/api-keys'] .primary")
                let isFocused = try await browser.isFocused(".form-problems")
                #expect(isFocused, "A name is needed.")
                try await browser.fill("#field-name", with: "Patch monitor")
                try await browser.follow("main form[action='/api-keys'] .primary")
                let token = try await browser.text("#token")
                #expect(token.hasPrefix("vectis_"))
                try await browser.open(host.url + "/api-keys")
                let source = try await browser.pageSource()
                #expect(source.contains("Patch monitor"))
                #expect(!source.contains(token), "It is not shown again.")
                // Other tests make keys on this host too.
                let key = try #require(source.firstMatch(of: /href="(\/api-keys\/[^"]+)">Patch monitor</)).1

                let program = HTTPFace(origin: host.url, headers: ["Authorization": "Bearer \(token)"])
                let event = try await program.sendEvent("token.test", "1")
                #expect(event.status == 202)
                let closed: [(TransportMethod, String, Int)] = [
                    (.get, "/rules", 303), (.get, "/api-keys", 303), (.post, "/api-keys", 401), (.post, "/rules/new", 401),
                    (.get, "/api/v1/connections", 403), (.get, "/api/v1/audit", 403),
                ]
                for (method, path, status) in closed {
                    let answer = try await program.send(method, path)
                    #expect(answer.status == status, "\(method) \(path)")
                    #expect(status != 303 || answer.headers["Location"]?.hasPrefix("/sign-in") == true)
                }

                try await browser.open(host.url + "/api-keys")
                let used = try await browser.words("main li:has(a[href='\(key)'])")
                #expect(used.contains("Last used"))
                try await browser.follow("main a[href='\(key)']")
                try await browser.follow("main a[href='\(key)/revoke']")
                let consequences = try await browser.words(".consequences")
                #expect(consequences.contains("It was last used") && consequences.contains("1 event:"))
                try await browser.follow("main form .danger")
                let said = try await browser.words(".notice")
                #expect(said == "Done: The API key is revoked.")
                let refused = try await program.sendEvent("token.test", "2")
                #expect(refused.status == 401)
            }
        }
    }
}
