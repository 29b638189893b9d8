import FoundationEssentials
import HaloSimulator
import PSACore
import Testing

@testable import HaloPSA

@Suite("Reading from HaloPSA")
struct HaloReadingTests {
    @Test func companiesContactsAndAgentsComeWhole() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
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
        try await HaloFixture.run(configuration) { bed in
            let read = try await bed.session().tickets().collected()
            #expect(read.count == tickets)
            #expect(Set(read.map(\.id)).count == tickets)
            #expect(bed.transport.count(.get, "/api/Tickets") <= (tickets + 99) / 100 + 3)
        }
    }

    @Test(
        "quirks of paging lose and double nothing",
        arguments: [
            ["page-cap:40"], ["repeat-last-page"], ["no-record-count"], ["list-as-array"], ["id-as-double"], ["ids-as-text"],
            ["repeat-last-page", "no-record-count", "page-cap:30"],
        ])
    func pagingQuirk(faults: [String]) async throws {
        try await HaloFixture.run(faults: faults) { bed in
            let read = try await bed.session().tickets().collected()
            #expect(read.count == 250)
            #expect(Set(read.map(\.id)).count == 250)
        }
    }

    @Test func aListWithNullInPlaceOfItsRowsIsEmpty() async throws {
        let transport = AnsweringTransport(["GET /api/Client": .json(#"{"record_count":0,"clients":null}"#)])
        #expect(try await transport.session().companies().collected().isEmpty)
        try await HaloFixture.run(faults: ["null-lists"]) { bed in
            // The count says that there are companies all the same.
            #expect(await code { _ = try await bed.session().companies().collected() } == .syncListIncomplete)
        }
    }

    @Test func ticketsChangedSinceAMomentAreThoseAndNoOthers() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
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
        try await HaloFixture.run { bed in
            let session = try bed.session()
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
        try await HaloFixture.run { bed in
            let tickets = try await bed.session().tickets().collected()
            let earliest = Date(timeIntervalSince1970: 315_532_800)
            let dates = tickets.flatMap { [$0.createdAt, $0.updatedAt, $0.closedAt, $0.dueAt] }.compactMap { $0 }
            #expect(dates.allSatisfy { $0 >= earliest })
            #expect(tickets.contains { $0.native["deadlinedate"]?.string?.hasPrefix("1900") == true })
            #expect(tickets.contains { $0.phase == .closed } && tickets.contains { $0.phase == .open && $0.closedAt == nil })
        }
    }

    @Test func noteIdsAreUniqueAcrossTickets() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
            let tickets = try await session.tickets().collected().prefix(5)
            var ids: [TicketNote.ID] = []
            for ticket in tickets { ids += try await session.notes(of: ticket.id).collected().map(\.id) }
            #expect(ids.count > 5)
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func contractsAndRecurringInvoicesComeWithTheirLines() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
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
        try await HaloFixture.run { bed in
            let session = try bed.session()
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
        try await HaloFixture.run { bed in
            let statuses = try await bed.session().ticketStatuses()
            #expect(statuses.first { $0.name == "Closed" }?.phase == .closed)
            #expect(statuses.first { $0.name == "New" }?.phase == .unknown)
        }
    }

    @Test func aTicketThatDoesNotExistIsNotFound() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
            #expect(await code { _ = try await session.ticket(Ticket.ID(987_654)) } == .requestNotFound)
        }
    }

    @Test("an id that HaloPSA can't have is refused before it is sent", arguments: ["abc", "95.0", "99999999999", "1e3", "../Client"])
    func impossibleID(text: String) async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
            let id = try #require(Ticket.ID(text))
            #expect(await code { _ = try await session.ticket(id) } == .requestInvalid)
            #expect(bed.transport.requests.isEmpty)
        }
    }

    @Test func aCursorOfAnotherListIsRejected() async throws {
        try await HaloFixture.run { bed in
            let session = try bed.session()
            for text in [
                "halopsa/Client/1/2-100", "halopsa/Tickets/9/2-100", "connectwise/Tickets/1/2-100", "halopsa/Tickets/1/0-100", "junk", "",
            ] {
                let cursor = PageCursor(rawValue: text)
                #expect(await code { _ = try await session.tickets(startingAt: cursor).collected() } == .syncCursorRejected, "\(text)")
            }
            let rest = try await session.tickets(startingAt: PageCursor(rawValue: "halopsa/Tickets/1/2-100")).collected()
            #expect(rest.count == 150)
        }
    }
}
