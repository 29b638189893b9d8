package import PSACore
import PSAEngine

/// The value that a rule gives a field of its tickets.
package enum RuleFieldValue: Sendable, Hashable {
    /// A text with values of the event.
    case template(FieldTemplate)
    /// The same value for every event.
    case fixed(TicketFieldValue)

    /// The value for an event; nil if a template has no text for it, so that the ticket default applies.
    package func value(for values: EventValues) -> TicketFieldValue? {
        switch self {
        case .fixed(let value): value.isEmpty ? nil : value
        case .template(let template): template.text(for: values).map(TicketFieldValue.text)
        }
    }

    /// The value as a person types it.
    package var text: String {
        switch self {
        case .template(let template): template.text.pattern
        case .fixed(let value): value.text
        }
    }

    /// The value by which a form is checked before there is an event.
    ///
    /// A template with values of the event stands for any text, web addresses among them: what is too long is cut, and the event decides the
    /// rest.
    package var sample: TicketFieldValue {
        switch self {
        case .template(let template) where template.text.hasValues: .text(template.maxLength.map { $0 < 9 } ?? false ? "-" : "https://-")
        case .template(let template): .text(template.text.pattern)
        case .fixed(let value): value
        }
    }
}

/// A text template with the limits of its field.
package struct FieldTemplate: Sendable, Hashable {
    package var text: TextTemplate
    /// The most characters that the field takes; nil where the PSA states none.
    package var maxLength: Int?
    /// Whether the field takes several lines.
    package var keepsLines: Bool
    /// Whether the field holds HTML; then the template is HTML, and the event's values are text in it.
    package var isHTML: Bool

    /// Creates a ``FieldTemplate``.
    package init(_ text: TextTemplate, maxLength: Int? = nil, keepsLines: Bool = false, isHTML: Bool = false) {
        self.text = text
        self.maxLength = maxLength
        self.keepsLines = keepsLines
        self.isHTML = isHTML
    }

    /// The longest text of a field without a limit of its own, as for a ticket's details.
    package static let defaultMaxLength = RuleDefinition.maxTicketDetailsLength

    /// The text for an event, cut to the field's limit; nil if nothing is left of it.
    func text(for values: EventValues) -> String? {
        let limit = max(0, min(maxLength ?? Self.defaultMaxLength, Self.defaultMaxLength))
        let text =
            isHTML
            ? self.text.html(for: values, limit: limit)
            : limit < Self.markedLength
                // A mark would leave no room for the text.
                ? self.text.beginning(for: values, limit: limit, keepsLines: keepsLines)
                : self.text.text(for: values, limit: limit, keepsLines: keepsLines)
        return text.isEmpty ? nil : text
    }

    /// Texts of fewer characters are cut without a mark.
    static let markedLength = 80
}

extension HostEvent {
    /// The event with its texts as HTML, so that markup in them shows as it was written.
    var escapedForHTML: HostEvent {
        var event = self
        event.source = source.escapedForHTML()
        event.type = type.escapedForHTML()
        event.company = company.escapedForHTML()
        event.device = device.escapedForHTML()
        event.text = text.escapedAsLines
        return event
    }
}

extension String {
    /// The text as HTML, with its line ends as line breaks.
    var escapedAsLines: String {
        escapedForHTML().split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.joined(separator: "<br>")
    }
}

extension TextTemplate {
    /// Whether it holds a value of the event.
    package var hasValues: Bool { Name.allCases.contains { pattern.contains("{\($0.rawValue)}") } }
}

extension RuleFieldValue {
    /// The value as JSON, for the storage and the API: `{"template":"…"}`, or as ``TicketFieldValue/stored``.
    package var json: JSONValue {
        switch self {
        case .fixed(let value): value.stored
        case .template(let template):
            .init(present: [
                ("template", .string(template.text.pattern)), ("maxLength", template.maxLength.map(JSONValue.integer)),
                ("lines", template.keepsLines ? true : nil),
                ("html", template.isHTML ? true : nil),
            ])
        }
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json view: JSONView) {
        if let pattern = view["template"]?.string {
            self = .template(
                FieldTemplate(
                    TextTemplate(pattern), maxLength: view["maxLength"]?.integer, keepsLines: view["lines"]?.bool ?? false,
                    isHTML: view["html"]?.bool ?? false))
        } else {
            guard let value = TicketFieldValue(stored: JSONValue(view)) else { return nil }
            self = .fixed(value)
        }
    }

    /// Reads what a person typed for a field: a template where its kind is text, otherwise a value of its kind.
    ///
    /// - Throws: ``TicketFieldIssue`` if the text does not have the form of the field's kind.
    package init(_ text: String, for field: TicketField) throws(TicketFieldIssue) {
        guard field.kind.takesTemplate else {
            self = .fixed(try TicketFieldValue(text, for: field))
            return
        }
        let template = TextTemplate(text.trimmingSpaces)
        // Without a value of the event it is checked like any other text.
        if !template.hasValues { _ = try TicketFieldValue(text, for: field) }
        self = RuleFieldValue.template(FieldTemplate(template)).fitted(to: field)
    }

    /// The value with the limits of a field, in place of those that it has.
    package func fitted(to field: TicketField) -> RuleFieldValue {
        guard case .template(let template) = self, field.kind.takesTemplate else { return self }
        return .template(
            FieldTemplate(template.text, maxLength: field.maxLength, keepsLines: field.kind.keepsLines, isHTML: field.kind == .richText))
    }
}

extension TicketField.Kind {
    /// Whether a rule fills it with a text template.
    package var takesTemplate: Bool { [.text, .longText, .richText, .url].contains(self) }

    /// Whether it takes text of several lines.
    package var keepsLines: Bool { self == .longText || self == .richText }
}

/// Limits for the fields of ticket defaults and rules.
package enum TicketFieldLimits {
    /// The most fields that a rule or the ticket defaults of a connection fill.
    package static let maxFields = TicketJob.Payload.maxFieldCount
    /// The most bytes of UTF-8 of one value.
    package static let maxValueBytes = TicketJob.Payload.maxFieldBytes
    /// The most bytes of UTF-8 of all values that a rule or the ticket defaults state; what templates become may have as much again.
    package static let maxBytes = TicketJob.Payload.maxFieldsBytes / 2
}

extension TicketAction {
    /// The values for an event; of templates no more than a job may hold.
    package func values(for event: EventValues) -> [TicketField.ID: TicketFieldValue] {
        var values: [TicketField.ID: TicketFieldValue] = [:]
        var room = TicketJob.Payload.maxFieldsBytes - TicketFieldLimits.maxBytes
        for (id, field) in fields.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let value = field.value(for: event) else { continue }
            if case .template = field {
                // The id counts too, and what does not fit is left out.
                let bytes = value.text.utf8.count + id.rawValue.utf8.count
                guard bytes <= room else { continue }
                room -= bytes
            }
            values[id] = value
        }
        return values
    }
}

extension TicketAction {
    /// What is wrong with its fields, by the input it concerns.
    package var fieldIssues: [(field: String, problem: RuleProblem)] {
        var issues: [(field: String, problem: RuleProblem)] = []
        if fields.count > TicketFieldLimits.maxFields { issues.append(("fields", .tooManyFields(limit: TicketFieldLimits.maxFields))) }
        if fields.reduce(0, { $0 + $1.key.rawValue.utf8.count + $1.value.text.utf8.count }) > TicketFieldLimits.maxBytes {
            issues.append(("fields", .fieldsTooLarge(kibibytes: TicketFieldLimits.maxBytes / 1_024)))
        }
        for (id, value) in fields.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if TicketField.ID.standard.contains(id) { issues.append(("field.\(id)", .ownField)) }
            if value.text.utf8.count > TicketFieldLimits.maxValueBytes {
                issues.append(("field.\(id)", .valueTooLarge(kibibytes: TicketFieldLimits.maxValueBytes / 1_024)))
            }
            guard case .template(let template) = value else { continue }
            if let limit = template.maxLength, limit < 1 { issues.append(("field.\(id)", .fieldLength)) }
            issues += template.text.problems.map { ("field.\(id)", $0) }
        }
        return issues
    }
}
