import PSACore
import Testing

@testable import RequestTracker

@Suite("Writing to Request Tracker, with its answers as recorded")
struct RequestTrackerWritingTests {
    private static let created = TransportResponse.json(
        #"{"id":"262","_url":"http://rt.example/REST/2.0/ticket/262","type":"ticket"}"#, status: 201)

    @Test func aNewTicketIsReadBackBecauseTheAnswerHasItsNumberOnly() async throws {
        let server = RecordedServer([
            "POST /ticket": Self.created, "GET /queue/{id}/customfields": Self.nothing, "GET /ticket/{id}": try .recorded("ticket"),
            "GET /transactions": Self.nothing,
        ])
        let ticket = try await server.session().createTicket(TicketDraft(summary: "Made by id"))
        #expect(ticket.id.rawValue == "262" && ticket.summary == "Made by id" && ticket.externalReference == "vectis-2")
        let body = try #require(server.requests.first { $0.method == .post }?.body)
        #expect(try JSONDocument(body).root["Queue"]?.string == "3")
    }

    @Test func aTicketThatWasCreatedAndCannotBeReadHasAnUnknownOutcome() async throws {
        let server = RecordedServer([
            "POST /ticket": Self.created, "GET /queue/{id}/customfields": Self.nothing, "GET /ticket/{id}": .json("{}", status: 500),
        ])
        let error = await #expect(throws: PSAError.self) {
            _ = try await server.session().createTicket(TicketDraft(summary: "Made by id"))
        }
        #expect(error?.code == .writeOutcomeUnknown)
    }

    @Test func aReferenceIsNotSentToAFieldThatIsNotThere() async throws {
        let server = RecordedServer([
            "POST /ticket": Self.created, "GET /queue/{id}/customfields": Self.nothing, "GET /ticket/{id}": try .recorded("ticket"),
            "GET /transactions": Self.nothing,
            "GET /customfields": Self.nothing,
        ])
        _ = try await server.session().createTicket(TicketDraft(summary: "x", externalReference: "r"))
        let body = try #require(server.requests.first { $0.method == .post }?.body)
        #expect(try JSONDocument(body).root["CustomFields"]?.members.isEmpty == true)
    }

    @Test func lookingForAReferenceWithoutItsFieldIsAnErrorAndNotAnEmptyAnswer() async throws {
        let server = RecordedServer(["GET /customfields": Self.nothing])
        let error = await #expect(throws: PSAError.self) { _ = try await server.session().tickets(externalReference: "r") }
        #expect(error?.code == .permissionNothingVisible)
        #expect(server.requests.allSatisfy { $0.route != "/REST/2.0/tickets" })
    }

    @Test func withoutAQueueTheSettingIsMissing() async throws {
        let error = await #expect(throws: PSAError.self) {
            _ = try await RecordedServer([:]).session(["queueID": ""]).createTicket(TicketDraft(summary: "x"))
        }
        #expect(error?.code == .configMissingField && error?.fields == ["queueID"])
    }

    @Test(arguments: [
        // The recorded ticket is resolved.
        (#"["Ticket 262: Status changed from 'open' to 'resolved'"]"#, "resolved", nil),
        (#"["Ticket 262: Status 'planned' isn't a valid status for this ticket."]"#, "planned", ErrorCode.ticketDefaultInvalid),
        ("[]", "open", .permissionRoleDenied),
    ])
    func aSuccessIsBelievedOnlyIfTheTicketHasTheStatusAfterwards(answer: String, status: String, expected: ErrorCode?) async throws {
        let server = RecordedServer([
            "PUT /ticket/{id}": .json(answer), "GET /ticket/{id}": try .recorded("ticket"), "GET /transactions": Self.nothing,
        ])
        let wanted = try #require(TicketStatus.ID(status))
        var seen: ErrorCode?
        do {
            _ = try await server.session().changeStatus(of: RecordID(262), to: wanted)
        } catch let error as PSAError {
            seen = error.code
        }
        #expect(seen == expected)
    }

    @Test func aCommentIsReadBackFromThePlaceRTNames() async throws {
        let server = RecordedServer([
            "POST /ticket/{id}/comment": .json(#"["Comments added"]"#, status: 201, location: "/REST/2.0/transaction/1364"),
            "GET /transactions": try .recorded("transactions"), "GET /ticket/{id}/attachments": try .recorded("attachments"),
            "GET /groups": try .recorded("groups"), "GET /group/{id}": try .recorded("privileged"),
        ])
        let note = try await server.session().addPrivateNote("Privat\nzweite Zeile", to: RecordID(262))
        #expect(note.id.rawValue == "1364" && note.text == "Privat\nzweite Zeile" && note.visibility == .staffOnly)
        #expect(server.requests.contains { $0.query.first?.value.hasSuffix("AND id = 1364") == true })
    }

    @Test func nothingIsSentForAnEmptyText() async throws {
        let server = RecordedServer([:])
        for text in ["", " \n"] {
            let error = await #expect(throws: PSAError.self) {
                _ = try await server.session().addPrivateNote(text, to: RecordID(1))
            }
            #expect(error?.code == .requestInvalid)
        }
        #expect(server.requests.isEmpty)
    }

    private static let nothing = TransportResponse.json(#"{"items":[],"count":0,"total":0,"page":1,"per_page":20}"#)
}
