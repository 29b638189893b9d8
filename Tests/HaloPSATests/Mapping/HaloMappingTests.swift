import FoundationEssentials
import PSACore
import Testing

@testable import HaloPSA

@Suite("HaloPSA rows as neutral records")
struct HaloMappingTests {
    private func row(_ text: String) throws -> HaloRow {
        HaloRow(view: try JSONDocument(Array(text.utf8)).root, fetchedAt: Date(timeIntervalSince1970: 0))
    }

    private func ticket(_ text: String) throws -> Ticket {
        try #require(Ticket(halo: try row(text), origin: try ServiceURL(typed: "acme.halopsa.com")))
    }

    @Test func listRowsAndPostRepliesSpellTheSameThingsDifferently() throws {
        let listed = try ticket(#"{"id":7,"last_update":"2026-10-03T06:24:10.967","dateoccurred":"2026-10-02T23:00:00"}"#)
        let posted = try ticket(#"{"id":7,"lastupdate":"2026-10-03T06:24:10.9670000Z","dateoccurred":"2026-10-02T23:00:00.0000000Z"}"#)
        #expect(listed.updatedAt == posted.updatedAt && listed.updatedAt != nil)
        #expect(listed.createdAt == posted.createdAt && listed.createdAt != nil)
    }

    @Test func aMissingFlagCountsAsFalseAndASentinelAsNothing() throws {
        let open = try ticket(
            #"{"id":7,"deadlinedate":"1900-01-01T00:00:00","fixbydate":"2026-10-03T06:00:00","dateclosed":"1900-01-01T00:00:00"}"#)
        #expect(open.phase == .open && open.closedAt == nil && open.dueAt != nil)
        #expect(try ticket(#"{"id":7,"hasbeenclosed":true}"#).phase == .closed)
        #expect(try ticket(#"{"id":7,"onhold":true}"#).phase == .waiting)
    }

    @Test("agent 1, 0 and -1 mean no agent", arguments: ["1", "0", "-1", "null"])
    func valuesThatMeanNoAgent(agent: String) throws { #expect(try ticket(#"{"id":7,"agent_id":\#(agent)}"#).assignee == nil) }

    @Test func idsComeAsDoublesAndAsText() throws {
        #expect(try ticket(#"{"id":18.0,"client_id":"246","site_id":18.0,"status_id":2.0}"#).status?.id.rawValue == "2")
        #expect(try ticket(#"{"id":"18"}"#).id.rawValue == "18")
        #expect(Contact(halo: try row(#"{"id":3,"site_id":18.0}"#))?.site?.id.rawValue == "18")
    }

    @Test("a row without a usable id is no record", arguments: ["{}", #"{"id":null}"#, #"{"id":"x"}"#, #"{"id":1.5}"#, #"{"id":{}}"#])
    func noID(text: String) throws {
        let row = try row(text)
        #expect(Ticket(halo: row, origin: try ServiceURL(typed: "acme.halopsa.com")) == nil)
        #expect(Company(halo: row) == nil && Agreement(halo: row) == nil)
    }

    @Test func customFieldsThatWereNotPartOfTheRowAreNotAnEmptyList() throws {
        #expect(try ticket(#"{"id":7}"#).customFields == nil)
        #expect(try ticket(#"{"id":7,"customfields":null}"#).customFields == nil)
        #expect(try ticket(#"{"id":7,"customfields":[]}"#).customFields == [])
        let field = try ticket(#"{"id":7,"customfields":[{"id":213,"name":"CFSerial","label":"Serial","value":"9","display":"Nine"}]}"#)
            .customFields
        #expect(field == [CustomField(id: "213", name: "CFSerial", label: "Serial", value: "9", display: "Nine")])
    }

    @Test func theVendorsRowIsKeptToTheByte() throws {
        let text = #"{"id":7,"userdef1":"kept ü","nested":{"a":[1,2.50,null]}}"#
        #expect(try ticket(text).native.bytes == Array(text.utf8))
    }

    @Test func anUnassignedOrProgramAgentIsNoPerson() throws {
        #expect(Agent(halo: try row(#"{"id":1,"name":"Unassigned"}"#))?.isPerson == false)
        #expect(Agent(halo: try row(#"{"id":5,"name":"Bot","isapiagent":true}"#))?.isPerson == false)
        #expect(Agent(halo: try row(#"{"id":5,"name":"Imani Castell","isdisabled":true}"#))?.isActive == false)
    }

    @Test func notesKnowWhoWroteThemAndHowLongItTook() throws {
        let text =
            #"{"id":3,"ticket_id":77,"outcome":"Internal Note","who":"Imani","who_agentid":5,"hiddenfromuser":true,"timetaken":5.4166,"note":"x"}"#
        let note = try #require(TicketNote(halo: try row(text), ticket: Ticket.ID(77)))
        #expect(note.id.rawValue == "77:3" && note.visibility == .staffOnly)
        #expect(note.author == .agent(Reference(Agent.ID(5), label: "Imani")))
        #expect(note.timeSpent == .milliseconds(19_499_760))
        let mail = try #require(
            TicketNote(halo: try row(#"{"id":4,"who":"Pat","emaildirection":"I","emailbody":"Hi"}"#), ticket: Ticket.ID(77)))
        #expect(mail.author == .contact(name: "Pat") && mail.text == "Hi" && mail.visibility == .contact && mail.timeSpent == nil)
    }

    @Test func aContractIsActiveOnlyIfTheRowSaysSo() throws {
        #expect(Agreement(halo: try row(#"{"id":1,"active":true}"#))?.isActive == true)
        #expect(Agreement(halo: try row(#"{"id":1,"started":true}"#))?.isActive == true)
        #expect(Agreement(halo: try row(#"{"id":1,"started":true,"expired":true}"#))?.isActive == false)
        #expect(Agreement(halo: try row(#"{"id":1}"#))?.isActive == false)
    }

    @Test func aSupersededRecurringInvoiceIsNotActiveAndItsIDMayBeNegative() throws {
        let invoice = try #require(RecurringInvoice(halo: try row(#"{"id":-240,"disabled":true,"contract_id":-1,"lines":null}"#)))
        #expect(invoice.id.rawValue == "-240" && invoice.isActive == false && invoice.agreement == nil && invoice.lines == nil)
    }

    @Test func aPriorityIsKnownByItsNumberUnderItsSLA() throws {
        let priority = try #require(
            TicketPriority(halo: try row(#"{"id":"0b1c2d3e-0000-4000-8000-000000000000","priorityid":3,"slaid":2,"name":"Normal"}"#)))
        #expect(priority.id.rawValue == "3" && priority.scope == .serviceLevel("2"))
        #expect(TicketPriority(halo: try row(#"{"id":"0b1c2d3e-0000-4000-8000-000000000000"}"#)) == nil)
    }

    @Test(
        "text becomes HTML that says the same",
        arguments: [
            ("a < b & c > d", "a &lt; b &amp; c &gt; d"), ("one\ntwo\r\nthree", "one<br>two<br>three"),
            ("<script>\"", "&lt;script&gt;&quot;"),
            ("ümläut 🙂", "ümläut 🙂"),
        ])
    func html(text: String, html: String) { #expect(HaloText.escape(text) == html) }
}
