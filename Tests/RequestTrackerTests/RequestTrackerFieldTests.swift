import Foundation
import PSACore
import Testing

@testable import RequestTracker

@Suite("Custom fields and files of Request Tracker, with its answers as recorded")
struct RequestTrackerFieldTests {
    private static let nothing = TransportResponse.json(#"{"items":[],"count":0,"total":0,"page":1,"per_page":20}"#)

    private static func server(_ changes: [String: TransportResponse] = [:]) throws -> RecordedServer {
        var answers: [String: TransportResponse] = [
            "GET /queue/{id}/customfields": try .recorded("queuefields"), "GET /customfield/{id}": try .recorded("customfield"),
            "POST /ticket": .json(#"{"id":"43","type":"ticket"}"#, status: 201), "GET /ticket/{id}": try .recorded("fieldticket"),
            "GET /transactions": nothing, "GET /customfields": nothing,
        ]
        answers.merge(changes) { $1 }
        return RecordedServer(answers)
    }

    private static func id(_ text: String) throws -> TicketField.ID { try #require(TicketField.ID(text)) }

    private static func choice(_ text: String) throws -> TicketFieldValue { .choice(try #require(TicketField.Choice.ID(text))) }

    @Test func theFieldsOfAQueueAreThoseOfItsTicketsWithoutCustomerAndReference() async throws {
        let server = try Self.server()
        let session = try server.session()
        let form = try await session.ticketFields(for: RecordID(7))
        let fields = form.fields.filter { !TicketField.ID.standard.contains($0.id) }
        #expect(fields.map(\.label).contains("Cause") && !fields.map(\.label).contains("Customer"))
        let kinds = Dictionary(uniqueKeysWithValues: fields.map { ($0.id.rawValue, $0.kind) })
        #expect(kinds["cf:6"] == .choices && kinds["cf:7"] == .date && kinds["cf:8"] == .unsupported)
        #expect(fields.filter(\.isRequired).map(\.id.rawValue) == ["cf:4"])
        let requests = server.requests.count
        _ = try await session.ticketFields(for: RecordID(7))
        #expect(server.requests.count == requests)
    }

    @Test func everyMissingAndInvalidFieldIsNamedAndNothingIsSent() async throws {
        let server = try Self.server()
        let draft = TicketDraft(
            summary: String(repeating: "x", count: 201),
            fields: [try Self.id("cf:5"): try Self.choice("Teapot"), try Self.id("cf:13"): .text("17"), try Self.id("cf:99"): .text("x")])
        let error = await #expect(throws: PSAError.self) { try await server.session().createTicket(draft) }
        #expect(error?.code == .ticketFieldInvalid && error?.execution == .notExecuted)
        #expect(error?.ticketFieldIssues.map(\.field.rawValue) == ["summary", "cf:4", "cf:5", "cf:99", "cf:13"])
        #expect(error?.guidance.detail.contains("rt.example") == true)
        #expect(server.requests.allSatisfy { $0.method.isSafe })
    }

    @Test func valuesAreSentByTheNumberOfTheirFieldAndComparedWithWhatIsStored() async throws {
        let server = try Self.server()
        let areas = try ["Lager", "Office"].map { try #require(TicketField.Choice.ID($0)) }
        let draft = TicketDraft(
            summary: "Drucker",
            fields: [
                try Self.id("cf:4"): .text("Strom"), try Self.id("cf:5"): try Self.choice("Laptop"), try Self.id("cf:6"): .choices(areas),
            ])
        // The recorded field 5 is the one whose choices are recorded, and field 6 has the same.
        let ticket = try? await server.session().createTicket(draft)
        #expect(ticket == nil)
        let sent = TicketDraft(
            summary: "Drucker", fields: [try Self.id("cf:4"): .text("Strom"), try Self.id("cf:5"): try Self.choice("Laptop")])
        let stored = try await server.session().createTicket(sent)
        #expect(
            stored.differences == [
                TicketDifference(try Self.id("cf:5"), label: "Device", requested: "Laptop", stored: "Drucker & Scanner")
            ])
        let body = try #require(server.requests.last { $0.method == .post }?.body)
        #expect(JSONValue(try JSONDocument(body).root)["CustomFields"] == ["4": ["Strom"], "5": ["Laptop"]])
    }

    @Test(
        arguments: [
            ("", false, "x", true), ("(?#Mandatory).", true, "x", true), ("(?#Digits)^[0-9]+$", true, "1x", false),
            ("^$|^INV-[0-9]+$", false, "INV-1", true), ("^$|^INV-[0-9]+$", false, "1", false),
            // A pattern that can't be read here is left to RT.
            ("(?<broken", false, "x", true), (String(repeating: "a", count: 201), false, "b", true),
        ])
    func aPatternSaysWhetherAFieldIsMandatoryAndWhatItTakes(text: String, isMandatory: Bool, value: String, isAccepted: Bool) {
        let pattern = RTPattern(text)
        #expect(pattern.demandsValue == isMandatory && pattern.accepts(value) == isAccepted)
    }

    @Test func filesGoAlongWithTheBytesOfTheirNames() async throws {
        let server = try Self.server(["GET /queue/{id}/customfields": Self.nothing])
        let files = [
            try AttachmentFile(name: "ü.bin", bytes: [0, 1, 2]), try AttachmentFile(name: "u.txt", bytes: Array("ü".utf8)),
            try AttachmentFile(name: "l.txt", bytes: [0xFC]),
        ]
        _ = try await server.session().createTicket(TicketDraft(summary: "x", attachments: files.map(DraftAttachment.file)))
        let body = try #require(server.requests.last { $0.method == .post }?.body)
        #expect(
            JSONValue(try JSONDocument(body).root)["Attachments"] == [
                ["FileName": "Ã¼.bin", "FileType": "application/octet-stream", "FileContent": "AAEC"],
                ["FileName": "u.txt", "FileType": "text/plain", "FileContent": "w7w="],
                ["FileName": "l.txt", "FileType": "application/octet-stream", "FileContent": "/A=="],
            ])
    }

    @Test func onlyPartsWithANameAreFilesAndTheirMessageSaysWhoReadsThem() async throws {
        let server = try Self.server([
            "GET /transactions": try .recorded("filemessages"), "GET /ticket/{id}/attachments": try .recorded("files"),
        ])
        let files = try await server.session().attachments(of: RecordID(43))
        #expect(files.map(\.name) == ["Prüfung 火.txt", "0.bin"] && files.map(\.mediaType) == ["text/plain", "application/octet-stream"])
        #expect(files.map(\.isVisibleToContact) == [true, false] && files.map(\.note) == [nil, RecordID(489)])
    }

    @Test func theContentOfAFileIsReadOnlyAtItsOwnTicket() async throws {
        let found = TransportResponse.json(#"{"items":[{"id":"34","type":"attachment"}],"per_page":20}"#)
        let server = try Self.server(["GET /ticket/{id}/attachments": found, "GET /attachment/{id}": try .recorded("file")])
        #expect(try await server.session().content(of: RecordID(34), of: RecordID(43)) == Array("Grüße\n".utf8))
        let other = try Self.server(["GET /ticket/{id}/attachments": Self.nothing, "GET /attachment/{id}": try .recorded("file")])
        let error = await #expect(throws: PSAError.self) { try await other.session().content(of: RecordID(34), of: RecordID(43)) }
        #expect(error?.code == .requestNotFound)
        #expect(other.requests.allSatisfy { !$0.path.contains("/attachment/") })
    }

    @Test func aChangeOfStatusWithANoteIsOneRequest() async throws {
        let server = try Self.server(["POST /ticket/{id}/comment": .json(#"["Comments added"]"#, status: 201)])
        let open = try #require(TicketStatus.ID("open"))
        #expect(try await server.session().changeStatus(of: RecordID(43), StatusChange(to: open, note: "Done")).status?.id == open)
        let body = try #require(server.requests.first { $0.method == .post }?.body)
        #expect(JSONValue(try JSONDocument(body).root) == ["Content": "Done", "ContentType": "text/plain", "Status": "open"])
    }

    @Test func valuesThatRTHasNoPlaceForAreRefused() async throws {
        let server = try Self.server()
        let fields = [try Self.id("hours"): TicketFieldValue.number(1)]
        let status = await #expect(throws: PSAError.self) {
            try await server.session().changeStatus(of: RecordID(43), StatusChange(to: RecordID(1), fields: fields))
        }
        let note = await #expect(throws: PSAError.self) {
            try await server.session().addPrivateNote(NoteDraft("x", fields: fields), to: RecordID(43))
        }
        for error in [status, note] { #expect(error?.code == .ticketFieldInvalid) }
        #expect(server.requests.allSatisfy { $0.method.isSafe })
    }
}
