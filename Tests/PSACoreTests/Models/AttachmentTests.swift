import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

@Suite struct AttachmentFileTests {
    private static let pdf = Array("%PDF-1.7".utf8)
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]

    @Test(
        arguments: [
            ("report.pdf", pdf, "application/pdf"), ("Photo.PNG", png, "image/png"), ("notes.txt", [65], "text/plain"),
            ("core.dump", [65], "application/octet-stream"), ("README", [65], "application/octet-stream"),
            ("Füße 火 🖨.log", [65], "text/plain"), ("a.b.csv", [65], "text/csv"), (".", [65], nil), ("..", [65], nil),
        ] as [(String, [UInt8], String?)])
    func theMediaTypeFollowsFromTheName(name: String, bytes: [UInt8], type: String?) {
        #expect((try? AttachmentFile(name: name, bytes: bytes))?.mediaType == type)
    }

    @Test func aDraftAttachmentIsEitherAFileOrAnUpload() throws {
        let file = try AttachmentFile(name: "notes.txt", bytes: [65])
        let upload = UploadedAttachment(id: RecordID(7), name: "notes.txt", mediaType: "text/plain", byteCount: 1)
        let attachments = [DraftAttachment.file(file), .uploaded(upload)]
        #expect(attachments.map(\.file) == [file, nil] && attachments.map(\.upload) == [nil, upload])
    }

    @Test func aDeclaredMediaTypeIsKeptInLowerCase() throws {
        #expect(try AttachmentFile(name: "x.pdf", mediaType: "Text/Plain", bytes: [65]).mediaType == "text/plain")
    }

    @Test(
        arguments: [
            ("", nil, [65], .noName), (" ", nil, [65], .noName), ("../etc/passwd", nil, [65], .nameHasPath("../etc/passwd")),
            ("C:\\boot.ini", nil, [65], .nameHasPath("C:\\boot.ini")), ("..", nil, [65], .nameHasPath("..")),
            ("a\u{0}.pdf", nil, [65], .nameHasControlCharacter), ("a\r\nX: y", nil, [65], .nameHasControlCharacter),
            ("gpj\u{202E}exe.", nil, [65], .nameHasControlCharacter), ("a\u{2028}b", nil, [65], .nameHasControlCharacter),
            ("a\u{2029}b", nil, [65], .nameHasControlCharacter),
            (String(repeating: "x", count: 201), nil, [65], .nameTooLong(String(repeating: "x", count: 60))),
            ("a.txt", "text", [65], .mediaTypeMalformed("text")), ("a.txt", "text/", [65], .mediaTypeMalformed("text/")),
            ("a.txt", "text/plain; charset=utf-8", [65], .mediaTypeMalformed("text/plain; charset=utf-8")),
            ("a.txt", "text/plain\r\nX: y", [65], .mediaTypeMalformed("text/plain\r\nx: y")),
            ("a.txt", nil, [], .empty("a.txt")),
            ("a.pdf", nil, png, .otherContentThanNamed("a.pdf", expected: "application/pdf", found: "image/png")),
            ("a.png", nil, [65], .otherContentThanNamed("a.png", expected: "image/png", found: "text/plain")),
        ] as [(String, String?, [UInt8], AttachmentProblem)])
    func aFileThatIsNotAllowedIsRefusedWithItsReason(name: String, type: String?, bytes: [UInt8], problem: AttachmentProblem) {
        #expect(throws: problem) { try AttachmentFile(name: name, mediaType: type, bytes: bytes) }
    }

    @Test func theLargestFileIsAllowedAndNoLargerOne() throws {
        let tooMany = AttachmentFile.maxBytes + 1
        #expect(throws: AttachmentProblem.tooLarge("a.txt", tooMany)) {
            try AttachmentFile(name: "a.txt", bytes: [UInt8](repeating: 65, count: tooMany))
        }
        #expect(
            try AttachmentFile(name: "a.bin", bytes: [UInt8](repeating: 1, count: AttachmentFile.maxBytes)).bytes.count == 20 * 1_048_576)
    }

    @Test func anAttachmentAsJSONLeavesOutWhatIsNotKnown() {
        let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))
        #expect(Attachment(id: RecordID(1), name: "a", native: native).json == ["id": "1", "name": "a"])
        let full = Attachment(
            id: RecordID(1), name: "a.pdf", mediaType: "application/pdf", byteCount: 8, createdAt: Date(timeIntervalSince1970: 0),
            note: RecordID(2), isVisibleToContact: false, native: native)
        #expect(
            full.json == [
                "id": "1", "name": "a.pdf", "mediaType": "application/pdf", "bytes": 8, "createdAt": "1970-01-01T00:00:00Z", "note": "2",
                "visibleToContact": false,
            ])
    }
}

@Suite struct AttachmentSessionTests {
    /// Takes files with the write that they belong to, and keeps what it was given.
    private struct Attaching: TicketCreating, TicketNoteAdding, TicketReplying, AttachmentAdding {
        let log = Shared<[String]>([])

        func testConnection(progress: (ConnectionCheck) -> Void) async throws -> ConnectionReport {
            ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
        }
        func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }
        func tickets(externalReference: String) async throws -> [Ticket] { [] }
        func createTicket(_ draft: TicketDraft) async throws -> Ticket {
            record("ticket", draft.attachments)
            return Ticket(
                id: RecordID(1), number: "1", summary: draft.summary, native: NativeRecord(bytes: [], fetchedAt: .distantPast))
        }
        func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
            record("note", note.attachments)
            throw PSAError(.requestRejected)
        }
        func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
            record("reply", reply.attachments)
            throw PSAError(.requestRejected)
        }

        func record(_ operation: String, _ attachments: [DraftAttachment]) {
            let names = attachments.map { if case .uploaded(let upload) = $0 { "#\(upload.id)" } else { $0.name } }
            log.update { $0.append(([operation] + names).joined(separator: " ")) }
        }
    }

    /// Takes files before the write that they belong to.
    private struct Uploading: TicketCreating, AttachmentUploading {
        let attaching = Attaching()
        var createError: (any Error)?
        /// The name of the file that is refused.
        var refused: String?

        func testConnection(progress: (ConnectionCheck) -> Void) async throws -> ConnectionReport {
            try await attaching.testConnection(progress: progress)
        }
        func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }
        func tickets(externalReference: String) async throws -> [Ticket] { [] }
        func createTicket(_ draft: TicketDraft) async throws -> Ticket {
            let ticket = try await attaching.createTicket(draft)
            if createError is CancellationError { withUnsafeCurrentTask { $0?.cancel() } }
            if let createError { throw createError }
            return ticket
        }
        func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
            attaching.record("upload", [.file(file)])
            if file.name == refused { throw PSAError(.requestRejected) }
            return UploadedAttachment(
                id: RecordID(file.bytes.count), name: file.name, mediaType: file.mediaType, byteCount: file.bytes.count)
        }
        func discard(_ upload: UploadedAttachment) async throws {
            try Task.checkCancellation()
            attaching.record("discard", [.uploaded(upload)])
        }
    }

    private let upload = UploadedAttachment(id: RecordID(9), name: "u.txt", mediaType: "text/plain", byteCount: 1)

    private func session(_ connection: any PSAConnection, _ capabilities: Set<Capability>) -> ConnectorSession {
        ConnectorSession(connection, descriptor: SampleConnector.describing(capabilities: capabilities))
    }

    private func files(_ count: Int) throws -> [DraftAttachment] {
        try (1...count).map { .file(try AttachmentFile(name: "\($0).txt", bytes: [UInt8](repeating: 65, count: $0))) }
    }

    /// The errors of a ticket, a note and a reply with these files.
    private func errors(_ session: ConnectorSession, _ attachments: [DraftAttachment]) async throws -> [PSAError] {
        let note = NoteDraft("n", attachments: attachments)
        let operations: [() async throws -> Void] = [
            { _ = try await session.createTicket(TicketDraft(summary: "s", attachments: attachments)) },
            { _ = try await session.addPrivateNote(note, to: RecordID(1)) }, { _ = try await session.reply(note, to: RecordID(1)) },
        ]
        var errors: [PSAError] = []
        for operation in operations { errors.append(try await #require(throws: PSAError.self) { try await operation() }) }
        return errors
    }

    @Test func aConnectorThatCannotAttachIsNeverGivenFiles() async throws {
        let connection = Attaching()
        let session = session(connection, [.createTickets, .addNotes, .replyToContacts])
        for error in try await errors(session, try files(1)) {
            #expect(error.code == .connectorUnsupported && error.connector?.rawValue == "sample")
            #expect(error.guidance.detail.contains("new attachments"))
        }
        #expect(connection.log.value.isEmpty)
    }

    @Test func moreThanTenFilesAreRefused() async throws {
        let connection = Attaching()
        let session = session(connection, [.createTickets, .addNotes, .replyToContacts, .addAttachments])
        for error in try await errors(session, try files(11)) {
            #expect(error.code == .requestInvalid && error.connector?.rawValue == "sample")
            #expect(error.guidance.detail.contains("11 attachments"))
        }
        #expect(connection.log.value.isEmpty)
        _ = try await session.createTicket(TicketDraft(summary: "s", attachments: try files(10)))
        #expect(connection.log.value.count == 1)
    }

    @Test func anUploadIsRefusedWhereFilesAreSentAlong() async throws {
        let connection = Attaching()
        let session = session(connection, [.createTickets, .addNotes, .replyToContacts, .addAttachments])
        #expect(!session.uploadsAttachments)
        for error in try await errors(session, [.uploaded(upload)]) { #expect(error.code == .connectorUnsupported) }
        #expect(connection.log.value.isEmpty)
    }

    @Test func filesAreUploadedBeforeTheTicketThatRefersToThem() async throws {
        let connection = Uploading()
        let session = session(connection, [.createTickets, .addAttachments])
        #expect(session.uploadsAttachments)
        _ = try await session.createTicket(TicketDraft(summary: "s", attachments: try files(2) + [.uploaded(upload)]))
        #expect(connection.attaching.log.value == ["upload 1.txt", "upload 2.txt", "ticket #1 #2 #9"])
    }

    @Test func aRefusedTicketLeavesNoUploadAndAnUncertainOneKeepsThem() async throws {
        var connection = Uploading(createError: PSAError(.requestRejected))
        await #expect(throws: PSAError.self) {
            try await session(connection, [.createTickets, .addAttachments]).createTicket(
                TicketDraft(summary: "s", attachments: try files(2)))
        }
        #expect(connection.attaching.log.value == ["upload 1.txt", "upload 2.txt", "ticket #1 #2", "discard #1", "discard #2"])
        var unknown = PSAError(.writeOutcomeUnknown)
        unknown.execution = .unknown
        connection = Uploading(createError: unknown)
        await #expect(throws: PSAError.self) {
            try await session(connection, [.createTickets, .addAttachments]).createTicket(
                TicketDraft(summary: "s", attachments: try files(1)))
        }
        #expect(connection.attaching.log.value == ["upload 1.txt", "ticket #1"])
    }

    @Test func aCancelledTicketLeavesNoUpload() async throws {
        let connection = Uploading(createError: CancellationError())
        let session = session(connection, [.createTickets, .addAttachments])
        let draft = TicketDraft(summary: "s", attachments: try files(1))
        let task = Task { try await session.createTicket(draft) }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(connection.attaching.log.value == ["upload 1.txt", "ticket #1", "discard #1"])
    }

    @Test func aFailedUploadLeavesNoTicketAndNoOtherUpload() async throws {
        let connection = Uploading(refused: "2.txt")
        let error = await #expect(throws: PSAError.self) {
            try await session(connection, [.createTickets, .addAttachments]).createTicket(
                TicketDraft(summary: "s", attachments: try files(3)))
        }
        #expect(error?.code == .requestRejected && error?.execution == .notExecuted)
        #expect(connection.attaching.log.value == ["upload 1.txt", "upload 2.txt", "discard #1"])
    }
}
