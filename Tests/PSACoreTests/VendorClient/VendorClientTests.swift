import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

/// A vendor client in front of a scripted transport.
struct VendorClientFixture {
    static let secret = Secret("s3cr3t-value-of-the-client")
    static let token = ScriptedTransport.Reply.status(200, #"{"access_token":"token-0001-of-the-test","expires_in":3600,"scope":"read"}"#)
    static let nextToken = ScriptedTransport.Reply.status(
        200, #"{"access_token":"token-0002-of-the-test","expires_in":3600,"scope":"read"}"#)
    static let clientCredentials = VendorAuthentication.clientCredentials(
        ClientCredentialsGrant(clientID: "client", clientSecret: secret, scope: "read"), route: "/oauth/token",
        query: [QueryItem("tenant", "acme")])

    let transport: ScriptedTransport
    let time = ManualClock()
    let log = RecordingLog()

    init(_ replies: ScriptedTransport.Reply...) { self.init(replies: replies) }

    init(replies: [ScriptedTransport.Reply]) { transport = ScriptedTransport(replies) }

    func client(
        _ authentication: VendorAuthentication = clientCredentials, rateLimit: RateLimit? = nil, rules: [ClassificationRule] = [],
        errorParser: any VendorErrorParser<CoreMessage> = StandardErrorParser<CoreMessage>(), timeouts: RequestTimeouts = .normal,
        scheme: String = "https"
    ) throws -> VendorClient<CoreMessage> {
        let vendor = VendorDeclaration(
            SampleConnector.descriptor, origin: try ServiceURL(typed: "\(scheme)://acme.example.com", policy: .allowingLoopback),
            addressPolicy: .allowingLoopback, basePath: "/api", authentication: authentication, rateLimit: rateLimit, rules: rules,
            errorParser: errorParser, tokenObject: .itsSettings)
        let context = ConnectorContext(transport: transport, time: time.source, log: log)
        return VendorClient(vendor, context: context, timeouts: timeouts)
    }

    var authorizations: [String?] { transport.requests.map { $0.headers["Authorization"] } }
    var requests: [String] { transport.requests.map(\.description) }
}

@Suite("Vendor client: requests", .timeLimit(.minutes(1)))
struct VendorClientRequestTests {
    @Test func aReadCarriesBasePathQueryTokenAndLimits() async throws {
        let fixture = VendorClientFixture(VendorClientFixture.token, .status(200, #"{"id":7}"#))
        let timeouts = RequestTimeouts(request: .seconds(7), token: .seconds(3), retryTimeLimit: .seconds(11))
        let root = try await fixture.client(timeouts: timeouts).read("/tickets/{id}", pathValues: ["7/8"], query: [QueryItem("a", "b c")])
        #expect(root["id"]?.integer == 7 && fixture.transport.problems.isEmpty)
        let (token, read) = (fixture.transport.requests[0], fixture.transport.requests[1])
        #expect(token.urlText == "https://acme.example.com/oauth/token?tenant=acme")
        #expect(token.headers["Authorization"] == nil && token.timeout == .seconds(3) && token.retryTimeLimit == .seconds(11))
        #expect(read.urlText == "https://acme.example.com/api/tickets/7%2F8?a=b%20c" || read.urlText.hasSuffix("7%2F8?a=b+c"))
        #expect(read.headers["Authorization"] == "Bearer token-0001-of-the-test" && read.headers["Accept"] == "application/json")
        #expect(read.timeout == .seconds(7) && read.retryTimeLimit == .seconds(11) && read.method == .get && read.body == nil)
        #expect(read.addressPolicy == .allowingLoopback)
    }

    @Test func aReadWithABodyIsAPostThatMayBeRepeated() async throws {
        let fixture = VendorClientFixture(.status(503), .status(200, "[]"))
        _ = try await fixture.client(.none).read("/tickets/query", body: ["filter": "open"])
        let requests = fixture.transport.requests
        #expect(requests.map(\.method) == [.post, .post] && requests.allSatisfy { $0.body == Array(#"{"filter":"open"}"#.utf8) })
        #expect(requests.allSatisfy { $0.headers["Content-Type"] == "application/json" })
    }

    @Test func theFetchOfATokenForAllDoesNotHaveTheWaitLimitOfItsFirstCaller() async throws {
        let fixture = VendorClientFixture(.status(503), VendorClientFixture.token, .status(200, "{}"))
        _ = try await RequestWaitLimit.$current.withValue(.zero) { try await fixture.client().read("/tickets") }
        #expect(fixture.transport.problems.isEmpty && fixture.requests.count == 3)
    }

    /// Each retry waits for its place in the rate limit, carries the token, and is logged; only the refused token is replaced.
    @Test func theMiddlewaresHaveTheOneRightOrder() async throws {
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(503), .status(401), VendorClientFixture.nextToken, .status(503), .status(200, "{}"))
        _ = try await fixture.client(rateLimit: RateLimit(1, per: .seconds(10))).read("/tickets")
        #expect(fixture.transport.problems.isEmpty)
        #expect(
            fixture.authorizations == [
                nil, "Bearer token-0001-of-the-test", "Bearer token-0001-of-the-test", nil, "Bearer token-0002-of-the-test",
                "Bearer token-0002-of-the-test",
            ])
        let waits = fixture.time.sleeps
        #expect(waits.filter { $0 == .seconds(1) }.count == 2, "each series of tries begins with the first wait: \(waits)")
        #expect(waits.filter { $0 > .seconds(8) }.count == 5, "every request but the first waits for its place: \(waits)")
        let answered = fixture.log.lines.filter { $0.contains("answered") }
        #expect(answered.count == 6, "\(fixture.log.lines)")
    }

    @Test func aPageWithMoreRowsThanWereAskedForAndSomeIsRefusedWithBothNumbers() async throws {
        func client(rows: Int) throws -> VendorClient<CoreMessage> {
            let body = "[" + repeatElement(#"{"id":1}"#, count: rows).joined(separator: ",") + "]"
            return try VendorClientFixture(.status(200, body)).client(.none)
        }
        func page(_ client: VendorClient<CoreMessage>) async throws -> Page<Int> {
            try await client.page("/tickets") { $0["id"]?.integer }
        }
        #expect(try await page(client(rows: RowList.maxRows)).items.count == RowList.maxRows)
        let error = await #expect(throws: PSAError.self) { try await page(client(rows: RowList.maxRows + 1)) }
        #expect(error?.code == .vendorUnexpectedResponse)
        let evidence = VendorClientMessage.tooManyRows(RowList.maxRows + 1, limit: RowList.maxRows)
        #expect(error?.findings.contains { ($0.evidence as? VendorClientMessage) == evidence } == true)
        let list = RowList(array: try JSONDocument(Array("[1,2,3]".utf8)).root) ?? RowList([])
        try client(rows: 0).checkRows(of: list, pageSize: 1)
        let long = RowList(Array(repeating: list.rows[0], count: RowList.excessRows + 51))
        try client(rows: 0).checkRows(of: long, pageSize: 51)
        #expect(throws: PSAError.self) { try client(rows: 0).checkRows(of: long, pageSize: 50) }
    }

    @Test func anAnswerOfTinyValuesIsTooLargeAndAWriteWithOneHasAnUnknownOutcome() async throws {
        let body = "[" + repeatElement("1", count: 1_100_000).joined(separator: ",") + "]"
        let fixture = VendorClientFixture(.status(200, body), .status(200, body))
        let client = try fixture.client(.none)
        let read = await #expect(throws: PSAError.self) { try await client.read("/tickets") }
        #expect(read?.code == .vendorUnexpectedResponse)
        let write = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: [:]) }
        #expect(write?.code == .writeOutcomeUnknown)
        #expect(fixture.transport.requests.count == 2)
    }

    @Test func oneTokenServesManyReadsAtOnce() async throws {
        let fixture = VendorClientFixture(VendorClientFixture.token, .status(200, "1"), .status(200, "2"), .status(200, "3"))
        let client = try fixture.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { _ = try await client.read("/tickets") } }
            try await group.waitForAll()
        }
        #expect(fixture.transport.problems.isEmpty)
        #expect(fixture.requests.filter { $0.contains("/oauth/token") }.count == 1)
    }

    @Test(arguments: [TransportMethod.post, .put, .patch, .delete]) func aWriteIsNotRepeatedAfterA401AndTheNextRequestHasANewToken(
        method: TransportMethod
    ) async throws {
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(401, "{}"), VendorClientFixture.nextToken, .status(200, "{}"))
        let client = try fixture.client()
        let error = await #expect(throws: PSAError.self) { try await client.write(method, "/tickets", body: ["a": 1]) }
        #expect(error?.code == .authTokenRejected)
        _ = try await client.read("/tickets")
        #expect(fixture.transport.problems.isEmpty)
        #expect(fixture.authorizations.last == "Bearer token-0002-of-the-test")
    }

    @Test(arguments: [429, 500, 502, 503, 504]) func aWriteIsSentOnceWhateverTheAnswer(status: Int) async throws {
        let fixture = VendorClientFixture(.status(status, headers: ["Retry-After": "1"]))
        await #expect(throws: PSAError.self) { try await fixture.client(.none).write(.post, "/tickets", body: [:]) }
        #expect(fixture.transport.requests.count == 1)
    }

    @Test func aWriteIsSentAgainOnlyIfNothingOfItWasSent() async throws {
        let proven = VendorClientFixture(.fault(.connectionRefused, .notSent), .status(200, "{}"))
        _ = try await proven.client(.none).write(.post, "/tickets", body: [:])
        #expect(proven.transport.requests.count == 2)
        let unknown = VendorClientFixture(.fault(.interrupted, .maybeSent))
        let error = await #expect(throws: PSAError.self) { try await unknown.client(.none).write(.post, "/tickets", body: [:]) }
        #expect(error?.code == .writeOutcomeUnknown && unknown.transport.requests.count == 1)
    }

    @Test func anAcknowledgementMayBeEmptyAndIsNeverAWebPage() async throws {
        let page = "<!DOCTYPE html><title>Sign in</title>"
        let fixture = VendorClientFixture(.status(204), .status(200), .status(200, "OK"), .status(200, page))
        let client = try fixture.client(.none)
        for length in [0, 0, 2] { #expect(try await client.writeAnswer(.put, "/tickets/{id}", pathValues: ["7"]).body.count == length) }
        let error = try await #require(throws: PSAError.self) { try await client.writeAnswer(.put, "/tickets/{id}", pathValues: ["7"]) }
        #expect(error.mayHaveBeenExecuted)
        #expect(fixture.transport.problems.isEmpty)
    }

    @Test func anIdThatIsNoNumberIsRefusedAndNotLeftOut() async throws {
        let client = try VendorClientFixture().client(.none)
        #expect(try client.number(Company.ID(-7)) == .integer(-7))
        #expect(try client.number(nil as Company.ID?) == nil)
        let id = try #require(Company.ID("ACME"))
        let error = #expect(throws: PSAError.self) { try client.number(id, about: .itsSettings) }
        #expect(error?.code == .requestInvalid)
        #expect(error?.guidance.detail.contains("“ACME”") == true)
    }

    @Test func aWriteWithoutReadableJSONHasAnUnknownOutcomeAndAnAnswerMayBeEmpty() async throws {
        let fixture = VendorClientFixture(.status(204), .status(204, headers: ["Location": "/tickets/7"]))
        let client = try fixture.client(.none)
        let error = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: [:]) }
        #expect(error?.code == .writeOutcomeUnknown)
        let answer = try await client.writeAnswer(.delete, "/tickets/{id}", pathValues: ["7"])
        #expect(answer.status == 204 && answer.headers["Location"] == "/tickets/7")
    }

    @Test func writesAreRecordedBelowTheClient() async throws {
        let fixture = VendorClientFixture(VendorClientFixture.token, .status(502))
        let recording = WriteRecordingTransport(transport: fixture.transport)
        let vendor = try fixture.client().declaration
        let client = VendorClient(vendor, context: ConnectorContext(transport: recording, time: fixture.time.source))
        let writes = WriteLog()
        await WriteLog.$current.withValue(writes) {
            _ = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: [:]) }
        }
        let evidence = writes.evidence(NonExecutionRule.standard)
        #expect(evidence.hasRequests && evidence.mayHaveBeenExecuted && evidence.unproven.count == 1)
    }

    @Test func aPageReportsTheRowsItCannotRead() async throws {
        let fixture = VendorClientFixture(.status(200, #"{"rows":[{"id":1},{"name":"x"}],"total":9}"#), .status(200, "{}"))
        var declaration = try fixture.client(.none).declaration
        declaration.lists = ListFormat { RowList(array: $0["rows"], total: $0["total"]?.integer) }
        let client = VendorClient(declaration, context: ConnectorContext(transport: fixture.transport, time: fixture.time.source))
        func page() async throws -> Page<Int> { try await client.page("/tickets") { $0["id"]?.integer } }
        let found = try await page()
        #expect(found.items == [1] && found.total == 9 && found.firstRowID == "1")
        #expect(found.unreadable.map(\.position) == [1])
        let error = await #expect(throws: PSAError.self) { try await page() }
        #expect(error?.code == .vendorUnexpectedResponse)
    }

    @Test func headerFieldsOfTheVendorAndOfTheRequestAreSent() async throws {
        let fixture = VendorClientFixture(.status(200, "{}"), .status(200, "{}"))
        var declaration = try fixture.client(.none).declaration
        declaration.headers = ["X-Version": "2", "Accept": "application/vnd.acme+json"]
        let client = VendorClient(declaration, context: ConnectorContext(transport: fixture.transport, time: fixture.time.source))
        _ = try await client.write(.put, "/tickets/{id}", pathValues: ["7"], body: [:], headers: ["If-Match": "e1"])
        _ = try await client.read("/tickets")
        let sent = fixture.transport.requests
        #expect(sent.map { $0.headers["X-Version"] } == ["2", "2"] && sent.map { $0.headers["If-Match"] } == ["e1", nil])
        #expect(sent.map { $0.headers["Accept"] } == ["application/vnd.acme+json", "application/vnd.acme+json"])
    }

    @Test func whatIsPreparedIsNoWriteAndMayBeSentAgain() async throws {
        let fixture = VendorClientFixture(.status(503, ""), .status(201, #"{"id":5}"#), .status(422, #"{"message":"No such company"}"#))
        let recording = WriteRecordingTransport(transport: fixture.transport)
        let client = VendorClient(
            try fixture.client(.none).declaration, context: ConnectorContext(transport: recording, time: fixture.time.source))
        let writes = WriteLog()
        await WriteLog.$current.withValue(writes) {
            _ = await #expect(throws: Never.self) { try await client.prepare(.post, "/texts", body: ["text": "x"]) }
            _ = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: ["text": 5]) }
        }
        let evidence = writes.evidence(NonExecutionRule.standard)
        #expect(evidence.hasRequests && !evidence.mayHaveBeenExecuted && fixture.transport.requests.count == 3)
    }

    @Test func aPageOfALongerListCountsTheRowsThatWereNotAskedFor() async throws {
        let fixture = VendorClientFixture(.status(200, #"{"rows":[{"id":1},{"id":2},{"id":3}],"total":3}"#))
        var declaration = try fixture.client(.none).declaration
        declaration.lists = ListFormat { RowList(array: $0["rows"], total: $0["total"]?.integer) }
        let client = VendorClient(declaration, context: ConnectorContext(transport: fixture.transport, time: fixture.time.source))
        let found: Page<Int> = try await client.page("/users", keep: { $0 != 2 }) { $0["id"]?.integer }
        #expect(found.items == [1, 3] && found.rowCount == 3 && found.total == 3 && found.unreadable.isEmpty)
    }

    @Test func connectionsToOneTenantShareItsRateLimit() async throws {
        let fixture = VendorClientFixture(.status(200, "{}"), .status(200, "{}"))
        let tenants = TenantRateLimits()
        let vendor = try fixture.client(.none, rateLimit: RateLimit(1, per: .seconds(10))).declaration
        for _ in 0..<2 {
            let context = ConnectorContext(transport: fixture.transport, time: fixture.time.source, tenants: tenants)
            _ = try await VendorClient(vendor, context: context).read("/tickets")
        }
        #expect(fixture.time.sleeps == [.milliseconds(10_001)])
    }
}

@Suite("Vendor client: authentication", .timeLimit(.minutes(1)))
struct VendorClientAuthenticationTests {
    @Test func withoutCredentialsNoneAreSent() async throws {
        let fixture = VendorClientFixture(.status(200, "{}"))
        let client = try fixture.client(.none)
        _ = try await client.read("/tickets")
        #expect(fixture.authorizations == [nil] && fixture.requests.count == 1)
        let (token, error) = (try await client.token(), try await client.tokenError(query: []))
        #expect(token == nil && error == nil)
    }

    @Test func constantHeadersAreSentAndNothingIsRepeatedAfterA401() async throws {
        let fixture = VendorClientFixture(.status(401, #"{"message":"Wrong key key-0001-of-the-test"}"#))
        let key = VendorAuthentication.headers([(name: "X-Api-Key", value: Secret("key-0001-of-the-test"))])
        let error = await #expect(throws: PSAError.self) { try await fixture.client(key).read("/tickets") }
        #expect(error?.code == .authTokenRejected && error?.vendor?.message?.contains("key-0001") == false)
        #expect(fixture.transport.requests.map { $0.headers["X-Api-Key"] } == ["key-0001-of-the-test"])
    }

    @Test func basicCredentialsAreEncodedAndEveryPartOfThemIsRedacted() async throws {
        let password = Secret("password-of-the-test")
        let fixture = VendorClientFixture(
            .status(400, #"{"message":"password-of-the-test, cHVibGljOnBhc3N3b3JkLW9mLXRoZS10ZXN0, id-0001-of-the-test"}"#))
        let basic = VendorAuthentication.basic(
            user: "public", password: password, and: [(name: "clientId", value: Secret("id-0001-of-the-test"))])
        let error = await #expect(throws: PSAError.self) { try await fixture.client(basic).read("/tickets") }
        #expect(fixture.authorizations == ["Basic cHVibGljOnBhc3N3b3JkLW9mLXRoZS10ZXN0"])
        let message = error?.vendor?.message ?? ""
        for part in ["password-of", "cHVibGlj", "id-0001"] { #expect(!message.contains(part), "\(message)") }
    }

    @Test func aClosureSetsTheCredentialsOnceForEachRequestAndItsErrorIsTheCallers() async throws {
        let fixture = VendorClientFixture(.status(503), .status(200, "{}"))
        let signatures = Shared(0)
        let signed = VendorAuthentication.custom(secrets: [VendorClientFixture.secret]) { request in
            signatures.update { $0 += 1 }
            if request.path.hasSuffix("closed") { throw PSAError(.configMissingField) }
            var request = request
            request.headers["X-Signature"] = "signed \(request.method.rawValue)"
            return request
        }
        let client = try fixture.client(signed)
        _ = try await client.read("/tickets")
        #expect(fixture.transport.requests.map { $0.headers["X-Signature"] } == ["signed GET", "signed GET"])
        #expect(signatures.value == 1)
        let error = await #expect(throws: PSAError.self) { try await client.read("/closed") }
        #expect(error?.code == .configMissingField)
    }

    @Test func aRefusedTokenRequestIsAnErrorWithTheVendorsWordsAndWithoutTheSecret() async throws {
        let body = #"{"error":"invalid_client","error_description":"No such pair: client/s3cr3t-value-of-the-client"}"#
        let fixture = VendorClientFixture(.status(401, headers: ["X-Request-Id": "r-1"], body))
        let error = await #expect(throws: PSAError.self) { try await fixture.client().read("/tickets") }
        #expect(error?.code == .authInvalidClient && error?.request == "POST acme.example.com/oauth/token")
        #expect(error?.vendor?.code == "invalid_client" && error?.vendor?.requestID == "r-1" && error?.vendor?.status == 401)
        #expect(error?.vendor?.message?.hasPrefix("No such pair") == true && error?.vendor?.message?.contains("s3cr3t") == false)
        #expect(!fixture.log.lines.joined().contains("s3cr3t"))
    }

    @Test func anotherTenantsTokenIsAskedForAndNotKept() async throws {
        let fixture = VendorClientFixture(
            .status(400, "{}"), VendorClientFixture.token, VendorClientFixture.nextToken, .status(200, "{}"))
        let client = try fixture.client()
        let refused = try await client.tokenError(query: [QueryItem("tenant", "other")])
        #expect(refused?.code == .authTokenRefused)
        #expect(try await client.tokenError(query: []) == nil)
        _ = try await client.read("/tickets")
        #expect(fixture.transport.requests.map(\.query) == [[QueryItem("tenant", "other")], [], [QueryItem("tenant", "acme")], []])
        #expect(fixture.authorizations.last == "Bearer token-0002-of-the-test")
    }
}

@Suite("Vendor client: errors", .timeLimit(.minutes(1)))
struct VendorClientErrorTests {
    private struct Parser: VendorErrorParser {
        func interpretation(of failure: FailedResponse<CoreMessage>) -> ErrorInterpretation? {
            guard failure.explanation.fields == ["priority_id"] else { return nil }
            return ErrorInterpretation(
                code: .ticketDefaultInvalid, field: .verbatim("Priority"), concernedFields: ["priority"],
                causes: [CauseEvidence("no_such_id", by: .vendorWords)])
        }
    }

    @Test func anAnswerBecomesAnErrorWithAllThatIsKnown() async throws {
        let fixture = VendorClientFixture(.status(422, headers: ["X-Request-Id": "r-9"], #"{"code":"E7","message":"Priority is closed."}"#))
        let rule = ClassificationRule([.write], 422...422, vendorCode: "e7", is: .requestConflict)
        let client = try fixture.client(.none, rules: [rule])
        let error = await #expect(throws: PSAError.self) {
            try await client.write(.put, "/tickets/{id}", pathValues: ["7"], body: [:], about: .nextPage)
        }
        #expect(error?.code == .requestConflict && error?.request == "PUT acme.example.com/api/tickets/{id}")
        #expect(error?.vendor == VendorReply(status: 422, code: "E7", message: "Priority is closed.", requestID: "r-9"))
        let renderer = TextRenderer()
        #expect(error?.values[.host].map(renderer.text) == "acme.example.com")
        #expect(error?.values[.object].map(renderer.text) == renderer.text(CoreMessage.nextPage))
        #expect(error?.values[.message].map(renderer.text) == "Priority is closed.")
        #expect(error?.observation.map(renderer.text)?.contains("422") == true)
    }

    @Test func aConnectorsInterpretationComesBeforeTheRules() async throws {
        let fixture = VendorClientFixture(.status(400, #"{"[0].priority_id":["No such priority."]}"#))
        let error = await #expect(throws: PSAError.self) {
            try await fixture.client(.none, errorParser: Parser()).write(.post, "/tickets", body: [:])
        }
        #expect(error?.code == .ticketDefaultInvalid && error?.concernedFields == ["priority"])
        #expect(error?.findings.contains { $0.cause == "no_such_id" } == true)
        #expect(error?.values[.field].map(TextRenderer().text) == "Priority")
    }

    @Test func retryAfterIsTakenOverWhereARetryIsAdvised() async throws {
        let fixture = VendorClientFixture(.status(429, headers: ["Retry-After": "77"]), .status(403, headers: ["Retry-After": "77"], "{}"))
        let client = try fixture.client(.none, timeouts: .connectionTest(within: .seconds(10)))
        let limited = await #expect(throws: PSAError.self) { try await client.read("/tickets") }
        #expect(limited?.code == .rateLimited && limited?.retry == .afterDelay(.seconds(77)))
        let denied = await #expect(throws: PSAError.self) { try await client.read("/tickets") }
        #expect(denied?.code == .permissionScopeMissing && denied?.retry.delaySeconds == nil)
    }

    @Test func aVendorThatRepeatsTheTokenOrTheSecretIsNotQuotedWithThem() async throws {
        func text(_ token: String) -> String { #"{"message":"\#(token) and s3cr3t-value-of-the-client","code":"\#(token)"}"# }
        // A write discards the refused token; what it said of it is redacted all the same.
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(401, text("token-0001-of-the-test")), VendorClientFixture.nextToken,
            .status(401, text("token-0002-of-the-test")), VendorClientFixture.token, .status(401, text("token-0002-of-the-test")))
        let client = try fixture.client()
        for call in 0..<2 {
            let error = await #expect(throws: PSAError.self) {
                _ = call == 0 ? try await client.write(.post, "/tickets", body: [:]) : try await client.read("/tickets")
            }
            let said =
                "\(error?.vendor?.message ?? "") \(error?.vendor?.code ?? "") \(error?.problem(in: TextRenderer()).encodedText ?? "")"
            #expect(!said.contains("token-000") && !said.contains("s3cr3t"), "\(said)")
        }
        #expect(!fixture.log.lines.joined().contains("token-0001"))
    }

    @Test func theMissingPermissionIsToldFromTheGrantedOnes() async throws {
        let fixture = VendorClientFixture(VendorClientFixture.token, .status(403, "{}"), .status(403, "{}"))
        let client = try fixture.client()
        let missing = await #expect(throws: PSAError.self) { try await client.read("/tickets", requiredScope: "edit") }
        #expect(missing?.code == .permissionScopeMissing && missing?.values[.scope].map(TextRenderer().text) == "edit")
        let granted = await #expect(throws: PSAError.self) { try await client.read("/tickets", requiredScope: "read") }
        #expect(granted?.code == .permissionRoleDenied)
    }

    @Test func aDeviceInFrontOfTheVendorIsNamed() async throws {
        let page = "<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>"
        let fixture = VendorClientFixture(.status(403, headers: ["Server": "cloudflare", "CF-RAY": "8a-FRA"], page))
        let error = await #expect(throws: PSAError.self) { try await fixture.client(.none).read("/tickets") }
        #expect(error?.code == .proxyBlocked && error?.values[.device] != nil && error?.values[.reference] != nil)
        #expect(error?.findings.contains { $0.probe == .frontDoor && $0.cause != nil } == true)
    }

    @Test func aLoginRedirectNamesItsHostAndNothingElse() async throws {
        let fixture = VendorClientFixture(.status(302, headers: ["Location": "https://login.okta.com/app?state=s3cr3t"]))
        let error = await #expect(throws: PSAError.self) { try await fixture.client(.none).read("/tickets") }
        #expect(error?.code == .proxyLoginRedirect)
        let evidence = error?.findings.compactMap(\.evidence).map { TextRenderer().text($0) } ?? []
        #expect(evidence.contains("The redirect leads to login.okta.com.") && !evidence.joined().contains("s3cr3t"))
    }

    @Test func aWriteWhoseOldTokenIsRefusedSaysThatANewOneIsTheRemedy() async throws {
        let fixture = VendorClientFixture(
            VendorClientFixture.token, .status(200, "{}"), .status(401, "{}"), VendorClientFixture.nextToken, .status(401, "{}"))
        let client = try fixture.client()
        _ = try await client.read("/tickets")
        fixture.time.advance(by: 600)
        let old = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: [:]) }
        #expect(old?.code == .authTokenRejected && old?.guidance.causes.first?.id == "token_ended")
        let new = await #expect(throws: PSAError.self) { try await client.write(.post, "/tickets", body: [:]) }
        #expect(new?.code == .authTokenRejected && new?.guidance.causes.contains { $0.id == "token_ended" } == false)
    }

    @Test(arguments: [(200, "vendor_reason"), (500, "failure_reason"), (302, "failure_reason")] as [(Int, CauseID)])
    func onlyAnErrorWithSuccessIsSaidToComeAsIfTheWriteHadSucceeded(status: Int, cause: CauseID) async throws {
        let fixture = VendorClientFixture(.status(status, #"{"message":"The number is taken already."}"#))
        let error = await #expect(throws: PSAError.self) {
            try await fixture.client(.none).write(.post, "/tickets", body: [:], absent: .nextPage) { $0["id"] }
        }
        #expect(error?.code == .writeOutcomeUnknown && error?.guidance.causes.first?.id == cause)
        #expect(error?.guidance.causes.first?.text.contains("as if it had succeeded") == (status == 200))
    }

    @Test func aTokenRefusedByAWrongClockSaysSo() async throws {
        let fixture = VendorClientFixture(.status(401, headers: ["Date": "Sun, 06 Nov 1994 08:49:37 GMT"], "{}"))
        let error = await #expect(throws: PSAError.self) { try await fixture.client(.none).read("/tickets") }
        #expect(error?.code == .authTokenRejected && error?.findings.contains { $0.cause == "clock" } == true)
    }

    @Test func aRequestWithoutAnAnswerSaysWhy() async throws {
        let fixture = VendorClientFixture(.fault(.certificateUntrusted, .notSent))
        let error = await #expect(throws: PSAError.self) { try await fixture.client(.none).read("/tickets", about: .nextPage) }
        #expect(error?.code == .tlsUntrusted && error?.request == "GET acme.example.com/api/tickets" && error?.vendor == nil)
        #expect(error?.observation != nil && error?.values[.message] != nil)
    }

    @Test func anErrorThatNoAnswerTellsHasTheConnectorsWords() throws {
        let error = try VendorClientFixture().client(.none).error(
            .requestInvalid, about: .nextPage, message: .itsSettings, evidence: .connectionTest,
            cause: CauseEvidence("draft", by: .record))
        #expect(error.code == .requestInvalid && error.findings.map(\.cause) == [nil, "draft"] && error.request == nil)
    }
}

@Suite("Vendor client: connection test", .timeLimit(.minutes(1)))
struct VendorClientConnectionTestTests {
    private func probe(_ reply: ScriptedTransport.Reply, scheme: String = "https") async throws -> (
        ServerProbe<Int>, [ConnectionCheck], ScriptedTransport
    ) {
        let fixture = VendorClientFixture(reply)
        let client = try fixture.client(timeouts: .connectionTest(within: .seconds(10)))
        let probe = try await client.probe("/info", about: .itsSettings) { response in
            response.status == 200 ? (try? JSONDocument(response.body))?.root["version"]?.integer : nil
        }
        return (probe, client.serverChecks(probe, answered: .connectionTest, took: .seconds(1), isRequired: true), fixture.transport)
    }

    private func outcomes(_ checks: [ConnectionCheck]) -> [ConnectionCheck.Outcome] { checks.map(\.outcome) }

    @Test func aVendorThatAnswersPassesEveryStepWithoutCredentials() async throws {
        let (probe, checks, transport) = try await probe(.status(200, #"{"version":3}"#))
        guard case .vendor(3) = probe else { Issue.record("\(probe)"); return }
        #expect(outcomes(checks) == [.passed, .passed, .passed, .passed])
        #expect(checks.map(\.subject) == [.nameResolution, .connection, .certificate, .reachable])
        #expect(transport.requests.map { $0.headers["Authorization"] } == [nil])
        #expect(transport.requests.map(\.timeout) == [.seconds(10) * 0.42] && transport.requests.map(\.retryTimeLimit) == [.zero])
    }

    @Test func anotherServiceFailsTheLastStepAndItsRedirectIsKept() async throws {
        let (probe, checks, _) = try await probe(.status(302, headers: ["Location": "https://other.example.com/x"]))
        guard case .otherService(let error, let redirect) = probe else { Issue.record("\(probe)"); return }
        #expect(error.code == .proxyLoginRedirect && redirect?.host == "other.example.com" && error.vendor?.message == nil)
        #expect(outcomes(checks) == [.passed, .passed, .passed, .failed])
        let (page, _, _) = try await self.probe(.status(200, "<html>Welcome</html>"))
        #expect(page.error?.code == .urlNotVendor && !page.isVendor && !page.isUnreachable)
    }

    @Test func whatAnotherServiceSaysIsNotQuoted() async throws {
        let (probe, _, _) = try await probe(.status(404, #"{"message":"words of a stranger"}"#))
        #expect(probe.error?.problem(in: TextRenderer()).encodedText.contains("words of a stranger") == false)
    }

    @Test(arguments: [
        (TransportError.Kind.nameNotFound, 0), (.addressForbidden, 0), (.connectionRefused, 1), (.timedOut, 1),
        (.certificateUntrusted, 2), (.certificateExpired, 2), (.tlsNotSpoken, 2),
    ])
    func anUnreachableServerFailsTheStepThatItsErrorIsAbout(kind: TransportError.Kind, step: Int) async throws {
        let (probe, checks, _) = try await probe(.fault(kind, .notSent))
        #expect(probe.isUnreachable)
        #expect(checks.firstIndex { $0.outcome == .failed } == step)
        #expect(checks[..<step].allSatisfy { $0.outcome == .passed } && checks[(step + 1)...].allSatisfy { $0.outcome == .skipped })
        #expect(checks[step].error?.code == probe.error?.code && checks[step].duration == .seconds(1))
    }

    @Test(arguments: [TransportError.Kind.proxyRefused, .proxyAuthenticationRequired])
    func nothingPassedWhereAProxyLetNothingThrough(kind: TransportError.Kind) async throws {
        let (_, checks, _) = try await probe(.fault(kind, .notSent))
        #expect(outcomes(checks) == [.skipped, .failed, .skipped, .skipped])
    }

    @Test func aProxyThatCanNotBeReachedIsNamedAsTheCause() throws {
        var fault = TransportError(.proxyRefused, delivery: .notSent)
        fault.proxy = ProxyFault(variable: "HTTPS_PROXY", address: "127.0.0.1:9", reason: .refused)
        let error = try VendorClientFixture().client().errors.error(
            for: fault, at: .read, about: .connectionTest, scope: nil, request: nil)
        let guidance = error.guidance
        #expect(guidance.causes.first?.text == "The proxy set in HTTPS_PROXY (127.0.0.1:9) is down, or that is not its address.")
        #expect(guidance.steps.first?.hasPrefix("Check the variables HTTPS_PROXY and NO_PROXY") == true && guidance.fields == [])
        #expect(guidance.detail.contains("did not get past the proxy set in HTTPS_PROXY (127.0.0.1:9) on the way to acme.example.com"))
    }

    @Test func whatIsWrongWithAProxyDecidesTheFirstCause() throws {
        func guidance(_ kind: TransportError.Kind, _ reason: ProxyFault.Reason, refusedUser: Bool = false) throws -> Guidance {
            var fault = TransportError(kind, delivery: .notSent)
            fault.proxy = ProxyFault(variable: "HTTPS_PROXY", address: "127.0.0.1:9", reason: reason)
            fault.proxy?.refusedUser = refusedUser
            return try VendorClientFixture().client().errors.error(
                for: fault, at: .read, about: .connectionTest, scope: nil, request: nil
            ).guidance
        }
        let wantsUser = ProxyFault.Reason.answered(status: 407, detail: nil)
        #expect(try guidance(.proxyAuthenticationRequired, wantsUser).causes.first?.id == "network_proxy")
        #expect(try guidance(.proxyAuthenticationRequired, wantsUser, refusedUser: true).causes.first?.id == "wrong_user")
        #expect(try guidance(.proxyRefused, .answered(status: 405, detail: nil)).causes.first?.id == "proxy_unreachable")
        #expect(try guidance(.proxyRefused, .answered(status: 403, detail: nil)).causes.first?.id == "network_proxy")
        let plain = try guidance(.tlsNotSpoken, .spokePlainly)
        #expect(plain.causes.map(\.id) == ["network_proxy"] && plain.fields == [])
    }

    @Test func aPortIsBlamedForPlainAnswersOnlyIfTheAddressNamesOne() throws {
        func causes(of address: String) throws -> [CauseID] {
            let vendor = VendorDeclaration<CoreMessage>(
                SampleConnector.descriptor, origin: try ServiceURL(typed: address), addressPolicy: .publicOnly, authentication: .none,
                rateLimit: nil)
            return VendorClient(vendor, context: ConnectorContext(transport: ScriptedTransport([]))).errors.error(
                for: TransportError(.tlsNotSpoken, delivery: .notSent), at: .read, about: .connectionTest, scope: nil, request: nil
            ).guidance.causes.map(\.id)
        }
        #expect(try causes(of: "https://acme.example.com") == ["access_proxy"])
        #expect(try causes(of: "https://acme.example.com:8080") == ["wrong_port", "access_proxy"])
    }

    @Test func aPortIsBlamedOnlyIfTheAddressNamesOne() throws {
        func causes(of address: String) throws -> [CauseID] {
            let vendor = VendorDeclaration<CoreMessage>(
                SampleConnector.descriptor, origin: try ServiceURL(typed: address), addressPolicy: .publicOnly, authentication: .none,
                rateLimit: nil)
            return VendorClient(vendor, context: ConnectorContext(transport: ScriptedTransport([]))).errors.error(
                for: TransportError(.connectionRefused, delivery: .notSent), at: .read, about: .connectionTest, scope: nil, request: nil
            ).guidance.causes.map(\.id)
        }
        #expect(try causes(of: "https://acme.example.com:8443").first == "wrong_port")
        #expect(try !causes(of: "https://acme.example.com").contains("wrong_port"))
    }

    @Test func aSecretInAnotherSettingIsRepeatedByNoTextOfAnError() throws {
        let misplaced = "de300000-0000-4000-8000-000000000001"
        let authentication = VendorAuthentication.clientCredentials(
            ClientCredentialsGrant(clientID: misplaced, clientSecret: Secret("0123456789" + misplaced), scope: "scope-with-9f8e7d6c5b4a"),
            route: "/oauth/token", secrets: [Secret("scope-with-9f8e7d6c5b4a")])
        let client = try VendorClientFixture().client(authentication)
        let error = client.error(
            .authScopeRejected, message: .escaped(type: misplaced), scope: "scope-with-9f8e7d6c5b4a", evidence: .nearestName(misplaced))
        let said = client.errors.error(
            for: TransportResponse(status: 400, body: Array(#"{"error":"invalid_client","error_description":"No \#(misplaced)."}"#.utf8)),
            at: .token, about: nil, scope: nil, request: client.request(.post, "/token"))
        for text in Language.allCases.flatMap({ [error.problem(in: TextRenderer($0)), said.problem(in: TextRenderer($0))] }) {
            #expect(!text.encodedText.contains("de300000") && !text.encodedText.contains("9f8e7d6c5b4a"), "\(text.encodedText)")
        }
        #expect(said.vendor?.message == "No •••••.")
    }

    @Test func wordsInPlaceOfDataAreQuotedAndARecordIsNot() async throws {
        func error(_ body: String) async throws -> PSAError? {
            let fixture = VendorClientFixture(VendorClientFixture.token, .status(200, body))
            do {
                _ = try await fixture.client().read("/tickets", absent: .nextPage) { $0["tickets"] }
                return nil
            } catch let error as PSAError {
                return error
            }
        }
        let refused = try await error(#"{"Message":"The licence server is not running."}"#)
        #expect(refused?.code == .vendorUnexpectedResponse && refused?.vendor?.status == 200)
        #expect(refused?.guidance.causes.first?.id == "vendor_reason")
        #expect(refused?.guidance.detail.contains("The licence server is not running.") == true)
        for record in [#"{"id":1,"message":"Text of a record"}"#, #"[{"message":"Text of a record"}]"#, #"{"rows":[{"message":"x y"}]}"#] {
            let unread = try await error(record)
            #expect(unread?.code == .vendorUnexpectedResponse && unread?.vendor?.message == nil, "\(record)")
            #expect(unread?.guidance.causes.contains { $0.id == "vendor_reason" } == false)
        }
        #expect(try await error(#"{"tickets":[]}"#) == nil)
    }

    @Test func aFailureThatIsNotRequiredIsAWarning() throws {
        let client = try VendorClientFixture().client()
        let checks = client.serverChecks(
            ServerProbe<Int>.unreachable(client.error(.networkTimeout)), answered: .connectionTest, took: .zero, isRequired: false)
        #expect(outcomes(checks) == [.passed, .warning, .skipped, .skipped])
    }

    @Test func plainHTTPHasNoCertificateToCheck() throws {
        let vendor = VendorDeclaration<CoreMessage>(
            SampleConnector.descriptor, origin: try ServiceURL(typed: "http://127.0.0.1:8080", policy: .allowingLoopback),
            addressPolicy: .allowingLoopback, authentication: .none, rateLimit: nil)
        let client = VendorClient(vendor, context: ConnectorContext(transport: ScriptedTransport([])))
        let checks = client.serverChecks(ServerProbe.vendor(1), answered: .connectionTest, took: .zero, isRequired: true)
        #expect(outcomes(checks) == [.passed, .passed, .skipped, .passed])
        #expect(client.addressCheck.outcome == .passed)
    }

    @Test func aTestThatTakesTooLongEndsWithOneFailedCheck() async throws {
        let fixture = VendorClientFixture()
        let client = try fixture.client()
        let report = try await client.connectionTest(about: .connectionTest, progress: { _ in }) { progress in
            progress(client.addressCheck)
            try await Task.sleep(for: .seconds(3_600))
            return []
        }
        #expect(report.checks.map(\.subject) == [.address, .reachable] && report.failure?.code == .networkTimeout)
        #expect(report.host == "acme.example.com" && report.connector == SampleConnector.descriptor.id)
    }

    @Test func everyMessageHasWordsInBothLanguages() {
        let messages: [VendorClientMessage] = [
            .wellFormed("x"), .nameResolved, .connectionMade, .certificateValid, .plainHTTP, .notTried, .tokenIssued(vendor: "x"), .noList,
            .redirectTarget("x"), .notANumber("x"), .notReadBack("x"), .portNamed(1), .namesNoRecord("x"),
        ]
        for message in messages {
            let texts = Language.allCases.map { TextRenderer($0).text(message) }
            #expect(Set(texts).count == texts.count && texts.allSatisfy { !$0.isEmpty && !$0.contains("{") })
            #expect(Set(Language.allCases.map { message.pattern(in: $0).contains("{name}") }).count == 1)
        }
    }
}
