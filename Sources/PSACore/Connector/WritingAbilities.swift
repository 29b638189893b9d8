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
    /// An empty answer proves absence only as far as the vendor's search reaches; see ``search(externalReference:)``.
    func tickets(externalReference: String) async throws -> [Ticket]

    /// The same with how far the search reached; without an implementation of its own a connector's search counts as exhaustive.
    func search(externalReference: String) async throws -> ReferenceSearch
}

extension TicketCreating {
    /// The tickets of ``tickets(externalReference:)``, as an exhaustive search.
    public func search(externalReference: String) async throws -> ReferenceSearch {
        ReferenceSearch(tickets: try await tickets(externalReference: externalReference), isExhaustive: true)
    }
}

/// What a search for an external reference found.
public struct ReferenceSearch: Sendable {
    /// The tickets that carry the reference.
    public var tickets: [Ticket]
    /// Whether every ticket was considered: the vendor applied the filter, or each ticket named its own reference.
    ///
    /// Where it is false, no ticket found says nothing.
    public var isExhaustive: Bool

    /// States a result.
    public init(tickets: [Ticket], isExhaustive: Bool) {
        self.tickets = tickets
        self.isExhaustive = isExhaustive
    }
}

/// Adds private notes; capability ``Capability/addNotes``.
public protocol TicketNoteAdding: PSAConnection {
    /// Adds a note that only staff can read, and causes no mail.
    func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote
}

/// Replies to contacts; capability ``Capability/replyToContacts``.
public protocol TicketReplying: PSAConnection {
    /// Adds a note that the ticket's contact can read and is notified of.
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
