/// Creates tickets; capability ``Capability/createTickets``.
public protocol TicketCreating: PSAConnection {
    /// What a ticket of this type needs, asked before a form is shown.
    ///
    /// - Parameter type: The ticket type, or nil if none is chosen yet.
    /// - Returns: One entry for each field of ``TicketDraft`` that the vendor takes.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement]

    /// Creates a ticket and returns it as the vendor stored it.
    ///
    /// - Throws: ``PSAError``; `write.outcome_unknown` means that the ticket may exist and must be looked for before another try.
    func createTicket(_ draft: TicketDraft) async throws -> Ticket

    /// Tickets that carry exactly this external reference, for settling an unknown outcome.
    ///
    /// An empty answer proves absence only as far as the vendor's search reaches; see the connector's guide.
    func tickets(externalReference: String) async throws -> [Ticket]
}

/// Adds private notes; capability ``Capability/addNotes``.
public protocol TicketNoteAdding: PSAConnection {
    /// Adds a note that only staff can read, and causes no mail.
    func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote
}

/// Replies to contacts; capability ``Capability/replyToContacts``.
public protocol TicketReplying: PSAConnection {
    /// Adds a note that the ticket's contact can read and is told about.
    func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply
}

/// Changes the status of tickets; capability ``Capability/changeStatus``.
public protocol TicketStatusChanging: PSAConnection {
    /// Gives a ticket another status and returns the ticket as it is then.
    ///
    /// - Throws: ``PSAError``; `ticket.default_invalid` if the vendor kept another status.
    func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket
}

/// Proves on request that tickets can be created; part of ``Capability/createTickets``.
public protocol TicketCreationTesting: TicketCreating {
    /// Creates a ticket marked as a test, reads it back, and takes it away again as far as that is allowed.
    ///
    /// It answers in a check and throws only cancellation. What is left behind is named there.
    func testTicketCreation() async throws -> ConnectionCheck
}
