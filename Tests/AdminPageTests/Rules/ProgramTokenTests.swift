import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Tokens for programs that send events.
    @Suite struct ProgramTokenTests {
        @Test func aTokenIsShownOnceAllowsOnlyEventsAndStopsWorkingWhenRevoked() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                try await browser.open(host.url + "/tokens")
                try await browser.follow("main form[action='/tokens'] .primary")
                let isFocused = try await browser.isFocused("#field-name")
                #expect(isFocused, "A name is needed.")
                try await browser.fill("#field-name", with: "Patch monitor")
                try await browser.follow("main form[action='/tokens'] .primary")
                let token = try await browser.text("#token")
                #expect(token.hasPrefix("vectis_"))
                try await browser.open(host.url + "/tokens")
                let source = try await browser.pageSource()
                #expect(source.contains("Patch monitor"))
                #expect(!source.contains(token), "It is not shown again.")
                // Other tests make tokens on this host too.
                let revoke = try #require(source.firstMatch(of: /(?s)Patch monitor.*?action="(\/tokens\/[^"]+\/revoke)"/)).1

                let program = HTTPFace(origin: host.url, headers: ["Authorization": "Bearer \(token)"])
                let event = try await program.sendEvent("token.test", "1")
                #expect(event.status == 202)
                let closed: [(HTTPMethod, String, Int)] = [
                    (.get, "/rules", 303), (.get, "/tokens", 303), (.post, "/tokens", 401), (.post, "/rules/new", 401),
                    (.get, "/api/v1/connections", 401), (.get, "/api/v1/audit", 401),
                ]
                for (method, path, status) in closed {
                    let answer = try await program.send(method, path)
                    #expect(answer.status == status, "\(method) \(path)")
                    #expect(status != 303 || answer.headers["Location"]?.hasPrefix("/sign-in") == true)
                }

                try await browser.open(host.url + "/tokens")
                let used = try await browser.words("main li:has(form[action='\(revoke)'])")
                #expect(used.contains("last used"))
                try await browser.follow("main form[action='\(revoke)'] button")
                let said = try await browser.words(".notice")
                #expect(said == "Done: The token is revoked.")
                let refused = try await program.sendEvent("token.test", "2")
                #expect(refused.status == 401)
            }
        }
    }
}
