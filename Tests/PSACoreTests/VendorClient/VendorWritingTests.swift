import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

@Suite("Vendor client: writing")
struct VendorWritingTests {
    private func id(_ text: StaticString) -> TicketField.ID { RecordID(known: text) }

    private var form: TicketForm {
        TicketForm(fields: [
            .standard(.summary, isRequired: true),
            TicketField(id("cf:1"), label: "Cause", kind: .text, requirement: .required),
            TicketField(id("cf:2"), label: "Place", kind: .text, defaultValue: .text("Vienna")),
            TicketField(
                id("cf:3"), label: "Detail", kind: .text, conditions: [TicketField.Condition(id("cf:1"), isOneOf: ["other"])]),
        ])
    }

    @Test func aCheckedDraftHasDefaultsAndNoHiddenFields() throws {
        let client = try VendorClientFixture().client(.none)
        let draft = TicketDraft(summary: "Printer", fields: [id("cf:1"): .text("paper"), id("cf:3"): .text("hidden")])
        let checked = try client.checked(draft, against: form, about: .connectionTest)
        #expect(checked.fields == [id("cf:1"): .text("paper"), id("cf:2"): .text("Vienna")])
        #expect(checked.summary == "Printer")
    }

    @Test func aDraftThatDoesNotSatisfyTheFormIsRefusedWithEveryField() throws {
        let client = try VendorClientFixture().client(.none)
        let draft = TicketDraft(summary: " ", fields: [id("cf:9"): .text("x")])
        let error = #expect(throws: PSAError.self) { try client.checked(draft, against: form, about: .connectionTest) }
        #expect(error?.ticketFieldIssues.map(\.field) == [.summary, id("cf:1"), id("cf:9")])
    }

    @Test func whatTheFormCannotStateIsInspectedInTheDraftAsItIsSent() throws {
        let client = try VendorClientFixture().client(.none)
        let draft = TicketDraft(summary: " ", fields: [id("cf:1"): .text("paper"), id("cf:3"): .text("hidden")])
        let error = #expect(throws: PSAError.self) {
            try client.checked(draft, against: form, about: .connectionTest) { sent in
                #expect(sent.fields == [id("cf:1"): .text("paper"), id("cf:2"): .text("Vienna")])
                return [TicketField.ID.summary, id("cf:2")].map { TicketFieldIssue(id: $0, label: $0.rawValue, .refused("no")) }
            }
        }
        #expect(error?.ticketFieldIssues.map(\.field) == [.summary, id("cf:2")])
        #expect(error?.ticketFieldIssues.first?.problem != .refused("no"))
    }

    @Test func aRecordIsMadeOfTheAnswerToAWrite() async throws {
        let fixture = VendorClientFixture(.status(201, #"{"id":7}"#), .status(201, #"{"ok":true}"#))
        let client = try fixture.client(.none)
        func write() async throws -> String {
            try await client.write(.post, "/tickets", body: [:], about: .connectionTest) { $0.text("id") }
        }
        #expect(try await write() == "7")
        let error = await #expect(throws: PSAError.self) { try await write() }
        #expect(error?.code == .writeOutcomeUnknown && error?.mayHaveBeenExecuted == true)
        #expect(error?.request?.contains("POST") == true && error?.observation as? VendorClientMessage == .noRecord)
    }

    @Test func aRecordIsMadeOfTheAnswerToARead() async throws {
        let fixture = VendorClientFixture(.status(200, #"{"id":7}"#), .status(200, "{}"))
        let client = try fixture.client(.none)
        func read() async throws -> String { try await client.read("/tickets/{id}", pathValues: ["7"]) { $0.text("id") } }
        #expect(try await read() == "7")
        let error = await #expect(throws: PSAError.self) { try await read() }
        #expect(error?.code == .vendorUnexpectedResponse && error?.observation as? VendorClientMessage == .noRecord)
    }

    @Test func fieldsOfANoteAreRefusedUnlessThereAreNone() throws {
        let client = try VendorClientFixture().client(.none)
        try client.requireNoFields([:], about: .connectionTest)
        let error = #expect(throws: PSAError.self) {
            try client.requireNoFields([id("b"): .text("x"), id("a"): .text("y")], about: .connectionTest)
        }
        #expect(error?.ticketFieldIssues.map(\.field) == [id("a"), id("b")])
    }

    @Test func aRecordThatCannotBeReadBackLeavesTheOutcomeUnknown() async throws {
        let fixture = VendorClientFixture(.status(200, #"{"id":7}"#), .status(403, #"{"message":"Not your ticket."}"#))
        let client = try fixture.client(.none)
        #expect(try await client.readBack { try await client.read("/tickets/7")["id"]?.integer } == 7)
        let error = await #expect(throws: PSAError.self) {
            try await client.readBack(about: .connectionTest) { _ = try await client.read("/tickets/7") }
        }
        #expect(error?.code == .writeOutcomeUnknown && error?.mayHaveBeenExecuted == true)
        #expect(error?.vendor?.message == "Not your ticket." && error?.request?.contains("/tickets/7") == true)
        let observed = error?.findings.compactMap { $0.evidence as? VendorClientMessage } ?? []
        #expect(observed.contains { if case .notReadBack(let code) = $0 { code.hasPrefix("permission.") } else { false } })
    }

    @Test func cancellationWhileReadingBackIsPassedOn() async throws {
        let client = try VendorClientFixture().client(.none)
        await #expect(throws: CancellationError.self) { try await client.readBack { throw CancellationError() } }
    }

    @Test func differencesAreThoseOfStandardFieldsAndOfTheFormsFields() throws {
        var draft = TicketDraft(summary: "Printer", company: RecordID(1))
        draft.fields = [
            id("cf:1"): .text("paper"), id("cf:2"): .text("Vienna"), id("cf:3"): .text("x"), id("cf:4"): .text("not in the form"),
        ]
        var ticket = Ticket(
            id: RecordID(7), number: "7", summary: "Printer", native: NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)))
        ticket.company = Reference(RecordID(2), label: "Other")
        ticket.customFields = [
            CustomField(id: "cf:1", name: "cause", value: "paper", display: "Paper"),
            CustomField(id: "cf:2", name: "place", value: "Graz", display: "Graz, Styria"),
        ]
        #expect(
            form.differences(of: draft, in: ticket) == [
                TicketDifference(.company, requested: "1", stored: "2", storedLabel: "Other"),
                TicketDifference(id("cf:2"), label: "Place", requested: "Vienna", stored: "Graz, Styria"),
                TicketDifference(id("cf:3"), label: "Detail", requested: "x", stored: nil),
            ])
        draft.company = RecordID(2)
        draft.fields = [id("cf:1"): .text("paper")]
        #expect(form.differences(of: draft, in: ticket).isEmpty)
    }
}
