import PSACore

/// The methods that the host calls, as named in messages.
enum ConnectorMethod: String, Sendable, CaseIterable {
    case describe, open, test
    case companies, contacts, agents, tickets, ticket, notes, agreements, recurringInvoices, recurringInvoice
    case ticketTypes, ticketStatuses, ticketPriorities
    case ticketFields, choices, createTicket, findTickets, testTicketCreation
    case addPrivateNote, reply, changeStatus
    case attachments, attachmentContent

    /// Whether it changes something at the vendor.
    var isWrite: Bool { [.createTicket, .testTicketCreation, .addPrivateNote, .reply, .changeStatus].contains(self) }

    /// Its object, for messages.
    var object: CoreMessage {
        switch self {
        case .describe, .open: .itsSettings
        case .test: .connectionTest
        case .companies: .capability(.readCompanies)
        case .contacts: .capability(.readContacts)
        case .agents: .capability(.readAgents)
        case .tickets, .ticket, .findTickets: .capability(.readTickets)
        case .notes: .capability(.readNotes)
        case .agreements: .capability(.readAgreements)
        case .recurringInvoices, .recurringInvoice: .capability(.readRecurringInvoices)
        case .ticketTypes, .ticketStatuses, .ticketPriorities: .capability(.readPicklists)
        case .ticketFields, .choices, .createTicket: .capability(.createTickets)
        case .testTicketCreation: .capability(.createTestTickets)
        case .addPrivateNote: .capability(.addNotes)
        case .reply: .capability(.replyToContacts)
        case .changeStatus: .capability(.changeStatus)
        case .attachments, .attachmentContent: .capability(.readAttachments)
        }
    }
}
