import PSACore

extension ConformanceRule {
    /// Files.
    static let attachments: [ConformanceRule] = [
        ConformanceRule(
            "attachments.stored", .gold, "Every file of a new ticket or a reply is listed at the ticket, and reads back byte for byte",
            because: "A picture could not be opened, or would be missing when it is needed.", needs: needs, check: storedFiles),
        ConformanceRule(
            "attachments.names", .gold, "A file with the longest name allowed is stored under it, or refused",
            because: "A name that is cut off loses what the file is, and its ending.", needs: needs
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let file = try MarkedFile(length: 200)
            do {
                let ticket = try await session.createTicket(file.draft(subject))
                return try await file.found(at: ticket.id, session) == nil ? [file.missing] : []
            } catch let error as PSAError where error.isRefusal {
                return []
            }
        },
        ConformanceRule(
            "attachments.private", .gold, "A file of a private note is listed at the ticket, and not shown to the contact",
            because: "A customer would open what was meant for staff.", needs: needs + [.capability(.addNotes)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            let file = try MarkedFile()
            let ticket = try await session.createTicket(Marker().draft(subject))
            let note = try await session.addPrivateNote(NoteDraft("A note with a file", attachments: [.file(file.file)]), to: ticket.id)
            guard note.visibility == .staffOnly else { throw InconclusiveError("The note itself is not private.") }
            guard let stored = try await file.found(at: ticket.id, session) else { return [file.missing] }
            return .unless(stored.isVisibleToContact != true, "The contact can read the file of a private note.")
        },
        ConformanceRule(
            "attachments.discarded", .gold, "An upload that nothing refers to is deleted on request, also if it is gone already",
            because: "Files would pile up at the vendor that no ticket refers to.",
            needs: [.connection, .writing, .capability(.createTickets), .capability(.readAttachments), .capability(.addAttachments)]
        ) { subject in
            let session = try ConformanceStage(subject).session()
            guard session.uploadsAttachments else { throw NotApplicableError("The vendor takes files together with the ticket.") }
            let file = try MarkedFile()
            let upload = try await session.upload(file.file)
            for _ in 1...2 { try await session.discard(upload) }
            var draft = Marker().draft(subject)
            draft.attachments = [.uploaded(upload)]
            do {
                let ticket = try await session.createTicket(draft)
                return .unless(try await file.found(at: ticket.id, session) == nil, "A discarded upload could be attached to a ticket.")
            } catch let error as PSAError where error.isRefusal {
                return []
            }
        },
    ]

    private static let needs: [ConformanceNeed] = [
        .connection, .writing, .capability(.createTickets), .capability(.readAttachments), .capability(.addAttachments),
    ]

    private static func storedFiles(_ subject: ConformanceSubject) async throws -> [Violation] {
        let session = try ConformanceStage(subject).session()
        let files = [
            try MarkedFile(), try MarkedFile(ending: ".txt", bytes: Array("A second file,\r\n in two lines: Füße.".utf8)),
        ]
        var draft = try await Marker().draft(subject).addressed(session, subject)
        draft.attachments = files.map { .file($0.file) }
        let ticket = try await session.createTicket(draft)
        var violations: [Violation] = []
        for file in files { violations += try await file.violations(at: ticket.id, session) }
        guard subject.can(.replyToContacts) else { return violations }
        let answer = try MarkedFile()
        _ = try await session.reply(NoteDraft("A reply with a file", attachments: [.file(answer.file)]), to: ticket.id)
        violations += try await answer.violations(at: ticket.id, session)
        return violations
            + .unless(
                try await answer.found(at: ticket.id, session)?.isVisibleToContact != false,
                "The contact can't read the file of a reply.")
    }
}

extension PSAError {
    /// Whether something was refused by what it is, and not for lack of a permission.
    var isRefusal: Bool { !mayHaveBeenExecuted && code.area != .permission }
}

/// A file under a name that nothing else has.
private struct MarkedFile {
    let file: AttachmentFile

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - length: The number of characters of its name; nil for a short one with letters beyond ASCII.
    ///   - ending: The end of its name, which says what it is.
    ///   - bytes: Its content; nil for one with every byte.
    /// - Throws: ``AttachmentProblem`` for a length that no name has.
    init(length: Int? = nil, ending: String = ".bin", bytes: [UInt8]? = nil) throws {
        let mark = Marker().text
        let name = length.map { mark + String(repeating: "x", count: $0 - mark.count - 4) } ?? "Prüfung \(mark)"
        file = try AttachmentFile(
            name: name + ending, mediaType: ending == ".txt" ? "text/plain" : "application/octet-stream",
            bytes: bytes ?? (0..<1_024).map { UInt8($0 % 256) })
    }

    var missing: Violation { Violation("The file “\(file.name)” is not listed at the ticket.") }

    /// A ticket with the file.
    func draft(_ subject: ConformanceSubject) -> TicketDraft {
        var draft = Marker().draft(subject)
        draft.attachments = [.file(file)]
        return draft
    }

    /// What speaks against the file as it is stored at a ticket.
    func violations(at ticket: Ticket.ID, _ session: ConnectorSession) async throws -> [Violation] {
        guard let stored = try await found(at: ticket, session) else { return [missing] }
        let bytes = try await session.content(of: stored.id, of: ticket)
        let kind = (stored.mediaType ?? file.mediaType).prefix { $0 != ";" }.lowercased()
        return Violations.unless(bytes == file.bytes, "Of \(file.bytes.count) bytes it read back others (\(bytes.count)).")
            + .unless(stored.byteCount ?? bytes.count == bytes.count, "It is listed with \(stored.byteCount ?? 0) bytes.")
            // A vendor may keep no media types, and call every file the same.
            + .unless(
                [file.mediaType, "application/octet-stream"].contains(kind), "A file of type \(file.mediaType) is listed as \(kind).")
    }

    /// The file at a ticket.
    func found(at ticket: Ticket.ID, _ session: ConnectorSession) async throws -> Attachment? {
        try await session.attachments(of: ticket).first { $0.name == file.name }
    }
}
