public import FoundationEssentials

/// A request for work.
public struct Ticket: Sendable, Identifiable {
    /// The vendor's id for a ticket.
    public typealias ID = RecordID<Ticket>

    /// How far along a ticket is, as a hint for display; the status is the truth.
    public enum Phase: String, Sendable, CaseIterable {
        case open
        case waiting
        case closed
        case unknown
    }

    /// The vendor's id.
    public var id: ID
    /// The number people quote; some vendors have one apart from the id.
    public var number: String
    /// The subject line.
    public var summary: String
    /// The first message, or nil if it was not part of this row.
    public var details: String?
    /// The company it is for.
    public var company: Reference<Company>?
    /// The contact who reported it.
    public var contact: Reference<Contact>?
    /// The kind of ticket.
    public var type: Reference<TicketType>?
    /// The status.
    public var status: Reference<TicketStatus>?
    /// The hint derived from what the vendor says about the ticket.
    public var phase: Phase
    /// The priority.
    public var priority: Reference<TicketPriority>?
    /// Who works on it, or nil if it is unassigned.
    public var assignee: Reference<Agent>?
    /// When it was created.
    public var createdAt: Date?
    /// When it last changed, by the vendor's clock.
    public var updatedAt: Date?
    /// When it was closed.
    public var closedAt: Date?
    /// When it should be done.
    public var dueAt: Date?
    /// The reference another system left on it.
    public var externalReference: String?
    /// The ticket it was merged into, if it was.
    public var mergedInto: ID?
    /// Whether it is deleted and only administrators can bring it back.
    public var isDeleted = false
    /// The page at which a person opens it.
    public var webAddress: String?
    /// Fields the tenant added; nil if they were not part of this row.
    public var customFields: [CustomField]?
    /// What the vendor stored otherwise than asked; only the answer to a create has it.
    public var differences: [TicketDifference] = []
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a ticket with the fields every vendor has; connectors fill in the rest.
    public init(id: ID, number: String, summary: String, phase: Phase = .unknown, native: NativeRecord) {
        self.id = id
        self.number = number
        self.summary = summary
        self.phase = phase
        self.native = native
    }
}

/// A field that a tenant added to its tickets.
public struct CustomField: Sendable, Hashable {
    /// The vendor's id for the field.
    public var id: String
    /// The field's technical name.
    public var name: String
    /// The field's label.
    public var label: String?
    /// The value as stored.
    public var value: JSONValue
    /// The value as a person sees it.
    public var display: String?

    /// Makes a field; connectors do.
    public init(id: String, name: String, label: String? = nil, value: JSONValue, display: String? = nil) {
        self.id = id
        self.name = name
        self.label = label
        self.value = value
        self.display = display
    }
}
