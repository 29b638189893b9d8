import PSATesting
import Testing

@testable import PSACore

/// A connector that has nothing but its client.
private struct RequestingConnector: VendorRequesting {
    let client: VendorClient<CoreMessage>

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
    }
    func vendorRequest(_ request: VendorRequest) async throws -> VendorAnswer { try await client.answer(to: request) }
}

extension VendorClientFixture {
    /// A session over this transport, as a registry makes it.
    fileprivate func session(
        _ authentication: VendorAuthentication = .none, rateLimit: RateLimit? = nil
    ) throws -> ConnectorSession {
        let declaration = try client(authentication, rateLimit: rateLimit).declaration
        let entry = ConnectorRegistration(descriptor: SampleConnector.describing(settings: SettingsSchema([]))) { _, context in
            RequestingConnector(client: VendorClient(declaration, context: context))
        }
        return try entry.connect(
            settings: SettingsInput(), context: ConnectorContext(transport: transport, time: time.source, log: log))
    }
}

@Suite("Requests of the host to the vendor", .timeLimit(.minutes(1)))
struct VendorRequestTests {
    @Test(
        "a path that leaves the API is refused, and nothing is sent",
        arguments: [
            ("https://evil.example.com/x", VendorRequestIssue.leavesAPI), ("//evil.example.com/x", .leavesAPI),
            ("/../auth/token", .leavesAPI),
            ("..", .leavesAPI), ("/tickets/../../auth", .leavesAPI), ("/tickets/./5", .leavesAPI), ("/tickets//5", .leavesAPI),
            ("", .leavesAPI), ("/", .leavesAPI), ("///", .leavesAPI), ("/%2e%2e/auth", .forbiddenCharacter),
            ("/tickets%2F..%2Fauth", .forbiddenCharacter), ("/..\\auth", .forbiddenCharacter),
            ("\\\\evil.example.com", .forbiddenCharacter),
            ("/tickets?a=b", .forbiddenCharacter), ("/tickets#x", .forbiddenCharacter), ("/tickets/\u{0}", .forbiddenCharacter),
            ("/tickets/\r\nHost: evil", .forbiddenCharacter), ("/tickets/{id}", .forbiddenCharacter),
            (String(repeating: "a", count: 2_001), .pathTooLong),
        ])
    func refusedPath(path: String, issue: VendorRequestIssue) async throws {
        #expect(throws: issue) { try VendorRequest(.get, path: path) }
        let fixture = VendorClientFixture()
        for method in [TransportMethod.get, .post] {
            let error = try await #require(throws: PSAError.self) { try await fixture.session().vendorRequest(method, path: path) }
            #expect(error.code == .requestInvalid && error.connector?.rawValue == "sample" && !error.mayHaveBeenExecuted)
            #expect(error.guidance.detail.hasSuffix(TextRenderer().text(issue)))
        }
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test(
        "a path is encoded, and what may be personal in it is not shown",
        arguments: [
            ("/tickets", "/api/tickets", "/api/tickets"), ("tickets/5", "/api/tickets/5", "/api/tickets/{value}"),
            ("/tickets/5/notes/", "/api/tickets/5/notes/", "/api/tickets/{value}/{value}/"),
            ("/users/erika muster@acme", "/api/users/erika%20muster%40acme", "/api/users/{value}"),
            ("/v4/x", "/api/v4/x", "/api/{value}/{value}"), ("/tickets/a:b;c", "/api/tickets/a%3Ab%3Bc", "/api/tickets/{value}"),
            ("/https:", "/api/https%3A", "/api/{value}"), ("/.../x", "/api/.../x", "/api/{value}/{value}"),
        ])
    func acceptedPath(path: String, sent: String, shown: String) async throws {
        let fixture = VendorClientFixture(.status(200, "{}"))
        _ = try await fixture.session().vendorRequest(.get, path: path)
        #expect(fixture.transport.requests.map(\.path) == [sent])
        #expect(fixture.transport.requests.map(\.route) == [shown])
        #expect(fixture.log.lines.allSatisfy { !$0.contains("erika") })
    }

    @Test func limitsOfQueryAndBodyHold() throws {
        let query = [QueryItem("q", String(repeating: "x", count: 5_998))]
        #expect(try VendorRequest(.get, path: "/t", query: query).query == query)
        #expect(throws: VendorRequestIssue.queryTooLong) { try VendorRequest(.get, path: "/t", query: query + [QueryItem("a", "")]) }
        let body = JSONValue.string(String(repeating: "x", count: VendorRequest.maxBodyBytes - 2))
        #expect(try VendorRequest(.post, path: "/t", body: body).body != nil)
        #expect(throws: VendorRequestIssue.bodyTooLarge) { try VendorRequest(.post, path: "/t", body: [body]) }
        #expect(throws: VendorRequestIssue.bodyOfRead) { try VendorRequest(.get, path: "/t", body: [:]) }
        for issue in VendorRequestIssue.allCases {
            #expect(TextRenderer().text(issue) != TextRenderer(.german).text(issue) && !TextRenderer().text(issue).contains("{"))
        }
    }

    @Test func aReadHasTheConnectionsCredentialsAndIsRepeated() async throws {
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(503), .status(401), VendorClientFixture.nextToken,
            .status(200, headers: ["Set-Cookie": "session=1", "X-Total": "7"], #"{"id":12345678901234567890}"#))
        let session = try fixture.session(VendorClientFixture.clientCredentials)
        let answer = try await session.vendorRequest(.get, path: "/assets", query: [QueryItem("name", "a&b")])
        #expect(answer.status == 200 && answer.json?["id"]?.text == "12345678901234567890")
        #expect(answer.headers["Set-Cookie"] == nil && answer.headers["X-Total"] == "7")
        #expect(fixture.transport.requests.last?.urlText == "https://acme.example.com/api/assets?name=a%26b")
        #expect(fixture.authorizations.last == "Bearer token-0002-of-the-test")
        #expect(fixture.transport.problems == [])
    }

    @Test func aWriteIsSentOnceUnlessItIsProvenThatItWasNotSent() async throws {
        let fixture = VendorClientFixture(.fault(.connectionRefused, .notSent), .status(201, #"{"id":7}"#))
        let answer = try await fixture.session().vendorRequest(.post, path: "/assets", body: ["name": "Laptop"])
        #expect(answer.status == 201 && answer.json?["id"]?.integer == 7)
        #expect(fixture.transport.requests.map(\.body) == Array(repeating: Array(#"{"name":"Laptop"}"#.utf8), count: 2))
        for reply in [ScriptedTransport.Reply.status(503), .fault(.timedOut), .status(200, "<html><body>Sign in</body></html>")] {
            let fixture = VendorClientFixture(reply)
            let error = try await #require(throws: PSAError.self) { try await fixture.session().vendorRequest(.put, path: "/assets/7") }
            #expect(error.mayHaveBeenExecuted && fixture.transport.requests.count == 1)
        }
    }

    @Test func aRefusalOfTheVendorProvesThatNothingWasWrittenAndIsRedacted() async throws {
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(400, #"{"message":"Bad token token-0001-of-the-test: name is missing"}"#))
        let session = try fixture.session(VendorClientFixture.clientCredentials)
        let error = try await #require(throws: PSAError.self) { try await session.vendorRequest(.delete, path: "/assets/7") }
        #expect(!error.mayHaveBeenExecuted && error.vendor?.status == 400)
        #expect(error.vendor?.message?.contains("name is missing") == true)
        #expect(error.vendor?.message?.contains("token-0001") == false)
        #expect(error.request == "DELETE acme.example.com/api/assets/{value}")
    }

    @Test func whatIsNoJSONIsGivenAsItCame() async throws {
        let fixture = VendorClientFixture(.status(200, "id;name\n1;a"), .status(204), .status(200, "<html></html>"))
        let session = try fixture.session()
        let table = try await session.vendorRequest(.get, path: "/export")
        #expect(table.json == nil && table.body == Array("id;name\n1;a".utf8))
        let empty = try await session.vendorRequest(.delete, path: "/assets/7")
        #expect(empty.json == nil && empty.body.isEmpty && empty.status == 204)
        // A web page is an answer from in front of the vendor.
        let error = try await #require(throws: PSAError.self) { try await session.vendorRequest(.get, path: "/export") }
        #expect(error.code == .proxyHTMLInsteadOfJSON)
    }

    @Test func requestsWaitForTheirPlaceInTheRateLimit() async throws {
        let fixture = VendorClientFixture(.status(200, "{}"), .status(200, "{}"))
        let session = try fixture.session(rateLimit: RateLimit(1, per: .seconds(10)))
        _ = try await session.vendorRequest(.get, path: "/assets")
        _ = try await session.vendorRequest(.post, path: "/assets")
        #expect(fixture.time.sleeps == [.milliseconds(10_001)])
    }

    @Test func connectorsWithoutItAndPlaceholdersSaySo() async throws {
        let session = ConnectorSession(SampleConnector(), descriptor: SampleConnector.descriptor)
        #expect(!session.takesVendorRequests)
        let error = try await #require(throws: PSAError.self) { try await session.vendorRequest(.get, path: "/tickets") }
        #expect(error.code == .connectorUnsupported)
        #expect(error.guidance.detail == "The connector for Sample PSA does not offer requests of your own.")
        let placeholder = ConnectorSession(SampleConnector(), descriptor: SampleConnector.describing(tier: .placeholder, capabilities: []))
        let other = try await #require(throws: PSAError.self) { try await placeholder.vendorRequest(.post, path: "/tickets") }
        #expect(other.code == .connectorPlaceholder)
    }
}
