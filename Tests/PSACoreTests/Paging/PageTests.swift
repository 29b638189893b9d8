import PSATesting
import Testing

@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct ListCompletenessTests {
    /// A page of rows `first..<first + count` with a total, naming a next page.
    private static func page(_ ids: Range<Int>, total: Int?, next: Int?, rowCount: Int? = nil, unreadable: Int = 0) -> Page<Row> {
        var page = Page(
            items: ids.map(Row.init), next: next.map(cursor), total: total,
            unreadable: (0..<unreadable).map { UnreadableRow(position: $0, member: "id") })
        page.rowCount = rowCount
        return page
    }

    private static func sequence(_ pages: [Page<Row>], startingAt start: PageCursor? = nil) -> PagedSequence<Row> {
        PagedSequence(startingAt: start) { pages[min(number($0), pages.count) - 1] }
    }

    /// The rows that were delivered, and the error at the end.
    private static func read(_ sequence: PagedSequence<Row>) async -> (rows: Int, error: PSAError?) {
        var rows = 0
        do {
            for try await _ in sequence { rows += 1 }
            return (rows, nil)
        } catch {
            return (rows, error as? PSAError)
        }
    }

    @Test func aShortListIsAnErrorAfterAllItsRows() async throws {
        let list = Self.sequence([Self.page(0..<100, total: 250, next: 2), Self.page(100..<199, total: 250, next: nil)])
        let (rows, error) = await Self.read(list)
        #expect(rows == 199)
        #expect(error?.code == .syncListIncomplete)
        #expect(error?.problem.encodedText.contains("250 rows are counted, and 199 came.") == true)
    }

    @Test func theErrorComesOnce() async throws {
        var iterator = Self.sequence([Self.page(0..<1, total: 3, next: nil)]).makeAsyncIterator()
        #expect(try await iterator.next() != nil)
        #expect(iterator.completeness == nil)
        await #expect(throws: PSAError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(iterator.completeness?.missing == 2)
    }

    @Test func thePagesOfAListWithGapsEndWithoutAnError() async throws {
        var pages: [ListPage<Row>] = []
        for try await page in Self.sequence([Self.page(0..<2, total: 5, next: nil, unreadable: 1)]).pages { pages.append(page) }
        #expect(pages.map(\.rows.count) == [2] && pages.map(\.unreadable.count) == [1])
        #expect(pages.map(\.completeness) == [ListCompleteness(rows: 3, total: 5, unreadable: 1)])
        #expect(pages.first?.completeness.missing == 2)
    }

    @Test func anEmptyListHasOnePageWithoutRows() async throws {
        var pages: [ListPage<Row>] = []
        for try await page in Self.sequence([Self.page(0..<0, total: 0, next: nil)]).pages { pages.append(page) }
        #expect(pages.map(\.rows.count) == [0] && pages.map(\.next) == [nil])
    }

    @Test(
        "what is no gap is no error",
        arguments: [
            [page(0..<3, total: 3, next: nil)], [page(0..<3, total: nil, next: nil)], [page(0..<3, total: 2, next: nil)],
            [page(0..<3, total: 0, next: nil)], [page(0..<3, total: -7, next: nil)], [page(0..<0, total: 0, next: nil)],
            // Rows outside a filter of the connector, and rows that can't be read, are counted by the vendor.
            [page(0..<1, total: 9, next: nil, rowCount: 9)], [page(0..<1, total: 3, next: nil, unreadable: 2)],
            // The count of an empty page behind the end counts nothing.
            [page(0..<3, total: 3, next: 2), page(0..<0, total: 8, next: nil)],
            // An empty page in the middle, with a wrong count of its own.
            [page(0..<3, total: 6, next: 2), page(0..<0, total: 0, next: 3), page(3..<6, total: 6, next: nil)],
            // Rows were added while the list was read.
            [page(0..<3, total: 5, next: 2), page(3..<6, total: 6, next: nil)],
            // Page three repeats page two: those rows came already.
            [page(0..<2, total: 4, next: 2), page(2..<4, total: 4, next: 3), page(2..<4, total: 4, next: 4)],
        ])
    func noGap(pages: [Page<Row>]) async { #expect(await Self.read(Self.sequence(pages)).error == nil) }

    @Test(
        "what is a gap is an error",
        arguments: [
            [page(0..<3, total: 4, next: nil)], [page(0..<0, total: 4, next: nil)], [page(0..<3, total: .max, next: nil)],
            [page(0..<3, total: 6, next: 2), page(0..<0, total: 0, next: nil), page(3..<6, total: 6, next: nil)],
            // The same rows again are not others.
            [page(0..<3, total: 6, next: 2), page(0..<3, total: 6, next: 3)],
            [page(0..<3, total: 5, next: 2), page(2..<4, total: 5, next: nil)],
        ])
    func gap(pages: [Page<Row>]) async { #expect(await Self.read(Self.sequence(pages)).error?.code == .syncListIncomplete) }

    @Test func aListThatShrinksWhileItIsReadSaysSo() async throws {
        let list = Self.sequence([Self.page(0..<3, total: 7, next: 2), Self.page(3..<6, total: 6, next: nil)])
        var pages: [ListPage<Row>] = []
        for try await page in list.pages { pages.append(page) }
        #expect(pages.map(\.completeness.shrinkage) == [0, 1])
        #expect(pages.map(\.completeness.isComplete) == [false, false])
    }

    @Test func aResumedListIsJudgedOnlyIfItsCursorTellsWhatCameBefore() async {
        var page = Self.page(3..<6, total: 9, next: nil)
        #expect(await Self.read(Self.sequence([page], startingAt: cursor(1))).error == nil)
        page.rowsBefore = 3
        #expect(await Self.read(Self.sequence([page], startingAt: cursor(1))).error?.code == .syncListIncomplete)
        page.rowsBefore = 6
        #expect(await Self.read(Self.sequence([page], startingAt: cursor(1))).error == nil)
        page.rowsBefore = .max
        #expect(await Self.read(Self.sequence([page], startingAt: cursor(1))).error == nil)
    }

    @Test func aPageThatIsCutOffSaysSoItself() async {
        var page = Self.page(0..<3, total: 9, next: nil)
        page.isCutOff = true
        #expect(await Self.read(Self.sequence([page])).error == nil)
    }
}

@Suite struct PageCursorTests {
    private let id: ConnectorID = ConnectorID("sample")

    @Test(arguments: ["7", "", "a/b", "2024-01-01T00:00:00Z|7", "é"]) func aStoredCursorGivesItsPayloadBack(payload: String) {
        let cursor = PageCursor(rawValue: PageCursor(connector: id, list: "tickets", version: 2, payload: payload).rawValue)
        #expect(cursor.payload(connector: id, list: "tickets", version: 2) == payload)
    }

    @Test func aCursorOfAnotherConnectorListOrVersionIsRefused() {
        let cursor = PageCursor(connector: id, list: "tickets", version: 2, payload: "7")
        #expect(cursor.payload(connector: ConnectorID("other"), list: "tickets", version: 2) == nil)
        #expect(cursor.payload(connector: id, list: "notes", version: 2) == nil)
        #expect(cursor.payload(connector: id, list: "tickets", version: 1) == nil)
        #expect(cursor.payload(connector: id, list: "ticket", version: 2) == nil)
        #expect(PageCursor(rawValue: "").payload(connector: id, list: "tickets", version: 2) == nil)
        #expect(PageCursor(rawValue: "junk").payload(connector: id, list: "tickets", version: 2) == nil)
    }
}
