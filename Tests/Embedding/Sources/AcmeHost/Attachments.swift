import PSACore

/// Adds a file to a ticket with a note, and reads back what the PSA has stored.
func attach(
    _ bytes: [UInt8], named name: String, to ticket: Ticket.ID, through session: ConnectorSession
) async throws -> [UInt8]? {
    let file = try AttachmentFile(name: name, bytes: bytes)
    _ = try await session.addPrivateNote(NoteDraft("See the file.", attachments: [.file(file)]), to: ticket)
    guard let stored = try await session.attachments(of: ticket).last(where: { $0.name == name }) else { return nil }
    return try await session.content(of: stored.id, of: ticket)
}
