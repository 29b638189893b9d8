/// A value of a new ticket that the vendor stored otherwise than asked.
///
/// Vendors accept a ticket and change it silently: by a workflow, a rule of the tenant, or because a choice does not fit another one. A value
/// that the vendor's answer leaves out is no difference.
public struct TicketDifference: Sendable, Hashable {
    /// What was stored otherwise.
    public var field: FieldRequirement.Field
    /// The value that was asked for: the vendor's id of a choice, or text.
    public var requested: String
    /// The value that is stored; nil if the vendor says that there is none.
    public var stored: String?
    /// The name of the stored choice, if the vendor sent it along.
    public var storedLabel: String?

    /// States a difference; connectors do.
    public init(_ field: FieldRequirement.Field, requested: String, stored: String?, storedLabel: String? = nil) {
        self.field = field
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
            _ field: FieldRequirement.Field, _ requested: RecordID<Entity>?, _ stored: Reference<Entity>?
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

extension FieldRequirement.Field {
    /// The field's name with its article where the language has one.
    func name(in language: Language) -> String {
        switch (language, self) {
        case (.english, .summary): "summary"
        case (.english, .details): "details"
        case (.english, .company): "company"
        case (.english, .contact): "contact"
        case (.english, .type): "ticket type"
        case (.english, .status): "status"
        case (.english, .priority): "priority"
        case (.english, .externalReference): "external reference"
        case (.german, .summary): "den Betreff"
        case (.german, .details): "den Text"
        case (.german, .company): "das Unternehmen"
        case (.german, .contact): "den Kontakt"
        case (.german, .type): "den Tickettyp"
        case (.german, .status): "den Status"
        case (.german, .priority): "die Priorität"
        case (.german, .externalReference): "die externe Referenz"
        }
    }
}

/// A difference in one sentence.
struct TicketDifferenceMessage: LocalizedMessage, Hashable {
    let difference: TicketDifference

    var values: [String: MessageValue] {
        let label = difference.storedLabel.map { " (\($0))" } ?? ""
        return [
            "field": .phrase(TicketFieldMessage(field: difference.field)), "requested": .verbatim(difference.requested),
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

/// The name of a ticket's field.
struct TicketFieldMessage: LocalizedMessage, Hashable {
    let field: FieldRequirement.Field

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String { field.name(in: language) }
}
