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
        #expect(descriptor.capabilities == [.readCompanies, .readTickets, .readNotes, .createTickets, .addNotes])
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
        #expect(failure.request == "GET 127.0.0.1/api/me")
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
        #expect(error.request == "GET 127.0.0.1/api/tickets/{id}")
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
