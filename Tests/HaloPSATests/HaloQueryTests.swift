import FoundationEssentials
import HaloPSA
import HaloSimulator
import PSACore
import PSATesting
import TestSupport
import Testing

@Suite("Queries of HaloPSA, over a socket")
struct HaloQueryTests {
    /// What a query must give, by the whole list.
    private static func expected(_ query: TicketQuery, of tickets: [Ticket]) -> Set<Ticket.ID> {
        Set(
            tickets.filter { ticket in
                (query.company == nil || ticket.company?.id == query.company) && (query.type == nil || ticket.type?.id == query.type)
                    && (query.phases.isEmpty || query.phases.contains(ticket.phase))
            }.map(\.id))
    }

    private static let queries: [(TicketQuery, [String: String])] = [
        (TicketQuery(company: RecordID(2)), ["client_id": "2", "includeclosed": "true"]),
        (TicketQuery(type: RecordID(1)), ["requesttype": "1", "includeclosed": "true"]),
        (TicketQuery(phase: .closed), ["closed_only": "true"]),
        (TicketQuery(phase: .open), ["open_only": "true"]),
        (TicketQuery(phases: [.open, .waiting]), ["open_only": "true"]),
        (TicketQuery(phases: [.open, .closed]), ["includeclosed": "true"]),
        (TicketQuery(company: RecordID(2), phase: .open, type: RecordID(1)), ["client_id": "2", "requesttype": "1", "open_only": "true"]),
    ]

    @Test(arguments: queries.indices)
    func theVendorFilters(index: Int) async throws {
        var (query, parameters) = Self.queries[index]
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let all = try await session.tickets().collected()
            if query.company != nil {
                query.company = try #require(all.first { $0.type?.id == RecordID(1) && $0.phase == .open }?.company?.id)
                parameters["client_id"] = query.company?.rawValue
            }
            let before = fixture.transport.requests.count
            let found = try await session.tickets(matching: query).collected()
            #expect(Set(found.map(\.id)) == Self.expected(query, of: all))
            #expect(!found.isEmpty && found.count < all.count)
            for request in fixture.transport.requests[before...] {
                for name in ["client_id", "requesttype", "open_only", "closed_only", "includeclosed"] {
                    #expect(request.query.first { $0.name == name }?.value == parameters[name], "\(name)")
                }
            }
        }
    }

    @Test func anIgnoredFilterGivesTheSameTickets() async throws {
        // Each row states its company, type and state, so that what an older build lets through is left out.
        let rows = [
            #"{"id":1,"client_id":2,"tickettype_id":1}"#, #"{"id":2,"client_id":3,"tickettype_id":1}"#,
            #"{"id":3,"client_id":2,"tickettype_id":4}"#, #"{"id":4,"client_id":2,"tickettype_id":1,"hasbeenclosed":true}"#,
        ]
        let transport = AnsweringTransport([
            "GET /api/Tickets": .json(#"{"record_count":4,"tickets":[\#(rows.joined(separator: ","))]}"#)
        ])
        let query = TicketQuery(company: RecordID(2), phase: .open, type: RecordID(1))
        #expect(try await transport.session().tickets(matching: query).collected().map(\.id) == [RecordID(1)])
    }

    @Test func theNewestComeFirstAndOnlyAsManyAsAskedFor() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let all = try await session.tickets().collected()
            let newest = try await session.tickets(matching: TicketQuery(order: .newestFirst, limit: 5)).collected()
            let dates = newest.compactMap(\.createdAt)
            #expect(newest.count == 5 && dates == dates.sorted(by: >))
            #expect(dates.first == all.compactMap(\.createdAt).max())
            let whole = try await session.tickets(matching: TicketQuery(order: .newestFirst)).collected()
            #expect(Set(whole.map(\.id)) == Set(all.map(\.id)))
        }
    }

    @Test func pagesResumeAfterAStopWithTheRestOfTheQuery() async throws {
        try await HaloFixture.run { fixture in
            let query = TicketQuery(phases: [.open, .waiting])
            let whole = try await fixture.session().tickets(matching: query).collected().map(\.id)
            var given: [Ticket.ID] = []
            var stored: String?
            // A new session for each page, as after a restart.
            repeat {
                let start = stored.map { PageCursor(rawValue: $0) }
                var pages = try fixture.session().ticketPages(matching: query, startingAt: start).makeAsyncIterator()
                let page = try #require(try await pages.next())
                given += page.rows.map(\.id)
                stored = page.next?.rawValue
            } while stored != nil
            #expect(given == whole)
        }
    }

    @Test func aCursorIsRefusedWithAnotherQueryAndByAnotherTenant() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            var pages = session.ticketPages(matching: TicketQuery(phases: [.open, .waiting])).makeAsyncIterator()
            let cursor = try #require(try await pages.next()?.next)
            #expect(!cursor.rawValue.contains("127.0.0.1"))
            #expect(await code { _ = try await session.tickets(startingAt: cursor).collected() } == .syncCursorRejected)
            try await HaloFixture.run { other in
                let otherSession = try other.session()
                let list = otherSession.tickets(matching: TicketQuery(phases: [.open, .waiting]), startingAt: cursor)
                #expect(await code { _ = try await list.collected() } == .syncCursorRejected)
                #expect(other.transport.requests.isEmpty)
            }
        }
    }

    @Test func oneCompanyIsReadByItsID() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let listed = try #require(try await session.companies().collected().first)
            let before = fixture.transport.requests.count
            let company = try await session.company(listed.id)
            #expect(company.id == listed.id && company.name == listed.name)
            #expect(fixture.transport.requests.count == before + 1)
            #expect(await code { _ = try await session.company(RecordID(987_654)) } == .requestNotFound)
            let word = try #require(Company.ID("acme"))
            #expect(await code { _ = try await session.company(word) } == .requestInvalid)
            #expect(await code { _ = try await session.tickets(matching: TicketQuery(company: word)).collected() } == .requestInvalid)
        }
    }
}

@Suite("Requests of the host to HaloPSA, over a socket")
struct HaloVendorRequestTests {
    @Test func whatTheModelDoesNotCoverIsReadAndWritten() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            #expect(session.takesVendorRequests)
            let answer = try await session.vendorRequest(.get, path: "/Status", query: [QueryItem("showall", "true")])
            #expect(answer.status == 200 && answer.json?.elements.isEmpty == false)
            let before = try await session.tickets().collected().count
            let created = try await session.vendorRequest(
                .post, path: "Tickets", body: [["summary": "From the host", "tickettype_id": 1]])
            #expect((created.json?.elements.first?["id"] ?? created.json?["id"]) != nil)
            #expect(try await session.tickets().collected().count == before + 1)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1)
        }
    }

    @Test func thePathOfTheTokenEndpointIsOutOfReach() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            for path in ["/../auth/token", "\(fixture.address)/auth/token", "//127.0.0.1/auth/token", "/%2e%2e/auth/token"] {
                #expect(await code { _ = try await session.vendorRequest(.post, path: path) } == .requestInvalid, "\(path)")
            }
            #expect(fixture.transport.requests.isEmpty)
        }
    }

    @Test func whatIsNotThereIsReportedLikeAnyOtherRecord() async throws {
        let transport = AnsweringTransport(["GET /api/Tickets/{value}": .json("{}", status: 404)])
        let session = try transport.session()
        let error = try await #require(throws: PSAError.self) { try await session.vendorRequest(.get, path: "/Tickets/987654") }
        #expect(error.code == .requestNotFound && error.request == "GET acme.halopsa.com/api/Tickets/{value}")
    }
}
