import Foundation
import PSACore
import Testing

@testable import RequestTracker

@Suite("Request Tracker's answers, as recorded")
struct RequestTrackerReadingTests {
    @Test func aPageOfTicketsIsReadAndNamesThoseThatFollow() async throws {
        let connector = try Self.connector(RecordedServer(["GET /tickets": .recorded("tickets")]))
        let page = try await connector.tickets(changedSince: nil, at: nil)
        #expect(page.items.map(\.id.rawValue) == ["1", "2"] && page.unreadable.isEmpty && page.total == 265)
        #expect(
            page.next?.rawValue == "request-tracker/tickets/1/2"
                && page.lookahead.map(\.rawValue) == ["request-tracker/tickets/1/3", "request-tracker/tickets/1/4"])
        let ticket = try #require(page.items.first)
        #expect(ticket.summary == "Drucker brennt – dringend" && ticket.type?.label == "On-site visits")
        #expect(ticket.company?.id.rawValue == "O'Neil Dental" && ticket.contact?.label == "Person 2")
        #expect(ticket.assignee == nil && ticket.closedAt == nil && ticket.dueAt == nil && ticket.details == nil)
        #expect(ticket.webAddress == "https://rt.example/Ticket/Display.html?id=1")
    }

    @Test func theIDOfARecordIsThatOfItsRow() throws {
        let now = Date(timeIntervalSince1970: 0)
        let row = try JSONDocument(Array(#"{"id":"262"}"#.utf8)).root
        let record = try JSONDocument(TransportResponse.recorded("ticket").body).root
        let inList: Ticket.ID? = VendorRow(row, fetchedAt: now).id()
        let alone: Ticket.ID? = VendorRow(record, fetchedAt: now).id()
        #expect(record["id"]?.string == nil && alone != nil && alone == inList)
    }

    @Test func ticketsAreAskedForWithRoomForTheUsersTimeZoneAndCompared() async throws {
        let server = RecordedServer(["GET /tickets": try .recorded("tickets")])
        let moment = try #require(GregorianUTC.instant(iso8601: "2026-11-26T00:02:55.5Z"))
        #expect(try await Self.connector(server).tickets(changedSince: moment, at: nil).items.count == 2)
        #expect(server.requests.first?.query.first?.value == "LastUpdated >= '2026-11-25T12:02:55'")
        #expect(try await Self.connector(server).tickets(changedSince: moment.addingTimeInterval(1), at: nil).items.isEmpty)
    }

    @Test func aTransactionHasTheTextOfItsAttachmentAndItsTypesVisibility() async throws {
        let server = RecordedServer([
            "GET /ticket/{id}": try .recorded("ticket"), "GET /transactions": try .recorded("transactions"),
            "GET /ticket/{id}/attachments": try .recorded("attachments"), "GET /groups": try .recorded("groups"),
            "GET /group/{id}": try .recorded("privileged"),
        ])
        let page = try await Self.connector(server).notes(of: RecordID(262), at: nil)
        #expect(page.items.map(\.text) == ["Privat\nzweite Zeile", "Antwort", ""])
        #expect(page.items.map(\.visibility) == [.staffOnly, .contact, .staffOnly])
        #expect(page.items.allSatisfy { note in if case .agent = note.author { true } else { false } })
        // RT gives no number of pages here, so only an empty page is the last.
        #expect(page.next != nil)
    }

    @Test func notesAreReadableWithoutTheRightToSeeStaff() async throws {
        let server = RecordedServer([
            "GET /ticket/{id}": try .recorded("ticket"), "GET /transactions": try .recorded("transactions"),
            "GET /ticket/{id}/attachments": try .recorded("attachments"),
            "GET /groups": .json(#"{"message":"Forbidden"}"#, status: 403),
        ])
        let page = try await Self.connector(server).notes(of: RecordID(262), at: nil)
        #expect(page.items.map(\.author) == Array(repeating: .unknown(name: "psa-connector"), count: 3))
    }

    @Test func contactsAreTheUsersWhoAreNotStaff() async throws {
        let server = RecordedServer([
            "GET /users": try .recorded("users"), "GET /groups": try .recorded("groups"), "GET /group/{id}": try .recorded("privileged"),
        ])
        let contacts = try await Self.connector(server).contacts(at: nil).items
        #expect(contacts.map(\.id.rawValue) == ["person1@example.com", "person2@example.com", "person3@example.com"])
        #expect(contacts.first?.name == "Jörg Müller" && contacts.first?.phones == ["+43 1 555 1"])
    }

    @Test func customersAreTheValuesOfTheField() async throws {
        let server = RecordedServer([
            "GET /customfields": try .recorded("customfields"), "GET /customfield/{id}/values": try .recorded("customers"),
        ])
        let page = try await Self.connector(server).companies(at: nil)
        #expect(page.items.map(\.name) == ["Miller & Sons", "O'Neil Dental"] && page.next != nil)
        #expect(server.requests.last?.path == "/REST/2.0/customfield/2/values")
    }

    @Test func queuesSayWhetherTicketsMayBeCreatedAndRTsOwnAreLeftOut() async throws {
        let queues = try await Self.connector(RecordedServer(["GET /queues/all": .recorded("queues")])).ticketTypes()
        #expect(queues.first { $0.name == "Closed desk" }?.canCreate == false)
        #expect(queues.first { $0.name == "Support" }?.canCreate == true)
        #expect(!queues.contains { $0.name.hasPrefix("___") })
    }

    @Test func aListWhoseLengthRTDoesNotTellEndsAtAnEmptyPage() throws {
        func list(_ items: String) throws -> RowList {
            try #require(RowList(rt: JSONDocument(Array(#"{"items":\#(items),"pages":null,"total":null,"per_page":100}"#.utf8)).root))
        }
        let client = try Self.connector(RecordedServer([:])).client
        let page = try client.page(at: nil, of: .notes)
        #expect(try page.following(list(#"[{"id":"1"}]"#)).count == 1)
        #expect(try page.following(list("[]")).isEmpty)
    }

    @Test(arguments: ["request-tracker/notes/1/2", "request-tracker/tickets/1/0", "request-tracker/tickets/1/x", "halopsa/tickets/1/2"])
    func aCursorOfAnotherListIsRejected(text: String) async throws {
        let connector = try Self.connector(RecordedServer([:]))
        let error = await #expect(throws: PSAError.self) {
            _ = try await connector.tickets(changedSince: nil, at: PageCursor(rawValue: text))
        }
        #expect(error?.code == .syncCursorRejected)
    }

    static func connector(_ server: RecordedServer, _ changes: [SettingKey: String] = [:]) throws -> RequestTrackerConnector {
        var input: SettingsInput = ["serverURL": "rt.example", "token": "1-14-a-token-of-some-length", "queueID": "3"]
        for (key, value) in changes { input[key] = Secret(value) }
        let settings = try #require(RequestTrackerConnector.descriptor.settings.validate(input).settings)
        return try RequestTrackerConnector(settings: settings, context: ConnectorContext(transport: server, time: .standingStill))
    }
}
