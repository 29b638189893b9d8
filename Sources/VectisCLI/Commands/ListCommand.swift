import FoundationEssentials
import PSACore
import PSAEngine
import Synchronization
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis list KIND`.
struct ListCommand: Command {
    /// What can be listed.
    enum Kind: String, CaseIterable {
        case companies, contacts, tickets, notes, agreements
        case recurringInvoices = "recurring-invoices"
        case agents
        case ticketTypes = "ticket-types"
        case statuses, priorities
        case ticketFields = "ticket-fields"
        case choices, attachments
    }

    let form = CommandDefinition(
        tokens: ["list"], summary: "list \(Kind.allCases.map(\.rawValue).joined(separator: ", "))", arguments: ["KIND"],
        options: [.connector, .changedSince, .ticket, .type, .email, .company, .field, .search, .limit, .lines, .native]
            + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let kind = try Self.kind(command)
        let timestamp = try Self.timestamp(command, kind)
        let session = try program.connect(try command.required(.connector), command)
        let type: TicketType.ID? = try command.id(.type)
        let lister = RowLister(
            program: program, command: command, label: kind.rawValue, limit: try command.integer(.limit, in: 1...10_000_000))
        switch kind {
        case .companies: try await lister.show(session.companies(), as: RowFormats.companies)
        case .contacts:
            guard let address = command[.email] else {
                try await lister.show(session.contacts(), as: RowFormats.contacts)
                break
            }
            let company: Company.ID? = try command.id(.company)
            try lister.show(try await session.contacts(withEmail: address, of: company), as: RowFormats.contacts)
        case .tickets: try await lister.show(session.tickets(changedSince: timestamp), as: RowFormats.tickets)
        case .notes:
            guard let ticket: Ticket.ID = try command.id(.ticket) else { throw UsageError.missing("--ticket ID") }
            try await lister.show(session.notes(of: ticket), as: RowFormats.notes)
        case .agreements: try await lister.show(session.agreements(), as: RowFormats.agreements)
        case .recurringInvoices:
            try await lister.show(session.recurringInvoices(), as: RowFormats.recurringInvoices) { invoice in
                command.has(.lines) ? try await session.recurringInvoice(invoice.id) : invoice
            }
        case .agents: try await lister.show(session.agents(), as: RowFormats.agents)
        case .ticketTypes: try lister.show(try await session.ticketTypes(), as: RowFormats.ticketTypes)
        case .statuses: try lister.show(try await session.ticketStatuses(for: type), as: RowFormats.statuses)
        case .priorities: try lister.show(try await session.ticketPriorities(for: type), as: RowFormats.priorities)
        case .ticketFields:
            let form = try await session.ticketFields(for: type)
            try lister.show(form.fieldsByRequirement, as: RowFormats.ticketFields(form))
        case .choices:
            guard let field: TicketField.ID = try command.id(.field) else { throw UsageError.missing("--field ID") }
            let limit = try command.integer(.limit, in: 1...10_000_000) ?? 200
            let query = ChoiceQuery(command[.search] ?? "", company: try command.id(.company), limit: limit)
            let found = try await session.choices(of: field, for: type, matching: query)
            try lister.show(found, as: RowFormats.choices)
            if found.count == query.limit { program.console.message("There may be more; narrow the list with --search TEXT.") }
        case .attachments:
            guard let ticket: Ticket.ID = try command.id(.ticket) else { throw UsageError.missing("--ticket ID") }
            try lister.show(try await session.attachments(of: ticket), as: RowFormats.attachments)
        }
        return .done
    }

    private static func kind(_ command: ParsedCommand) throws -> Kind {
        guard let word = command.arguments.first else { throw UsageError.missing("KIND") }
        guard let kind = Kind(rawValue: word) else { throw UsageError.unknown(word, known: Kind.allCases.map(\.rawValue)) }
        let fitting: [(CommandOption, [Kind])] = [
            (.changedSince, [.tickets]), (.ticket, [.notes, .attachments]),
            (.type, [.statuses, .priorities, .ticketFields, .choices]), (.lines, [.recurringInvoices]), (.email, [.contacts]),
            (.company, [.contacts, .choices]), (.field, [.choices]), (.search, [.choices]),
            (.native, Kind.allCases.filter { ![.ticketFields, .choices].contains($0) }),
        ]
        for (option, kinds) in fitting where command.has(option) && !kinds.contains(kind) {
            throw UsageError.invalid(option.rawValue, .goesOnlyWith(kinds.map(\.rawValue)))
        }
        if kind == .contacts, command.has(.company), !command.has(.email) { throw UsageError.missing("--email ADDRESS") }
        if command.all(.field).count > 1 { throw UsageError.invalid(CommandOption.field.rawValue, .givenTwice) }
        return kind
    }

    private static func timestamp(_ command: ParsedCommand, _ kind: Kind) throws -> Date? {
        guard let text = command[.changedSince] else { return nil }
        if let timestamp = GregorianUTC.instant(iso8601: text) { return timestamp }
        throw UsageError.invalid(
            CommandOption.changedSince.rawValue, .notATime(String(text.prefix(40))))
    }
}

/// Prints rows as they arrive, with progress for a person.
struct RowLister {
    let program: CommandLineProgram
    let command: ParsedCommand
    let label: String
    let limit: Int?

    /// Prints a list that comes page by page.
    func show<Element: Sendable & Identifiable>(
        _ rows: PagedSequence<Element>, as format: RowFormat<Element>, completing: (Element) async throws -> Element = { $0 }
    ) async throws where Element.ID: Sendable {
        let progress = Progress(label, console: program.console, time: program.time, isSilent: command.has(.json))
        var completeness = ListCompleteness(rows: 0)
        var shown = 0
        defer { progress.finish() }
        printHeader(format)
        reading: for try await page in rows.pages {
            completeness = page.completeness
            progress.add(page.rows.count, total: completeness.total)
            for row in page.rows {
                try print(try await completing(row), as: format)
                shown += 1
                if shown == limit { break reading }
            }
        }
        progress.finish()
        printFooter(shown, completeness)
        // Not for a list that was stopped before its end.
        if shown != limit, let error = rows.error(for: completeness) { throw error }
    }

    /// Prints a list that arrived as a whole.
    func show<Element: Sendable>(_ rows: [Element], as format: RowFormat<Element>) throws {
        printHeader(format)
        let shown = rows.prefix(limit ?? .max)
        for row in shown { try print(row, as: format) }
        printFooter(shown.count, ListCompleteness(rows: shown.count))
    }

    private func printHeader<Element>(_ format: RowFormat<Element>) {
        if !command.has(.json) { program.console.line(format.header) }
    }

    private func print<Element>(_ row: Element, as format: RowFormat<Element>) throws {
        program.console.line(command.has(.json) ? format.jsonLine(row, withNative: command.has(.native)) : format.line(row))
        if program.console.output.isClosed { throw OutputClosed() }
    }

    private func printFooter(_ shown: Int, _ list: ListCompleteness) {
        if list.unreadable > 0 { program.console.message("\(list.unreadable) rows could not be read and were left out.") }
        if list.shrinkage > 0 {
            program.console.message("The PSA counted \(list.shrinkage) rows fewer at the end than before; rows that moved may be missing.")
        }
        if list.isCutOff { program.console.message("The PSA gives no more rows than these; there may be more.") }
        guard !command.has(.json) else { return }
        program.console.message("\(shown) \(label)" + (shown == limit ? " (stopped at --limit)" : ""))
    }
}

/// How one kind of record is shown: as columns for a person, as JSON for a program.
struct RowFormat<Element: Sendable>: Sendable {
    /// Column titles with their widths; the last column is as wide as its text.
    let columns: [(title: String, width: Int)]
    let cells: @Sendable (Element) -> [String]
    let json: @Sendable (Element) -> JSONValue
    let native: @Sendable (Element) -> NativeRecord?

    /// The titles on one line.
    var header: String { Self.row(columns.map(\.title), columns) }

    /// A record on one line.
    func line(_ element: Element) -> String { Self.row(cells(element), columns) }

    /// A record as one line of JSON, with the vendor's row if wanted.
    func jsonLine(_ element: Element, withNative: Bool) -> String {
        let row = json(element)
        return (withNative ? native(element).map { row.adding(("native", $0.value)) } ?? row : row).encodedText
    }

    private static func row(_ cells: [String], _ columns: [(title: String, width: Int)]) -> String {
        zip(cells, columns).enumerated().map { index, pair in
            let text = pair.0.onOneLine
            return index == columns.count - 1 ? text : Columns.pad(text, to: pair.1.width, cutting: true)
        }
        .joined(separator: "  ")
    }
}

extension TicketForm {
    /// The fields, those first that are required; otherwise in the tenant's order.
    fileprivate var fieldsByRequirement: [TicketField] {
        let order: [TicketField.Requirement] = [.required, .recommended, .optional, .readOnly]
        return order.flatMap { requirement in fields.filter { $0.requirement == requirement } }
            + fields.filter { !order.contains($0.requirement) }
    }

    /// The conditions of a field in plain words, with the labels that people see.
    fileprivate func conditions(of field: TicketField) -> String {
        let conditions = field.conditions.map { condition in
            let values = condition.values.sorted().map { label(of: $0, in: self[condition.field]) }
            return "\(self[condition.field]?.label ?? condition.field.rawValue) is \(values.joined(separator: " or "))"
        }
        return conditions.isEmpty ? "" : "if " + conditions.joined(separator: " and ")
    }

    private func label(of value: String, in field: TicketField?) -> String {
        guard case .listed(let choices)? = field?.choices else { return value }
        return choices.first { $0.id.rawValue == value }?.label ?? value
    }
}

/// The formats of all kinds.
enum RowFormats {
    static let companies = RowFormat<Company>(
        columns: [("ID", 8), ("NAME", 36), ("ACTIVE", 6), ("WEBSITE", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), $0.website ?? ""] }, json: { $0.json }, native: { $0.native })
    static let contacts = RowFormat<Contact>(
        columns: [("ID", 8), ("NAME", 26), ("COMPANY", 30), ("E-MAIL", 0)],
        cells: { [$0.id.rawValue, $0.name, name($0.company), $0.emails.first ?? ""] }, json: { $0.json }, native: { $0.native })
    static let agents = RowFormat<Agent>(
        columns: [("ID", 8), ("NAME", 26), ("ACTIVE", 6), ("PERSON", 6), ("E-MAIL", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), yesNo($0.isPerson), $0.email ?? ""] }, json: { $0.json },
        native: { $0.native })
    static let tickets = RowFormat<Ticket>(
        columns: [("ID", 8), ("PHASE", 7), ("STATUS", 6), ("PRIO", 4), ("CHANGED", 20), ("COMPANY", 26), ("SUMMARY", 0)],
        cells: {
            [
                $0.id.rawValue, $0.phase.rawValue, name($0.status), name($0.priority), date($0.updatedAt), name($0.company), $0.summary,
            ]
        }, json: { $0.json }, native: { $0.native })
    static let notes = RowFormat<TicketNote>(
        columns: [("ID", 12), ("WHEN", 20), ("KIND", 16), ("READ BY", 9), ("AUTHOR", 20), ("TEXT", 0)],
        cells: { [$0.id.rawValue, date($0.createdAt), $0.kind ?? "", $0.visibility.name, $0.author.name ?? "", $0.text] },
        json: { $0.json },
        native: { $0.native })
    static let agreements = RowFormat<Agreement>(
        columns: [("ID", 8), ("NAME", 30), ("ACTIVE", 6), ("KIND", 14), ("ENDS", 20), ("COMPANY", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.isActive), $0.kind ?? "", date($0.endsAt), name($0.company)] }, json: { $0.json },
        native: { $0.native })
    static let recurringInvoices = RowFormat<RecurringInvoice>(
        columns: [("ID", 8), ("COMPANY", 30), ("ACTIVE", 6), ("TOTAL", 10), ("LINES", 5), ("NEXT", 0)],
        cells: {
            [
                $0.id.rawValue, name($0.company), yesNo($0.isActive), $0.total.map { "\($0)" } ?? "", $0.lines.map { "\($0.count)" } ?? "",
                date($0.nextInvoiceAt),
            ]
        }, json: { $0.json }, native: { $0.native })
    static let ticketTypes = RowFormat<TicketType>(
        columns: [("ID", 8), ("NAME", 30), ("CREATE", 6), ("SLA", 0)],
        cells: { [$0.id.rawValue, $0.name, yesNo($0.canCreate), $0.defaultServiceLevel ?? ""] }, json: { $0.json }, native: { $0.native })
    static let statuses = RowFormat<TicketStatus>(
        columns: [("ID", 8), ("NAME", 30), ("PHASE", 8), ("VALID FOR", 0)],
        cells: { [$0.id.rawValue, $0.name, $0.phase.rawValue, $0.scope.description] }, json: { $0.json }, native: { $0.native })
    static let priorities = RowFormat<TicketPriority>(
        columns: [("ID", 8), ("NAME", 30), ("VALID FOR", 0)], cells: { [$0.id.rawValue, $0.name, $0.scope.description] }, json: { $0.json },
        native: { $0.native })

    static let choices = RowFormat<TicketField.Choice>(
        columns: [("ID", 36), ("LABEL", 0)], cells: { [$0.id.rawValue, $0.label] },
        json: { ["id": .string($0.id.rawValue), "label": .string($0.label)] }, native: { _ in nil })
    static let attachments = RowFormat<Attachment>(
        columns: [("ID", 10), ("NAME", 36), ("TYPE", 24), ("BYTES", 10), ("ADDED", 20), ("NOTE", 0)],
        cells: {
            [
                $0.id.rawValue, $0.name, $0.mediaType ?? "", $0.byteCount.map { "\($0)" } ?? "", date($0.createdAt),
                $0.note?.rawValue ?? "",
            ]
        }, json: { $0.json }, native: { $0.native })

    /// The fields of a type; their conditions name other fields of it.
    static func ticketFields(_ form: TicketForm) -> RowFormat<TicketField> {
        RowFormat(
            columns: [
                ("ID", 18), ("LABEL", 26), ("KIND", 12), ("REQUIRED", 11), ("CHOICES", 40), ("DEFAULT", 14), ("CONDITION", 0),
            ],
            cells: { field in
                [
                    field.id.rawValue, field.label, field.kind.rawValue, requirement(field), choices(of: field),
                    field.defaultValue?.texts.joined(separator: ", ") ?? "", form.conditions(of: field),
                ]
            }, json: { $0.json }, native: { _ in nil })
    }

    private static func requirement(_ field: TicketField) -> String {
        switch field.requirement {
        case .required: "required"
        case .recommended: "recommended"
        case .readOnly: "read-only"
        default: ""
        }
    }

    private static func choices(of field: TicketField) -> String {
        switch field.choices {
        case .listed(let choices):
            choices.prefix(3).map { $0.id.rawValue == $0.label ? $0.label : "\($0.id) \($0.label)" }.joined(separator: ", ")
                + (choices.count > 3 ? ", … (\(choices.count))" : "")
        case .searched: "search"
        default: ""
        }
    }

    private static func yesNo(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "?" }
    private static func name<Entity>(_ reference: Reference<Entity>?) -> String { reference.map { $0.label ?? $0.id.rawValue } ?? "" }
    private static func date(_ date: Date?) -> String { date.map { $0.formatted(.iso8601) } ?? "" }
}
