import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

@Suite("Vendor client: numbered pages")
struct NumberedPageTests {
    private static let connector = SampleConnector.descriptor.id

    private func rows(_ count: Int, pages: Int? = nil) throws -> RowList {
        let text = "[" + (0..<count).map { "{\"id\":\($0 + 1)}" }.joined(separator: ",") + "]"
        var list = RowList(try JSONDocument(Array(text.utf8)).root.elements)
        list.pages = pages
        return list
    }

    private func payloads(_ cursors: [PageCursor]) -> [String?] {
        cursors.map { $0.payload(connector: Self.connector, list: "tickets", version: 1) }
    }

    @Test func aPageIsReadAndNamesTheNextOne() async throws {
        let fixture = VendorClientFixture(.status(200, #"{"rows":[{"id":1}],"total":3}"#), .status(200, #"{"rows":[],"total":3}"#))
        let client = try client(
            fixture,
            ListFormat(pageParameter: "page_no", pageQuery: [QueryItem("size", "1")]) {
                RowList(array: $0["rows"], total: $0["total"]?.integer)
            })
        func page(_ cursor: PageCursor?) async throws -> Page<String> {
            try await client.numberedPage(
                "/companies/{id}/tickets", pathValues: ["7"], at: cursor, of: "tickets", query: [QueryItem("state", "all")]
            ) { $0.text("id") }
        }
        let first = try await page(nil)
        #expect(first.items == ["1"] && first.total == 3 && first.lookahead.isEmpty)
        #expect(payloads([try #require(first.next)]) == ["2"])
        let second = try await page(first.next)
        #expect(second.items.isEmpty && second.next == nil)
        #expect(
            fixture.transport.requests.map(\.urlText)
                == [1, 2].map {
                    "https://acme.example.com/api/companies/7/tickets?state=all&size=1&page_no=\($0)"
                })
        #expect(fixture.transport.problems.isEmpty)
    }

    /// Where the number of pages is not known, a page without rows is the last one.
    @Test(
        arguments: [
            (1, 1, nil, 0, ["2"]), (1, 0, nil, 0, []), (1, 1, nil, 3, ["2"]),
            (1, 1, 1, 3, []), (1, 1, 2, 0, ["2"]), (1, 1, 4, 0, ["2"]), (1, 1, 4, 1, ["2", "3"]), (1, 1, 4, 9, ["2", "3", "4"]),
            (3, 1, 4, 2, ["4"]), (4, 1, 4, 2, []), (9, 1, 4, 2, []), (1, 0, 4, 0, ["2"]), (1, 1, 4, -5, ["2"]), (1, 1, -1, 0, []),
            (PageNumber.maximum, 1, nil, 0, []), (PageNumber.maximum - 1, 1, Int.max, 5, ["\(PageNumber.maximum)"]),
        ] as [(Int, Int, Int?, Int, [String])])
    func theFollowingPages(number: Int, count: Int, pages: Int?, lookahead: Int, expected: [String]) throws {
        let client = try VendorClientFixture().client(.none)
        let first = try client.pageNumber(at: nil, of: "tickets")
        #expect(first.number == 1)
        let page = try number == 1 ? first : client.pageNumber(at: first.cursor(to: number), of: "tickets")
        #expect(page.number == number)
        #expect(payloads(page.following(try rows(count, pages: pages), lookahead: lookahead)) == expected)
    }

    @Test(arguments: [
        "sample/contacts/1/2", "other/tickets/1/2", "sample/tickets/2/2", "sample/tickets/1/1", "sample/tickets/1/0",
        "sample/tickets/1/-2", "sample/tickets/1/", "sample/tickets/1/x", "sample/tickets/1/2 ", "sample/tickets/1/10000001",
        "sample/tickets/1/99999999999999999999", "", "2",
    ])
    func aCursorThatIsNotOfThisListIsRefusedBeforeARequest(text: String) async throws {
        let text = text.replacing("sample/", with: "\(Self.connector)/")
        let fixture = VendorClientFixture()
        let client = try fixture.client(.none)
        let error = await #expect(throws: PSAError.self) {
            let _: Page<String> = try await client.numberedPage(
                "/tickets", at: PageCursor(rawValue: text), of: "tickets"
            ) { $0.text("id") }
        }
        #expect(error?.code == .syncCursorRejected)
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func anAnswerWithoutAListIsAnError() async throws {
        let client = try client(VendorClientFixture(.status(200, #"{"tickets":7}"#)), ListFormat { RowList(array: $0["tickets"]) })
        let error = await #expect(throws: PSAError.self) {
            let _: Page<String> = try await client.numberedPage("/tickets", at: nil) { $0.text("id") }
        }
        #expect(error?.code == .vendorUnexpectedResponse)
    }

    @Test func theRouteNamesAListThatHasNoOtherName() async throws {
        let fixture = VendorClientFixture(.status(200, #"[{"id":1}]"#), .status(200, #"[{"id":2}]"#))
        let client = try fixture.client(.none)
        func page(_ route: String, _ cursor: PageCursor?) async throws -> Page<String> {
            try await client.numberedPage(route, at: cursor) { $0.text("id") }
        }
        let first = try await page("/tickets", nil)
        let next = try #require(first.next)
        #expect(try await page("/tickets", next).items == ["2"])
        let error = await #expect(throws: PSAError.self) { try await page("/tickets/1", next) }
        #expect(error?.code == .syncCursorRejected)
        #expect(fixture.transport.requests.map(\.urlText).allSatisfy { $0.contains("/tickets?page=") })
    }

    @Test func pagesThatTheVendorCountsMayBeReadAhead() async throws {
        let format = ListFormat(lookahead: 2) { root in
            var list = RowList(array: root["rows"])
            list?.pages = root["pages"]?.integer
            return list
        }
        let client = try client(VendorClientFixture(.status(200, #"{"rows":[{"id":1}],"pages":9}"#)), format)
        let page: Page<String> = try await client.numberedPage("/tickets", at: nil, of: "tickets") { $0.text("id") }
        #expect(payloads([try #require(page.next)] + page.lookahead) == ["2", "3", "4"])
    }

    /// What all pages have: each case is the size that a full page has, the most pages, the rows of the pages that come, and how many are read.
    @Test(
        arguments: [
            (nil, 9, [2, 2, 1, 0], 5, 4), (2, 9, [2, 2, 1], 5, 3), (2, 9, [2, 0], 2, 2), (nil, 9, [0], 0, 1), (2, 9, [0], 0, 1),
            (2, 2, [2, 1], 3, 2), (nil, 2, [2, 0], 2, 2),
        ] as [(Int?, Int, [Int], Int, Int)])
    func allRowsAreReadPageByPage(fullPage: Int?, maxPages: Int, pages: [Int], rows: Int, requests: Int) async throws {
        let replies = pages.map { count in
            ScriptedTransport.Reply.status(200, "[" + repeatElement(#"{"id":1}"#, count: count).joined(separator: ",") + "]")
        }
        let fixture = VendorClientFixture(replies: replies)
        let found = try await fixture.client(.none).allRows("/fields", fullPage: fullPage, maxPages: maxPages)
        #expect(found.count == rows && fixture.transport.requests.count == requests)
        #expect(fixture.transport.problems.isEmpty)
    }

    @Test(arguments: [(nil, 2, [2, 2]), (2, 1, [2])] as [(Int?, Int, [Int])])
    func aListThatGoesOnAfterTheMostPagesIsRefused(fullPage: Int?, maxPages: Int, pages: [Int]) async throws {
        let replies = pages.map { count in
            ScriptedTransport.Reply.status(200, "[" + repeatElement(#"{"id":1}"#, count: count).joined(separator: ",") + "]")
        }
        let fixture = VendorClientFixture(replies: replies)
        let error = await #expect(throws: PSAError.self) {
            try await fixture.client(.none).allRows("/fields", fullPage: fullPage, maxPages: maxPages)
        }
        #expect(error?.code == .vendorUnexpectedResponse && fixture.transport.requests.count == pages.count)
        let evidence = VendorClientMessage.tooManyPages(maxPages)
        #expect(error?.findings.contains { ($0.evidence as? VendorClientMessage) == evidence } == true)
    }

    private func client(_ fixture: VendorClientFixture, _ lists: ListFormat) throws -> VendorClient<CoreMessage> {
        var declaration = try fixture.client(.none).declaration
        declaration.lists = lists
        return VendorClient(declaration, context: ConnectorContext(transport: fixture.transport, time: fixture.time.source))
    }
}
