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
        let client = try fixture.client(.none)
        func page(_ cursor: PageCursor?) async throws -> Page<String> {
            try await client.numberedPage(
                "/companies/{id}/tickets", pathValues: ["7"], at: cursor, of: "tickets", parameter: "page_no",
                query: [QueryItem("state", "all")], rows: { RowList(array: $0["rows"], total: $0["total"]?.integer) }
            ) { row, _ in row["id"]?.text }
        }
        let first = try await page(nil)
        #expect(first.items == ["1"] && first.total == 3 && first.lookahead.isEmpty)
        #expect(payloads([try #require(first.next)]) == ["2"])
        let second = try await page(first.next)
        #expect(second.items.isEmpty && second.next == nil)
        #expect(
            fixture.transport.requests.map(\.urlText)
                == [1, 2].map {
                    "https://acme.example.com/api/companies/7/tickets?state=all&page_no=\($0)"
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
                "/tickets", at: PageCursor(rawValue: text), of: "tickets", rows: { RowList(array: $0) }
            ) { row, _ in row["id"]?.text }
        }
        #expect(error?.code == .syncCursorRejected)
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func anAnswerWithoutAListIsAnError() async throws {
        let client = try VendorClientFixture(.status(200, #"{"tickets":7}"#)).client(.none)
        let error = await #expect(throws: PSAError.self) {
            let _: Page<String> = try await client.numberedPage("/tickets", at: nil, of: "tickets", rows: { RowList(array: $0["tickets"]) })
            {
                row, _ in row["id"]?.text
            }
        }
        #expect(error?.code == .vendorUnexpectedResponse)
    }
}
