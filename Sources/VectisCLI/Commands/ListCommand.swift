import FoundationEssentials
import PSACore
import PSAEngine
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
        case statuses = "ticket-statuses"
        case priorities = "ticket-priorities"
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
            // A field without choices and one that is not there look alike.
            if found.isEmpty { try Self.requireField(field, in: try await session.ticketFields(for: type)) }
            try lister.show(found, as: RowFormats.choices)
            if found.count == query.limit { program.console.message("There may be more; narrow the list with --search TEXT.") }
        case .attachments:
            guard let ticket: Ticket.ID = try command.id(.ticket) else { throw UsageError.missing("--ticket ID") }
            try lister.show(try await session.attachments(of: ticket), as: RowFormats.attachments)
        }
        return .done
    }

    /// Refuses a field that a type does not have.
    private static func requireField(_ field: TicketField.ID, in form: TicketForm) throws {
        guard form[field] == nil else { return }
        throw UsageError.unknown(field.rawValue, known: form.fields.map(\.id.rawValue))
    }

    private static func kind(_ command: ParsedCommand) throws -> Kind {
        guard let word = command.arguments.first else { throw UsageError.missing("KIND") }
        guard let kind = Kind(rawValue: ResourceName.full(word)) else {
            throw UsageError.unknown(word, known: Kind.allCases.map(\.rawValue))
        }
        let fitting: [(CommandOption, [Kind])] = [
            (.changedSince, [.tickets]), (.ticket, [.notes, .attachments]),
            (.type, [.statuses, .priorities, .ticketFields, .choices]), (.lines, [.recurringInvoices]), (.email, [.contacts]),
            (.company, [.contacts, .choices]), (.field, [.choices]), (.search, [.choices]),
            (.native, Kind.allCases.filter { ![.ticketFields, .choices].contains($0) }),
        ]
        for (option, kinds) in fitting where command.has(option) && !kinds.contains(kind) {
            throw UsageError.invalid(option.rawValue, .goesOnlyWith(kinds.map(\.rawValue)))
        }
        if command.has(.native), !command.has(.json) {
            throw UsageError.invalid(CommandOption.native.rawValue, .goesOnlyWith([CommandOption.json.rawValue]))
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

/// The names of lists on the command line, the same in every command.
enum ResourceName {
    /// The full name of a list: `statuses` and `priorities` are short for those of tickets.
    static func full(_ word: String) -> String { ["statuses", "priorities"].contains(word) ? "ticket-" + word : word }

    /// A number of records with their name in the singular or plural.
    static func counted(_ count: Int, _ plural: String) -> String {
        guard count == 1 else { return "\(count) \(plural)" }
        if plural.hasSuffix("ies") { return "1 \(plural.dropLast(3))y" }
        return "1 \(plural.dropLast(plural.hasSuffix("ses") ? 2 : 1))"
    }
}

/// Prints rows as they arrive, with progress for a person.
struct RowLister {
    let program: CommandLineProgram
    let command: ParsedCommand
    let label: String
    let limit: Int?

    /// Prints a list that comes page by page, each page in one piece.
    ///
    /// - Parameters:
    ///   - rows: The list.
    ///   - format: How a row is shown.
    ///   - complete: Reads a row again with what the list leaves out; each is then printed as soon as it is read.
    /// - Throws: What reading throws, and ``OutputClosed``.
    func show<Element: Sendable & Identifiable>(
        _ rows: PagedSequence<Element>, as format: RowFormat<Element>, completing complete: ((Element) async throws -> Element)? = nil
    ) async throws where Element.ID: Sendable {
        let progress = Progress(label, console: program.console, time: program.time, isSilent: command.has(.json))
        var printer = RowPrinter(format, to: program.console.output, self)
        var completeness = ListCompleteness(rows: 0)
        defer { progress.finish() }
        try printer.printHeader()
        reading: for try await page in rows.pages {
            completeness = page.completeness
            progress.add(page.rows.count, total: completeness.total)
            for index in page.rows.indices {
                if let complete {
                    try printer.print(try await complete(page.rows[index]))
                    try printer.flush()
                } else {
                    try printer.print(page.rows[index])
                }
                if printer.shown == limit { break reading }
            }
            try printer.flush()
        }
        try printer.flush()
        progress.finish()
        printFooter(printer.shown, completeness)
        // Not for a list that was stopped before its end.
        if printer.shown != limit, let error = rows.error(for: completeness) { throw error }
    }

    /// Prints a list that arrived as a whole.
    func show<Element: Sendable>(_ rows: [Element], as format: RowFormat<Element>) throws {
        var printer = RowPrinter(format, to: program.console.output, self)
        try printer.printHeader()
        for row in rows.prefix(limit ?? .max) { try printer.print(row) }
        try printer.flush()
        printFooter(printer.shown, ListCompleteness(rows: printer.shown))
    }

    private func printFooter(_ shown: Int, _ list: ListCompleteness) {
        if list.unreadable > 0 {
            let rows = ResourceName.counted(list.unreadable, "rows")
            program.console.message("\(rows) could not be read and \(list.unreadable == 1 ? "was" : "were") left out.")
        }
        if list.shrinkage > 0 {
            let rows = ResourceName.counted(list.shrinkage, "rows")
            program.console.message("The PSA counted \(rows) fewer at the end than before; rows that moved may be missing.")
        }
        if list.isCutOff { program.console.message("The PSA gives no more rows than these; there may be more.") }
        guard !command.has(.json) else { return }
        program.console.message(ResourceName.counted(shown, label) + (shown == limit ? " (stopped at --limit)" : ""))
    }
}

/// Gathers rows as bytes, and writes them in one piece.
private struct RowPrinter<Element: Sendable> {
    /// At how many bytes they are written even if the page has more rows.
    private static var limit: Int { 1 << 20 }

    private let format: RowFormat<Element>
    private let output: any TextSink
    private let isJSON: Bool
    private let withNative: Bool
    private var bytes: [UInt8] = []
    private(set) var shown = 0

    init(_ format: RowFormat<Element>, to output: any TextSink, _ lister: RowLister) {
        (self.format, self.output) = (format, output)
        (isJSON, withNative) = (lister.command.has(.json), lister.command.has(.native))
    }

    mutating func printHeader() throws {
        guard !isJSON else { return }
        format.appendHeader(to: &bytes)
        try flush()
    }

    mutating func print(_ row: Element) throws {
        if isJSON {
            format.appendJSONLine(row, withNative: withNative, to: &bytes)
        } else {
            format.appendLine(row, to: &bytes)
        }
        shown += 1
        if bytes.count >= Self.limit { try flush() }
    }

    mutating func flush() throws {
        guard !bytes.isEmpty else { return }
        output.write(bytes)
        bytes.removeAll(keepingCapacity: true)
        if output.isClosed { throw OutputClosed() }
    }
}
