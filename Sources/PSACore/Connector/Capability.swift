/// Something a connector can do for a host.
///
/// It is a fact about the connector; what one connection is allowed to do is in its report.
@nonexhaustive
public enum Capability: String, Sendable, CaseIterable, Comparable, CustomStringConvertible {
    case readCompanies = "read.companies"
    case readContacts = "read.contacts"
    case readAgents = "read.agents"
    case readTickets = "read.tickets"
    case readNotes = "read.notes"
    case readAgreements = "read.agreements"
    case readRecurringInvoices = "read.recurring_invoices"
    case readPicklists = "read.picklists"
    case createTickets = "create.tickets"
    case addNotes = "add.notes"
    case replyToContacts = "reply.contacts"
    case changeStatus = "change.status"

    /// The capability in plain words, completing “This connector can …”.
    public var label: String {
        switch self {
        case .readCompanies: "read companies"
        case .readContacts: "read contacts"
        case .readAgents: "read agents"
        case .readTickets: "read tickets"
        case .readNotes: "read the notes of a ticket"
        case .readAgreements: "read agreements"
        case .readRecurringInvoices: "read recurring invoices"
        case .readPicklists: "read ticket types, statuses and priorities"
        case .createTickets: "create tickets"
        case .addNotes: "add private notes"
        case .replyToContacts: "reply to contacts"
        case .changeStatus: "change the status of a ticket"
        }
    }

    /// The stable text.
    public var description: String { rawValue }
    /// Orders as declared: reading before writing.
    public static func < (lhs: Capability, rhs: Capability) -> Bool { lhs.order < rhs.order }
    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How far a connector has got.
@nonexhaustive
public enum ConnectorTier: String, Sendable, CaseIterable {
    /// It does what its capabilities say, proven by tests.
    case complete
    /// It can be listed, shown and its settings checked; it does not connect.
    case placeholder
}
