import PSACore

/// Answers the contact and closes the ticket.
///
/// A write whose outcome is unknown is not sent again: a person looks at the ticket first.
func close(_ ticket: Ticket.ID, saying text: String, through session: ConnectorSession) async throws -> String {
    let statuses = try await session.ticketStatuses(for: try await session.ticket(ticket).type?.id)
    guard let closed = statuses.first(where: { $0.phase == .closed }) else { return "This ticket type has no status that closes it." }
    do {
        let reply = try await session.reply(text, to: ticket)
        let stored = try await session.changeStatus(of: ticket, to: closed.id)
        return reply.notification == .requested && stored.phase == .closed ? "Closed; the contact was notified." : "Closed."
    } catch let error as PSAError where error.mayHaveBeenExecuted {
        return "Look at the ticket before you try again: \(error.guidance.title)"
    }
}
