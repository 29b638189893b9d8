import PSACore
import TestSupport
import Testing

@testable import RequestTracker

@Suite("What the Request Tracker connector declares")
struct RequestTrackerConnectorTests {
    private static let descriptor = RequestTrackerConnector.descriptor

    @Test func itIsFoundByNameAndAlias() throws {
        let registry = try ConnectorRegistry([RequestTrackerConnector.self])
        #expect(try registry.descriptor(named: "RT").id == registry.descriptor(named: "request-tracker").id)
    }

    @Test func everyPlaceItPointsAtIsInItsGuide() throws {
        let guide = try RepositoryFile(RequestTrackerConnector.guide)
        let fields = Self.descriptor.settings.fields.map(\.guideAnchor)
        let texts = Self.descriptor.guidance.ownCodes.compactMap { Self.descriptor.guidance.template(for: $0).guide }
        #expect(fields.count == 7 && texts.count == 5)
        for anchor in fields + texts { #expect(guide.anchors.contains(anchor.heading), "\(anchor)") }
    }

    @Test func whatItCannotDoIsSaidWithoutARequest() async throws {
        let server = RecordedServer([:])
        var agreements = try server.session().agreements().makeAsyncIterator()
        let error = await #expect(throws: PSAError.self) { _ = try await agreements.next() }
        #expect(error?.code == .connectorUnsupported && server.requests.isEmpty)
    }

    @Test(arguments: [
        ("", "https://rt.example/REST/2.0/rt"), ("/rt", "https://rt.example/rt/REST/2.0/rt"), ("rt/", "https://rt.example/rt/REST/2.0/rt"),
        ("/a b/../x", "https://rt.example/a%20b/../x/REST/2.0/rt"),
    ])
    func theWebPathStandsBeforeEveryRoute(path: String, address: String) throws {
        let connector = try RequestTrackerReadingTests.connector(RecordedServer([:]), ["webPath": path])
        #expect(connector.client.request(.get, "/rt").urlText == address)
    }

    @Test(arguments: [
        (RequestStage.read, 401, #"{"message":"Unauthorized"}"#, ErrorCode.authTokenRejected),
        (.read, 403, #"{"message":"Forbidden"}"#, .permissionRoleDenied), (.read, 404, #"{"message":"Not Found"}"#, .requestNotFound),
        (.write, 403, #"{"message":"No permission to create tickets in the queue '9'"}"#, .permissionRoleDenied),
        (.write, 400, #"{"message":"Permission Denied"}"#, .permissionRoleDenied),
        (.write, 400, #"{"message":"Message could not be recorded"}"#, .requestNotFound),
        (.write, 400, #"{"message":"Status 'planned' isn't a valid status for tickets in this queue."}"#, .ticketDefaultInvalid),
        (.write, 400, #"{"message":"Could not create ticket. Queue not set"}"#, .ticketDefaultInvalid),
        (.write, 400, #"{"message":"JSON parse error"}"#, .requestRejected), (.discovery, 404, #"{"message":"Not Found"}"#, .urlNotVendor),
        (.discovery, 200, "<html>", .urlNotVendor), (.read, 500, "", .vendorUnavailable), (.write, 502, "<html>", .writeOutcomeUnknown),
    ])
    func anAnswerBecomesTheCodeOfWhatItMeans(stage: RequestStage, status: Int, body: String, code: ErrorCode) async throws {
        let client = try RequestTrackerReadingTests.connector(RecordedServer([:])).client
        let error = await client.error(
            for: .json(body, status: status), at: stage, about: .newTicket, requiredScope: nil, request: client.request(.get, "/rt"))
        #expect(error.code == code && error.vendor?.status == status)
    }

    @Test func theTokenGoesOnlyToAServerThatAnsweredAsRTDoes() async throws {
        let stranger = RecordedServer(["GET /rt": .json("<html></html>")])
        let report = try await stranger.session().testConnection()
        #expect(report.failure?.code == .urlNotVendor)
        #expect(!stranger.requests.isEmpty && stranger.requests.allSatisfy { $0.headers["Authorization"] == nil })
    }

    @Test(arguments: [
        ("https://rt.example/NoAuth/Login.html?next=8a", ErrorCode.urlNotVendor),
        ("https://sso.example/login?next=8a", .proxyLoginRedirect),
    ])
    func aRedirectToRTsOwnSignInIsAWrongPathAndAnyOtherAProxy(location: String, code: ErrorCode) async throws {
        let client = try RequestTrackerReadingTests.connector(RecordedServer([:])).client
        let response = TransportResponse(status: 302, headers: ["Location": location])
        let error = await client.error(
            for: response, at: .discovery, about: .restInterface, requiredScope: nil, request: client.request(.get, "/rt"))
        #expect(error.code == code && !error.problem(in: TextRenderer()).encodedText.contains("next="))
    }

    @Test func aValueCannotLeaveItsQuotes() {
        #expect(
            TicketSQL.customField("PSA reference", is: #"O'Neil\' OR id > 0"#).text == #"'CF.{PSA reference}' = 'O\'Neil\\\' OR id > 0'"#)
    }
}
