import FoundationEssentials
import PSACore

/// The command `vectis ticket show`.
struct ShowTicketCommand: Command {
    let form = CommandDefinition(
        words: ["ticket", "show"], summary: "show one ticket with all its fields",
        options: [.connector, .ticket, .native] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let id = try NoteCommand.ticket(command)
        let session = try program.connect(try command.required(.connector), command)
        let ticket = try await session.ticket(id)
        let text = command.has(.json) ? RowFormats.tickets.jsonLine(ticket, withNative: command.has(.native)) : Self.text(ticket)
        program.console.line(text)
        return .done
    }

    private static func text(_ ticket: Ticket) -> String {
        let fields: [(String, String?)] = [
            ("Ticket", ticket.number), ("Summary", ticket.summary), ("Details", ticket.details), ("Company", name(ticket.company)),
            ("Contact", name(ticket.contact)), ("Type", name(ticket.type)), ("Status", name(ticket.status)),
            ("Phase", ticket.phase.rawValue),
            ("Priority", name(ticket.priority)), ("Assignee", name(ticket.assignee) ?? "nobody"),
            ("Created", ticket.createdAt?.formatted(.iso8601)), ("Changed", ticket.updatedAt?.formatted(.iso8601)),
            ("Closed", ticket.closedAt?.formatted(.iso8601)), ("Due", ticket.dueAt?.formatted(.iso8601)),
            ("Reference", ticket.externalReference), ("Address", ticket.webAddress),
        ]
        let custom = (ticket.customFields ?? []).map { ($0.label ?? $0.name, Optional($0.display ?? $0.value.encodedText)) }
        return (fields + custom).compactMap { label, value in value.map { "  \(Columns.pad(label.onOneLine, to: 18))\($0.onOneLine)" } }
            .joined(separator: "\n")
    }

    private static func name<Entity>(_ reference: Reference<Entity>?) -> String? {
        reference.map { reference in reference.label.map { "\($0) (\(reference.id))" } ?? reference.id.rawValue }
    }
}
