import PSACore
import PSATesting
import SampleConnector
import TestSupport
import Testing

@Suite("Docs/WritingAConnector.md")
struct SampleTests {
    /// The Swift blocks of the guide, by the line they begin at.
    private static func blocks() throws -> [(line: Int, text: String)] {
        var blocks: [(line: Int, text: String)] = []
        var current: [Substring]?
        for (index, line) in try RepositoryFile("Docs/WritingAConnector.md").lines.enumerated() {
            if line == "```swift" {
                current = []
            } else if line == "```", let lines = current {
                blocks.append((index - lines.count + 1, lines.joined(separator: "\n")))
                current = nil
            } else {
                current?.append(line)
            }
        }
        return blocks
    }

    private static func withoutIndentation(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }.joined(separator: "\n")
    }

    @Test func everySwiftSampleIsPartOfASourceThatIsCompiled() throws {
        let files =
            RepositoryFile.paths(under: "Tests/SampleConnector", endingIn: ".swift")
            + RepositoryFile.paths(under: "Tests/PSATestingTests", endingIn: ".swift")
        let sources = try files.map { Self.withoutIndentation(try RepositoryFile($0).text) }
        let blocks = try Self.blocks()
        #expect(blocks.count >= 10)
        for block in blocks {
            #expect(
                sources.contains { $0.contains(Self.withoutIndentation(block.text)) },
                "The sample at line \(block.line) is in no source.")
        }
    }

    @Test func theGuideNamesEveryGradeAndItsLinksLeadSomewhere() throws {
        let guide = try RepositoryFile("Docs/WritingAConnector.md")
        for grade in ConnectorGrade.allCases { #expect(guide.mentions(grade.rawValue)) }
        #expect(guide.ownLinks.subtracting(guide.anchors) == [])
    }

    @Test func fieldsOfANoteOrAChangeOfStatusAreRefusedBeforeARequest() async throws {
        let transport = ObservingTransport(SampleVendor())
        let session = try ConnectorRegistry([SampleConnector.self]).connect(
            "sample",
            settings: [
                "serverURL": SampleVendor.address, "clientID": SampleVendor.clientID, "clientSecret": SampleVendor.clientSecret,
            ], context: ConnectorContext(transport: transport))
        let field = try #require(TicketField.ID("cause"))
        let (note, change) = (
            NoteDraft("Seen.", fields: [field: .text("paper")]), StatusChange(to: RecordID(3), fields: [field: .text("paper")])
        )
        let errors = [
            await #expect(throws: PSAError.self) { try await session.addPrivateNote(note, to: RecordID(1_000)) },
            await #expect(throws: PSAError.self) { try await session.reply(note, to: RecordID(1_000)) },
            await #expect(throws: PSAError.self) { try await session.changeStatus(of: RecordID(1_000), change) },
        ]
        #expect(errors.map { $0?.ticketFieldIssues.map(\.field) } == [[field], [field], [field]])
        #expect(transport.requests.isEmpty)
    }

    @Test func anAPIKeyAndBasicCredentialsAreSentInTheirHeaders() async throws {
        let server = try ServiceURL(typed: "acme.example.com")
        func headers(_ authentication: VendorAuthentication) async throws -> TransportHeaders? {
            let transport = ScriptedTransport([.status(200, "{}")])
            let vendor = VendorDeclaration<CoreMessage>(
                SampleConnector.descriptor, origin: server, addressPolicy: .publicOnly, authentication: authentication, rateLimit: nil)
            _ = try await VendorClient(vendor, context: ConnectorContext(transport: transport)).read("/companies")
            return transport.requests.first?.headers
        }
        #expect(try await headers(AuthenticationSamples.apiKey(Secret("key-1")))?["X-Api-Key"] == "key-1")
        let basic = AuthenticationSamples.basic(publicKey: "acme+public", privateKey: Secret("private"), clientID: Secret("client-1"))
        let sent = try await headers(basic)
        #expect(sent?["Authorization"] == "Basic YWNtZStwdWJsaWM6cHJpdmF0ZQ==")
        #expect(sent?["clientId"] == "client-1")
    }

    @Test func aListGoesOnWhereTheVendorSays() throws {
        let link =
            "<https://acme.example.com/tickets?size=50&page=1>; rel=\"first\", <https://acme.example.com/tickets?size=50&page=3>; rel=\"next\""
        #expect(PagingSamples.nextPage(linkedBy: link) == 3)
        #expect(PagingSamples.nextPage(linkedBy: "<https://acme.example.com/tickets?page=1>; rel=\"first\"") == nil)
        #expect(PagingSamples.nextPage(linkedBy: nil) == nil)
        let server = try ServiceURL(typed: "acme.example.com")
        #expect(PagingSamples.continuation("https://acme.example.com/v1/tickets?after=9", on: server) == "/v1/tickets?after=9")
        #expect(PagingSamples.continuation("https://evil.example.net/v1/tickets?after=9", on: server) == nil)
        #expect(PagingSamples.continuation("http://acme.example.com/v1/tickets", on: server) == nil)
        let cursor = PagingSamples.following([4, 9, 7], connector: ConnectorID("sample"), list: "tickets")
        #expect(cursor?.payload(connector: ConnectorID("sample"), list: "tickets", version: 1) == "9")
        #expect(PagingSamples.following([], connector: ConnectorID("sample"), list: "tickets") == nil)
    }
}

/// How requests prove who they come from, where a vendor wants its credentials with every request.
enum AuthenticationSamples {
    /// An API key in a header field of the vendor's own.
    static func apiKey(_ key: Secret) -> VendorAuthentication { .headers([(name: "X-Api-Key", value: key)]) }

    /// HTTP Basic, and a client id beside it.
    static func basic(publicKey: String, privateKey: Secret, clientID: Secret) -> VendorAuthentication {
        .basic(user: publicKey, password: privateKey, and: [(name: "clientId", value: clientID)])
    }
}

/// Where a list goes on, by what vendors say about it.
enum PagingSamples {
    /// The page that a `Link` header names as the next one (RFC 8288): `<https://…?page=3>; rel="next"`.
    static func nextPage(linkedBy header: String?) -> Int? {
        for link in (header ?? "").split(separator: ",") where link.contains("rel=\"next\"") {
            guard let query = link.split(separator: ">")[0].split(separator: "?").last else { continue }
            for item in query.split(separator: "&") where item.hasPrefix("page=") { return Int(item.dropFirst("page=".count)) }
        }
        return nil
    }

    /// The path and query of an address that a vendor names for the next page.
    ///
    /// Only an address on the same server is followed: the request carries credentials.
    static func continuation(_ address: String, on server: ServiceURL) -> String? {
        guard let named = try? ServiceURL(typed: address, policy: .allowingPrivate), named == server else { return nil }
        let rest = address.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
        return rest.isEmpty ? nil : String(rest)
    }

    /// The cursor after a page of a vendor that gives rows by rising id: asked for are those above the last one that came.
    static func following(_ ids: [Int], connector: ConnectorID, list: String) -> PageCursor? {
        ids.max().map { PageCursor(connector: connector, list: list, version: 1, payload: String($0)) }
    }
}
