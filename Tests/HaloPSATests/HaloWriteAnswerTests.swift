import PSACore
import Testing

@testable import HaloPSA

@Suite("What HaloPSA answers to a write")
struct HaloWriteAnswerTests {
    private static let outcomes = HTTPResponse.json(#"[{"id":7,"outcome":"Internal Note"},{"id":16,"outcome":"Email User"}]"#)

    /// Answers that do not say which record was saved.
    static let noRecord = [
        #"{"id":0}"#, #"{"id":-1}"#, #"{"id":-9223372036854775808}"#, #"{"id":null}"#, #"{}"#, #"[]"#, #"[{}]"#, #"[{"id":0}]"#, "null",
        "0",
        "true", #""ok""#, #"{"id":"abc"}"#, #"{"id":""}"#, #"{"id":12.5}"#, #"{"id":true}"#, #"{"id":[12]}"#, #"{"id":{}}"#,
        #"{"id":1e300}"#,
        #"{"id":99999999999}"#, #"{"ID":12}"#, #"{"ticket":{"id":12}}"#, #"[{"id":12},{"id":13}]"#, #"{"id":"0"}"#, #"{"id":0.0}"#,
    ]

    @Test(arguments: noRecord, [200, 201]) func anAnswerThatNamesNoTicketLeavesTheCreateUnknown(body: String, status: Int) async throws {
        let transport = AnsweringTransport(["POST /api/Tickets": .json(body, status: status)])
        let session = try transport.session()
        #expect(await code { _ = try await session.createTicket(TicketDraft(summary: "x")) } == .writeOutcomeUnknown)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: noRecord) func anAnswerThatNamesNoNoteLeavesItUnknown(body: String) async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(body, status: 201),
            "GET /api/Tickets/{id}": .json(#"{"id":5,"user_email":"a@example.com"}"#),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
        #expect(await code { _ = try await session.reply("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
    }

    @Test(arguments: noRecord) func anAnswerThatNamesNoTicketLeavesTheChangeOfStatusUnknown(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body)]).session()
        #expect(await code { _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(2)) } == .writeOutcomeUnknown)
    }

    @Test(
        arguments: [
            #"{"id":12,"third_party_id_string":"another"}"#, #"{"id":12,"summary":"Printer on fire"}"#,
            #"{"id":12,"summary":"Disk full","third_party_id_string":"r-2"}"#,
        ])
    func aTicketThatIsPlainlyAnotherIsNotTakenForTheNewOne(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session()
        let draft = TicketDraft(summary: "Disk full", externalReference: "r-1")
        #expect(await code { _ = try await session.createTicket(draft) } == .writeOutcomeUnknown)
    }

    @Test(
        arguments: [
            #"{"id":12}"#, #"[{"id":12}]"#, #"{"id":"12"}"#, #"{"id":12.0}"#, #"{"id":12,"summary":"Disk & RAM full"}"#,
            #"{"id":12,"summary":"Disk &amp; RAM full"}"#, #"{"id":12,"summary":"Disk & R"}"#,
            #"{"id":12,"summary":"[NEW] disk  & ram full!"}"#,
            #"{"id":12,"summary":"Changed by a rule","third_party_id_string":"r-1"}"#, #"{"id":12,"summary":""}"#,
        ])
    func whatTheTenantMadeOfTheTicketIsStillTheTicket(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Disk & RAM full", externalReference: "r-1"))
        #expect(ticket.id == Ticket.ID(12))
    }

    @Test(arguments: [#"{"id":1,"ticket_id":6}"#, #"{"id":1,"ticket_id":0}"#, #"{"id":1,"ticket_id":"x"}"#, #"{"id":1,"ticket_id":-5}"#])
    func aNoteOfAnotherTicketIsNotTakenForTheNewOne(body: String) async throws {
        let session = try AnsweringTransport(["GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(body)]).session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
    }

    @Test func aChangeThatCanNotBeReadBackIsUnknown() async throws {
        let transport = AnsweringTransport([
            "POST /api/Tickets": .json(#"{"id":5}"#), "GET /api/Tickets/{id}": .json("\"no\"", status: 403),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(2)) } == .writeOutcomeUnknown)
    }

    @Test func whatHaloPSAStoredOtherwiseIsTold() async throws {
        let body = #"{"id":12,"tickettype_id":4,"tickettype_name":"Problem","status_id":1,"priority_id":0,"client_id":9,"user_id":3}"#
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)])
            .session(["ticketStatusID": "2", "ticketPriorityID": "3"])
        let ticket = try await session.createTicket(TicketDraft(summary: "x", company: Company.ID(8)))
        #expect(
            ticket.differences == [
                TicketDifference(.type, requested: "1", stored: "4", storedLabel: "Problem"),
                TicketDifference(.status, requested: "2", stored: "1"),
                TicketDifference(.company, requested: "8", stored: "9"), TicketDifference(.priority, requested: "3", stored: nil),
            ])
        let english = ticket.differences.map { TextRenderer(.english).text($0.sentence) }
        #expect(english.first == "The PSA stored the ticket type 4 (Problem) instead of 1.")
        #expect(english.last == "The PSA did not keep the priority 3.")
        let german = ticket.differences.map { TextRenderer(.german).text($0.sentence) }
        #expect(german.first == "Das PSA-System hat den Tickettyp 4 (Problem) statt 1 gespeichert.")
        #expect(
            JSONValue.array(ticket.json["differences"].map { [$0] } ?? []).encodedText.contains(
                #"{"field":"type","requested":"1","stored":"4","storedLabel":"Problem"}"#))
    }

    @Test(arguments: [
        #"{"id":12}"#, #"{"id":12,"status_id":2,"tickettype_id":1}"#, #"{"id":12,"status_id":null}"#, #"{"id":12,"status_id":""}"#,
    ])
    func whatTheAnswerLeavesOutIsNoDifference(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session(["ticketStatusID": "2"])
        let ticket = try await session.createTicket(TicketDraft(summary: "x"))
        #expect(ticket.differences.isEmpty)
        #expect(!ticket.json.encodedText.contains("differences"))
    }

    @Test func theTestTicketTellsWhatWasStoredOtherwise() async throws {
        let stored = HTTPResponse.json(#"{"id":12,"tickettype_id":1,"status_id":5,"deleted":true}"#)
        let transport = AnsweringTransport([
            "POST /api/Tickets": .json(#"{"id":12}"#, status: 201), "GET /api/Tickets/{id}": stored,
            "DELETE /api/Tickets/{id}": .json("{}"),
        ])
        let check = try await transport.session(["ticketStatusID": "2"]).testTicketCreation()
        #expect(check.outcome == .warning)
        #expect(
            TextRenderer(.english).text(check.evidence)
                == "Ticket 12 was created, read back and deleted again. The PSA stored the status 5 instead of 2.")
    }
}
