import PSATesting
import Testing
import WebServer
@testable import HaloSimulator

@Suite("Write faults")
struct WritingFaultTests {
    private let ticket = #"[{"summary":"x","third_party_id_string":"vectis:9"}]"#

    private func stored(_ client: SimulatorClient) async -> Int {
        await client.simulator.tickets(thirdPartyIDString: "vectis:9").count
    }

    @Test func theTicketIsStoredAndTheReplyIsLost() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createLostReply)])
        #expect(await client.post("Tickets", ticket).hangsUp)
        #expect(await stored(client) == 1)
        #expect(await client.post("Tickets", #"[{"id":1001,"summary":"y"}]"#).status == 201)
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#).status == 201)
    }

    @Test(arguments: [(.create504Stored, 504), (.create500Stored, 500)] as [(HaloFault.Kind, Int)])
    func theTicketIsStoredAndTheReplyIsAnError(_ kind: HaloFault.Kind, _ status: Int) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(kind)])
        #expect(await client.post("Tickets", ticket).status == status)
        #expect(await stored(client) == 1)
    }

    @Test func theRequestIsLostBeforeAnythingIsStored() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createLostRequest)])
        #expect(await client.post("Tickets", ticket).hangsUp)
        #expect(await stored(client) == 0)
    }

    @Test func notesCanBeLostInsteadOfTickets() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createLostReply, "actions")])
        let before = await client.simulator.actions(ofTicket: 1001).count
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#).hangsUp)
        #expect(await client.simulator.actions(ofTicket: 1001).count == before + 1)
        #expect(await client.post("Tickets", ticket).status == 201)
    }

    @Test func oneOfTwoConcurrentCreationsFails() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createRace)])
        async let first = client.post("Tickets", ticket)
        async let second = client.post("Tickets", ticket)
        #expect(await [first.status, second.status].sorted() == [201, 500])
        #expect(await stored(client) == 1)
        #expect(await client.post("Tickets", ticket).status == 201)
    }

    @Test func creationIsRejectedInEveryFormat() async {
        func creationError(_ shape: ErrorShape) async -> ClientResponse {
            let client = await SimulatorClient.connected(faults: [HaloFault(.errorShape, shape.rawValue)])
            let answer = await client.post("Tickets", ticket)
            #expect(answer.status == 400)
            #expect(await stored(client) == 0)
            return answer
        }
        #expect(await creationError(.string).json == "Details must be entered")
        #expect(await creationError(.exception)["Message"] == "Details must be entered")
        #expect(await creationError(.modelstate).rows("[0].details") == ["Details must be entered"])
        #expect(await creationError(.older)["errorMessage"] == "Details must be entered")
        #expect(await creationError(.html).text.contains("<html"))
        #expect(await creationError(.empty).bytes.isEmpty)
    }

    @Test func aTicketTypeIsRequired() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.ticketTypeRequired)])
        #expect(await client.post("Tickets", ticket).json == "A Ticket Type must be selected")
    }

    @Test func noOutcomeIsAllowed() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.forbiddenOutcome)])
        let answer = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#)
        #expect(answer["Message"] == "You do not have access to this Action at the moment")
    }

    @Test func actionsWithoutATicketAreAnError() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.actionsWithoutTicketError)])
        #expect(await client.get("Actions").status == 500)
        #expect(await client.get("Actions", ["ticket_id": "1001"]).status == 200)
    }

    @Test func aNoteDoesNotChangeItsTicket() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.notesLeaveTicketUntouched)])
        let before = await client.simulator.ticket(1001)?.updated
        client.clock.advance(by: 5)
        _ = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#)
        #expect(await client.simulator.ticket(1001)?.updated == before)
        #expect(await client.simulator.store.tickets[1001]?.lastAction == HaloTime(client.clock.now))
    }

    @Test func theExternalReferenceIsNotAFilter() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.thirdPartyFilterUnsupported)])
        _ = await client.post("Tickets", ticket)
        let rows = await client.get("Tickets", ["third_party_id_string": "vectis:9"]).rows("tickets")
        #expect(rows.count == 50)
        #expect(rows[0]["third_party_id_string"] == "vectis:9")
    }

    @Test func theExternalReferenceIsOnlyInTheDetail() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.thirdPartyHiddenOnRows)])
        let id = await client.post("Tickets", ticket)["id"].integer ?? 0
        let rows = await client.get("Tickets", ["third_party_id_string": "vectis:9"]).rows("tickets")
        #expect(rows.count == 1)
        #expect(!rows[0].has("third_party_id_string"))
        #expect(await client.get("Tickets/\(id)")["third_party_id_string"] == "vectis:9")
    }

    @Test func aDeletedTicketCanStillBeRead() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.deletedStaysReadable)])
        _ = await client.delete("Tickets/1001")
        #expect(await client.get("Tickets/1001")["deleted"] == true)
    }
}

@Suite("Write replies")
struct WriteReplyTests {
    private let ticket = #"[{"summary":"x","third_party_id_string":"vectis:9"}]"#
    private let note = #"[{"ticket_id":1001,"outcome_id":7,"note":"x"}]"#

    @Test(arguments: [204, 302, 307, 401, 404, 429, 511, 600, 999])
    func aTicketIsStoredWhateverTheReply(_ status: Int) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createStatusStored, "\(status)")])
        let answer = await client.post("Tickets", ticket)
        #expect(answer.status == status)
        #expect((answer.headers["Location"] != nil) == (300...399).contains(status))
        #expect(await client.simulator.tickets(thirdPartyIDString: "vectis:9").count == 1)
        #expect(await client.post("Actions", note).status == status)
        #expect(await client.simulator.storedWrites().map(\.ticketID) == [1251, 1001])
    }

    @Test func nothingIsStoredWithTheFaultCreateStatus() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createStatus, "409")])
        #expect(await client.post("Tickets", ticket).status == 409)
        #expect(await client.post("Actions", note).status == 409)
        #expect(await client.simulator.storedWrites().isEmpty)
        #expect(await client.simulator.ticketCount() == 250)
        #expect(await client.post("Tickets", #"[{"id":1001,"summary":"y"}]"#).status == 201)
    }

    @Test func theBodyIsTheRequestedOne() async throws {
        func answer(_ argument: String) async throws -> ClientResponse {
            let fault = try HaloFault(parsing: "create-status-stored:" + argument)
            return await SimulatorClient.connected(faults: [fault]).post("Tickets", ticket)
        }
        #expect(try await answer("400/string").json == "Details must be entered")
        #expect(try await answer("500/exception")["Message"] == "Details must be entered")
        #expect(try await answer("422/modelstate").rows("[0].details") == ["Details must be entered"])
        #expect(try await answer("409/older")["resultCode"] == 1)
        #expect(try await answer("502/html").headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(try await answer("200/login").text.contains("Log in"))
        #expect(try await answer("502/text").headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(try await answer("409/problem")["status"] == 409)
        #expect(try await answer("299/record")["id"] == 1251)
        #expect(try await answer("200/zero").json == ["id": 0])
        #expect(try await answer("200/negative").json == ["id": -1])
        #expect(try await answer("200/no-id").json == ["summary": "Saved"])
        #expect(try await answer("200/empty-array").json == [])
        #expect(try await answer("503").bytes.isEmpty)
    }

    @Test func aFaultCanApplyToTicketsOrNotesOnly() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createStatusStored, "302/html/actions")])
        #expect(await client.post("Tickets", ticket).status == 201)
        #expect(await client.post("Actions", note).status == 302)
    }

    @Test func aFaultCanApplyOnlyToWritesThatContainAText() async throws {
        let faults = ["create-status-stored:302@event-1", "create-status-stored:401@event-2", "subject:upper@event-3"]
        let client = await SimulatorClient.connected(faults: try faults.map(HaloFault.init(parsing:)))
        func status(_ text: String) async -> Int { await client.post("Tickets", #"[{"summary":"\#(text)"}]"#).status }
        #expect(await status("this is event-1") == 302)
        #expect(await status("this is event-2") == 401)
        #expect(await status("this is event-3") == 201)
        #expect(await status("this is another") == 201)
        #expect(await client.simulator.ticket(1253)?.summary == "THIS IS EVENT-3")
        #expect(await client.simulator.faults().map(\.description) == faults)
    }

    @Test(arguments: [
        ("create-status", "needs a status"), ("create-status:99", "takes STATUS"), ("create-status:1000", "takes STATUS"),
        ("create-status-stored:302/nonsense", "bodies are empty"), ("server-error@x", "can't be limited to writes"),
        ("poison@", "no text after the @"), ("poison:", "empty text"), ("subject:turned", "does not know the change"),
        ("subject:cut0", "cutN"), ("subject:append-110000", "does not know"), ("clock:soon", "takes a time"), ("clock", "needs a time"),
        ("page-sizes:9/x", "numbers"),
    ])
    func anInvalidArgumentIsRejectedWithAMessage(_ text: String, _ sentence: String) {
        let error = #expect(throws: HaloFaultError.self) { try HaloFault(parsing: text) }
        #expect(error?.message.contains(sentence) == true)
    }

    @Test func anInterimResponseIsNotFollowedByAnother() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.createStatusStored, "102")])
        let answer = await client.post("Tickets", ticket)
        guard case .interim = answer.response.body else {
            Issue.record("\(answer.response.body)")
            return
        }
        #expect(answer.status == 102)
        #expect(await client.simulator.storedWrites().count == 1)
    }

    @Test func aPoisonedTextIsRejected() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.poison), HaloFault(.poison, "arsenic")])
        let answer = await client.post("Tickets", #"[{"summary":"a poisoned apple"}]"#)
        #expect(answer.status == 400)
        #expect(answer["ClassName"] == "System.Exception")
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note":"poison"}]"#).status == 400)
        #expect(await client.post("Tickets", #"[{"summary":"an apple"}]"#).status == 201)
        #expect(await client.simulator.storedWrites().count == 1)
    }

    @Test func aCustomerMustExistAndBeActive() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Tickets", #"[{"summary":"x","client_id":777}]"#).json == "The Client does not exist")
        #expect(await client.post("Tickets", #"[{"summary":"x","client_id":23}]"#).json == "The selected Customer is inactive")
        #expect(await client.post("Tickets", #"[{"summary":"x","client_id":13}]"#)["client_id"] == 13)
        #expect(await client.simulator.storedWrites().map(\.clientID) == [13])
    }
}
