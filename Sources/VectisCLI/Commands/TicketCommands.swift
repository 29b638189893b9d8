import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis ticket create`.
struct CreateTicketCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "create"], summary: "create a ticket",
        options: [.connector, .summary, .details, .company, .contact, .type, .status, .priority, .externalReference]
            + TicketArguments.options + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let given = try TicketArguments(command, program)
        var draft = TicketDraft(
            summary: try command.required(.summary), details: command[.details], company: try command.id(.company),
            contact: try command.id(.contact), type: try command.id(.type), status: try command.id(.status),
            priority: try command.id(.priority), externalReference: command[.externalReference], attachments: given.attachments)
        let session = try program.connect(try command.required(.connector), command)
        let type = draft.type
        draft.fields = try await given.values(by: { try await session.ticketFields(for: type) }, completing: draft, session)
        let ticket = try await program.writing(draft.attachments) { [draft] in try await session.createTicket(draft) }
        if command.has(.json) {
            program.console.line(ticket.json.encodedText)
        } else {
            program.console.line("Created ticket \(ticket.number): \(ticket.summary.onOneLine)")
            if let address = ticket.webAddress { program.console.line("  \(address)") }
            for difference in ticket.differences {
                program.console.line("  Note: \(program.renderer.text(difference.sentence).onOneLine)")
            }
        }
        return .done
    }
}

/// The command `vectis ticket note`.
struct NoteCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "note"], summary: "add a private note",
        options: [.connector, .ticket, .text] + TicketArguments.options + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let ticket = try Self.ticket(command)
        let (draft, session) = try await Self.draft(command, program, on: ticket)
        let note = try await program.writing(draft.attachments) { try await session.addPrivateNote(draft, to: ticket) }
        program.console.line(
            command.has(.json)
                ? note.json.encodedText : "Added private note \(note.id) to ticket \(ticket); only staff can read it")
        return .done
    }

    /// The note or reply that the command line gives, and the session to send it through.
    static func draft(
        _ command: ParsedCommand, _ program: CommandLineProgram, on ticket: Ticket.ID
    ) async throws -> (NoteDraft, ConnectorSession) {
        let text = try command.required(.text)
        let given = try TicketArguments(command, program)
        let session = try program.connect(try command.required(.connector), command)
        let fields = try await given.values(by: { try await Self.form(of: ticket, session) }, completing: nil, session)
        return (NoteDraft(text, fields: fields, attachments: given.attachments), session)
    }

    /// The fields of a ticket's type.
    static func form(of ticket: Ticket.ID, _ session: ConnectorSession) async throws -> TicketForm {
        try await session.ticketFields(for: try await session.ticket(ticket).type?.id)
    }

    /// The ticket named on the command line.
    static func ticket(_ command: ParsedCommand) throws -> Ticket.ID {
        guard let id: Ticket.ID = try command.id(.ticket) else { throw UsageError.missing("--ticket ID") }
        return id
    }
}

/// The command `vectis ticket reply`.
struct ReplyCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "reply"], summary: "reply to the ticket's contact",
        options: [.connector, .ticket, .text] + TicketArguments.options + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let ticket = try NoteCommand.ticket(command)
        let (draft, session) = try await NoteCommand.draft(command, program, on: ticket)
        let reply = try await program.writing(draft.attachments) { try await session.reply(draft, to: ticket) }
        if command.has(.json) {
            let facts: JSONValue = ["note": reply.note.json, "notification": .string(reply.notification.rawValue)]
            program.console.line(facts.encodedText)
        } else {
            let mail = reply.notification == .requested ? "the PSA was asked to mail it" : "the tenant's rules decide whether it is mailed"
            program.console.line("Replied on ticket \(ticket) with \(reply.note.id); \(mail)")
        }
        return .done
    }
}

/// The command `vectis ticket status`.
struct StatusCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "status"], summary: "change a ticket's status",
        options: [.connector, .ticket, .status, .note, .field] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let ticket = try NoteCommand.ticket(command)
        guard let status: TicketStatus.ID = try command.id(.status) else { throw UsageError.missing("--status ID") }
        let given = try TicketArguments(command, program)
        let session = try program.connect(try command.required(.connector), command)
        let fields = try await given.values(by: { try await NoteCommand.form(of: ticket, session) }, completing: nil, session)
        let change = StatusChange(to: status, note: command[.note], fields: fields)
        let changed = try await program.writing([]) { try await session.changeStatus(of: ticket, change) }
        program.console.line(
            command.has(.json)
                ? changed.json.encodedText
                : "Ticket \(changed.number) now has status \(changed.status?.label?.onOneLine ?? status.rawValue)")
        return .done
    }
}

/// The command `vectis ticket show`.
struct ShowTicketCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "show"], summary: "show one ticket with all its fields",
        options: [.connector, .ticket, .native] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let id = try NoteCommand.ticket(command)
        let session = try program.connect(try command.required(.connector), command)
        let ticket = try await session.ticket(id)
        guard !command.has(.json) else {
            var line: [UInt8] = []
            RowFormats.tickets.appendJSONLine(ticket, withNative: command.has(.native), to: &line)
            program.console.output.write(line)
            return .done
        }
        program.console.line(Self.text(ticket))
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
