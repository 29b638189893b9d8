import Glibc
import PSACore
import VectisCore

/// The fields and files that a command line gives for a ticket, note, reply or change of status.
struct TicketArguments: Sendable {
    /// The options of commands that take both.
    static let options: [CommandOption] = [.field, .attach]

    /// The fields in the order in which they were given, each with its text.
    let fields: [(id: TicketField.ID, text: String)]
    /// The files.
    let attachments: [DraftAttachment]

    /// Reads the options, and the files that they name.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which names the option, for a malformed pair or a file that can't be attached.
    init(_ command: ParsedCommand, _ program: CommandLineProgram) throws {
        var fields: [(id: TicketField.ID, text: String)] = []
        for pair in command.all(.field) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let id = TicketField.ID(parts[0]) else {
                throw UsageError.invalid(CommandOption.field.rawValue, .notAField(String(pair.prefix(40))))
            }
            if let option = Self.options(of: id) {
                throw UsageError.invalid(CommandOption.field.rawValue, .hasItsOption(id.rawValue, option.rawValue))
            }
            guard !parts[1].trimmingSpaces.isEmpty else {
                throw UsageError.invalid("\(CommandOption.field.rawValue) \(id)", .hasNoValue)
            }
            guard !fields.contains(where: { $0.id == id }) else {
                throw UsageError.invalid("\(CommandOption.field.rawValue) \(id)", .givenTwice)
            }
            fields.append((id, parts[1]))
        }
        self.fields = fields
        let paths = command.all(.attach)
        guard paths.count <= AttachmentFile.maxCount else { throw Self.unusable(.tooMany(paths.count), program) }
        attachments = try paths.map { .file(try Self.file($0, program)) }
    }

    /// The option for a field that every vendor has.
    private static func options(of id: TicketField.ID) -> CommandOption? {
        switch id {
        case .summary: .summary
        case .details: .details
        case .company: .company
        case .contact: .contact
        case .type: .type
        case .status: .status
        case .priority: .priority
        case .externalReference: .externalReference
        case .attachments: .attach
        default: nil
        }
    }

    /// The values of the fields, read by the form of a ticket type.
    ///
    /// - Parameters:
    ///   - form: Reads the form; not called if no field was given.
    ///   - draft: What else is given for a new ticket, so that an error names what is missing as well; nil for other writes.
    ///   - session: The session, for the error.
    /// - Returns: The values by field.
    /// - Throws: ``PSAError`` with every field whose text does not fit, and for a new ticket every missing one.
    func values(
        by form: () async throws -> TicketForm, completing draft: TicketDraft?, _ session: ConnectorSession
    ) async throws -> [TicketField.ID: TicketFieldValue] {
        guard !fields.isEmpty else { return [:] }
        let form = try await form()
        var values: [TicketField.ID: TicketFieldValue] = [:]
        var issues: [TicketFieldIssue] = []
        for (id, text) in fields {
            guard let field = form[id] else {
                // A note or a change of status can have fields that no new ticket has; the connector checks them.
                if draft == nil { values[id] = .text(text) } else { issues.append(Self.unknown(id)) }
                continue
            }
            do throws(TicketFieldIssue) {
                values[id] = try TicketFieldValue(text, for: field)
            } catch {
                issues.append(error)
            }
        }
        guard !issues.isEmpty else { return values }
        if var draft {
            draft.fields = values
            let named = Set(issues.map(\.field))
            issues += form.issues(with: form.completing(draft)).filter { !named.contains($0.field) }
        }
        var error = PSAError(
            ticketFields: issues, catalogue: session.descriptor.guidance,
            object: CoreMessage.capability(draft == nil ? .addNotes : .createTickets))
        error.connector = session.descriptor.id
        throw error
    }

    private static func unknown(_ id: TicketField.ID) -> TicketFieldIssue {
        TicketFieldIssue(id: id, label: id.rawValue, .unknownField)
    }

    // MARK: Files

    /// Reads a regular file of at most 20 MiB.
    private static func file(_ path: String, _ program: CommandLineProgram) throws -> AttachmentFile {
        let unreadable = UsageError.invalid(CommandOption.attach.rawValue, .unattachableFile(String(path.prefix(200))))
        // Opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw unreadable }
            throw UsageError.invalid(CommandOption.attach.rawValue, .noSuchFile(String(path.prefix(200))))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw unreadable }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let size = Int(status.st_size)
        guard size <= AttachmentFile.maxBytes else { throw unusable(.tooLarge(String(name.prefix(60)), size), program) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= AttachmentFile.maxBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        do throws(AttachmentProblem) {
            return try AttachmentFile(name: name, bytes: bytes)
        } catch {
            throw unusable(error, program)
        }
    }

    private static func unusable(_ problem: AttachmentProblem, _ program: CommandLineProgram) -> PSAError {
        UsageError.invalid(CommandOption.attach.rawValue, .unusableFile(program.renderer.text(problem)))
    }
}

/// The command `vectis ticket attachment`.
struct AttachmentCommand: Command {
    let form = CommandDefinition(
        tokens: ["ticket", "attachment"], summary: "save an attachment of a ticket to a file",
        options: [.connector, .ticket, .attachment, .output] + CommandOption.connection)

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let ticket = try NoteCommand.ticket(command)
        guard let id: Attachment.ID = try command.id(.attachment) else { throw UsageError.missing("--attachment ID") }
        let path = try command.required(.output)
        // An existing file is never overwritten.
        guard access(path, F_OK) != 0 else { throw Self.unusable("There is a file \(path) already.") }
        let session = try program.connect(try command.required(.connector), command)
        let bytes = try await session.content(of: id, of: ticket)
        try Self.write(bytes, to: path)
        program.console.line(
            command.has(.json)
                ? JSONValue.object([]).adding(
                    ("id", .string(id.rawValue)), ("file", .string(path)), ("bytes", .integer(bytes.count))
                ).encodedText : "Saved attachment \(id) of ticket \(ticket) to \(path.onOneLine): \(bytes.count) bytes")
        return .done
    }

    /// Writes a new file that only its owner can read; what could not be written in full is removed.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unusable("The file \(path) can't be created.") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                close(descriptor)
                unlink(path)
                throw unusable("The file \(path) can't be written.")
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
    }

    private static func unusable(_ text: String) -> PSAError { UsageError.invalid(CommandOption.output.rawValue, .unusableFile(text)) }
}

extension CommandLineProgram {
    /// Makes a write, and names the files that may lie in the PSA without a ticket if its outcome is not known.
    ///
    /// The first SIGINT or SIGTERM cancels it, so that what is known of its outcome is reported.
    func writing<Value: Sendable>(
        _ attachments: [DraftAttachment], _ write: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await ShutdownSignal.cancelling(write)
        } catch let error as PSAError where error.mayHaveBeenExecuted && !attachments.isEmpty {
            let names = attachments.map { $0.name.onOneLine }.joined(separator: ", ")
            console.message("If it was not written, these files may remain in the PSA without a ticket: \(names).")
            throw error
        }
    }
}
