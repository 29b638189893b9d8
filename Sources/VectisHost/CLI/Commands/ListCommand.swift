import FoundationEssentials
import PSACore

/// The command `vectis list KIND`.
struct ListCommand: Command {
    /// What can be listed.
    enum Kind: String, CaseIterable {
        case companies, contacts, tickets, notes, agreements
        case recurringInvoices = "recurring-invoices"
        case agents
        case ticketTypes = "ticket-types"
        case statuses, priorities
    }

    let form = CommandDefinition(
        words: ["list"], summary: "list \(Kind.allCases.map(\.rawValue).joined(separator: ", "))", positions: ["KIND"],
        options: [.connector, .changedSince, .ticket, .type, .limit, .lines, .native] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let kind = try Self.kind(command)
        let moment = try Self.moment(command, kind)
        let session = try program.connect(try command.required(.connector), command)
        let type: TicketType.ID? = try command.id(.type)
        let lister = RowLister(
            program: program, command: command, label: kind.rawValue, limit: try command.integer(.limit, in: 1...10_000_000))
        switch kind {
        case .companies: try await lister.show(session.companies(), as: RowFormats.companies)
        case .contacts: try await lister.show(session.contacts(), as: RowFormats.contacts)
        case .tickets: try await lister.show(session.tickets(changedSince: moment), as: RowFormats.tickets)
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
        }
        return .done
    }

    private static func kind(_ command: ParsedCommand) throws -> Kind {
        guard let word = command.positions.first else { throw UsageError.missing("KIND") }
        guard let kind = Kind(rawValue: word) else { throw UsageError.unknown(word, known: Kind.allCases.map(\.rawValue)) }
        let fitting: [(CommandOption, [Kind])] = [
            (.changedSince, [.tickets]), (.ticket, [.notes]), (.type, [.statuses, .priorities]), (.lines, [.recurringInvoices]),
        ]
        for (option, kinds) in fitting where command.has(option) && !kinds.contains(kind) {
            throw UsageError.invalid(option.rawValue, .goesOnlyWith(kinds.map(\.rawValue)))
        }
        return kind
    }

    private static func moment(_ command: ParsedCommand, _ kind: Kind) throws -> Date? {
        guard let text = command[.changedSince] else { return nil }
        if let moment = GregorianUTC.instant(iso8601: text) { return moment }
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
        // Not of a list that was left before its end.
        if shown != limit, let error = rows.error(for: completeness) { throw error }
    }

    /// Prints a list that came at once.
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
