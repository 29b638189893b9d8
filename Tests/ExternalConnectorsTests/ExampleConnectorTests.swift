import ExternalConnectors
import FoundationEssentials
import PSACore
import PSACurl
import Testing

/// The connector in the documents, from its description to a write, against a PSA on loopback.
@Suite(.timeLimit(.minutes(2)))
struct ExampleConnectorTests {
    private static func session(_ psa: ExamplePSA, key: String = ExamplePSA.key) async throws -> ConnectorSession {
        let registry = try ConnectorRegistry(registrations: [await ExternalConnector.entry(at: RepositoryPath.example)])
        return try registry.connect(
            "example-psa", settings: ["serverURL": psa.address, "apiKey": key],
            context: ConnectorContext(
                transport: CurlTransport(), addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil)))
    }

    @Test func itDescribesItself() async throws {
        let connector = try await ExternalConnector(at: RepositoryPath.example)
        let descriptor = connector.entry.descriptor
        #expect(descriptor.displayName == "Example PSA")
        #expect(descriptor.tier == .complete)
        #expect(descriptor.settings.fields.map(\.key) == ["serverURL", "apiKey", "queue"])
        #expect(descriptor.settings["apiKey"]?.isSecret == true)
        #expect(descriptor.settings["serverURL"]?.purpose == .tenant)
        #expect(
            descriptor.capabilities == [
                .readCompanies, .readTickets, .readNotes, .createTickets, .addNotes, .readAttachments, .addAttachments,
            ])
        #expect(connector.guide?.hasPrefix("# Connect Example PSA") == true)
    }

    @Test func aPassedTestReportsThePermissions() async throws {
        let psa = try ExamplePSA()
        let recorded = RecordedChecks()
        let report = try await Self.session(psa).testConnection { recorded.record($0) }
        #expect(report.headline == "Connected to \(psa.authority)")
        #expect(report.allowed == [.readCompanies, .readTickets])
        #expect(recorded.subjects == report.checks.map(\.subject))
        await psa.stop()
    }

    @Test func aWrongKeyIsExplainedByTheConnectorsMessage() async throws {
        let psa = try ExamplePSA()
        let report = try await Self.session(psa, key: "a-wrong-key-123").testConnection()
        let failure = try #require(report.failure)
        #expect(failure.code == .authTokenRejected)
        #expect(failure.guidance.title == "Example PSA does not accept the API key")
        #expect(
            failure.guidance.detail
                == "\(psa.authority) did not accept the API key when it was asked for the connection test. Example PSA said: “unknown key”")
        #expect(failure.fields == ["apiKey"])
        #expect(failure.vendor == VendorReply(status: 401, message: "unknown key"))
        #expect(failure.request == "GET \(psa.authority)/api/me")
        await psa.stop()
    }

    @Test func anUnreachableServerIsReportedAsSuch() async throws {
        let psa = try ExamplePSA()
        await psa.stop()
        let report = try await Self.session(psa).testConnection()
        #expect(report.failure?.code == .networkRefused)
        #expect(report.failure?.fields == ["serverURL"])
    }

    @Test func listsAreReadToTheirEndWithTheVendorsRows() async throws {
        let psa = try ExamplePSA(companies: 120)
        var companies: [Company] = []
        for try await company in try await Self.session(psa).companies() { companies.append(company) }
        #expect(companies.map(\.id.rawValue) == (0..<120).map { String($0) })
        #expect(companies.last?.name == "Company 119")
        #expect(companies.last?.native["colour"] == "blue")
        #expect(psa.requests.count == 3)
        await psa.stop()
    }

    @Test func aTicketIsCreatedFoundReadAndNoted() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let created = try await session.createTicket(
            TicketDraft(summary: "Printer “on” fire\nnow", details: "Third floor", externalReference: "vectis-1"))
        #expect(created.summary == "Printer “on” fire\nnow")
        #expect(created.native["queue"] == "support")
        #expect(created.phase == .open)
        #expect(try await session.tickets(externalReference: "vectis-1").map(\.id) == [created.id])
        #expect(try await session.tickets(externalReference: "vectis-2").isEmpty)
        #expect(try await session.ticket(created.id).number == created.number)
        let note = try await session.addPrivateNote("Seen.", to: created.id)
        #expect(note.visibility == .staffOnly)
        var texts: [String] = []
        for try await note in session.notes(of: created.id) { texts.append(note.text) }
        #expect(texts == ["Seen."])
        #expect(try await session.ticketFields()[.summary]?.isRequired == true)
        await psa.stop()
    }

    private static let repair = TicketType.ID("repair")
    private static let device = TicketField.ID("device") ?? RecordID(0)
    private static let bought = TicketField.ID("bought") ?? RecordID(0)

    @Test func theFieldsOfATypeAreListedCheckedAndStored() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let type = try #require(Self.repair)
        let form = try await session.ticketFields(for: type)
        #expect(form[Self.device]?.isRequired == true && form[Self.bought]?.kind == .date)
        #expect(try await session.ticketFields()[Self.device] == nil)
        #expect(try await session.choices(of: Self.device, for: type, matching: ChoiceQuery("print")).map(\.id.rawValue) == ["printer"])
        #expect(try await session.choices(of: .company, for: type).isEmpty)
        let printer = try #require(TicketField.Choice.ID("printer"))
        let day = try #require(CalendarDate("2024-02-29"))
        let created = try await session.createTicket(
            TicketDraft(summary: "Repair", type: type, fields: [Self.device: .choice(printer), Self.bought: .date(day)]))
        #expect(created.type?.id == type && created.differences.isEmpty)
        let stored = try await session.ticket(created.id).customFields ?? []
        #expect(
            Dictionary(uniqueKeysWithValues: stored.map { ($0.label, $0.display) }) == ["Device": "printer", "Bought on": "2024-02-29"])
        await psa.stop()
    }

    @Test func everyMissingAndInvalidFieldIsNamedAndNothingIsSent() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let type = try #require(Self.repair)
        let missing = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "x", type: type)) }
        #expect(missing?.code == .ticketFieldRequired && missing?.ticketFieldIssues.map(\.label) == ["Device"])
        #expect(missing?.ticketFieldIssues.map(\.problem) == [.missing] && missing?.guidance.detail.contains("“Device”") == true)
        let draft = TicketDraft(summary: "x", type: type, fields: [Self.device: .choice(RecordID(9)), RecordID(7): .text("x")])
        let invalid = await #expect(throws: PSAError.self) { try await session.createTicket(draft) }
        #expect(invalid?.code == .ticketFieldInvalid && invalid?.ticketFieldIssues.map(\.field) == [Self.device, RecordID(7)])
        #expect(psa.requests.isEmpty && psa.ticketCount == 0)
        await psa.stop()
    }

    @Test func filesAreAttachedListedAndReadBackInParts() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        #expect(!session.uploadsAttachments)
        let bytes = (0..<200_000).map { UInt8($0 % 251) }
        let file = try AttachmentFile(name: "Füße 火.bin", bytes: bytes)
        let ticket = try await session.createTicket(TicketDraft(summary: "Files", attachments: [.file(file)]))
        let note = try await session.addPrivateNote(
            NoteDraft("Seen.", attachments: [.file(try AttachmentFile(name: "note.txt", bytes: [65]))]), to: ticket.id)
        let listed = try await session.attachments(of: ticket.id)
        #expect(listed.map(\.name) == ["Füße 火.bin", "note.txt"] && listed.map(\.byteCount) == [200_000, 1])
        #expect(listed.map(\.isVisibleToContact) == [true, false] && listed.map(\.note) == [nil, note.id])
        #expect(try await session.content(of: listed[0].id, of: ticket.id) == bytes)
        let error = await #expect(throws: PSAError.self) { try await session.content(of: RecordID(99), of: ticket.id) }
        #expect(error?.code == .requestNotFound)
        await psa.stop()
    }

    @Test func theLargestFilesFitAndLargerOnesAreRefusedBeforeTheProgramIsCalled() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let limit = ExternalConnectorLimits().attachmentBytes
        func files(_ counts: Int...) throws -> [DraftAttachment] {
            try counts.map { .file(try AttachmentFile(name: "\($0).bin", bytes: [UInt8](repeating: 7, count: $0))) }
        }
        let ticket = try await session.createTicket(TicketDraft(summary: "Files", attachments: try files(limit - 1, 1)))
        #expect(try await session.attachments(of: ticket.id).count == 2)
        let requests = psa.requests.count
        let draft = TicketDraft(summary: "Files", attachments: try files(limit, 1))
        let error = await #expect(throws: PSAError.self) { try await session.createTicket(draft) }
        #expect(error?.code == .requestInvalid && error?.execution == .notExecuted)
        #expect(error?.guidance.detail.contains("512 KiB") == true)
        let note = NoteDraft("n", attachments: draft.attachments)
        await #expect(throws: PSAError.self) { try await session.addPrivateNote(note, to: ticket.id) }
        #expect(psa.requests.count == requests)
        await psa.stop()
    }

    @Test func onlyTicketsChangedSinceAreRead() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        var moment: Date?
        for summary in ["one", "two", "three"] {
            let created = try await session.createTicket(TicketDraft(summary: summary))
            if summary == "two" { moment = created.updatedAt }
        }
        var summaries: [String] = []
        for try await ticket in session.tickets(changedSince: moment) { summaries.append(ticket.summary) }
        #expect(summaries == ["two", "three"])
        await psa.stop()
    }

    @Test func aTicketThatIsNotThereIsNotFound() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let error = try await #require(throws: PSAError.self) { _ = try await session.ticket(RecordID(9)) }
        #expect(error.code == .requestNotFound)
        #expect(error.request == "GET \(psa.authority)/api/tickets/{id}")
        await psa.stop()
    }

    @Test func aServerThatFailsAfterWritingLeavesTheOutcomeUnknown() async throws {
        let psa = try ExamplePSA()
        psa.failAfterWriting()
        let error = try #require(await Self.session(psa).createError())
        #expect(error.code == .writeOutcomeUnknown)
        #expect(psa.ticketCount == 1)
        await psa.stop()
    }

    @Test func unsupportedOperationsAreRejectedBeforeTheProgramIsCalled() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let error = try await #require(throws: PSAError.self) { _ = try await session.reply("Hello", to: RecordID(1)) }
        #expect(error.code == .connectorUnsupported)
        #expect(psa.requests.isEmpty)
        await psa.stop()
    }

    @Test func aCursorOfAnotherListIsRejected() async throws {
        let psa = try ExamplePSA()
        let foreign = PageCursor(connector: ConnectorID("example-psa"), list: "tickets", version: 1, payload: "2")
        let session = try await Self.session(psa)
        let error = try await #require(throws: PSAError.self) {
            for try await _ in session.companies(startingAt: foreign) {}
        }
        #expect(error.code == .syncCursorRejected)
        await psa.stop()
    }

    @Test func manyCallsAtOnceAreAllAnswered() async throws {
        let psa = try ExamplePSA()
        let session = try await Self.session(psa)
        let created = try await session.createTicket(TicketDraft(summary: "one"))
        let read = try await withThrowingTaskGroup(of: Ticket.self) { group in
            for _ in 0..<20 { group.addTask { try await session.ticket(created.id) } }
            return try await group.reduce(into: 0) { count, ticket in count += ticket.summary == "one" ? 1 : 0 }
        }
        #expect(read == 20)
        await psa.stop()
    }
}
