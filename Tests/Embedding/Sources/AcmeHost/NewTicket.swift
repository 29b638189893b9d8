import PSACore

/// What the ticket form of the host sends.
struct TicketRequest {
    var summary: String
    var type: TicketType.ID
    var values: [String: String]
    var files: [AttachmentFile] = []
}

/// The outcome that the host shows.
enum TicketResult: Equatable {
    case created(number: String, notKept: [String])
    /// Field and message, for every missing and invalid field at once.
    case incomplete([String: String])
}

/// Creates a ticket with the fields that its type demands, a category among them.
func createTicket(_ request: TicketRequest, through session: ConnectorSession) async throws -> TicketResult {
    let form = try await session.ticketFields(for: request.type)
    var draft = TicketDraft(summary: request.summary, type: request.type)
    draft.attachments = request.files.map(DraftAttachment.file)
    var problems: [String: String] = [:]
    for field in form.fields {
        guard let text = request.values[field.label] else { continue }
        do {
            draft.fields[field.id] = try TicketFieldValue(text, for: field)
        } catch {
            problems[field.label] = TextRenderer().text(error.sentence)
        }
    }
    guard problems.isEmpty else { return .incomplete(problems) }
    do {
        let ticket = try await session.createTicket(draft)
        return .created(number: ticket.number, notKept: ticket.differences.map { TextRenderer().text($0.sentence) })
    } catch let error as PSAError where !error.ticketFieldIssues.isEmpty {
        return .incomplete(
            Dictionary(
                error.ticketFieldIssues.map { ($0.label, TextRenderer().text($0.sentence)) }, uniquingKeysWith: { first, _ in first }))
    }
}
