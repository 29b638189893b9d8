import FoundationEssentials
import HaloSimulator
import PSACore
import PSACurl
import Synchronization
import TestSupport
import Testing
import WebServer
@testable import HaloPSA

@Suite("Reading from HaloPSA")
struct HaloReadingTests {
    @Test func companiesContactsAndAgentsComeWhole() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let companies = try await session.companies().collected()
            let contacts = try await session.contacts().collected()
            let agents = try await session.agents().collected()
            #expect(companies.count >= 24)
            #expect(companies.contains { $0.isActive == false })
            #expect(contacts.count >= 120)
            #expect(contacts.contains { $0.site != nil && !$0.emails.isEmpty && $0.company?.label != nil })
            #expect(agents.contains { $0.isPerson == false })
            #expect(agents.contains { $0.isActive == false } && agents.contains { $0.isPerson == true })
        }
    }

    @Test("a full list costs no more than N/100 + 3 requests", arguments: [0, 1, 99, 100, 101, 250, 1_000])
    func requestCount(tickets: Int) async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = tickets
        try await HaloFixture.run(configuration) { fixture in
            let read = try await fixture.session().tickets().collected()
            #expect(read.count == tickets)
            #expect(Set(read.map(\.id)).count == tickets)
            #expect(fixture.transport.count(.get, "/api/Tickets") <= (tickets + 99) / 100 + 3)
        }
    }

    @Test(
        "quirks of paging lose and double nothing",
        arguments: [
            ["page-cap:40"], ["repeat-last-page"], ["no-record-count"], ["list-as-array"], ["id-as-double"], ["ids-as-text"],
            ["repeat-last-page", "no-record-count", "page-cap:30"],
        ])
    func pagingQuirk(faults: [String]) async throws {
        try await HaloFixture.run(faults: faults) { fixture in
            let read = try await fixture.session().tickets().collected()
            #expect(read.count == 250)
            #expect(Set(read.map(\.id)).count == 250)
        }
    }

    @Test func aListWithNullInPlaceOfItsRowsIsEmpty() async throws {
        let transport = AnsweringTransport(["GET /api/Client": .json(#"{"record_count":0,"clients":null}"#)])
        #expect(try await transport.session().companies().collected().isEmpty)
        try await HaloFixture.run(faults: ["null-lists"]) { fixture in
            // The count says that there are companies all the same.
            #expect(await code { _ = try await fixture.session().companies().collected() } == .syncListIncomplete)
        }
    }

    @Test func ticketsChangedSinceAMomentAreThoseAndNoOthers() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let all = try await session.tickets().collected()
            let moments = all.compactMap(\.updatedAt).sorted()
            let middle = try #require(moments.count > 200 ? moments[200] : nil)
            let changed = try await session.tickets(changedSince: middle).collected()
            let second = Date(timeIntervalSince1970: middle.timeIntervalSince1970.rounded(.down))
            #expect(Set(changed.map(\.id)) == Set(all.filter { ($0.updatedAt ?? .distantPast) >= second }.map(\.id)))
            #expect(!changed.isEmpty && changed.count < all.count)
        }
    }

    @Test func customFieldsComeWithTheDetailOnly() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            var rows = session.tickets().makeAsyncIterator()
            let row = try #require(try await rows.next())
            let detail = try await session.ticket(row.id)
            #expect(row.customFields == nil)
            #expect(detail.customFields?.isEmpty == false)
            #expect(detail.id == row.id && detail.summary == row.summary)
            #expect(detail.native["customfields"] != nil)
        }
    }

    @Test func datesThatMeanNoneAreNone() async throws {
        try await HaloFixture.run { fixture in
            let tickets = try await fixture.session().tickets().collected()
            let earliest = Date(timeIntervalSince1970: 315_532_800)
            let dates = tickets.flatMap { [$0.createdAt, $0.updatedAt, $0.closedAt, $0.dueAt] }.compactMap { $0 }
            #expect(dates.allSatisfy { $0 >= earliest })
            #expect(tickets.contains { $0.native["deadlinedate"]?.string?.hasPrefix("1900") == true })
            #expect(tickets.contains { $0.phase == .closed } && tickets.contains { $0.phase == .open && $0.closedAt == nil })
        }
    }

    @Test func noteIdsAreUniqueAcrossTickets() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let tickets = try await session.tickets().collected().prefix(5)
            var ids: [TicketNote.ID] = []
            for ticket in tickets { ids += try await session.notes(of: ticket.id).collected().map(\.id) }
            #expect(ids.count > 5)
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func contractsAndRecurringInvoicesComeWithTheirLines() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let contracts = try await session.agreements().collected()
            let invoices = try await session.recurringInvoices().collected()
            #expect(contracts.contains { $0.isActive == true } && contracts.contains { $0.company != nil })
            #expect(invoices.contains { ($0.id.integer ?? 0) < 0 }, "ids may be negative")
            #expect(invoices.allSatisfy { $0.lines == nil }, "lists carry no lines")
            let detail = try await session.recurringInvoice(try #require(invoices.first).id)
            #expect(detail.lines?.isEmpty == false)
            #expect(detail.lines?.allSatisfy { $0.quantity > 0 && !$0.description.isEmpty } == true)
        }
    }

    @Test func prioritiesFollowTheTicketTypesSLA() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let types = try await session.ticketTypes()
            let incident = try await session.ticketPriorities(for: TicketType.ID(1))
            let problem = try await session.ticketPriorities(for: TicketType.ID(4))
            let all = try await session.ticketPriorities()
            #expect(types.map(\.name).contains("Incident"))
            #expect(incident.map(\.name) == ["Critical", "High", "Medium", "Low"])
            #expect(problem.map(\.name) == ["Urgent", "Normal", "Planned"])
            #expect(all.count == incident.count + problem.count)
            #expect(Set(incident.map(\.scope)) == [.serviceLevel("1")])
            #expect(incident.allSatisfy { $0.id.integer != nil }, "tickets carry the number, not the GUID")
        }
    }

    @Test func statusesThatCloseATicketAreHinted() async throws {
        try await HaloFixture.run { fixture in
            let statuses = try await fixture.session().ticketStatuses()
            #expect(statuses.first { $0.name == "Closed" }?.phase == .closed)
            #expect(statuses.first { $0.name == "New" }?.phase == .unknown)
        }
    }

    @Test func aTicketThatDoesNotExistIsNotFound() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            #expect(await code { _ = try await session.ticket(Ticket.ID(987_654)) } == .requestNotFound)
        }
    }

    @Test("an id that HaloPSA can't have is refused before it is sent", arguments: ["abc", "95.0", "99999999999", "1e3", "../Client"])
    func impossibleID(text: String) async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let id = try #require(Ticket.ID(text))
            #expect(await code { _ = try await session.ticket(id) } == .requestInvalid)
            #expect(fixture.transport.requests.isEmpty)
        }
    }

    @Test func aCursorOfAnotherListIsRejected() async throws {
        let stub = try PagingStub([PagingStub.StubPage(ids: [1], count: "2"), PagingStub.StubPage(ids: [2], count: "2")])
        defer { stub.stop() }
        let connector = try HaloConnector(stub.address, over: CurlTransport())
        for text in [
            "halopsa/Client/1/2-100", "halopsa/Tickets/9/2-100", "connectwise/Tickets/1/2-100", "halopsa/Tickets/1/0-100", "junk", "",
        ] {
            let cursor = PageCursor(rawValue: text)
            #expect(await code { _ = try await connector.tickets(behind: cursor) } == .syncCursorRejected, "\(text)")
        }
        #expect(try await connector.tickets(behind: PageCursor(rawValue: "halopsa/Tickets/1/2-100")).map(\.id) == [RecordID(2)])
    }
}

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
        #expect(cursors.map { $0.rawValue.hasSuffix("halopsa/Tickets/2/2-100") } == [true, false])
        #expect(cursors.map { $0.rawValue.hasSuffix("halopsa/Tickets/2/3-199") } == [false, true])
        for (cursor, rest) in zip(cursors, [150, 51]) {
            #expect(try await session.tickets(startingAt: PageCursor(rawValue: cursor.rawValue)).collected().count == rest)
        }
        // An earlier version did not note what came before: it is right, and can't say what is missing.
        let connector = try HaloConnector(stub.address, over: CurlTransport())
        #expect(try await connector.tickets(behind: PageCursor(rawValue: "halopsa/Tickets/1/2-100")).count == 150)
        // A session takes its own cursors only, and what it stored before it bound them is read from the beginning.
        #expect(
            await code { _ = try await session.tickets(startingAt: PageCursor(rawValue: "halopsa/Tickets/2/2-100")).collected() }
                == .syncCursorRejected)
    }

    @Test func aResumedListSaysWhatIsMissingToo() async throws {
        let stub = try PagingStub(Self.pages([100, 99], ["250", "250"]))
        defer { stub.stop() }
        let session = try stub.session()
        var pages = session.ticketPages().makeAsyncIterator()
        let cursor = try #require(try await pages.next()?.next)
        #expect(await code { _ = try await session.tickets(startingAt: cursor).collected() } == .syncListIncomplete)
    }

    private static func pages(_ lengths: [Int], _ counts: [String?]) -> [PagingStub.StubPage] {
        var first = 1
        return zip(lengths, counts).map { length, count in
            defer { first += length }
            return PagingStub.StubPage(ids: Array(first..<first + length), count: count)
        }
    }
}

/// A server with a token and one list, whose pages are given one by one.
final class PagingStub: Sendable {
    /// What a page holds.
    struct StubPage: Sendable {
        var ids: [Int]
        /// The count as JSON, or nil to leave it out.
        var count: String?
    }

    private let server: WebServer
    private let asked: Asked

    /// Serves the pages by their number from 1; what is behind them is answered with the last one, or with none.
    init(_ pages: [StubPage], repeatsTheLast: Bool = false) throws {
        let asked = Asked()
        server = try WebServer.start(.test) { request in
            guard request.path != "/auth/token" else {
                return Self.json(#"{"access_token":"t","expires_in":3600,"scope":"all"}"#)
            }
            let number = request.query.first { $0.name == "page_no" }.flatMap { Int($0.value) } ?? 1
            asked.add(number)
            let behind = StubPage(ids: [], count: pages.last?.count)
            let page = number <= pages.count ? pages[number - 1] : repeatsTheLast ? pages.last ?? behind : behind
            let rows = page.ids.map { #"{"id":\#($0),"summary":"T","last_update":"2020-01-01T00:00:00"}"# }.joined(separator: ",")
            return Self.json("{\(page.count.map { "\"record_count\":\($0)," } ?? "")\"tickets\":[\(rows)]}")
        }
        self.asked = asked
    }

    /// The numbers of the pages that were asked for.
    var pages: [Int] { asked.numbers }

    var address: String { "http://127.0.0.1:\(server.port)" }

    func stop() { Task { await server.stop() } }

    func session() throws -> ConnectorSession {
        let input: SettingsInput = [
            "tenantURL": address, "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        let context = ConnectorContext(
            transport: CurlTransport(), addressPolicy: .allowingLoopback, time: .skippingWaits, tenants: TenantRateLimits(pace: nil))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }

    private static func json(_ text: String) -> WebResponse {
        WebResponse(status: 200, headers: WebHeaders([(name: "Content-Type", value: "application/json")]), body: .bytes(Array(text.utf8)))
    }

    private final class Asked: Sendable {
        private let state = Mutex<[Int]>([])
        var numbers: [Int] { state.withLock { $0 } }
        func add(_ number: Int) { state.withLock { $0.append(number) } }
    }
}
