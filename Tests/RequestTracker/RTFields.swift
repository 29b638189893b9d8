#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// A custom field of tickets, as RT defines it for a queue.
struct RTField: Sendable {
    let id: String
    let name: String
    let type: String
    /// How many values a ticket may have; 0 for any number.
    let maxValues: Int
    let pattern: RTPattern
    /// The field whose value narrows the choices.
    let basedOn: String?
    /// The values to choose from; nil if any text is taken.
    var choices: [String]?

    /// Reads a row of `/queue/{id}/customfields`; nil for fields of transactions, which apply to the queue as well.
    init?(_ row: VendorRow) {
        guard let id = row.text("id"), let name = row.text("Name"), row.text("LookupType") == "RT::Queue-RT::Ticket" else { return nil }
        self.id = id
        self.name = name
        type = row.text("Type") ?? ""
        maxValues = row["MaxValues"]?.integer ?? 1
        pattern = RTPattern(row.text("Pattern") ?? "")
        basedOn = row.text("BasedOn").flatMap { $0 == "0" ? nil : $0 }
    }

    /// Whether only listed values are taken; comboboxes and autocompletion suggest values, and take any.
    var isSelection: Bool { type == "Select" }

    /// Whether the value is written one to a line.
    private var takesLines: Bool { maxValues != 1 && ["Freeform", "Combobox", "Autocomplete"].contains(type) }

    private var kind: TicketField.Kind {
        switch (type, maxValues == 1) {
        case ("Select", true): .choice
        case ("Select", false): .choices
        case ("Freeform", true), ("Combobox", true), ("Autocomplete", true), ("IPAddress", true), ("IPAddressRange", true): .text
        case ("Freeform", false), ("Combobox", false), ("Autocomplete", false), ("Text", true), ("Wikitext", true): .longText
        case ("HTML", true): .richText
        case ("Date", true): .date
        // RT reads a time in the time zone of the token's user, which REST 2.0 does not tell; files are no text.
        default: .unsupported
        }
    }

    /// The id of the ticket field; nil for an id that is none.
    var fieldID: TicketField.ID? { TicketField.ID("cf:\(id)") }

    /// The field of a new ticket.
    var ticketField: TicketField? {
        guard let fieldID else { return nil }
        let listed = choices.map { names in
            TicketField.Choices.listed(
                names.compactMap { name in TicketField.Choice.ID(name).map { TicketField.Choice($0, label: name) } })
        }
        return TicketField(
            fieldID, label: name, kind: kind, requirement: pattern.demandsValue ? .required : .optional, choices: listed ?? .none,
            maxLength: kind == .text ? 255 : nil, maxSelections: kind == .choices && maxValues > 0 ? maxValues : nil,
            dependsOn: basedOn.flatMap { TicketField.ID("cf:\($0)") }.map { [$0] } ?? [])
    }

    /// The values as RT takes them.
    func texts(of value: TicketFieldValue) -> [String] {
        takesLines ? value.text.split(whereSeparator: \.isNewline).map { String($0).trimmingSpaces } : value.texts
    }

    /// What is wrong with a value by the field's pattern.
    func issue(with value: TicketFieldValue) -> TicketFieldIssue? {
        guard let ticketField, texts(of: value).contains(where: { !pattern.accepts($0) }) else { return nil }
        return TicketFieldIssue(ticketField, .refused("Input must match \(pattern.words)"))
    }
}

/// A pattern that each value of a custom field must match; RT makes fields mandatory with one that the empty text does not match.
struct RTPattern: Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    /// Whether a ticket needs a value.
    var demandsValue: Bool { text.contains("(?#Mandatory)") || !accepts("") }

    /// Whether a value matches; a pattern that can't be read here accepts any, and RT decides.
    func accepts(_ value: String) -> Bool {
        guard !text.isEmpty, text.count <= 200, let regex = try? Regex(text) else { return true }
        return value.firstMatch(of: regex) != nil
    }

    /// The comment in the pattern, which RT shows to people, or the pattern.
    var words: String {
        guard text.hasPrefix("(?#"), let end = text.firstIndex(of: ")") else { return "[\(text)]" }
        return "[\(text[text.index(text.startIndex, offsetBy: 3)..<end])]"
    }
}

/// The custom fields of queues, each kept for ten minutes.
actor FieldDirectory {
    private static let lifetime = Duration.seconds(600)
    private static let mostQueues = 200

    private let client: RTClient
    private let excluded: Set<String>
    private var kept: [String: (fields: [RTField], until: MonotonicInstant)] = [:]

    /// Makes a directory that leaves out fields by name.
    init(client: RTClient, excluding excluded: Set<String>) {
        self.client = client
        self.excluded = excluded
    }

    /// The ticket fields of a queue, with the values of those that have a list.
    func fields(ofQueue queue: String) async throws -> [RTField] {
        if let kept = kept[queue], kept.until > client.time.instant() { return kept.fields }
        let object = RTLocalizedMessage.fields(ofQueue: queue)
        let columns = QueryItem("fields", "Name,Type,MaxValues,Pattern,LookupType,BasedOn")
        let rows = try await client.allRows(
            "/queue/{id}/customfields", pathValues: [queue], query: [columns], fullPage: RTCollection.pageSize, maxPages: 10, about: object)
        var fields = rows.compactMap(RTField.init).filter { !excluded.contains($0.name) }
        for index in fields.indices where fields[index].isSelection {
            let field = try await client.read("/customfield/{id}", pathValues: [fields[index].id], about: .customField(fields[index].name))
            fields[index].choices = (field["Values"]?.elements ?? []).compactMap(\.string)
        }
        if kept.count >= Self.mostQueues { kept = [:] }
        kept[queue] = (fields, client.time.instant() + Self.lifetime)
        return fields
    }

    /// Reads a queue again at the next use, because RT refused a ticket.
    func forget(queue: String) { kept[queue] = nil }
}

extension RequestTrackerConnector {
    /// The draft as it is sent, and the fields that it has values for.
    ///
    /// - Throws: ``PSAError`` with every missing and invalid field: RT itself enforces neither mandatory fields nor choices over REST 2.0, and
    ///   drops a value that does not match a pattern without a word.
    func checked(_ draft: TicketDraft, queue: String) async throws -> (draft: TicketDraft, fields: [(RTField, TicketFieldValue)]) {
        let fields = try await fieldDirectory.fields(ofQueue: queue)
        func values(_ draft: TicketDraft) -> [(RTField, TicketFieldValue)] {
            fields.compactMap { field in field.fieldID.flatMap { draft.fields[$0] }.map { (field, $0) } }
        }
        let form = form(fields, type: draft.type ?? settings.queue)
        let sent = try client.checked(draft, against: form, about: .newTicket) { sent in
            values(sent).compactMap { field, value in field.issue(with: value) }
        }
        return (sent, values(sent))
    }

    /// The fields that every ticket has, and those of a queue.
    func form(_ fields: [RTField], type: TicketType.ID?) -> TicketForm {
        TicketForm(
            type: type,
            fields: [
                // The column of the database has 200 characters.
                .standard(.summary, isRequired: true, maxLength: 200), .standard(.type), .standard(.details), .standard(.company),
                .standard(.contact), .standard(.status, dependsOn: [.type]), .standard(.priority),
                .standard(.externalReference, maxLength: 255),
            ] + fields.compactMap(\.ticketField) + [.standard(.attachments)])
    }

    /// What RT stored otherwise than it was sent; a field that the token's user may not see is no difference.
    func differences(of sent: [(RTField, TicketFieldValue)], in ticket: Ticket) -> [TicketDifference] {
        sent.compactMap { field, value in
            guard let id = field.fieldID, let stored = ticket.customFields?.first(where: { $0.id == field.id }) else { return nil }
            let texts = stored.value.texts
            let wanted = field.texts(of: value)
            guard Set(texts.map(\.comparable)) != Set(wanted.map(\.comparable)) else { return nil }
            return TicketDifference(
                id, label: field.name, requested: wanted.joined(separator: ", "),
                stored: texts.isEmpty ? nil : texts.joined(separator: ", "))
        }
    }
}

extension JSONValue {
    /// The texts of a custom field's values.
    fileprivate var texts: [String] {
        switch self {
        case .null: []
        case .array(let elements): elements.map { $0.string ?? $0.encodedText }
        default: [string ?? encodedText]
        }
    }
}

extension String {
    /// The text without the differences that RT makes while storing it: line ends, and spaces at the ends.
    fileprivate var comparable: String { replacing("\r\n", with: "\n").trimmingSpaces }
}
