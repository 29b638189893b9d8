/// A ticket to be created.
///
/// Choices are given as the vendor's ids, never as names.
public struct TicketDraft: Sendable, Hashable {
    /// The subject line.
    public var summary: String
    /// The first message as plain text.
    public var details: String?
    /// The company it is for.
    public var company: Company.ID?
    /// The contact who reports it.
    public var contact: Contact.ID?
    /// The kind of ticket.
    public var type: TicketType.ID?
    /// The status it starts with.
    public var status: TicketStatus.ID?
    /// Its priority, out of those that the type's service level has.
    public var priority: TicketPriority.ID?
    /// A mark of one's own by which the ticket can be found again.
    public var externalReference: String?

    /// Starts a ticket.
    public init(
        summary: String, details: String? = nil, company: Company.ID? = nil, contact: Contact.ID? = nil, type: TicketType.ID? = nil,
        status: TicketStatus.ID? = nil, priority: TicketPriority.ID? = nil, externalReference: String? = nil
    ) {
        self.summary = summary
        self.details = details
        self.company = company
        self.contact = contact
        self.type = type
        self.status = status
        self.priority = priority
        self.externalReference = externalReference
    }
}

/// What creating a ticket needs, asked before trying.
public struct FieldRequirement: Sendable, Hashable {
    /// A field of ``TicketDraft``.
    @nonexhaustive
    public enum Field: String, Sendable, CaseIterable {
        case summary, details, company, contact, type, status, priority, externalReference
    }

    /// The field.
    public var field: Field
    /// Whether it must be given; a lower bound, because a tenant's own rules may demand more.
    public var isRequired: Bool
    /// The most characters it may have.
    public var maximumLength: Int?
    /// Where its choices come from, for fields that are one.
    public var choices: PicklistScope?
    /// The fields whose choice narrows this one's.
    public var dependsOn: [Field]

    /// States a requirement.
    public init(_ field: Field, isRequired: Bool = false, maximumLength: Int? = nil, choices: PicklistScope? = nil, dependsOn: [Field] = [])
    {
        self.field = field
        self.isRequired = isRequired
        self.maximumLength = maximumLength
        self.choices = choices
        self.dependsOn = dependsOn
    }
}

/// What is known about the mail that a reply causes.
public enum ReplyNotification: String, Sendable {
    /// The vendor was told to send it.
    case requested
    /// Rules of the tenant decide.
    case decidedByTenant
}

/// A reply as it was stored.
public struct PostedReply: Sendable {
    /// The entry in the ticket's history.
    public var note: TicketNote
    /// What is known about the mail.
    public var notification: ReplyNotification

    /// States the result; connectors do.
    public init(note: TicketNote, notification: ReplyNotification) {
        self.note = note
        self.notification = notification
    }
}
