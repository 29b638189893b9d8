import FoundationEssentials
import PSACore
import Synchronization
import Testing

@testable import HaloPSA

/// What is asked for and sent, where a simulator's answer would look right either way.
@Suite("Requests to HaloPSA")
struct HaloRequestTests {
    private func value(_ name: String, in request: TransportRequest?) -> String? { request?.query.first { $0.name == name }?.value }

    @Test func notesAreAskedForBeyondTheFiftyOfTheDefault() async throws {
        let transport = AnsweringTransport(["GET /api/Actions": .json(#"{"actions":[]}"#)])
        _ = try await transport.session().notes(of: Ticket.ID(5)).collected()
        #expect(value("count", in: transport.requests.first) == "1000" && value("ticket_id", in: transport.requests.first) == "5")
    }

    @Test func aHistoryThatEndsAtTheLimitSaysSo() async throws {
        let rows = (1...1_000).map { #"{"id":\#($0)}"# }.joined(separator: ",")
        let transport = AnsweringTransport(["GET /api/Actions": .json("{\"actions\":[\(rows)]}")])
        let pages = try await transport.session().notes(of: Ticket.ID(5)).pages.collected()
        #expect(pages.last?.isCutOff == true && pages.last?.completeness.isCutOff == true)
    }

    @Test("whole lists take no cursor", arguments: ["agents", "notes"])
    func noCursor(list: String) async throws {
        let connector = try HaloConnector("acme.halopsa.com", over: AnsweringTransport([:]))
        let cursor = PageCursor(rawValue: "halopsa/Agent/1/2-100")
        let code = await code {
            if list == "agents" { _ = try await connector.agents(at: cursor) }
            if list == "notes" { _ = try await connector.notes(of: Ticket.ID(5), at: cursor) }
        }
        #expect(code == .syncCursorRejected)
    }

    @Test func inactiveRowsAndAllTypesAreAskedFor() async throws {
        let transport = AnsweringTransport([
            "GET /api/Client": .json("[]"), "GET /api/Users": .json("[]"), "GET /api/ClientContract": .json("[]"),
            "GET /api/TicketType": .json("[]"),
        ])
        let session = try transport.session()
        _ = try await session.companies().collected()
        _ = try await session.contacts().collected()
        _ = try await session.agreements().collected()
        _ = try await session.ticketTypes()
        let requests = transport.requests
        #expect(requests.prefix(3).allSatisfy { value("includeinactive", in: $0) == "true" })
        #expect(value("showall", in: requests.last) == "true")
    }

    @Test func aPrivateNoteAsksForSilence() async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": .json(#"[{"id":7,"outcome":"Internal Note"}]"#),
            "POST /api/Actions": .json(#"{"id":1,"ticket_id":5,"hiddenfromuser":true}"#),
        ])
        _ = try await transport.session().addPrivateNote("x", to: Ticket.ID(5))
        let sent = try #require(transport.requests.last?.body)
        let record = try #require(try JSONDocument(sent).root.elements.first)
        for flag in ["sendemail", "sendsms"] { #expect(record[flag]?.bool == false, "\(flag)") }
        for flag in ["hiddenfromuser", "dont_do_rules"] { #expect(record[flag]?.bool == true, "\(flag)") }
    }

    @Test func aReplyHasTheTicketsSubject() async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": .json(#"[{"id":16,"outcome":"Email User"}]"#),
            "GET /api/Tickets/{id}": .json(#"{"id":5,"summary":"Printer jams","user_email":"pat@example.com"}"#),
            "POST /api/Actions": .json(#"{"id":1,"ticket_id":5}"#),
        ])
        _ = try await transport.session().reply("On it", to: Ticket.ID(5))
        let sent = try #require(transport.requests.last?.body)
        let record = try #require(try JSONDocument(sent).root.elements.first)
        #expect(record["emailsubject"]?.string == "Printer jams" && record["emailto"]?.string == "pat@example.com")
    }

    @Test func defaultsOfOneTypeAreNotSentWithAnother() async throws {
        let transport = AnsweringTransport(["POST /api/Tickets": .json(#"{"id":9}"#)])
        let session = try transport.session(["ticketStatusID": "2", "ticketPriorityID": "3"])
        _ = try await session.createTicket(TicketDraft(summary: "x"))
        _ = try await session.createTicket(TicketDraft(summary: "x", type: TicketType.ID(4)))
        let bodies = transport.requests.map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(
            bodies == [
                #"[{"summary":"x","tickettype_id":1,"status_id":2,"priority_id":3,"dont_do_rules":false}]"#,
                #"[{"summary":"x","tickettype_id":4,"dont_do_rules":false}]"#,
            ])
    }

    @Test func deletedAndClosedTicketsAreLookedForToo() async throws {
        let transport = AnsweringTransport(["GET /api/Tickets": .json(#"{"tickets":[]}"#)])
        #expect(try await transport.session().tickets(externalReference: "r").isEmpty)
        #expect(transport.requests.count == 3)
        #expect(transport.requests.contains { value("deleted", in: $0) == "true" })
        #expect(transport.requests.contains { value("closed_only", in: $0) == "true" })
    }

    @Test func detailsAreReadOnlyWhereAHandfulOfRowsIsLeft() async throws {
        let rows = (1...6).map { #"{"id":\#($0)}"# }.joined(separator: ",")
        let transport = AnsweringTransport(["GET /api/Tickets": .json("{\"tickets\":[\(rows)]}")])
        #expect(try await transport.session().tickets(externalReference: "r").isEmpty)
        #expect(transport.requests.allSatisfy { $0.route == "/api/Tickets" })
    }

    @Test func hiddenPrioritiesAreMarked() async throws {
        let transport = AnsweringTransport(["GET /api/Priority": .json(#"[{"priorityid":1,"ishidden":true},{"priorityid":2}]"#)])
        #expect(try await transport.session().ticketPriorities().map(\.isHidden) == [true, false])
    }
}
