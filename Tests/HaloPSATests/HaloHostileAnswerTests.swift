import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import HaloPSA

@Suite("Answers no HaloPSA should give")
struct HaloHostileAnswerTests {
    private static let outcomes = TransportResponse.json(#"[{"id":7,"outcome":"Internal Note"},{"id":16,"outcome":"Email User"}]"#)

    @Test("numbers beyond all measure are no crash", arguments: ["-9223372036854775808", "1e300", "\"many\""])
    func absurdCount(count: String) async throws {
        let transport = AnsweringTransport(["GET /api/Tickets": .json(#"{"record_count":\#(count),"tickets":[{"id":1},{"id":2}]}"#)])
        #expect(try await transport.session().tickets().collected().count == 2)
    }

    @Test func aCountBeyondAllMeasureIsNoCrashAndIsTold() async throws {
        let body = #"{"record_count":9223372036854775807,"tickets":[{"id":1},{"id":2}]}"#
        let session = try AnsweringTransport(["GET /api/Tickets": .json(body)]).session()
        #expect(await code { _ = try await session.tickets().collected() } == .syncListIncomplete)
    }

    @Test("times beyond all measure are no crash", arguments: ["1e300", "-1", "0", "\"x\"", "9e15"])
    func absurdTime(hours: String) async throws {
        let transport = AnsweringTransport(["GET /api/Actions": .json(#"{"actions":[{"id":1,"timetaken":\#(hours)}]}"#)])
        let notes = try await transport.session().notes(of: Ticket.ID(5)).collected()
        #expect(notes.map(\.timeSpent) == [nil])
    }

    @Test("a cursor beyond all measure is rejected", arguments: ["9223372036854775807-100", "2-9223372036854775807", "x-100", "2-0"])
    func absurdCursor(payload: String) async throws {
        let connector = try HaloConnector("acme.halopsa.com", over: AnsweringTransport([:]))
        let cursor = PageCursor(rawValue: "halopsa/Tickets/1/" + payload)
        #expect(await code { _ = try await connector.tickets(behind: cursor) } == .syncCursorRejected)
    }

    @Test func aChangeOfAnotherTicketIsNoSuccess() async throws {
        let transport = AnsweringTransport(["POST /api/Tickets": .json(#"{"id":777,"status_id":2}"#, status: 201)])
        let session = try transport.session()
        #expect(await code { _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(2)) } == .writeOutcomeUnknown)
        #expect(transport.requests.count == 1)
    }

    @Test func aNoteOnAnotherTicketIsNoSuccess() async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes,
            "POST /api/Actions": .json(#"{"id":1,"ticket_id":99,"hiddenfromuser":true}"#, status: 201),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
    }

    @Test func aPrivateNoteThatIsVisibleIsNoSuccess() async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(#"{"id":1,"ticket_id":5,"hiddenfromuser":false}"#, status: 201),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .permissionActionDenied)
    }

    @Test("a record with an id that means a new one is never written to", arguments: ["0", "-1"])
    func noSuchTarget(id: String) async throws {
        let transport = AnsweringTransport(["GET /api/Outcome": Self.outcomes])
        let session = try transport.session()
        let ticket = try #require(Ticket.ID(id))
        #expect(await code { _ = try await session.changeStatus(of: ticket, to: TicketStatus.ID(2)) } == .requestInvalid)
        #expect(await code { _ = try await session.addPrivateNote("x", to: ticket) } == .requestInvalid)
        #expect(transport.requests.allSatisfy { $0.method == .get })
    }

    @Test(
        "a success that holds no list is an error and not an empty list",
        arguments: [
            #"{"ClassName":"System.Exception","Message":"boom","Data":null}"#, #"{"status":"ok"}"#, "true", "{}",
        ])
    func noList(body: String) async throws {
        let session = try AnsweringTransport(["GET /api/Client": .json(body)]).session()
        #expect(await code { _ = try await session.companies().collected() } == .vendorUnexpectedResponse)
    }

    @Test func aPicklistOfWhichNothingCanBeReadIsAnError() async throws {
        let session = try AnsweringTransport(["GET /api/TicketType": .json(#"[{"name":"no id"},{"id":"x"}]"#)]).session()
        #expect(await code { _ = try await session.ticketTypes() } == .vendorUnexpectedResponse)
    }

    @Test func aReferenceIsNotCalledAbsentWhenARowCouldNotBeRead() async throws {
        let session = try AnsweringTransport(["GET /api/Tickets": .json(#"{"tickets":[{"summary":"no id"}]}"#)]).session()
        #expect(await code { _ = try await session.tickets(externalReference: "r") } == .vendorUnexpectedResponse)
    }

    @Test func rowsThatCanNotBeReadAreCounted() async throws {
        let transport = AnsweringTransport(["GET /api/Client": .json(#"{"clients":[{"id":1},{"name":"no id"},{"id":{}}]}"#)])
        let pages = try await transport.session().companies().pages.collected()
        #expect(pages.flatMap(\.rows).count == 1 && pages.last?.completeness.unreadable == 2)
    }

    @Test func aChangeThatMovedOnlyTheLastActionIsAChange() async throws {
        let row = #"{"id":1,"last_update":"2026-01-01T00:00:00","lastactiondate":"2026-10-02T00:00:00"}"#
        let old = #"{"id":2,"last_update":"2026-01-01T00:00:00","lastactiondate":"2026-01-01T00:00:00"}"#
        let transport = AnsweringTransport(["GET /api/Tickets": .json("{\"tickets\":[\(row),\(old)]}")])
        let since = try #require(GregorianUTC.instant(iso8601: "2026-10-01"))
        #expect(try await transport.session().tickets(changedSince: since).collected().map(\.id.rawValue) == ["1"])
    }

    @Test func theWaitAServerNamesReachesTheGuidance() async throws {
        let refusal = TransportResponse(status: 429, headers: ["Retry-After": "77"])
        let transport = AnsweringTransport(["POST /api/Tickets": refusal])
        do {
            _ = try await transport.session().createTicket(TicketDraft(summary: "x"))
            Issue.record("The ticket was created.")
        } catch let error as PSAError {
            #expect(error.code == .rateLimited && error.retry == .afterDelay(.seconds(77)))
        }
        #expect(transport.requests.count == 1)
    }
}
