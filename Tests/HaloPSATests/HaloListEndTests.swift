import FoundationEssentials
import PSACore
import Synchronization
import Testing

@testable import HaloPSA

@Suite("Ends of HaloPSA's lists, over a socket")
struct HaloListEndTests {
    /// What a reading has to show.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lengths: [Int]
        /// The count that each page states; nil to leave it out.
        let counts: [String?]
        let rows: Int
        var isIncomplete = false
        var repeatsTheLast = false

        init(
            _ name: String, _ lengths: [Int], counts: [String?], rows: Int, isIncomplete: Bool = false, repeatsTheLast: Bool = false
        ) {
            testDescription = name
            (self.lengths, self.counts, self.rows, self.isIncomplete, self.repeatsTheLast) =
                (lengths, counts, rows, isIncomplete, repeatsTheLast)
        }

        init(_ name: String, _ lengths: [Int], count: String?, rows: Int, isIncomplete: Bool = false, repeatsTheLast: Bool = false) {
            self.init(
                name, lengths, counts: lengths.map { _ in count }, rows: rows, isIncomplete: isIncomplete, repeatsTheLast: repeatsTheLast)
        }
    }

    static let cases = [
        Case("a page is one row short, and the list goes on", [100, 99, 51], count: "250", rows: 250),
        Case("a page is one row short, and the row never comes", [100, 99, 50], count: "250", rows: 249, isIncomplete: true),
        Case("two short pages, and nothing behind them", [100, 99], count: "250", rows: 199, isIncomplete: true),
        Case("pages get shorter and shorter", [100, 80, 60, 9, 1], count: "250", rows: 250),
        Case("pages get shorter, without a count", [100, 80, 60, 9, 1], count: nil, rows: 250),
        Case("the count is a text", [100, 99, 51], count: "\"250\"", rows: 250),
        Case("the count is a text, and rows are missing", [100, 99], count: "\"250\"", rows: 199, isIncomplete: true),
        Case("the count is less than the rows", [100, 100, 50], count: "120", rows: 250),
        Case("the count is that of the page", [50, 50, 50, 7], counts: ["50", "50", "50", "7"], rows: 157),
        Case("the count is 0 although there are rows", [100, 99, 51], count: "0", rows: 250),
        Case("the count is negative", [100, 99, 51], count: "-1", rows: 250),
        Case("the count is no number", [100, 99, 51], count: "\"many\"", rows: 250),
        Case("the count is null", [100, 99, 51], count: "null", rows: 250),
        Case("the count is huge", [100, 50], count: "9223372036854775807", rows: 150, isIncomplete: true),
        Case("the count grows while the list is read", [100, 100, 60], counts: ["250", "255", "260"], rows: 260),
        Case("the count falls while the list is read", [100, 100, 40], counts: ["250", "245", "240"], rows: 240),
        Case("the count falls below what has come", [100, 100, 40], counts: ["250", "200", "240"], rows: 240),
        Case("an empty page in the middle", [100, 0, 50], count: "150", rows: 100, isIncomplete: true),
        Case("an empty page in the middle, without a count", [100, 0, 50], count: nil, rows: 100),
        Case("the last page repeats", [100, 99, 51], count: "250", rows: 250, repeatsTheLast: true),
        Case("the last page repeats, and rows are missing", [100, 99], count: "250", rows: 199, isIncomplete: true, repeatsTheLast: true),
        Case("the only page repeats", [30], count: nil, rows: 30, repeatsTheLast: true),
        Case("one page", [30], count: "30", rows: 30), Case("one full page", [100], count: "100", rows: 100),
        Case("nothing", [0], count: "0", rows: 0), Case("nothing, and a count", [0], count: "7", rows: 0, isIncomplete: true),
    ]

    @Test(arguments: cases) func aListComesWholeOrSaysThatItDoesNot(list: Case) async throws {
        let stub = try PagingStub(Self.pages(list.lengths, list.counts), repeatsTheLast: list.repeatsTheLast)
        defer { stub.stop() }
        var ids: [String] = []
        var failure: PSAError?
        do {
            for try await ticket in try stub.session().tickets() { ids.append(ticket.id.rawValue) }
        } catch let error as PSAError {
            failure = error
        }
        #expect(ids.count == list.rows)
        #expect(Set(ids).count == ids.count)
        #expect((failure?.code == .syncListIncomplete) == list.isIncomplete, "\(failure.map { "\($0)" } ?? "no error")")
    }

    @Test("a list with its right count costs one request more at most", arguments: [30, 100, 101, 199, 200, 250, 1_000])
    func cost(rows: Int) async throws {
        let full = Array(repeating: 100, count: rows / 100) + (rows % 100 > 0 ? [rows % 100] : [])
        let stub = try PagingStub(Self.pages(full, full.map { _ in String(rows) }))
        defer { stub.stop() }
        #expect(try await stub.session().tickets().collected().count == rows)
        #expect(stub.pages.count <= full.count + 1)
    }

    @Test func rowsThatMoveToTheNextPageComeOnceAndAreNoGap() async throws {
        let stub = try PagingStub([
            PagingStub.StubPage(ids: Array(1...100), count: "150"), PagingStub.StubPage(ids: Array(96...150), count: "150"),
        ])
        defer { stub.stop() }
        #expect(try await stub.session().tickets().collected().map(\.id.rawValue) == (1...150).map(String.init))
    }

    @Test func rowsWithoutAnIDThatATicketCanHaveAreCountedAsUnreadable() async throws {
        let stub = try PagingStub([PagingStub.StubPage(ids: [0, -1, 7, 8], count: "4")])
        defer { stub.stop() }
        let pages = try await stub.session().tickets().pages.collected()
        #expect(pages.flatMap(\.rows).map(\.id.rawValue) == ["7", "8"])
        #expect(pages.last?.completeness.unreadable == 2)
    }

    @Test func ticketsOutsideTheSpanThatWasAskedForAreNoGap() async throws {
        // The stub ignores the filter, as some builds do.
        let stub = try PagingStub(Self.pages([100, 99, 51], ["250", "250", "250"]))
        defer { stub.stop() }
        #expect(try await stub.session().tickets(changedSince: Date(timeIntervalSince1970: 1_700_000_000)).collected().isEmpty)
        #expect(Set(stub.pages) == [1, 2, 3])
    }

    @Test func aListIsResumedAtEachOfItsPages() async throws {
        let stub = try PagingStub(Self.pages([100, 99, 51], ["250", "250", "250"]))
        defer { stub.stop() }
        let session = try stub.session()
        let cursors = try await session.tickets().pages.collected().compactMap(\.next)
        #expect(cursors.map(\.rawValue) == ["halopsa/Tickets/2/2-100", "halopsa/Tickets/2/3-199"])
        for (cursor, rest) in zip(cursors, [150, 51]) {
            #expect(try await session.tickets(startingAt: PageCursor(rawValue: cursor.rawValue)).collected().count == rest)
        }
        // An earlier version did not note what came before: it is right, and can't say what is missing.
        #expect(try await session.tickets(startingAt: PageCursor(rawValue: "halopsa/Tickets/1/2-100")).collected().count == 150)
    }

    @Test func aResumedListSaysWhatIsMissingToo() async throws {
        let stub = try PagingStub(Self.pages([100, 99], ["250", "250"]))
        defer { stub.stop() }
        let session = try stub.session()
        #expect(
            await code { _ = try await session.tickets(startingAt: PageCursor(rawValue: "halopsa/Tickets/2/2-100")).collected() }
                == .syncListIncomplete)
    }

    private static func pages(_ lengths: [Int], _ counts: [String?]) -> [PagingStub.StubPage] {
        var first = 1
        return zip(lengths, counts).map { length, count in
            defer { first += length }
            return PagingStub.StubPage(ids: Array(first..<first + length), count: count)
        }
    }
}

/// The cursors that were seen.
