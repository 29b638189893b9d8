import Foundation
import PSACore
import PSACurl
import PSATesting
import RequestTracker
import TestSupport
import Testing

/// The real RT of `make test-rt`, and a record of what was sent to it.
struct LiveServer: Sendable {
    static let server = RequestTrackerServer(environment: ProcessInfo.processInfo.environment)
    static var isGiven: Bool { server != nil }

    let transport = ObservingTransport(CurlTransport())
    let log = RecordingLog()

    /// A connection with the settings of the environment, and others as given.
    func session(_ changes: [SettingKey: String] = [:]) throws -> ConnectorSession {
        guard var server = Self.server else { throw Missing() }
        for (key, value) in changes { server.settings[key] = Secret(value) }
        let context = ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, log: log, connectionTestLimit: .seconds(120))
        return try server.registry.connect(RequestTrackerServer.connectorName, settings: server.settings, context: context)
    }

    /// The token of a user without any right.
    static var powerlessToken: String { ProcessInfo.processInfo.environment["RT_POWERLESS_TOKEN"] ?? "" }

    /// How many tickets were made before the tests.
    static var seededTickets: Int { Int(ProcessInfo.processInfo.environment["RT_SEEDED_TICKETS"] ?? "") ?? 0 }

    struct Missing: Error {}
}

/// The error of an operation, if it is a PSAError.
func failure(of operation: () async throws -> Void) async -> PSAError? {
    do {
        try await operation()
        return nil
    } catch {
        return error as? PSAError
    }
}

extension AsyncSequence {
    /// All elements.
    func collect() async throws -> [Element] {
        var rows: [Element] = []
        for try await row in self { rows.append(row) }
        return rows
    }
}

// Against a real RT, started and filled by `make test-rt`.
@Suite("Rules of a connector at a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveConformanceTests {
    @Test func itKeepsEveryRuleAndReachesTheGradeItClaims() async throws {
        let server = try #require(LiveServer.server)
        var subject = ConformanceSubject(
            try server.registry.registration(named: RequestTrackerServer.connectorName), settings: server.settings,
            transport: CurlTransport(),
            addressPolicy: .allowingLoopback, mayWrite: true,
            guideHeadings: try RepositoryFile(RequestTrackerConnector.descriptor.guide).anchors)
        let queues = try await LiveServer().session().ticketTypes()
        subject.typeWithFields = queues.first { $0.name == "Service requests" }?.id
        let report = try await ConformanceSuite.run(subject)
        for line in report.lines where line.outcome != .kept {
            print("live: \(line.rule.id) \(line.outcome.name) \(line.outcome.logLines)")
        }
        print("live: grade \(report.grade?.rawValue ?? "none")")
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade == report.claimed)
    }
}

// Against a real RT, started and filled by `make test-rt`.
@Suite("Reading a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveReadingTests {
    private let live = LiveServer()

    @Test func everyResourceThatIsTestedCanBeRead() async throws {
        let report = try await live.session().testConnection()
        #expect(report.isConnected, "\(report.headline)")
        #expect(report.warnings.map { "\($0.subject)" } == [])
        #expect(report.allowed == [.readCompanies, .readContacts, .readAgents, .readTickets, .readPicklists])
        print("live: connection tested with \(live.transport.requests.count) requests")
    }

    @Test func aListOfTicketsIsCompleteAndWithoutDoubles() async throws {
        // Below this number nothing is created by other tests.
        let tickets = try await live.session().tickets().collect().filter { ($0.id.integer ?? 0) <= LiveServer.seededTickets }
        #expect(LiveServer.seededTickets > 250)
        #expect(tickets.map(\.id.integer) == Array(1...LiveServer.seededTickets))
        #expect(Set(tickets.compactMap(\.type?.label)) == ["Support", "On-site visits", "Projects"])
        #expect(tickets.allSatisfy { $0.company != nil && $0.contact != nil && $0.createdAt != nil && $0.updatedAt != nil })
        #expect(Set(tickets.compactMap(\.assignee?.id.rawValue)) == ["anna", "bert"])
        print("live: \(tickets.count) tickets listed with \(live.transport.requests.count) requests")
    }

    @Test func aTicketIsToldWithItsLettersAndWithoutDatesThatAreNotSet() async throws {
        let ticket = try await live.session().ticket(RecordID(1))
        #expect(ticket.summary == "Drucker brennt – dringend")
        #expect(ticket.status?.id.rawValue == "new" && ticket.phase == .open)
        #expect(ticket.closedAt == nil && ticket.dueAt == nil)
        #expect(ticket.company?.id.rawValue == "O'Neil Dental")
        #expect(try await live.session().ticket(RecordID(50)).dueAt == GregorianUTC.instant(iso8601: "2026-12-24T12:00:00Z"))
    }

    @Test func aClosedTicketIsSeenToBeClosed() async throws {
        // Other tests write meanwhile, so that rows may move from one page to another while they are read.
        let tickets = try await live.session().tickets().pages.collect().flatMap(\.rows)
        #expect(tickets.filter { $0.status?.id.rawValue == "resolved" }.map(\.phase).allSatisfy { $0 == .closed })
        #expect(tickets.contains { $0.phase == .closed } && tickets.contains { $0.phase == .open })
    }

    @Test func onlyWhatChangedSinceAMomentIsListed() async throws {
        let session = try live.session()
        let created = try await session.createTicket(TicketDraft(summary: "Changed lately"))
        let moment = try #require(created.updatedAt)
        // Other suites change tickets meanwhile, which moves rows between pages. Read by pages, a gap is reported with the page.
        var changed: [Ticket] = []
        for try await page in session.tickets(changedSince: moment).pages { changed += page.rows }
        #expect(changed.contains { $0.id == created.id })
        #expect(changed.allSatisfy { $0.updatedAt.map { $0 >= moment } ?? false })
        #expect(try await session.tickets(changedSince: moment.addingTimeInterval(86_400)).collect().isEmpty)
    }

    @Test func customersContactsAndStaffAreListedToTheEnd() async throws {
        let session = try live.session()
        let companies = try await session.companies().collect()
        #expect(companies.count == 120 && Set(companies.map(\.id)).count == 120)
        #expect(companies.contains { $0.name == "Bäckerei Groß" })
        let contacts = try await session.contacts().collect()
        #expect(contacts.count == 230 && Set(contacts.map(\.id)).count == 230)
        #expect(contacts.contains { $0.name == "Jörg Müller" && $0.emails == ["person1@example.com"] })
        let agents = try await session.agents().collect()
        #expect(Set(agents.map(\.id.rawValue)) == ["anna", "bert", "psa-connector", "root", "stranger"])
    }

    @Test func picklistsFollowTheLifecycleOfTheQueue() async throws {
        let session = try live.session()
        let queues = try await session.ticketTypes()
        #expect(Set(queues.map(\.name)) == ["General", "Support", "On-site visits", "Projects", "Closed desk", "Service requests"])
        #expect(queues.first { $0.name == "Closed desk" }?.canCreate == false)
        #expect(queues.first { $0.name == "Support" }?.canCreate == true)
        let support = try #require(queues.first { $0.name == "Support" })
        let statuses = try await session.ticketStatuses(for: support.id)
        #expect(Set(statuses.map(\.name)).isSuperset(of: ["new", "open", "resolved", "rejected"]))
        #expect(statuses.first { $0.name == "resolved" }?.phase == .closed)
        let projects = try #require(queues.first { $0.name == "Projects" })
        #expect(try await session.ticketStatuses(for: projects.id).contains { $0.name == "planned" })
        #expect(try await session.ticketPriorities().count == 101)
    }
}

@Suite("Writing to a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveWritingTests {
    private let live = LiveServer()

    @Test func aTicketIsCreatedFoundNotedAnsweredAndClosed() async throws {
        let session = try live.session()
        let reference = "O'Neil \\ \(UUID().uuidString)"
        let support = try #require(try await session.ticketTypes().first { $0.name == "Support" })
        let draft = TicketDraft(
            summary: "Kein Ton – „Lautsprecher“ & Co", details: "Zeile 1\nZeile 2 <b>fett</b>", company: RecordID("Miller & Sons"),
            contact: RecordID("person1@example.com"), type: support.id, status: RecordID("open"), priority: RecordID(40),
            externalReference: reference)
        let ticket = try await session.createTicket(draft)
        #expect(ticket.summary == draft.summary && ticket.details == draft.details)
        #expect(ticket.company?.id == draft.company && ticket.contact?.id == draft.contact)
        #expect(ticket.type?.id == draft.type && ticket.status?.id == draft.status && ticket.priority?.id == draft.priority)
        #expect(ticket.externalReference == reference)
        #expect(try await session.tickets(externalReference: reference).map(\.id) == [ticket.id])
        #expect(try await session.tickets(externalReference: reference + "x").isEmpty)

        let note = try await session.addPrivateNote("Nur für uns\nzweite Zeile", to: ticket.id)
        #expect(note.text == "Nur für uns\nzweite Zeile" && note.visibility == .staffOnly)
        let reply = try await session.reply("Wir sind dran.", to: ticket.id)
        #expect(reply.note.visibility == .contact && reply.notification == .decidedByTenant)
        let notes = try await session.notes(of: ticket.id).collect()
        #expect(notes.map(\.id) == [note.id, reply.note.id])
        #expect(notes.map(\.text) == ["Nur für uns\nzweite Zeile", "Wir sind dran."])
        #expect(
            notes.allSatisfy {
                $0.author == .agent(Reference(RecordID<Agent>("psa-connector") ?? RecordID(0), label: "psa-connector"))
            })

        let closed = try await session.changeStatus(of: ticket.id, to: try #require(TicketStatus.ID("resolved")))
        #expect(closed.status?.id.rawValue == "resolved" && closed.phase == .closed && closed.closedAt != nil)
        print("live: created, found, noted, answered and closed with \(live.transport.requests.count) requests")
    }

    @Test func theRequestorIsMailedTheReplyAndNotTheComment() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment["RT_TEST_FOLDER"])
        let session = try live.session()
        let ticket = try await session.createTicket(
            TicketDraft(summary: "Mail", contact: RecordID("person2@example.com")))
        let marker = UUID().uuidString
        _ = try await session.addPrivateNote("private \(marker)", to: ticket.id)
        _ = try await session.reply("public \(marker)", to: ticket.id)
        let boxes = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mbox") }
        let mail = try boxes.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }.joined()
        #expect(mail.contains("public \(marker)"))
        #expect(!mail.contains("private \(marker)"))
    }

    @Test func aStatusWithABlankInItsNameIsSet() async throws {
        let session = try live.session()
        let projects = try #require(try await session.ticketTypes().first { $0.name == "Projects" })
        let ticket = try await session.createTicket(TicketDraft(summary: "New office", type: projects.id))
        #expect(ticket.status?.id.rawValue == "planned")
        let status = try #require(TicketStatus.ID("in progress"))
        #expect(try await session.changeStatus(of: ticket.id, to: status).status?.id == status)
    }

    @Test func aRefusalThatLooksLikeASuccessIsAnError() async throws {
        let session = try live.session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Keeps its status"))
        let status = try #require(TicketStatus.ID("planned"))
        let error = await failure { _ = try await session.changeStatus(of: ticket.id, to: status) }
        #expect(error?.code == .ticketDefaultInvalid)
        #expect(error?.guidance.detail.contains("isn't a valid status") == true)
        #expect(try await session.ticket(ticket.id).status?.id.rawValue == "new")
    }

    @Test func whatRTWouldDropWithoutAWordIsRefusedBefore() async throws {
        let session = try live.session()
        let drafts = [
            TicketDraft(summary: "No such customer", company: RecordID("Nobody Ltd")),
            TicketDraft(summary: "No such contact", contact: RecordID("nobody@nowhere.example")),
            TicketDraft(summary: " "),
        ]
        for draft in drafts {
            let code = await failure { _ = try await session.createTicket(draft) }?.code
            #expect(code == .requestInvalid || code == .ticketFieldRequired, "\(draft.summary)")
        }
        #expect(!live.transport.requests.isEmpty && live.transport.requests.allSatisfy { $0.method.isSafe })
    }

    @Test func aQueueOrStatusThatIsNotThereIsNamed() async throws {
        let session = try live.session()
        let queue = await failure { _ = try await session.createTicket(TicketDraft(summary: "x", type: RecordID(9999))) }
        #expect(queue?.code == .permissionRoleDenied)
        let status = await failure {
            _ = try await session.createTicket(TicketDraft(summary: "x", status: RecordID("no such status")))
        }
        #expect(status?.code == .ticketDefaultInvalid)
        #expect(status?.vendor?.message?.contains("no such status") == true)
    }
}

@Suite("Custom fields and files of a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveFieldTests {
    private let live = LiveServer()

    private func queue(_ name: String, _ session: ConnectorSession) async throws -> TicketType.ID {
        try #require(try await session.ticketTypes().first { $0.name == name }).id
    }

    @Test func theFieldsOfAQueueHaveTheirKindsAndChoices() async throws {
        let session = try live.session()
        let form = try await session.ticketFields(for: queue("Service requests", session))
        let fields = form.fields.filter { !TicketField.ID.standard.contains($0.id) }
        #expect(
            Dictionary(uniqueKeysWithValues: fields.map { ($0.label, $0.kind) }) == [
                "Cause": .text, "Device": .choice, "Areas": .choices, "Needed by": .date, "Outage since": .unsupported,
                "Remarks": .longText, "Guide": .longText, "Room": .text, "Vendor": .text, "Photo": .unsupported,
            ])
        #expect(fields.filter(\.isRequired).map(\.label) == ["Cause"])
        let device = try #require(fields.first { $0.label == "Device" })
        #expect(device.choices == .listed(["<b>Phone</b>", "Drucker & Scanner", "Laptop"].compactMap(Self.choice)))
        #expect(
            try await session.choices(of: device.id, for: form.type, matching: ChoiceQuery("drucker")).map(\.label) == ["Drucker & Scanner"]
        )
        #expect(
            try await session.ticketFields(for: queue("Support", session)).fields.allSatisfy { TicketField.ID.standard.contains($0.id) })
    }

    private static func choice(_ text: String) -> TicketField.Choice? {
        TicketField.Choice.ID(text).map { TicketField.Choice($0, label: text) }
    }

    @Test func aTicketIsStoredWithAllItsFields() async throws {
        let session = try live.session()
        let type = try await queue("Service requests", session)
        let form = try await session.ticketFields(for: type)
        let texts = [
            "Cause": "Strom ausgefallen – 火 & <b>", "Device": "<b>Phone</b>", "Areas": "Küche\nLager", "Needed by": "2028-02-29",
            "Remarks": "zwei\nZeilen", "Guide": "= Titel", "Room": "103", "Vendor": "Initech",
        ]
        var draft = TicketDraft(summary: "Mit Feldern", type: type)
        for field in form.fields {
            if let text = texts[field.label] { draft.fields[field.id] = try TicketFieldValue(text, for: field) }
        }
        #expect(draft.fields.count == texts.count)
        let created = try await session.createTicket(draft)
        #expect(created.differences == [])
        let stored = try #require(try await session.ticket(created.id).customFields)
        for (label, text) in texts {
            let field = stored.first { $0.label == label }
            #expect(
                field?.display?.components(separatedBy: ", ").sorted() == text.components(separatedBy: "\n").sorted()
                    || field?.display == text)
        }
        print("live: a ticket with \(texts.count) custom fields created with \(live.transport.requests.count) requests")
    }

    @Test func missingAndInvalidFieldsAreNamedTogetherAndNothingIsSent() async throws {
        let session = try live.session()
        let type = try await queue("Service requests", session)
        let form = try await session.ticketFields(for: type)
        let device = try #require(form.fields.first { $0.label == "Device" })
        let draft = TicketDraft(
            summary: " ", type: type, fields: [device.id: .choice(RecordID<TicketField.Choice>("Teapot") ?? RecordID(0))])
        let error = await failure { _ = try await session.createTicket(draft) }
        #expect(error?.code == .ticketFieldInvalid && error?.execution == .notExecuted)
        #expect(Set(error?.ticketFieldIssues.map(\.label) ?? []) == ["Summary", "Cause", "Device"])
        #expect(live.transport.requests.allSatisfy { $0.method.isSafe })
    }

    @Test func aValueThatDoesNotMatchItsPatternIsRefusedBeforeRTDropsIt() async throws {
        let session = try live.session()
        let type = try await queue("Projects", session)
        let number = try #require(try await session.ticketFields(for: type).fields.first { $0.label == "Inventory number" })
        #expect(!number.isRequired)
        let error = await failure {
            _ = try await session.createTicket(TicketDraft(summary: "x", type: type, fields: [number.id: .text("17")]))
        }
        #expect(error?.code == .ticketFieldInvalid && error?.guidance.detail.contains("INV-") == true)
        let created = try await session.createTicket(TicketDraft(summary: "x", type: type, fields: [number.id: .text("INV-17")]))
        #expect(created.differences == [] && created.customFields?.first { $0.label == "Inventory number" }?.display == "INV-17")
    }

    @Test func filesAreAttachedListedAndReadBackByteForByte() async throws {
        let session = try live.session()
        #expect(!session.uploadsAttachments)
        let contents: [(name: String, type: String?, bytes: [UInt8])] = [
            ("Prüfung 火.bin", nil, Array((0...1_023).map { UInt8($0 % 256) })), ("utf-8.txt", nil, Array("Grüße 火\r\n".utf8)),
            ("latin-1.txt", nil, [0x47, 0xFC, 0xDF, 0x0A]), ("page.html", nil, Array("<b>ü</b>".utf8)),
            ("mail.eml", nil, Array("Subject: x\n\ny\n".utf8)), ("null.dat", nil, [0]),
        ]
        let files = try contents.map { DraftAttachment.file(try AttachmentFile(name: $0.name, mediaType: $0.type, bytes: $0.bytes)) }
        let ticket = try await session.createTicket(TicketDraft(summary: "Anhänge", details: "Siehe Anhang.", attachments: files))
        #expect(ticket.details == "Siehe Anhang.")
        let listed = try await session.attachments(of: ticket.id)
        #expect(listed.map(\.name) == contents.map(\.name))
        #expect(listed.allSatisfy { $0.isVisibleToContact == true && $0.note == nil && $0.createdAt != nil })
        for (attachment, content) in zip(listed, contents) {
            #expect(try await session.content(of: attachment.id, of: ticket.id) == content.bytes, "\(content.name)")
        }
        let other = try await session.createTicket(TicketDraft(summary: "Ohne Anhang"))
        #expect(try await session.attachments(of: other.id).isEmpty)
        #expect(await failure { _ = try await session.content(of: listed[0].id, of: other.id) }?.code == .requestNotFound)
        #expect(await failure { _ = try await session.content(of: RecordID(999_999), of: other.id) }?.code == .requestNotFound)
    }

    @Test func theFileOfACommentIsHiddenFromTheContactAndThatOfAReplyIsNot() async throws {
        let session = try live.session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Dateien", contact: RecordID("person3@example.com")))
        let hidden = try AttachmentFile(name: "intern.txt", bytes: Array("intern".utf8))
        let shown = try AttachmentFile(name: "für alle.txt", bytes: Array("für alle".utf8))
        let note = try await session.addPrivateNote(NoteDraft("Intern", attachments: [.file(hidden)]), to: ticket.id)
        let reply = try await session.reply(NoteDraft("Für alle", attachments: [.file(shown)]), to: ticket.id)
        #expect(note.text == "Intern" && reply.note.text == "Für alle")
        let listed = try await session.attachments(of: ticket.id)
        #expect(listed.map(\.name) == ["intern.txt", "für alle.txt"])
        #expect(listed.map(\.isVisibleToContact) == [false, true])
        #expect(listed.map(\.note) == [note.id, reply.note.id])
    }

    @Test func aLargeFileIsStoredWhole() async throws {
        let session = try live.session()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let file = try AttachmentFile(name: "large.bin", bytes: bytes)
        let ticket = try await session.createTicket(TicketDraft(summary: "Groß", attachments: [.file(file)]))
        let attachment = try #require(try await session.attachments(of: ticket.id).first)
        #expect(try await session.content(of: attachment.id, of: ticket.id) == bytes)
    }

    @Test func aTicketIsClosedTogetherWithItsNote() async throws {
        let session = try live.session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Mit Notiz"))
        let status = try #require(TicketStatus.ID("resolved"))
        let closed = try await session.changeStatus(of: ticket.id, StatusChange(to: status, note: "Erledigt"))
        #expect(closed.status?.id == status)
        let notes = try await session.notes(of: ticket.id).collect()
        #expect(notes.map(\.text) == ["Erledigt"] && notes.map(\.visibility) == [.staffOnly])
        let planned = try #require(TicketStatus.ID("planned"))
        let error = await failure { _ = try await session.changeStatus(of: ticket.id, StatusChange(to: planned, note: "Nein")) }
        #expect(error?.code == .ticketDefaultInvalid)
    }
}

@Suite("A real Request Tracker that refuses", .enabled(if: LiveServer.isGiven))
struct LiveFailureTests {
    private let live = LiveServer()

    @Test func aWrongTokenIsToldAsSuchAndIsFoundNowhere() async throws {
        let session = try live.session(["token": SecretMarker.plain])
        let report = try await session.testConnection()
        #expect(report.failure?.code == .authTokenRejected && report.failure?.fields == ["token"])
        #expect(report.checks.last?.subject == .credentials)
        var told = live.log.lines + [report.json(in: TextRenderer()).encodedText, "\(report)"]
        for outcome in await SessionSweep().outcomes(of: session) {
            if let error = outcome.error as? PSAError {
                told += [error.problem(in: TextRenderer()).encodedText, "\(error)", String(reflecting: error)]
            }
        }
        #expect(SecretMarker.found(in: told.joined(separator: "\n")) == [])
        #expect(told.count > 10)
    }

    @Test func theRealTokenIsFoundNowhereEither() async throws {
        let token = try #require(LiveServer.server?.settings["token"]?.reveal())
        let session = try live.session()
        let report = try await session.testConnection()
        let ticket = try await session.ticket(RecordID(1))
        let told = live.log.lines + ["\(report)", "\(session)", "\(ticket)", String(decoding: ticket.native.bytes, as: UTF8.self)]
        #expect(!told.joined().contains(token))
    }

    @Test func anUnknownHostIsToldAsSuch() async throws {
        let report = try await live.session(["serverURL": "https://rt.does-not-exist.invalid"]).testConnection()
        #expect(report.failure?.code == .networkDNSNotFound && report.failure?.fields == ["serverURL"])
    }

    @Test func aWrongPathIsToldAsSuch() async throws {
        let report = try await live.session(["webPath": "/elsewhere"]).testConnection()
        #expect(report.failure?.code == .urlNotVendor && report.failure?.fields == ["serverURL", "webPath"])
        #expect(report.checks.filter { $0.subject == .credentials }.isEmpty)
    }

    @Test func aUserWithoutRightsSeesNothingAndIsToldWhy() async throws {
        try #require(!LiveServer.powerlessToken.isEmpty)
        let session = try live.session(["token": LiveServer.powerlessToken])
        let report = try await session.testConnection()
        #expect(report.checks.contains { $0.subject == .credentials && $0.outcome == .passed })
        #expect(report.warnings.contains { $0.subject == .read(.readTickets) })
        #expect(await failure { _ = try await session.createTicket(TicketDraft(summary: "x")) }?.code == .permissionRoleDenied)
        #expect(await failure { _ = try await session.ticket(RecordID(1)) }?.code == .permissionRoleDenied)
        #expect(await failure { _ = try await session.addPrivateNote("x", to: RecordID(1)) }?.code == .permissionRoleDenied)
    }

    @Test func aTicketThatIsNotThereIsNotFound() async throws {
        let session = try live.session()
        #expect(await failure { _ = try await session.ticket(RecordID(999_999)) }?.code == .requestNotFound)
        #expect(await failure { _ = try await session.notes(of: RecordID(999_999)).collect() }?.code == .requestNotFound)
        #expect(await failure { _ = try await session.addPrivateNote("x", to: RecordID(999_999)) }?.code == .requestNotFound)
    }
}
