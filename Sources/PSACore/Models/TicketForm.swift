/// The fields of new tickets of one type.
public struct TicketForm: Sendable, Hashable {
    /// The ticket type; nil where none was chosen.
    public let type: TicketType.ID?
    /// The fields in the tenant's order, each id once.
    public let fields: [TicketField]
    private let positions: [TicketField.ID: Int]

    /// Collects the fields of a type; of several with the same id, the first counts.
    public init(type: TicketType.ID? = nil, fields: [TicketField]) {
        self.type = type
        var kept: [TicketField] = []
        var positions: [TicketField.ID: Int] = [:]
        for field in fields where positions[field.id] == nil {
            positions[field.id] = kept.count
            kept.append(field)
        }
        self.fields = kept
        self.positions = positions
    }

    /// The field with an id.
    public subscript(id: TicketField.ID) -> TicketField? { positions[id].map { fields[$0] } }

    /// A text that changes when the type demands something else: other fields, kinds, requirements, choices, limits or conditions.
    ///
    /// Labels, defaults and the order do not count.
    public var fingerprint: String {
        var hash = FNV1a()
        for field in fields.sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
            hash.add(field.id.rawValue)
            hash.add(field.kind.rawValue)
            hash.add(field.requirement.rawValue)
            hash.add(
                [field.maxLength, field.maxSelections, field.minAttachments].map { $0.map(String.init) ?? "-" }.joined(separator: ","))
            hash.add(field.mustBeChecked ? "checked" : "-")
            // Each list begins with its length, so that no element can count as one of the next list.
            switch field.choices {
            case .none: hash.add("none")
            case .searched: hash.add("searched")
            case .listed(let choices): hash.add(list: choices.map(\.id.rawValue).sorted())
            }
            let conditions = field.conditions.map { [$0.field.rawValue] + $0.values.sorted() }
            hash.add(String(conditions.count))
            for condition in conditions.sorted(by: { $0.lexicographicallyPrecedes($1) }) { hash.add(list: condition) }
        }
        return hash.text
    }

    /// The fields that are shown, and may be demanded, with these values.
    ///
    /// A field whose conditions depend on itself is shown: it can't be decided whether it is demanded.
    public func visibleFields(with values: [TicketField.ID: TicketFieldValue]) -> [TicketField] {
        var known: [TicketField.ID: Visibility] = [:]
        return fields.filter { visibility(of: $0, values, &known) != .hidden }
    }

    private enum Visibility {
        case undecided, shown, hidden, inLoop
    }

    private func visibility(
        of field: TicketField, _ values: [TicketField.ID: TicketFieldValue], _ known: inout [TicketField.ID: Visibility]
    ) -> Visibility {
        if let decided = known[field.id] { return decided == .undecided ? .inLoop : decided }
        known[field.id] = .undecided
        var result = Visibility.shown
        for condition in field.conditions {
            // A condition on a field that the form does not have can't be judged; the vendor does.
            guard let other = self[condition.field] else { continue }
            switch visibility(of: other, values, &known) {
            case .hidden: result = .hidden
            case .inLoop: result = result == .hidden ? .hidden : .inLoop
            case .shown, .undecided:
                let texts = values[other.id]?.texts ?? []
                if condition.values.isDisjoint(with: texts) { result = .hidden }
            }
            if result == .hidden { break }
        }
        known[field.id] = result
        return result
    }
}

extension TicketForm {
    /// The draft with the tenant's defaults for fields that are shown and have no value.
    ///
    /// The fields that every vendor has are left as they are.
    public func completing(_ draft: TicketDraft) -> TicketDraft {
        var draft = draft
        // A default can show a further field, whose default follows in the next round; there are no more rounds than fields.
        for _ in fields {
            let values = draft.values
            let added = visibleFields(with: values).filter {
                $0.requirement != .readOnly && !TicketField.ID.standard.contains($0.id) && $0.defaultValue?.isEmpty == false
                    && values[$0.id] == nil
            }
            guard !added.isEmpty else { break }
            for field in added { draft.fields[field.id] = field.defaultValue }
        }
        return draft
    }

    /// Everything that is wrong with a draft, in the order of the fields.
    ///
    /// A value that is not in a list of choices, has another form, or is too long is wrong; so is a demanded field without a value. A hidden
    /// field that was given is no mistake: it is left out by ``sendable(_:)``.
    public func issues(with draft: TicketDraft) -> [TicketFieldIssue] {
        let values = draft.values
        var known: [TicketField.ID: Visibility] = [:]
        var issues: [TicketFieldIssue] = []
        for field in fields {
            let visibility = visibility(of: field, values, &known)
            guard visibility != .hidden else { continue }
            if let problem = problem(field, values[field.id], draft, isInLoop: visibility == .inLoop) {
                issues.append(TicketFieldIssue(field, problem))
            }
        }
        for id in draft.fields.keys.filter({ self[$0] == nil }).sorted(by: { $0.rawValue < $1.rawValue }) {
            issues.append(TicketFieldIssue(id: id, label: id.rawValue, .unknownField))
        }
        return issues
    }

    /// The draft without values of fields that are hidden with the other values.
    public func sendable(_ draft: TicketDraft) -> TicketDraft {
        let shown = Set(visibleFields(with: draft.values).map(\.id))
        var draft = draft
        draft.fields = draft.fields.filter { shown.contains($0.key) && !$0.value.isEmpty }
        return draft
    }

    private func problem(
        _ field: TicketField, _ value: TicketFieldValue?, _ draft: TicketDraft, isInLoop: Bool
    ) -> TicketFieldIssue.Problem? {
        if field.kind == .attachment {
            if let value, !value.isEmpty { return .wrongForm }
            let fewest = field.minAttachments ?? (field.isRequired ? 1 : 0)
            return draft.attachments.count < fewest ? .tooFewAttachments(fewest) : nil
        }
        guard let value, !value.isEmpty else {
            guard field.isRequired || field.mustBeChecked else { return nil }
            if field.kind == .unsupported { return .unsupported }
            return isInLoop ? .conditionLoop : .missing
        }
        if field.requirement == .readOnly { return .readOnly }
        guard value.fits(field.kind) else { return .wrongForm }
        switch value {
        case .text(let text):
            if let limit = field.maxLength, text.count > limit { return .tooLong(text.count, limit: limit) }
        case .checkbox(false) where field.mustBeChecked: return .missing
        case .choice(let id): return unknownChoice([id], field)
        case .choices(let ids):
            if let limit = field.maxSelections, ids.count > limit { return .tooMany(ids.count, limit: limit) }
            return unknownChoice(ids, field)
        default: break
        }
        return nil
    }

    private func unknownChoice(_ ids: [TicketField.Choice.ID], _ field: TicketField) -> TicketFieldIssue.Problem? {
        guard case .listed(let choices) = field.choices else { return nil }
        let known = Set(choices.map(\.id))
        return ids.first { !known.contains($0) }.map { .unknownChoice($0, known: Array(choices.prefix(10))) }
    }
}

/// What is wrong with one field of a ticket.
public struct TicketFieldIssue: Error, Sendable, Hashable, Codable {
    /// What is wrong.
    @nonexhaustive
    public enum Problem: Sendable, Hashable, Codable {
        /// It is demanded and has no value.
        case missing
        /// The value has another form than the field's kind.
        case wrongForm
        /// The text is too long.
        case tooLong(Int, limit: Int)
        /// More choices are selected than allowed.
        case tooMany(Int, limit: Int)
        /// The field has no such choice; some that it has are named.
        case unknownChoice(TicketField.Choice.ID, known: [TicketField.Choice])
        /// The record belongs to another company than the ticket; `wanted` is nil for a ticket without a company.
        case ofAnotherCompany(TicketField.Choice.ID, own: Company.ID, wanted: Company.ID?)
        /// The type has no such field.
        case unknownField
        /// The vendor fills the field in.
        case readOnly
        /// Fewer files than demanded.
        case tooFewAttachments(Int)
        /// It is demanded, and the connector cannot fill in its kind.
        case unsupported
        /// It is demanded under a condition that depends on the field itself, so it can't be decided whether it needs a value.
        case conditionLoop
        /// The vendor refused it, in its own words.
        case refused(String)
    }

    /// The field.
    public var field: TicketField.ID
    /// The field as the tenant calls it.
    public var label: String
    /// The form of the field's value, if it is known.
    public var kind: TicketField.Kind?
    /// What is wrong.
    public var problem: Problem

    /// States a problem of a field.
    public init(_ field: TicketField, _ problem: Problem) {
        self.init(id: field.id, label: field.label, kind: field.kind, problem)
    }

    /// States a problem of a field that the form does not have.
    public init(id: TicketField.ID, label: String, kind: TicketField.Kind? = nil, _ problem: Problem) {
        field = id
        self.label = label
        self.kind = kind
        self.problem = problem
    }

    /// Whether the field has no value although one is demanded.
    public var isMissing: Bool {
        switch problem {
        case .missing, .tooFewAttachments, .conditionLoop, .unsupported: true
        default: false
        }
    }

    /// Whether the type has no such field.
    var isUnknownField: Bool {
        if case .unknownField = problem { true } else { false }
    }

    /// Whether the value is not one of the field's choices.
    var isUnknownChoice: Bool {
        if case .unknownChoice = problem { true } else { false }
    }

    /// Whether the value is a record of another company than the ticket's.
    var isOfAnotherCompany: Bool {
        if case .ofAnotherCompany = problem { true } else { false }
    }

    /// The problem in one sentence.
    public var sentence: any LocalizedMessage { TicketFieldIssueMessage(issue: self) }

    /// The issue as JSON.
    public func json(in renderer: TextRenderer = TextRenderer()) -> JSONValue {
        ["field": .string(field.rawValue), "label": .string(label), "message": .string(renderer.text(sentence))]
    }
}

/// A problem of a field in one sentence.
private struct TicketFieldIssueMessage: LocalizedMessage {
    let issue: TicketFieldIssue

    var values: [String: MessageValue] {
        var values: [String: MessageValue] = ["label": .verbatim(issue.label)]
        switch issue.problem {
        case .tooLong(let count, let limit), .tooMany(let count, let limit):
            values["count"] = .verbatim(String(count))
            values["limit"] = .verbatim(String(limit))
        case .unknownChoice(let id, let known):
            values["id"] = .verbatim(id.rawValue)
            values["known"] = .list(known.map { .verbatim($0.id.rawValue == $0.label ? $0.label : "\($0.id) (\($0.label))") })
        case .ofAnotherCompany(let id, let own, let wanted):
            values["id"] = .verbatim(id.rawValue)
            values["own"] = .verbatim(own.rawValue)
            values["wanted"] = wanted.map { .verbatim($0.rawValue) }
        case .tooFewAttachments(let fewest): values["limit"] = .verbatim(String(fewest))
        case .refused(let words): values["words"] = .verbatim(words)
        case .wrongForm: values["form"] = .phrase(TicketFieldFormMessage(kind: issue.kind))
        default: break
        }
        return values
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch issue.problem {
        case .missing: "“{label}” needs a value."
        case .wrongForm: "“{label}” takes {form}."
        case .tooLong: "“{label}” has {count} characters; at most {limit} are allowed."
        case .tooMany: "“{label}” has {count} choices; at most {limit} are allowed."
        case .unknownChoice(_, let known) where known.isEmpty: "“{label}” has no choice “{id}”; it has none at all."
        case .unknownChoice: "“{label}” has no choice “{id}”; it has {known}."
        case .ofAnotherCompany(_, _, nil): "“{label}” {id} belongs to company {own}, and the ticket is for no company."
        case .ofAnotherCompany: "“{label}” {id} belongs to company {own}, and the ticket is for company {wanted}."
        case .unknownField: "The ticket type has no field “{label}”."
        case .readOnly: "“{label}” is filled in by the PSA and takes no value."
        case .tooFewAttachments(1): "“{label}” needs a file."
        case .tooFewAttachments: "“{label}” needs at least {limit} files."
        case .unsupported: "“{label}” is demanded, and is of a kind that can only be filled in inside the PSA."
        case .conditionLoop: "“{label}” needs a value, because its condition in the PSA depends on the field itself."
        case .refused: "“{label}” was refused: {words}"
        }
    }

    private var german: String {
        switch issue.problem {
        case .missing: "„{label}“ braucht einen Wert."
        case .wrongForm: "„{label}“ erwartet {form}."
        case .tooLong: "„{label}“ hat {count} Zeichen; erlaubt sind höchstens {limit}."
        case .tooMany: "„{label}“ hat {count} Auswahlen; erlaubt sind höchstens {limit}."
        case .unknownChoice(_, let known) where known.isEmpty: "„{label}“ hat keine Auswahl „{id}“; es gibt überhaupt keine."
        case .unknownChoice: "„{label}“ hat keine Auswahl „{id}“; es gibt {known}."
        case .ofAnotherCompany(_, _, nil): "„{label}“ {id} gehört zu Firma {own}, das Ticket aber ist für keine Firma."
        case .ofAnotherCompany: "„{label}“ {id} gehört zu Firma {own}, das Ticket aber ist für Firma {wanted}."
        case .unknownField: "Der Tickettyp hat kein Feld „{label}“."
        case .readOnly: "„{label}“ füllt das PSA-System selbst aus; das Feld nimmt keinen Wert an."
        case .tooFewAttachments(1): "„{label}“ braucht eine Datei."
        case .tooFewAttachments: "„{label}“ braucht mindestens {limit} Dateien."
        case .unsupported: "„{label}“ ist Pflicht und lässt sich nur im PSA-System selbst ausfüllen."
        case .conditionLoop: "„{label}“ braucht einen Wert, weil die Bedingung im PSA-System vom Feld selbst abhängt."
        case .refused: "„{label}“ wurde abgelehnt: {words}"
        }
    }
}

/// The form of a kind's values in a few words.
private struct TicketFieldFormMessage: LocalizedMessage {
    let kind: TicketField.Kind?

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (language, kind) {
        case (.english, .integer?): "a whole number of at most 15 digits"
        case (.english, .number?), (.english, .money?): "a number with a point and at most 15 digits, such as 12.50"
        case (.english, .date?): "a day such as 2026-11-28"
        case (.english, .dateTime?): "a date and time such as 2026-11-28T14:30:00Z"
        case (.english, .time?): "a time such as 14:30"
        case (.english, .checkbox?): "true or false"
        case (.english, .url?): "a web address that begins with https://"
        case (.english, .choice?), (.english, .categoryPath?), (.english, .reference?): "the id of one choice"
        case (.english, .choices?), (.english, .references?): "ids of choices, separated by commas"
        case (.english, .attachment?): "files, not a value"
        case (.english, .unsupported?): "values that can only be entered inside the PSA"
        case (.english, _): "text"
        case (.german, .integer?): "eine ganze Zahl mit höchstens 15 Ziffern"
        case (.german, .number?), (.german, .money?): "eine Zahl mit Punkt und höchstens 15 Ziffern, etwa 12.50"
        case (.german, .date?): "einen Tag wie 2026-11-28"
        case (.german, .dateTime?): "Datum und Uhrzeit wie 2026-11-28T14:30:00Z"
        case (.german, .time?): "eine Uhrzeit wie 14:30"
        case (.german, .checkbox?): "true oder false"
        case (.german, .url?): "eine Webadresse, die mit https:// beginnt"
        case (.german, .choice?), (.german, .categoryPath?), (.german, .reference?): "die Kennung einer Auswahl"
        case (.german, .choices?), (.german, .references?): "Kennungen von Auswahlen, durch Kommas getrennt"
        case (.german, .attachment?): "Dateien, keinen Wert"
        case (.german, .unsupported?): "Werte, die sich nur im PSA-System selbst eingeben lassen"
        case (.german, _): "Text"
        }
    }
}
