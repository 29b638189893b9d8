import FoundationEssentials
import HaloSimulator
import PSACore
import Testing
import WebServer

@testable import HaloPSA

@Suite("Changes in HaloPSA")
struct HaloChangeTests {
    private func value(_ name: String, in request: TransportRequest?) -> String? { request?.query.first { $0.name == name }?.value }

    @Test func changedCompaniesAndContactsAreAskedForWithTheInactiveOnes() async throws {
        let transport = AnsweringTransport([
            "GET /api/Client": .json(#"{"record_count":1,"clients":[{"id":7,"name":"Larkdale","inactive":true}]}"#),
            "GET /api/Users": .json(#"{"record_count":1,"users":[{"id":9,"name":"Ada","client_id":7,"site_id":3}]}"#),
        ])
        let session = try transport.session()
        let time = Date(timeIntervalSince1970: 1_785_907_964.99)
        let companies = try await session.companies(changedSince: time).collected()
        let contacts = try await session.contacts(changedSince: time).collected()
        #expect(companies.map(\.id.rawValue) == ["7"] && companies.first?.isActive == false)
        #expect(contacts.map(\.id.rawValue) == ["9"])
        for request in transport.requests {
            #expect(value("lastupdatefromdate", in: request) == "2026-08-05T05:32:44Z")
            #expect(value("includeinactive", in: request) == "true" && value("includeactive", in: request) == "true")
            #expect(value("order", in: request) == "id" && value("pageinate", in: request) == "true")
        }
        #expect(session.filtersCompanyChanges && session.filtersContactChanges && session.listsDeletedTickets && session.readsChangeHints)
    }

    @Test func ticketsAreAskedForWithTheClosedOnes() async throws {
        let transport = AnsweringTransport(["GET /api/Tickets": .json(#"{"record_count":0,"tickets":[]}"#)])
        let session = try transport.session()
        _ = try await session.tickets().collected()
        _ = try await session.tickets(changedSince: Date(timeIntervalSince1970: 0)).collected()
        #expect(transport.requests.allSatisfy { value("includeclosed", in: $0) == "true" && value("open_only", in: $0) == nil })
    }

    @Test func onlyWhatChangedComesFromAServerThatFilters() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let farFuture = Date(timeIntervalSince1970: 7_000_000_000)
            #expect(try await session.companies(changedSince: farFuture).collected().isEmpty)
            #expect(try await session.contacts(changedSince: farFuture).collected().isEmpty)
            #expect(try await session.tickets(changedSince: farFuture).collected().isEmpty)
            let everything = Date(timeIntervalSince1970: 0)
            #expect(try await session.companies(changedSince: everything).collected().count == session.companies().collected().count)
            #expect(try await session.contacts(changedSince: everything).collected().count == session.contacts().collected().count)
        }
    }

    @Test("rows that an ignored filter lets through are counted", arguments: ["companies", "contacts", "tickets"])
    func ignoredFilter(list: String) async throws {
        let row = #"{"id":7,"last_update":"2020-01-01T00:00:00"}"#
        let transport = AnsweringTransport([
            "GET /api/Client": .json("{\"record_count\":1,\"clients\":[\(row)]}"),
            "GET /api/Users": .json("{\"record_count\":1,\"users\":[\(row)]}"),
            "GET /api/Tickets": .json("{\"record_count\":1,\"tickets\":[\(row)]}"),
        ])
        let session = try transport.session()
        let farFuture = Date(timeIntervalSince1970: 7_000_000_000)
        let rows: Int? =
            switch list {
            case "companies": try await session.companies(changedSince: farFuture).pages.collected().last?.completeness.rows
            case "contacts": try await session.contacts(changedSince: farFuture).pages.collected().last?.completeness.rows
            default: try await session.tickets(changedSince: farFuture).pages.collected().last?.completeness.rows
            }
        #expect(rows == 1)
    }

    @Test("a deleted ticket is one whose own row says so, whether the list has only those or others as well")
    func deletedTickets() async throws {
        let transport = AnsweringTransport([
            "GET /api/Tickets": .json(
                #"{"record_count":4,"tickets":[{"id":5,"deleted":true},{"id":6},{"id":7,"deleted":false},{"id":8,"deleted":"true"}]}"#)
        ])
        let pages = try await transport.session().deletedTickets().pages.collected()
        let rows = pages.flatMap(\.rows)
        #expect(rows.map(\.id.rawValue) == ["5", "8"] && rows.allSatisfy { $0.isDeleted })
        #expect(pages.last?.completeness.rows == 4)
        #expect(value("deleted", in: transport.requests.first) == "true")
        try await HaloFixture.run { fixture in
            for id in [1003, 1200] { await fixture.simulator.change(ticket: id, .deleted) }
            let deleted = try await fixture.session().deletedTickets().collected()
            #expect(deleted.map(\.id.rawValue) == ["1003", "1200"])
        }
    }

    @Test("a server that ignores the filter for changes shows in the rows that it sends", arguments: ["tickets", "clients", "users"])
    func filterIgnoredByTheServer(resource: String) async throws {
        try await HaloFixture.run(faults: ["date-filter-ignored:\(resource)"]) { fixture in
            let session = try fixture.session()
            let farFuture = Date(timeIntervalSince1970: 7_000_000_000)
            let tickets = try #require(try await session.tickets(changedSince: farFuture).pages.collected().last)
            let companies = try #require(try await session.companies(changedSince: farFuture).pages.collected().last)
            let contacts = try #require(try await session.contacts(changedSince: farFuture).pages.collected().last)
            #expect((tickets.completeness.rows > 0) == (resource == "tickets"))
            #expect((companies.completeness.rows > 0) == (resource == "clients"))
            #expect((contacts.completeness.rows > 0) == (resource == "users"))
            #expect(try await session.tickets(changedSince: farFuture).collected().isEmpty)
        }
    }

    @Test("whatever the filter for deleted tickets does, only deleted ones come", arguments: ["included", "ignored"])
    func filterForDeletedTickets(behavior: String) async throws {
        try await HaloFixture.run(faults: ["deleted-filter:\(behavior)"]) { fixture in
            await fixture.simulator.change(ticket: 1003, .deleted)
            let deleted = try await fixture.session().deletedTickets().collected()
            #expect(deleted.map(\.id.rawValue) == (behavior == "included" ? ["1003"] : []))
        }
    }

    @Test func closedTicketsComeWhereListsLeaveThemOutUnlessAsked() async throws {
        try await HaloFixture.run(faults: ["closed-hidden"]) { fixture in
            let read = try await fixture.session().tickets().collected()
            #expect(read.count == 250 && read.contains { $0.phase == .closed })
        }
    }

    @Test func damagedRowsAreReportedAndTheOthersCome() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let simulator = fixture.simulator
            await simulator.setDefect(.missingID, of: .tickets, 1010)
            await simulator.setDefect(.textID, of: .tickets, 1120)
            await simulator.setDefect(.farDates, of: .tickets, 1130)
            await simulator.change(ticket: 1140, .details(String(repeating: "a", count: 5 << 20)))
            let pages = try await session.tickets().pages.collected()
            let tickets = pages.flatMap(\.rows)
            #expect(tickets.count == 248 && pages.last?.completeness.unreadable == 2)
            let far = try #require(tickets.first { $0.id.rawValue == "1130" })
            #expect(far.updatedAt == nil && far.lastActivityAt == nil && far.dueAt == nil && far.createdAt != nil)
            #expect(tickets.first { $0.id.rawValue == "1140" }?.details?.utf8.count == 5 << 20)
            // A ticket without a readable date may have changed.
            let changed = try await session.tickets(changedSince: Date(timeIntervalSince1970: 0)).collected()
            #expect(changed.contains { $0.id.rawValue == "1130" })
        }
    }

    @Test func rowsThatMoveWhileAListIsReadShowInItsCount() async throws {
        try await HaloFixture.run { fixture in
            await fixture.simulator.afterEachRequest { simulator, request in
                if request.isList, request.resource == "Tickets", request.page == 1 { simulator.change(ticket: 1001, .deleted) }
            }
            let pages = try await fixture.session().tickets().pages.collected()
            let last = try #require(pages.last).completeness
            // One row moved to a page that was read before.
            #expect(last.rows == 249 && last.total == 249 && last.shrinkage == 1 && !last.isComplete)
        }
    }

    @Test func aCursorOfAnotherListIsRejected() async throws {
        try await HaloFixture.run { fixture in
            let connector = try fixture.connector()
            let time = Date(timeIntervalSince1970: 0)
            func cursor(_ list: String) -> PageCursor { PageCursor(rawValue: "halopsa/\(list)/2/2-100") }
            #expect(
                await code { _ = try await connector.companies(changedSince: time, at: cursor("Users")) } == .syncCursorRejected)
            #expect(
                await code { _ = try await connector.contacts(changedSince: time, at: cursor("Client")) } == .syncCursorRejected)
            #expect(await code { _ = try await connector.deletedTickets(at: cursor("Tickets")) } == .syncCursorRejected)
            #expect(await code { _ = try await connector.tickets(changedSince: nil, at: cursor("Tickets-deleted")) } == .syncCursorRejected)
            #expect(try await connector.contacts(changedSince: time, at: cursor("Users")).items.count > 20)
        }
    }

    @Test func deletedMergedClosedAndUnreachableTicketsAreDistinguished() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let simulator = fixture.simulator
            await simulator.change(ticket: 1003, .merged(into: 1004))
            await simulator.change(ticket: 1005, .closed)
            await simulator.change(ticket: 1006, .deleted)
            await simulator.change(ticket: 1007, .hidden(true))
            #expect(try await session.ticket(Ticket.ID(1003)).mergedInto == Ticket.ID(1004))
            let closed = try await session.ticket(Ticket.ID(1005))
            #expect(closed.phase == .closed && !closed.isDeleted && closed.mergedInto == nil)
            #expect(await code { _ = try await session.ticket(Ticket.ID(1006)) } == .requestNotFound)
            #expect(await code { _ = try await session.ticket(Ticket.ID(1007)) } == .requestNotFound)
            // Some installations answer a read of a deleted ticket with the ticket.
            try await fixture.setFaults("deleted-stays-readable")
            #expect(try await session.ticket(Ticket.ID(1006)).isDeleted)
        }
    }
}

@Suite("Messages of HaloPSA's webhooks")
struct HaloWebhookMessageTests {
    private func tickets(_ text: String) throws -> [String] {
        try AnsweringTransport([:]).session().hintedTickets(in: JSONDocument(Array(text.utf8)).root).map(\.rawValue)
    }

    @Test(
        "each payload type names its ticket",
        arguments: [
            #"{"event":"Ticket Updated","webhook_id":"8b0c","notification_id":4,"object_id":1005,"timestamp":"2026-11-28T10:00:00Z"}"#,
            #"{"id":"5b1f0c2e-7a44-4d3b-9e61-000000000001","event":"New Ticket","ticket":{"id":1005,"summary":"x"}}"#,
            #"{"id":77,"object_id":12,"ticket":{"id":1005,"actions":[{"id":3,"ticket_id":1004}]}}"#,
            #"{"id":1005,"summary":"x","customfields":[{"id":213,"name":"CFSerial"}]}"#,
            #"{"id":3,"ticket_id":1005,"note":"x"}"#, #"{"object_id":"1005"}"#, #"{"object_id":1005.0}"#,
        ])
    func payload(text: String) throws { #expect(try tickets(text) == ["1005"]) }

    @Test(
        "a batch names each of its tickets once",
        arguments: [
            #"[{"object_id":1005},{"object_id":1006},{"object_id":1005}]"#,
            #"[{"ticket":{"id":1005}},{"id":1006}]"#,
            #"{"id":9,"events":[{"object_id":1005},{"id":12},{"ticket":{"id":1006}},{"ticket_id":1006}]}"#,
            #"{"webhook_id":"8b0c","tickets":[{"id":1005},{"id":1006}]}"#,
        ])
    func batch(text: String) throws { #expect(try tickets(text) == ["1005", "1006"]) }

    @Test(
        "a message that names no ticket hints at none",
        arguments: [
            "{}", "[]", "null", "7", "true", #""1005""#, "[1005]", #"{"event":"Client Updated"}"#, #"{"object_id":0}"#,
            #"{"object_id":-5}"#,
            #"{"object_id":"../Client"}"#, #"{"object_id":1e300}"#, #"{"object_id":99999999999}"#, #"{"object_id":[1005]}"#,
            #"{"object_id":1005.5}"#, #"{"ticket":[1005]}"#, #"{"ticket":{"id":{"id":1005}}}"#, #"{"id":true}"#, #"[[{"object_id":1005}]]"#,
        ])
    func noTicket(text: String) throws { #expect(try tickets(text) == []) }

    @Test(arguments: HaloSimulator.Webhook.Payload.allCases, [1, 3]) func theSimulatorsMessagesNameTheirTickets(
        payload: HaloSimulator.Webhook.Payload, batchSize: Int
    ) async throws {
        let simulator = HaloSimulator()
        await simulator.setWebhook(.init(url: "https://vectis.example/hooks/x", payload: payload, batchSize: batchSize))
        await simulator.change(ticket: 1005, .closed)
        await simulator.addAction(toTicket: 1006, note: "x")
        await simulator.change(ticket: 1007, .merged(into: 1008))
        for delivery in await simulator.takeWebhookDeliveries() {
            #expect(try tickets(String(decoding: delivery.body, as: UTF8.self)) == delivery.ticketIDs.map(String.init))
        }
    }

    @Test func aHugeBatchHintsAtItsFirstHundredTickets() throws {
        let rows = (1...50_000).map { #"{"object_id":\#($0 / 2)}"# }.joined(separator: ",")
        #expect(try tickets("[\(rows)]") == (1...100).map(String.init))
        #expect(try tickets("{\"events\":[\(rows)]}") == (1...100).map(String.init))
    }
}
