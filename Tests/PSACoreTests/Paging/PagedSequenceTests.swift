import PSATesting
import Testing

@testable import PSACore

struct Row: Identifiable, Sendable, Equatable {
    var id: Int
}

func cursor(_ page: Int) -> PageCursor { PageCursor(connector: ConnectorID("sample"), list: "rows", version: 1, payload: String(page)) }

func number(_ cursor: PageCursor?) -> Int {
    cursor.flatMap { $0.payload(connector: ConnectorID("sample"), list: "rows", version: 1) }.flatMap { Int($0) } ?? 1
}

@Suite(.timeLimit(.minutes(1))) struct PagedSequenceTests {
    /// More pages than any list here has: an endless list fails instead of hanging.
    private struct Endless: Error {}

    /// Pages by number from 1; past the end the last one again, each naming a next page.
    private func sequence(_ pages: [Page<Row>], log: Shared<[Int]> = Shared([])) -> PagedSequence<Row> {
        PagedSequence { at in
            let page = number(at)
            log.update { $0.append(page) }
            guard page <= 500 else { throw Endless() }
            return pages[min(page, pages.count) - 1]
        }
    }

    private func page(_ ids: [Int], next: Int? = nil, ahead: [Int] = [], unreadable: Int = 0) -> Page<Row> {
        Page(
            items: ids.map(Row.init), next: next.map(cursor), lookahead: ahead.map(cursor),
            unreadable: (0..<unreadable).map { UnreadableRow(position: $0, member: "id") })
    }

    private func ids(_ sequence: PagedSequence<Row>) async throws -> [Int] {
        try await sequence.reduce(into: []) { $0.append($1.id) }
    }

    @Test func aListEndsAtThePageThatNamesNoNextOne() async throws {
        let log = Shared<[Int]>([])
        #expect(try await ids(sequence([page([1, 2], next: 2), page([3], next: 3), page([4, 5])], log: log)) == [1, 2, 3, 4, 5])
        #expect(log.value == [1, 2, 3])
    }

    @Test func anEmptyPageThatNamesANextOneDoesNotEndAList() async throws {
        #expect(try await ids(sequence([page([1], next: 2), page([], next: 3), page([9])])) == [1, 9])
        #expect(try await ids(sequence([page([], next: 2), page([9])])) == [9])
        #expect(try await ids(sequence([page([1], next: 2), page([])])) == [1])
        #expect(try await ids(sequence([page([])])).isEmpty)
    }

    @Test(arguments: [PagedSequence<Row>.maxFruitlessPages - 1, PagedSequence<Row>.maxFruitlessPages])
    func emptyPagesThatGoOnAreAnErrorInsteadOfAnEnd(count: Int) async throws {
        let empty = (0..<count).map { page([], next: $0 + 3) }
        let list = sequence([page([1], next: 2)] + empty + [page([2])])
        if count < PagedSequence<Row>.maxFruitlessPages {
            #expect(try await ids(list) == [1, 2])
        } else {
            let error = try await #require(throws: PSAError.self) { try await ids(list) }
            #expect(error.code == .vendorUnexpectedResponse)
        }
    }

    @Test func unreadablePagesWhoseLastOneBringsKnownRowsAreAnErrorInsteadOfAnEnd() async throws {
        let count = PagedSequence<Row>.maxFruitlessPages
        let unreadable = (0..<count).map { page($0 == count - 1 ? [1] : [], next: $0 + 3, unreadable: 1) }
        let error = try await #require(throws: PSAError.self) {
            try await ids(sequence([page([1, 2], next: 2)] + unreadable + [page([9])]))
        }
        #expect(error.code == .vendorUnexpectedResponse)
    }

    @Test func aListEndsAtAPageThatRepeats() async throws {
        let log = Shared<[Int]>([])
        let repeating = PagedSequence<Row> { at in
            let page = number(at)
            log.update { $0.append(page) }
            guard page <= 500 else { throw Endless() }
            return Page(items: page == 1 ? [Row(id: 1), Row(id: 2)] : [Row(id: 3), Row(id: 4)], next: cursor(page + 1))
        }
        #expect(try await ids(repeating) == [1, 2, 3, 4])
        #expect(log.value.prefix(3) == [1, 2, 3])
    }

    @Test func aListEndsAtAPageThatRepeatsEvenWithAnUnreadableRow() async throws {
        let repeating = PagedSequence<Row> { at in
            let page = number(at)
            guard page <= 500 else { throw Endless() }
            return Page(items: [Row(id: 1)], next: cursor(page + 1), unreadable: [UnreadableRow(position: 1, member: "name")])
        }
        #expect(try await ids(repeating) == [1])
    }

    @Test func pagesWithoutAnythingReadableDoNotGoOnForEver() async throws {
        let hopeless = PagedSequence<Row> { at in
            let page = number(at)
            guard page <= 500 else { throw Endless() }
            return Page(items: [], next: cursor(page + 1), unreadable: [UnreadableRow(position: 0, member: "id")])
        }
        let error = try await #require(throws: PSAError.self) { try await ids(hopeless) }
        #expect(error.code == .vendorUnexpectedResponse)
    }

    @Test func aPageWithoutWantedRowsGoesOnUntilItRepeats() async throws {
        // A connector that drops rows outside a filter returns nothing of pages full of them, and says by the mark that they differ.
        func filtered(_ mark: String, _ ids: [Int], next: Int) -> Page<Row> {
            Page(items: ids.map(Row.init), next: cursor(next), firstRowID: mark)
        }
        let log = Shared<[Int]>([])
        let pages = [filtered("a", [], next: 2), filtered("b", [], next: 3), filtered("c", [7], next: 4), filtered("c", [7], next: 5)]
        #expect(try await ids(sequence(pages, log: log)) == [7])
        #expect(log.value == [1, 2, 3, 4])
        #expect(
            try await ids(sequence([filtered("a", [1], next: 2), filtered("b", [2], next: 3), filtered("a", [1], next: 4)])) == [1, 2])
    }

    @Test func aPageOfUnreadableRowsIsNotTheEnd() async throws {
        #expect(try await ids(sequence([page([1], next: 2), page([], next: 3, unreadable: 2), page([2])])) == [1, 2])
    }

    @Test func rowsThatMovedToTheNextPageComeOnce() async throws {
        #expect(try await ids(sequence([page([1, 2, 2], next: 2), page([2, 3], next: 3), page([3, 1, 4])])) == [1, 2, 3, 4])
    }

    @Test func aListIsReadFromItsCursor() async throws {
        let pages = [page([1], next: 2), page([2], next: 3), page([3])]
        let log = Shared<[Int]>([])
        let sequence = PagedSequence<Row>(startingAt: cursor(2)) { at in
            log.update { $0.append(number(at)) }
            return pages[number(at) - 1]
        }
        #expect(try await ids(sequence) == [2, 3])
        #expect(log.value == [2, 3])
    }

    @Test func aSequenceCanBeReadTwice() async throws {
        let sequence = sequence([page([1], next: 2), page([2])])
        #expect(try await ids(sequence) == [1, 2])
        #expect(try await ids(sequence) == [1, 2])
    }

    @Test func theEndStaysTheEnd() async throws {
        var iterator = sequence([page([1])]).makeAsyncIterator()
        #expect(try await iterator.next() == Row(id: 1))
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
    }

    @Test func anErrorInTheMiddleComesAfterTheRowsBeforeIt() async throws {
        struct Broken: Error {}
        let sequence = PagedSequence<Row> { at in
            if number(at) == 3 { throw Broken() }
            return Page(items: [Row(id: number(at))], next: cursor(number(at) + 1))
        }
        let delivered = Shared<[Int]>([])
        await #expect(throws: Broken.self) {
            for try await row in sequence { delivered.update { $0.append(row.id) } }
        }
        #expect(delivered.value == [1, 2])
    }

    @Test func eachPageHasItsNewRowsAndTheCursorAfterIt() async throws {
        let list = sequence([page([1, 2], next: 2), page([2], next: 3, unreadable: 1), page([3])])
        var pages: [ListPage<Row>] = []
        for try await page in list.pages { pages.append(page) }
        #expect(pages.map { $0.rows.map(\.id) } == [[1, 2], [], [3]])
        #expect(pages.map(\.unreadable.count) == [0, 1, 0])
        #expect(pages.map(\.next) == [cursor(2), cursor(3), nil])
    }

    @Test func aListThatEndsAtARepeatedPageSaysSoWithALastPageWithoutRows() async throws {
        let list = PagedSequence<Row> { at in
            let page = number(at)
            guard page <= 500 else { throw Endless() }
            var answer = Page(
                items: [Row(id: min(page, 2))], next: cursor(page + 1), unreadable: [UnreadableRow(position: 1, member: "id")])
            answer.total = 4
            answer.firstRowID = String(min(page, 2))
            return answer
        }
        var pages: [ListPage<Row>] = []
        for try await page in list.pages { pages.append(page) }
        #expect(pages.map { $0.rows.map(\.id) } == [[1], [2], []])
        #expect(pages.map(\.next) == [cursor(2), cursor(3), nil])
        #expect(pages.map(\.unreadable.count) == [1, 1, 0])
        #expect(pages.last?.completeness == ListCompleteness(rows: 4, total: 4, unreadable: 2))
    }

    @Test func readingResumesAtAStoredCursorWithTheRowsAfterIt() async throws {
        let list = sequence([page([1, 2], next: 2), page([3, 4], next: 3), page([5])])
        var stored: String?
        for try await page in list.pages {
            stored = page.next?.rawValue
            break
        }
        let start = PageCursor(rawValue: try #require(stored))
        let rest = PagedSequence<Row>(startingAt: start) { try await list.pages.fetch($0) }
        var rows: [Int] = []
        for try await page in rest.pages { rows += page.rows.map(\.id) }
        #expect(rows == [3, 4, 5])
    }
}

@Suite(.timeLimit(.minutes(1))) struct LookaheadTests {
    @Test func pagesAheadAreFetchedAtTheSameTimeAndDeliveredInOrder() async throws {
        let started = Signal()
        let third = Signal()
        let log = Shared<[Int]>([])
        let sequence = PagedSequence<Row> { at in
            let page = number(at)
            log.update { $0.append(page) }
            guard page > 1 else { return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)]) }
            // Neither answers before both are under way, and the later one answers first.
            started.fire()
            await started.wait(for: 2)
            if page == 2 { await third.wait() } else { third.fire() }
            return Page(items: [Row(id: page)], next: page == 2 ? cursor(3) : nil)
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2, 3])
        #expect(log.value.sorted() == [1, 2, 3])
    }

    @Test func leavingTheLoopCancelsWhatIsUnderWay() async throws {
        let started = Signal()
        let cancelled = Signal()
        let sequence = PagedSequence<Row> { at in
            guard number(at) > 1 else { return Page(items: [Row(id: 1), Row(id: 2)], next: cursor(2), lookahead: [cursor(3), cursor(4)]) }
            started.fire()
            try await waitForCancellation(whenCancelled: cancelled)
        }
        for try await row in sequence {
            await started.wait(for: 3)
            #expect(row.id == 1)
            break
        }
        await cancelled.wait(for: 3)
    }

    @Test func cancellingTheTaskCancelsWhatIsUnderWay() async throws {
        let started = Signal()
        let cancelled = Signal()
        let sequence = PagedSequence<Row> { at in
            guard number(at) > 1 else { return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)]) }
            started.fire()
            try await waitForCancellation(whenCancelled: cancelled)
        }
        let reader = Task { try await sequence.reduce(into: 0) { count, _ in count += 1 } }
        await started.wait(for: 2)
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        await cancelled.wait(for: 2)
    }

    @Test func cancellingDuringTheFirstPageEndsIt() async throws {
        let started = Signal()
        let sequence = PagedSequence<Row> { _ in
            started.fire()
            try await waitForCancellation()
        }
        let reader = Task { try await sequence.reduce(into: 0) { count, _ in count += 1 } }
        await started.wait()
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test func pagesAheadOfTheEndAreThrownAwayWithTheirErrors() async throws {
        struct PastTheEnd: Error {}
        let cancelled = Signal()
        let started = Signal()
        let sequence = PagedSequence<Row> { at in
            switch number(at) {
            case 1: return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3), cursor(4)])
            case 2:
                await started.wait()
                return Page(items: [Row(id: 2)])
            case 3: throw PastTheEnd()
            default:
                started.fire()
                try await waitForCancellation(whenCancelled: cancelled)
            }
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2])
        await cancelled.wait()
    }

    @Test func anErrorCancelsTheOthers() async throws {
        struct Broken: Error {}
        let cancelled = Signal()
        let started = Signal()
        let sequence = PagedSequence<Row> { at in
            switch number(at) {
            case 1: return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)])
            case 2:
                await started.wait()
                throw Broken()
            default:
                started.fire()
                try await waitForCancellation(whenCancelled: cancelled)
            }
        }
        await #expect(throws: Broken.self) { for try await _ in sequence {} }
        await cancelled.wait()
    }

    @Test func aPageNamedAheadMoreThanOnceIsFetchedOnce() async throws {
        let log = Shared<[Int]>([])
        let sequence = PagedSequence<Row> { at in
            let page = number(at)
            log.update { $0.append(page) }
            return Page(
                items: [Row(id: page)], next: page < 6 ? cursor(page + 1) : nil,
                lookahead: [page + 1, page + 2, page + 3].filter { $0 <= 6 }.map(cursor))
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2, 3, 4, 5, 6])
        #expect(log.value.sorted() == [1, 2, 3, 4, 5, 6])
    }
}

@Suite struct RecentIDsTests {
    @Test func idsAreForgottenInTheOrderTheyCame() {
        var recent = RecentIDs<Int>(capacity: 3)
        let wasNew = [1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 1, 2].map { recent.insert($0) }
        #expect(wasNew == [true, true, true, false, false, false, true, false, false, false, true, true])
    }

    @Test func theMemoryOfIDsDoesNotGrowWithTheList() throws {
        var recent = RecentIDs<Int>(capacity: PagedSequence<Row>.rememberedIDs)
        for id in 0..<20_000 { _ = recent.insert(id) }
        let stored = Mirror(reflecting: recent).children.filter { $0.label == "members" || $0.label == "ring" }
        #expect(stored.map { Mirror(reflecting: $0.value).children.count } == [4_096, 4_096])
        let last = recent.insert(20_000 - 4_096)
        let forgotten = recent.insert(20_000 - 4_097)
        #expect(!last && forgotten)
    }
}
