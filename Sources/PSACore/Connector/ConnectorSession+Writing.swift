extension ConnectorSession {
    /// What a new ticket of this type needs.
    public func ticketRequirements(for type: TicketType.ID? = nil) async throws -> [FieldRequirement] {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.ticketRequirements(for: type) }
    }

    /// Creates a ticket and returns it as stored.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, look with ``tickets(externalReference:)`` before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try await performWrite(.createTickets, (any TicketCreating).self) { try await $0.createTicket(draft) }
    }

    /// Tickets that carry exactly this external reference.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.tickets(externalReference: externalReference) }
    }

    /// Tickets that carry exactly this external reference, and whether the search considered every ticket.
    public func search(externalReference: String) async throws -> ReferenceSearch {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.search(externalReference: externalReference) }
    }

    /// Proves that tickets can be created, by creating one marked as a test and taking it away again.
    public func testTicketCreation() async throws -> ConnectionCheck {
        let check = try await perform(.createTickets, (any TicketCreationTesting).self) { try await $0.testTicketCreation() }
        return check.attributed(to: descriptor.id)
    }

    /// Adds a note that only staff can read.
    public func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        try await performWrite(.addNotes, (any TicketNoteAdding).self) { try await $0.addPrivateNote(text, to: ticket) }
    }

    /// Replies to the ticket's contact.
    public func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply {
        try await performWrite(.replyToContacts, (any TicketReplying).self) { try await $0.reply(text, to: ticket) }
    }

    /// Gives a ticket another status.
    public func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        try await performWrite(.changeStatus, (any TicketStatusChanging).self) { try await $0.changeStatus(of: ticket, to: status) }
    }
}
