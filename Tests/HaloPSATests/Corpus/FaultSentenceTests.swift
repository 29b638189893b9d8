import PSACore
import Testing

@Suite("Sentences with which HaloPSA refuses a write")
struct FaultSentenceTests {
    @Test("each is read for what it says, and for nothing else", arguments: FaultSentence.all)
    func isReadForWhatItSays(sentence: FaultSentence) async throws {
        let answer = TransportResponse.json(JSONValue.string(sentence.text).encodedText, status: 400)
        let session = try AnsweringTransport([
            "GET /api/Outcome": .json(
                #"[{"id":7,"outcome":"Internal Note"},{"id":16,"outcome":"Email User"}]"#),
            "GET /api/Outcome/{id}": .json("{}"), "GET /api/Tickets/{id}": .json(#"{"id":5,"user_email":"a@example.com","status_id":1}"#),
            "POST /api/Actions": answer, "POST /api/Tickets": answer, "POST /api/Attachment": answer,
        ]).session()
        let error = await #expect(throws: PSAError.self) {
            switch sentence.write {
            case .create: _ = try await session.createTicket(TicketDraft(summary: "x"))
            case .note: _ = try await session.addPrivateNote("x", to: Ticket.ID(5))
            case .reply: _ = try await session.reply("x", to: Ticket.ID(5))
            case .status: _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(9))
            case .upload: _ = try await session.upload(try AttachmentFile(name: "log.txt", bytes: [1]))
            }
        }
        #expect(error?.code == sentence.code, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.guidance.causes.first?.id == sentence.cause, "\(String(describing: error?.guidance.causes))")
        let named = error?.values[.field].map { TextRenderer().text($0) } ?? ""
        #expect(sentence.field.map(named.contains) ?? named.isEmpty, "\(named)")
        // What is not understood is for those who run HaloPSA, in its own words.
        if sentence.cause == "vendor_reason" { #expect(error?.guidance.steps.first?.hasPrefix("“") == true) }
    }
}
