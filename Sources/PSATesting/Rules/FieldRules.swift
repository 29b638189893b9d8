#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension ConformanceRule {
    /// What a ticket type demands.
    static let fields: [ConformanceRule] = [
        ConformanceRule(
            "fields.required", .gold,
            "A ticket without the fields that its type demands is refused before it is sent, with all of them named",
            because: "A person would be told of one missing field after another, each after a request.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            let filled = try await FilledDraft(subject, session, isComplete: false)
            guard !filled.demanded.isEmpty else { throw NotApplicableError("The type demands no further field.") }
            var draft = filled.draft
            for field in filled.demanded { draft.fields[field.id] = nil }
            let error = try await failure { _ = try await session.createTicket(draft) }
            let missing = filled.demanded.filter { field in !(error?.ticketFieldIssues.contains { $0.field == field.id } ?? false) }
            return stage.violations(of: error, for: "a ticket without \(filled.demanded.map(\.label).joined(separator: ", "))")
                + missing.map { Violation("The missing field “\($0.label)” is not named.") }
        },
        ConformanceRule(
            "fields.choices", .gold, "A value that is not among a field's choices is refused before it is sent",
            because: "The vendor would refuse it in words about an id, or store the ticket without it.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            let filled = try await FilledDraft(subject, session, isComplete: false)
            let listed = filled.visible.last { field in
                guard case .listed(let choices) = field.choices, !choices.isEmpty else { return false }
                return [.choice, .categoryPath].contains(field.kind) && field.requirement != .readOnly
                    && !TicketField.ID.standard.contains(field.id)
            }
            guard let listed else { throw NotApplicableError("No further field of the type has a list of choices.") }
            var draft = filled.draft
            draft.fields[listed.id] = .choice(TicketField.Choice.ID(987_654_321))
            let error = try await failure { _ = try await session.createTicket(draft) }
            return stage.violations(of: error, for: "a value that “\(listed.label)” does not have")
                + .unless(
                    error?.ticketFieldIssues.contains { $0.field == listed.id } ?? true, "The field “\(listed.label)” is not named.")
        },
        ConformanceRule(
            "fields.unknown", .gold,
            "A field that a ticket, note, reply or change of status does not have is refused before it is sent",
            because: "What was given would be lost, and whoever gave it would not notice.",
            needs: [.connection, .writing, .capability(.createTickets)], check: unknownFields),
        ConformanceRule(
            "fields.stored", .gold, "A field that was given is stored as it was given",
            because: "A technician would find another device, place or date than the one that was reported.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readTickets)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let filled = try await FilledDraft(subject, session, isComplete: subject.typeWithFields != nil)
            guard !filled.given.isEmpty else { throw NotApplicableError("The type demands no further field.") }
            let created = try await session.createTicket(filled.draft)
            let stored = try await session.ticket(created.id)
            let different = created.differences.filter { difference in filled.given.contains { $0.id == difference.field } }
            return Violations.unless(
                filled.draft.type == nil || stored.type?.id == filled.draft.type,
                "The type \(filled.draft.type?.rawValue ?? "") was stored as \(stored.type?.id.rawValue ?? "none").")
                + different.map { Violation("“\($0.fieldLabel ?? $0.field.rawValue)” is stored as \($0.stored ?? "nothing").") }
                + (try filled.given.compactMap { try stored.violation(of: $0, given: filled.draft.fields[$0.id]) })
        },
    ]

    private static func unknownFields(_ subject: ConformanceSubject) async throws -> [Violation] {
        let stage = ConformanceStage(subject)
        let session = try stage.session()
        let ticket = try await session.createTicket(Marker().draft(subject).addressed(session, subject))
        let unknown = TicketField.ID(987_654_321)
        let fields: [TicketField.ID: TicketFieldValue] = [unknown: .text("Conformance")]
        var writes: [(what: String, run: () async throws -> Void)] = []
        var draft = Marker().draft(subject)
        draft.fields = fields
        writes.append(("a ticket", { [draft] in _ = try await session.createTicket(draft) }))
        let note = NoteDraft("Conformance", fields: fields)
        if subject.can(.addNotes) { writes.append(("a note", { _ = try await session.addPrivateNote(note, to: ticket.id) })) }
        if subject.can(.replyToContacts) { writes.append(("a reply", { _ = try await session.reply(note, to: ticket.id) })) }
        if subject.can(.changeStatus), subject.can(.readPicklists) {
            let statuses = try await session.ticketStatuses(for: ticket.type?.id)
            if let other = statuses.first(where: { $0.id != ticket.status?.id && $0.phase != .closed }) {
                let change = StatusChange(to: other.id, fields: fields)
                writes.append(("a change of status", { _ = try await session.changeStatus(of: ticket.id, change) }))
            }
        }
        var violations: [Violation] = []
        for write in writes {
            let sent = stage.writeCount
            let error = try await failure { try await write.run() }
            violations += .unless(
                error?.ticketFieldIssues.contains { $0.field == unknown } ?? false,
                "For \(write.what) with a field that is not there it reports \(error?.code.rawValue ?? "success").")
            violations += .unless(stage.writeCount == sent, "\(write.what) with a field that is not there was sent.")
        }
        return violations
    }
}

/// A draft with values for the fields of a type, chosen by the type's own definition.
struct FilledDraft {
    /// The draft; a connector takes it.
    private(set) var draft: TicketDraft
    /// The fields that are shown with it.
    private(set) var visible: [TicketField] = []
    /// The fields beyond those of every vendor that got a value.
    private(set) var given: [TicketField] = []

    /// The fields of these that the type demands, and that don't come with a value of their own.
    var demanded: [TicketField] {
        given.filter { ($0.isRequired || $0.mustBeChecked) && $0.defaultValue == nil && $0.kind != .attachment }
    }

    /// Fills in what a type demands; with `isComplete` every field of a kind whose value can be made up.
    ///
    /// - Throws: ``InconclusiveError`` if a demanded field can't be filled in.
    init(_ subject: ConformanceSubject, _ session: ConnectorSession, isComplete: Bool) async throws {
        draft = Marker().draft(subject)
        draft.type = subject.typeWithFields ?? draft.type
        let form = try await session.ticketFields(for: draft.type)
        // A value can show further fields, which are filled in the next round.
        for _ in 0...form.fields.count {
            visible = form.visibleFields(with: draft.values)
            let empty = visible.filter { field in
                let isWanted = field.isRequired || field.mustBeChecked || isComplete && field.canBeMadeUp
                return isWanted && field.requirement != .readOnly && draft.values[field.id] == nil
            }
            var isChanged = false
            for field in empty { isChanged = try await fill(field, session) || isChanged }
            if !isChanged { break }
        }
    }

    /// Gives a field a value.
    ///
    /// - Returns: Whether the draft is another one now.
    private mutating func fill(_ field: TicketField, _ session: ConnectorSession) async throws -> Bool {
        if field.kind == .attachment {
            let missing = (field.minAttachments ?? 1) - draft.attachments.count
            for number in 0..<max(0, missing) {
                draft.attachments.append(.file(try AttachmentFile(name: "conformance-\(number).txt", bytes: Array("Conformance".utf8))))
            }
            return missing > 0
        }
        guard let value = try await value(for: field, session) else {
            throw InconclusiveError("The field “\(field.label)” of kind \(field.kind.rawValue) could not be filled in.")
        }
        switch (field.id, value) {
        case (.details, .text(let text)): draft.details = text
        case (.company, .choice(let id)): draft.company = Company.ID(id.rawValue)
        case (.contact, .choice(let id)): draft.contact = Contact.ID(id.rawValue)
        case (.status, .choice(let id)): draft.status = TicketStatus.ID(id.rawValue)
        case (.priority, .choice(let id)): draft.priority = TicketPriority.ID(id.rawValue)
        case (let id, _) where TicketField.ID.standard.contains(id): return false
        default:
            draft.fields[field.id] = value
            given.append(field)
        }
        return true
    }

    private func value(for field: TicketField, _ session: ConnectorSession) async throws -> TicketFieldValue? {
        if let value = field.defaultValue, !value.isEmpty, !field.mustBeChecked { return value }
        switch field.kind {
        case .text, .longText, .richText: return .text(String(Self.text.prefix(field.maxLength ?? 20)))
        case .url: return .text("https://example.com/")
        case .integer: return .number(1)
        case .number, .money: return .number(1.25)
        case .date: return CalendarDate("2030-02-28").map(TicketFieldValue.date)
        case .dateTime: return .dateTime(Date(timeIntervalSince1970: 1_900_000_000))
        case .time: return TimeOfDay("14:30").map(TicketFieldValue.time)
        case .checkbox: return .checkbox(true)
        case .choice, .categoryPath, .reference: return try await choices(of: field, session).first.map(TicketFieldValue.choice)
        case .choices, .references:
            let choices = try await choices(of: field, session).prefix(min(2, field.maxSelections ?? 2))
            return choices.isEmpty ? nil : .choices(Array(choices))
        default: return nil
        }
    }

    /// Letters beyond ASCII first; the rest is longer than the fields of careless code.
    private static let text = "Füße 火, Conformance: a value with more characters than a short column of a table takes"

    private func choices(of field: TicketField, _ session: ConnectorSession) async throws -> [TicketField.Choice.ID] {
        if case .listed(let choices) = field.choices { return choices.map(\.id) }
        let query = ChoiceQuery(company: draft.company, limit: 2)
        return try await session.choices(of: field.id, for: draft.type, matching: query).map(\.id)
    }
}

extension TicketField {
    /// Whether a value can be made up without knowing the tenant.
    fileprivate var canBeMadeUp: Bool {
        guard !TicketField.ID.standard.contains(id) else { return false }
        return switch kind {
        case .text, .longText, .integer, .number, .money, .date, .checkbox: true
        case .choice, .choices, .categoryPath: if case .listed(let choices) = choices { !choices.isEmpty } else { false }
        default: false
        }
    }

    /// For each text of a value, the ways in which a vendor may show it: as it is, or by the label of the choice.
    fileprivate func shownTexts(of value: TicketFieldValue) -> [[String]] {
        guard kind != .checkbox else { return [] }
        guard case .listed(let choices) = choices else { return value.texts.map { [$0] } }
        return value.texts.map { text in [text] + choices.filter { $0.id.rawValue == text }.map(\.label) }
    }
}

extension Ticket {
    /// The custom field that is a ticket field, by its id or its label; nil if the vendor lists it under neither.
    fileprivate func customField(of field: TicketField) -> CustomField? {
        customFields?.first { $0.id == field.id.rawValue } ?? customFields?.first { $0.label == field.label }
    }

    /// What speaks against the value of a field as it is stored: in the ticket's fields, or where it lists none such, in the vendor's record.
    ///
    /// - Throws: ``InconclusiveError`` if neither has the value and the ticket has no list of fields.
    fileprivate func violation(of field: TicketField, given value: TicketFieldValue?) throws -> Violation? {
        guard let value else { return nil }
        let found = customField(of: field)
        let shown = found.map { ($0.display ?? "") + $0.value.encodedText } ?? native.value.encodedText
        guard let lacking = field.shownTexts(of: value).first(where: { texts in !texts.contains { shown.contains($0) } }) else {
            return nil
        }
        if found != nil { return Violation("“\(field.label)” was given as \(lacking[0]), and read back as \(shown).") }
        guard customFields != nil else { throw InconclusiveError("Whether “\(field.label)” was stored can't be read back.") }
        return Violation("“\(field.label)” was given as \(lacking[0]), and is not among the ticket's fields.")
    }
}

extension ConformanceStage {
    /// How many writes were sent.
    fileprivate var writeCount: Int { transport.requests.count { subject.isWrite($0) } }

    /// What speaks against a refusal before sending.
    fileprivate func violations(of error: PSAError?, for what: String) -> [Violation] {
        let sent = transport.requests.filter { subject.isWrite($0) }
        return Violations.unless(
            error.map { [.ticketFieldRequired, .ticketFieldInvalid].contains($0.code) } ?? false,
            "For \(what) it reports \(error?.code.rawValue ?? "success").")
            + sent.prefix(1).map { Violation("For \(what) it sent \($0).") }
    }
}
