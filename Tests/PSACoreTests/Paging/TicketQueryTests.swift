import Foundation
import PSATesting
import Testing

@testable import PSACore

/// A vendor with pages of tickets, as a connector without filters reads them.
private struct ListingConnector: TicketReading, CompanyReading {
    let pages: [[Ticket]]
    let log: Shared<[Int]>
    var companyPages: [[Company]] = []
    var cursorPadding = ""

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
    }

    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try page(pages, cursor, "tickets").map { $0.filter { moment == nil || $0.updatedAt == nil } }
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket { throw PSAError(.requestNotFound) }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> { try page(companyPages, cursor, "companies") }

    private func page<Element>(_ pages: [[Element]], _ cursor: PageCursor?, _ list: String) throws -> Page<Element> {
        let payload = cursor?.payload(connector: ConnectorID("sample"), list: list, version: 1)
        guard let number = cursor == nil ? 1 : payload.flatMap({ Int($0.prefix { $0.isNumber }) }) else {
            throw PSAError(.syncCursorRejected)
        }
        log.update { $0.append(number) }
        let next = (number + 1...number + 2).filter { $0 <= pages.count }.map {
            PageCursor(connector: ConnectorID("sample"), list: list, version: 1, payload: String($0) + cursorPadding)
        }
        return Page(
            items: pages.isEmpty ? [] : pages[number - 1], next: next.first, lookahead: Array(next.dropFirst()),
            total: pages.reduce(0) { $0 + $1.count })
    }
}

extension Page {
    fileprivate func map(_ change: ([Element]) -> [Element]) -> Page {
        var page = self
        page.items = change(items)
        return page
    }
}

/// A vendor that has filters, as a test lets it apply them.
private struct QueryingConnector: TicketQuerying {
    let answer: @Sendable (TicketQuery) -> [Ticket]

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
    }
    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await tickets(matching: TicketQuery(changedSince: moment), at: cursor)
    }
    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> { Page(items: answer(query)) }
    func ticket(_ id: Ticket.ID) async throws -> Ticket { throw PSAError(.requestNotFound) }
}

private func ticket(_ id: Int, company: Int? = nil, type: Int? = nil, _ phase: Ticket.Phase = .open) -> Ticket {
    var ticket = Ticket(
        id: Ticket.ID(id), number: String(id), summary: "Ticket \(id)", phase: phase,
        native: NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)))
    ticket.company = company.map { Reference(RecordID($0)) }
    ticket.type = type.map { Reference(RecordID($0)) }
    return ticket
}

private func descriptor(_ id: String = "sample", filters: Set<TicketQuery.Filter> = []) -> ConnectorDescriptor {
    ConnectorDescriptor(
        id: ConnectorID(id) ?? ConnectorID("sample"), displayName: "Sample PSA", tier: .complete, settings: SettingsSchema([]),
        capabilities: [.readTickets, .readCompanies], ticketFilters: filters,
        guidance: GuidanceCatalogue(vendorName: "Sample PSA", overrides: [:]), guide: "Docs/Sample.md")
}

private func ids(_ list: PagedSequence<Ticket>) async throws -> [Int] {
    var ids: [Int] = []
    for try await ticket in list { ids.append(ticket.id.integer ?? 0) }
    return ids
}

@Suite(.timeLimit(.minutes(1))) struct TicketQueryTests {
    /// Nine tickets in pages of three: nothing on the second page is of company 1.
    private static let pages: [[Ticket]] = [
        [ticket(1, company: 1, type: 1), ticket(2, company: 2, type: 1, .waiting), ticket(3, type: 2, .closed)],
        [ticket(4, company: 2, type: 1), ticket(5, company: 2, type: 2, .closed), ticket(6)],
        [ticket(7, company: 1, type: 2, .closed), ticket(8, company: 1, type: 1, .waiting), ticket(9, company: 3, type: 1, .unknown)],
    ]

    private static func session(log: Shared<[Int]> = Shared([]), padding: String = "") -> ConnectorSession {
        ConnectorSession(
            ListingConnector(
                pages: pages, log: log,
                companyPages: [[company(1), company(2)], [company(3)]], cursorPadding: padding),
            descriptor: descriptor(), tenant: "acme")
    }

    private static func company(_ id: Int) -> Company {
        Company(id: Company.ID(id), name: "Company \(id)", native: NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)))
    }

    @Test(
        "what the vendor does not filter is filtered page by page",
        arguments: [
            (TicketQuery(), [1, 2, 3, 4, 5, 6, 7, 8, 9]), (TicketQuery(company: RecordID(1)), [1, 7, 8]),
            (TicketQuery(company: RecordID(4)), []), (TicketQuery(type: RecordID(1)), [1, 2, 4, 8, 9]),
            (TicketQuery(phase: .closed), [3, 5, 7]), (TicketQuery(phase: .unknown), [9]),
            (TicketQuery(phases: [.open, .waiting]), [1, 2, 4, 6, 8]),
            (TicketQuery(company: RecordID(1), phase: .waiting, type: RecordID(1)), [8]),
        ])
    func filtering(query: TicketQuery, expected: [Int]) async throws {
        let log = Shared<[Int]>([])
        #expect(try await ids(Self.session(log: log).tickets(matching: query)) == expected)
        #expect(log.value.sorted() == [1, 2, 3])
    }

    @Test func aPageOfWhichNothingIsLeftIsNoEnd() async throws {
        var pages: [ListPage<Ticket>] = []
        for try await page in Self.session().ticketPages(matching: TicketQuery(company: RecordID(1))) { pages.append(page) }
        #expect(pages.map { $0.rows.compactMap(\.id.integer) } == [[1], [], [7, 8]])
        #expect(pages.map { $0.next == nil } == [false, false, true])
        // What was left out was read all the same, so that the vendor's count shows no gap.
        #expect(pages.last?.completeness == ListCompleteness(rows: 9, total: 9))
    }

    @Test(arguments: [1, 2, 3, 4, 8, 9, 10])
    func noMoreTicketsAreGivenThanAskedFor(limit: Int) async throws {
        #expect(try await ids(Self.session().tickets(matching: TicketQuery(limit: limit))) == Array(1...min(limit, 9)))
    }

    @Test func nothingIsReadBehindTheLimit() async throws {
        let log = Shared<[Int]>([])
        #expect(try await ids(Self.session(log: log).tickets(matching: TicketQuery(limit: 3))) == [1, 2, 3])
        #expect(log.value == [1])
        #expect(TicketQuery(limit: 0).limit == 1)
    }

    @Test func theLimitCountsWhatWasGivenBeforeAResumption() async throws {
        let query = TicketQuery(limit: 7)
        var start: PageCursor?
        var given: [Int] = []
        for _ in 1...3 {
            var pages = Self.session().ticketPages(matching: query, startingAt: start).makeAsyncIterator()
            let page = try #require(try await pages.next())
            given += page.rows.compactMap(\.id.integer)
            start = page.next
        }
        #expect(given == [1, 2, 3, 4, 5, 6, 7])
        #expect(start == nil)
    }

    @Test func anOrderThatTheVendorDoesNotHaveIsRefusedBeforeAnythingIsRead() async throws {
        let log = Shared<[Int]>([])
        let list = Self.session(log: log).tickets(matching: TicketQuery(order: .newestFirst))
        let error = try await #require(throws: PSAError.self) { _ = try await ids(list) }
        #expect(error.code == .connectorUnsupported)
        #expect(error.guidance.detail == "The connector for Sample PSA does not offer tickets with the newest first.")
        #expect(log.value == [])
    }

    @Test func onlyDeclaredFiltersReachTheConnector() async throws {
        let seen = Shared<[TicketQuery]>([])
        let connector = QueryingConnector { query in
            seen.update { $0.append(query) }
            return [ticket(1, company: 1, type: 1), ticket(2, company: 1, type: 2)]
        }
        let session = ConnectorSession(connector, descriptor: descriptor(filters: [.company, .newestFirst]))
        let query = TicketQuery(
            company: RecordID(1), phase: .open, type: RecordID(1), changedSince: Date(timeIntervalSince1970: 5), order: .newestFirst,
            limit: 9)
        #expect(try await ids(session.tickets(matching: query)) == [1])
        let passed = TicketQuery(company: RecordID(1), changedSince: Date(timeIntervalSince1970: 5), order: .newestFirst)
        #expect(seen.value == [passed])
    }

    @Test func rowsThatAnIgnoredFilterLetsThroughAreLeftOutAndRowsThatSayNothingStay() async throws {
        let connector = QueryingConnector { _ in
            [ticket(1, company: 1, type: 1), ticket(2, company: 2, type: 1), ticket(3), ticket(4, company: 1, type: 2), ticket(5, .closed)]
        }
        let session = ConnectorSession(connector, descriptor: descriptor(filters: [.company, .type, .phase]))
        let query = TicketQuery(company: RecordID(1), phase: .open, type: RecordID(1))
        #expect(try await ids(session.tickets(matching: query)) == [1, 3])
    }

    @Test func filtersThatAreDeclaredAndNotBuiltAreADefect() async throws {
        let session = ConnectorSession(ListingConnector(pages: [], log: Shared([])), descriptor: descriptor(filters: [.company]))
        let error = try await #require(throws: PSAError.self) {
            _ = try await ids(session.tickets(matching: TicketQuery(company: RecordID(1))))
        }
        #expect(error.code == .connectorDefect)
        #expect(try await ids(session.tickets(matching: TicketQuery())).isEmpty)
    }

    @Test func oneCompanyIsFoundInTheListWhereTheConnectorReadsNoneByItself() async throws {
        #expect(try await Self.session().company(RecordID(3)).name == "Company 3")
        let error = try await #require(throws: PSAError.self) { _ = try await Self.session().company(RecordID(4)) }
        #expect(error.code == .requestNotFound && error.connector?.rawValue == "sample")
    }

    // MARK: Cursors

    private static func firstCursor(_ query: TicketQuery = TicketQuery()) async throws -> PageCursor {
        var pages = session().ticketPages(matching: query).makeAsyncIterator()
        return try #require(try await pages.next()?.next)
    }

    private static func refusal(_ cursor: PageCursor, _ log: Shared<[Int]>, query: TicketQuery = TicketQuery()) async throws -> String? {
        let list = session(log: log).tickets(matching: query, startingAt: cursor)
        let error = try await #require(throws: PSAError.self) { _ = try await ids(list) }
        #expect(error.code == .syncCursorRejected && error.connector?.rawValue == "sample")
        return error.guidance.causes.first?.evidence
    }

    @Test func aCursorSurvivesStorageAndResumesItsQuery() async throws {
        let query = TicketQuery(company: RecordID(1))
        let stored = try JSONEncoder().encode(try await Self.firstCursor(query))
        let cursor = try JSONDecoder().decode(PageCursor.self, from: stored)
        #expect(try await ids(Self.session().tickets(matching: query, startingAt: cursor)) == [7, 8])
        #expect(cursor.rawValue.utf8.count < 200)
    }

    @Test(
        "a cursor is refused with another query",
        arguments: [
            TicketQuery(), TicketQuery(company: RecordID(2)), TicketQuery(company: RecordID(1), type: RecordID(1)),
            TicketQuery(company: RecordID(1), phase: .open), TicketQuery(company: RecordID(1), limit: 5),
            TicketQuery(company: RecordID(1), changedSince: Date(timeIntervalSince1970: 1)),
            TicketQuery(company: RecordID(1), order: .newestFirst), TicketQuery(type: RecordID(1)),
        ])
    func otherQuery(query: TicketQuery) async throws {
        let log = Shared<[Int]>([])
        let cursor = try await Self.firstCursor(TicketQuery(company: RecordID(1)))
        #expect(try await Self.refusal(cursor, log, query: query) == "The cursor is one of a list with other filters.")
        #expect(log.value == [])
    }

    @Test func aCursorIsRefusedByAnotherTenantConnectorAndList() async throws {
        let cursor = try await Self.firstCursor()
        let connector = ListingConnector(pages: Self.pages, log: Shared([]), companyPages: [[], []])
        let others: [(ConnectorSession, String)] = [
            (ConnectorSession(connector, descriptor: descriptor(), tenant: "other"), "The cursor is one of another tenant."),
            (ConnectorSession(connector, descriptor: descriptor("other"), tenant: "acme"), "The cursor is one of the connector “sample”."),
        ]
        for (session, evidence) in others {
            let error = try await #require(throws: PSAError.self) { _ = try await ids(session.tickets(startingAt: cursor)) }
            #expect(error.code == .syncCursorRejected && error.guidance.causes.first?.evidence == evidence)
        }
        let session = Self.session()
        let error = try await #require(throws: PSAError.self) { for try await _ in session.companies(startingAt: cursor) {} }
        #expect(error.guidance.causes.first?.evidence == "The cursor is one of another list.")
        let deleted = try await #require(throws: PSAError.self) { _ = try await ids(session.deletedTickets(startingAt: cursor)) }
        #expect(deleted.code == .syncCursorRejected)
        #expect(connector.log.value == [])
    }

    @Test func aDamagedCursorIsRefusedWhereverItIsDamaged() async throws {
        let log = Shared<[Int]>([])
        let bytes = Array(try await Self.firstCursor().rawValue.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] = changed[place] == 0x37 ? 0x38 : 0x37
            let texts = [String(decoding: changed, as: UTF8.self), String(decoding: bytes[..<place], as: UTF8.self)]
            for text in texts where text.utf8.elementsEqual(bytes) == false {
                #expect(
                    try await Self.refusal(PageCursor(rawValue: text), log) == "The cursor is not whole, or not one of this version.",
                    "\(text)")
            }
        }
        #expect(log.value == [])
    }

    @Test("what is no cursor of a session is refused", arguments: ["", "junk", "sample/tickets/1/2", "c1///////", "c1/a/b/c/d/-1/e/f"])
    func foreignCursor(text: String) async throws {
        let log = Shared<[Int]>([])
        #expect(try await Self.refusal(PageCursor(rawValue: text), log) == "The cursor is not whole, or not one of this version.")
        #expect(log.value == [])
    }

    @Test func aCursorHasABound() async throws {
        let log = Shared<[Int]>([])
        let long = PageCursor(rawValue: String(repeating: "c", count: PageCursor.maxBytes + 1))
        #expect(try await Self.refusal(long, log) == "The cursor has more than 4096 bytes.")
        let session = Self.session(padding: String(repeating: "x", count: PageCursor.maxBytes))
        let error = try await #require(throws: PSAError.self) { _ = try await ids(session.tickets()) }
        #expect(error.code == .connectorDefect)
    }

    @Test func theTenantOfACursorFollowsFromTheSettingsThatNameItAndIsNotReadable() throws {
        let schema = SettingsSchema([
            .sample("key", isSecret: true), SettingField.sample("url", kind: .serviceURL),
        ])
        let descriptor = ConnectorDescriptor(
            id: ConnectorID("sample"), displayName: "Sample PSA", tier: .complete, settings: schema, capabilities: [],
            guidance: GuidanceCatalogue(vendorName: "Sample PSA", overrides: [:]), guide: "Docs/Sample.md")
        func fingerprint(_ url: String, _ key: String) throws -> String {
            try #require(schema.validate(["url": url, "key": key]).settings).tenantFingerprint(of: descriptor)
        }
        let acme = try fingerprint("acme.example.com", "one")
        #expect(try fingerprint("https://ACME.example.com/", "two") == acme)
        #expect(try fingerprint("other.example.com", "one") != acme)
        #expect(!acme.contains("acme") && acme.utf8.count == 16)
    }
}
