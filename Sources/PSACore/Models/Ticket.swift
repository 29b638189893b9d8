#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A request for work.
public struct Ticket: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for a ticket.
    public typealias ID = RecordID<Ticket>

    /// How far along a ticket is, as a hint for display; the status is the truth.
    public enum Phase: String, Sendable, CaseIterable, Codable {
        /// The provider has to do something about it.
        case open
        /// It rests until someone outside answers, or until a date.
        case waiting
        /// Work on it has ended.
        case closed
        /// The vendor's marks do not say.
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
    /// When something was last added to its history, by the vendor's clock; some vendors move it without ``updatedAt``.
    public var lastActivityAt: Date?
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

    private enum CodingKeys: String, CodingKey {
        case id, number, summary, details, company, contact, type, status, phase, priority, assignee
        case createdAt, updatedAt, lastActivityAt, closedAt, dueAt
        case externalReference, mergedInto
        case isDeleted = "deleted"
        case webAddress, customFields, differences, native
    }

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
public struct CustomField: Sendable, Hashable, Codable {
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

/// An entry in a ticket's history.
public struct TicketNote: Sendable, Hashable, Codable, Identifiable {
    /// The vendor's id for a note; unique across tickets even where the vendor's own is not.
    public typealias ID = RecordID<TicketNote>

    /// Who can read a note.
    ///
    /// There is no default: showing an internal note to a customer can't be undone.
    @nonexhaustive
    public enum Visibility: Sendable, Hashable {
        /// Staff only.
        case staffOnly
        /// The contact as well.
        case contact
        /// The vendor says something this model does not know.
        case unknown(String)
    }

    /// Who wrote a note.
    @nonexhaustive
    public enum Author: Sendable, Hashable {
        /// A member of the provider's staff.
        case agent(Reference<Agent>)
        /// A person of the company, by the name that the vendor gave.
        case contact(name: String)
        /// A rule or an interface of the PSA.
        case system(name: String)
        /// The vendor does not say of which kind the author is.
        case unknown(name: String?)
    }

    /// The id.
    public var id: ID
    /// The ticket it belongs to.
    public var ticket: Ticket.ID
    /// What was done, in the vendor's words: “Internal Note”, “Email User”.
    public var kind: String?
    /// Who wrote it.
    public var author: Author
    /// The text; vendors are known to send markup here too.
    public var text: String
    /// The text as HTML, unchecked: never show it without cleaning.
    public var html: String?
    /// Who can read it.
    public var visibility: Visibility
    /// When it was written.
    public var createdAt: Date?
    /// Time spent, if the note carries a time entry.
    public var timeSpent: Duration?
    /// The vendor's row.
    public var native: NativeRecord

    /// Makes a note; connectors do.
    public init(
        id: ID, ticket: Ticket.ID, kind: String? = nil, author: Author, text: String, html: String? = nil, visibility: Visibility,
        createdAt: Date? = nil, timeSpent: Duration? = nil, native: NativeRecord
    ) {
        self.id = id
        self.ticket = ticket
        self.kind = kind
        self.author = author
        self.text = text
        self.html = html
        self.visibility = visibility
        self.createdAt = createdAt
        self.timeSpent = timeSpent
        self.native = native
    }
}

/// A ticket to be created.
///
/// ```swift
/// var draft = TicketDraft(summary: "Disk full on SRV-1", company: acme, externalReference: "alert-17")
/// for field in try await session.ticketFields(for: draft.type).fields where field.isRequired { print("\(field.label) is required") }
/// draft.details = "C: has 1 % left."
/// let ticket = try await session.createTicket(draft)
/// print(ticket.number, ticket.differences.map { TextRenderer().text($0.sentence) })
/// ```
///
/// Choices are given as the vendor's ids, never as names.
public struct TicketDraft: Sendable, Hashable, Codable {
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
    /// The values of further fields, by the ids that ``ConnectorSession/ticketFields(for:)`` names.
    public var fields: [TicketField.ID: TicketFieldValue]
    /// The files; at most ``AttachmentFile/maxCount``.
    public var attachments: [DraftAttachment]

    /// Starts a ticket.
    public init(
        summary: String, details: String? = nil, company: Company.ID? = nil, contact: Contact.ID? = nil, type: TicketType.ID? = nil,
        status: TicketStatus.ID? = nil, priority: TicketPriority.ID? = nil, externalReference: String? = nil,
        fields: [TicketField.ID: TicketFieldValue] = [:], attachments: [DraftAttachment] = []
    ) {
        self.summary = summary
        self.details = details
        self.company = company
        self.contact = contact
        self.type = type
        self.status = status
        self.priority = priority
        self.externalReference = externalReference
        self.fields = fields
        self.attachments = attachments
    }

    /// All values by field, those of the standard fields included.
    public var values: [TicketField.ID: TicketFieldValue] {
        func choice<Entity>(_ id: RecordID<Entity>?) -> TicketFieldValue? {
            id.flatMap { TicketField.Choice.ID($0.rawValue) }.map(TicketFieldValue.choice)
        }
        var values = fields
        values[.summary] = .text(summary)
        values[.details] = details.map(TicketFieldValue.text)
        values[.company] = choice(company)
        values[.contact] = choice(contact)
        values[.type] = choice(type)
        values[.status] = choice(status)
        values[.priority] = choice(priority)
        values[.externalReference] = externalReference.map(TicketFieldValue.text)
        return values
    }
}

extension TicketDraft {
    /// The choice that the draft itself names where a setting stands for a ticket default; nil if it leaves that to the setting.
    func choice(of setting: SettingField) -> DraftChoice? {
        guard case .ticketDefault(let choice) = setting.purpose else { return nil }
        let id =
            switch choice {
            case .type: type?.rawValue
            case .status: status?.rawValue
            case .priority: priority?.rawValue
            }
        return id.map { DraftChoice(choice: choice, id: $0) }
    }

    /// The summary of a test ticket, by which people recognize it at the vendor.
    public static let connectionTestSummary = "Connection test, please ignore"

    /// The ticket by which a host proves that tickets can be created; see ``TicketCreationTesting``.
    ///
    /// - Parameters:
    ///   - fields: The values of further fields.
    ///   - reference: The external reference by which it is found again.
    /// - Returns: The ticket; type, status, priority and company are left to the connection's defaults.
    public static func connectionTest(fields: [TicketField.ID: TicketFieldValue] = [:], reference: String) -> TicketDraft {
        TicketDraft(
            summary: connectionTestSummary, details: "Created to test a connection, and removed again.", externalReference: reference,
            fields: fields)
    }
}

/// A type, status or priority that a draft names itself, as a person reads it.
struct DraftChoice: LocalizedMessage, Hashable {
    let choice: TicketDefault
    let id: String

    /// The field of the ticket.
    var field: TicketField.ID {
        switch choice {
        case .type: .type
        case .status: .status
        case .priority: .priority
        }
    }

    /// The field in English.
    var label: String {
        switch choice {
        case .type: "Ticket type"
        case .status: "Status"
        case .priority: "Priority"
        }
    }

    var values: [String: MessageValue] { ["id": .setting(label: id, variable: "--\(choice.rawValue)")] }

    func pattern(in language: Language) -> String {
        switch (language, choice) {
        case (.english, .type): "ticket type {id}"
        case (.english, .status): "status {id}"
        case (.english, .priority): "priority {id}"
        case (.german, .type): "Tickettyp {id}"
        case (.german, .status): "Status {id}"
        case (.german, .priority): "Priorität {id}"
        }
    }
}

/// A note or reply to be added to a ticket.
public struct NoteDraft: Sendable, Hashable, Codable {
    /// The text, as plain text.
    public var text: String
    /// The values of fields that the vendor demands for it, by the connector's ids.
    public var fields: [TicketField.ID: TicketFieldValue]
    /// The files; at most ``AttachmentFile/maxCount``.
    public var attachments: [DraftAttachment]

    /// Starts a note.
    public init(_ text: String, fields: [TicketField.ID: TicketFieldValue] = [:], attachments: [DraftAttachment] = []) {
        self.text = text
        self.fields = fields
        self.attachments = attachments
    }
}

/// A change of a ticket's status.
public struct StatusChange: Sendable, Hashable, Codable {
    /// The new status.
    public var status: TicketStatus.ID
    /// A note that only staff can read, which vendors can demand for closing a ticket.
    public var note: String?
    /// The values of fields that the vendor demands for it, by the connector's ids.
    public var fields: [TicketField.ID: TicketFieldValue]

    /// States a change.
    public init(to status: TicketStatus.ID, note: String? = nil, fields: [TicketField.ID: TicketFieldValue] = [:]) {
        self.status = status
        self.note = note
        self.fields = fields
    }
}

/// What is known about the mail that a reply causes.
public enum ReplyNotification: String, Sendable, Codable {
    /// The vendor was asked to send it.
    case requested
    /// Rules of the tenant decide.
    case decidedByTenant
}

/// A reply as it was stored.
public struct PostedReply: Sendable, Hashable, Codable {
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

/// A value of a new ticket that the vendor stored otherwise than asked.
///
/// Vendors accept a ticket and change it silently: by a workflow, a rule of the tenant, or because a choice does not fit another one. A value
/// that the vendor's answer leaves out is no difference.
public struct TicketDifference: Sendable, Hashable, Codable {
    /// What was stored otherwise.
    public var field: TicketField.ID
    /// The field as the tenant calls it; nil for the fields that every vendor has.
    public var fieldLabel: String?
    /// The value that was asked for: the vendor's id of a choice, or text.
    public var requested: String
    /// The value that is stored; nil if the vendor says that there is none.
    public var stored: String?
    /// The name of the stored choice, if the vendor sent it along.
    public var storedLabel: String?

    /// States a difference; connectors do.
    public init(
        _ field: TicketField.ID, label: String? = nil, requested: String, stored: String?, storedLabel: String? = nil
    ) {
        self.field = field
        fieldLabel = label
        self.requested = requested
        self.stored = stored
        self.storedLabel = storedLabel
    }

    /// The difference in one sentence.
    public var sentence: any LocalizedMessage { TicketDifferenceMessage(difference: self) }
}

extension TicketDraft {
    /// What a stored ticket states otherwise than this draft asked for.
    public func differences(in stored: Ticket) -> [TicketDifference] {
        func choice<Entity>(
            _ field: TicketField.ID, _ requested: RecordID<Entity>?, _ stored: Reference<Entity>?
        ) -> TicketDifference? {
            guard let requested, let stored, requested != stored.id else { return nil }
            return TicketDifference(field, requested: requested.rawValue, stored: stored.id.rawValue, storedLabel: stored.label)
        }
        var differences = [
            choice(.type, type, stored.type), choice(.status, status, stored.status), choice(.priority, priority, stored.priority),
            choice(.company, company, stored.company), choice(.contact, contact, stored.contact),
        ].compactMap { $0 }
        if let externalReference, let found = stored.externalReference, !found.isEmpty, found != externalReference {
            differences.append(TicketDifference(.externalReference, requested: externalReference, stored: found))
        }
        return differences
    }
}

/// A difference in one sentence.
struct TicketDifferenceMessage: LocalizedMessage, Hashable {
    let difference: TicketDifference

    var values: [String: MessageValue] {
        let label = difference.storedLabel.map { " (\($0))" } ?? ""
        return [
            "field": .phrase(TicketFieldMessage(field: difference.field, label: difference.fieldLabel)),
            "requested": .verbatim(difference.requested),
            "stored": .verbatim((difference.stored ?? "") + label),
        ]
    }

    func pattern(in language: Language) -> String {
        switch (language, difference.stored == nil) {
        case (.english, true): "The PSA did not keep the {field} {requested}."
        case (.english, false): "The PSA stored the {field} {stored} instead of {requested}."
        case (.german, true): "Das PSA-System hat {field} {requested} nicht übernommen."
        case (.german, false): "Das PSA-System hat {field} {stored} statt {requested} gespeichert."
        }
    }
}

/// The name of a ticket's field, with its article where the language has one.
struct TicketFieldMessage: LocalizedMessage, Hashable {
    let field: TicketField.ID
    let label: String?

    var values: [String: MessageValue] { ["label": .verbatim(label ?? field.rawValue)] }

    func pattern(in language: Language) -> String {
        switch (language, field) {
        case (.english, .summary): "summary"
        case (.english, .details): "details"
        case (.english, .company): "company"
        case (.english, .contact): "contact"
        case (.english, .type): "ticket type"
        case (.english, .status): "status"
        case (.english, .priority): "priority"
        case (.english, .externalReference): "external reference"
        case (.english, .attachments): "attachments"
        case (.english, _): "field “{label}”"
        case (.german, .summary): "den Betreff"
        case (.german, .details): "den Text"
        case (.german, .company): "das Unternehmen"
        case (.german, .contact): "den Kontakt"
        case (.german, .type): "den Tickettyp"
        case (.german, .status): "den Status"
        case (.german, .priority): "die Priorität"
        case (.german, .externalReference): "die externe Referenz"
        case (.german, .attachments): "die Anhänge"
        case (.german, _): "das Feld „{label}“"
        }
    }
}

extension TicketNote.Visibility: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, value
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` if there is no name; a name of a later version is read as unknown.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .name)
        switch name {
        case Self.staffOnly.name: self = .staffOnly
        case Self.contact.name: self = .contact
        default: self = .unknown(try container.decodeIfPresent(String.self, forKey: .value) ?? name)
        }
    }

    /// Writes the visibility's `name`, and the vendor's `value` if it is unknown.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        if case .unknown(let value) = self { try container.encode(value, forKey: .value) }
    }
}

extension TicketNote.Author: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, id, name
    }

    private enum Kind: String, Codable {
        case agent, contact, system, unknown
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` for another kind, and for an agent without id.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decodeIfPresent(String.self, forKey: .name)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .agent: self = .agent(Reference(try container.decode(Agent.ID.self, forKey: .id), label: name))
        case .contact: self = .contact(name: name ?? "")
        case .system: self = .system(name: name ?? "")
        case .unknown: self = .unknown(name: name)
        }
    }

    /// Writes the author's `kind`, the `name` if it is known, and the `id` of an agent.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(name, forKey: .name)
        switch self {
        case .agent(let agent):
            try container.encode(Kind.agent, forKey: .kind)
            try container.encode(agent.id, forKey: .id)
        case .contact: try container.encode(Kind.contact, forKey: .kind)
        case .system: try container.encode(Kind.system, forKey: .kind)
        case .unknown: try container.encode(Kind.unknown, forKey: .kind)
        }
    }
}
