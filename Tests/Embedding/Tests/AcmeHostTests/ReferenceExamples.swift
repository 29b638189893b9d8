import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSAEngine
import PSATesting
import Testing

// The examples of the doc comments, as they stand there: `.ci/lint` compares them, and this file is compiled as a host would compile it.

@Suite("The examples of the reference")
struct ReferenceExamples {
    private func session(_ psa: InMemoryPSA) throws -> ConnectorSession {
        try ConnectorRegistry([InMemoryConnector.self])
            .connect("in-memory", settings: psa.settings, context: ConnectorContext(transport: psa))
    }

    // What a host does with what it has read.
    private func save<Row>(_ rows: [Row], resumeAt next: PageCursor?) async throws {}
    private func save(_ record: SyncRecord, upTo place: ChangeSequence) async throws {}

    // MARK: Those that run against the PSA in memory

    @Test func aPSAInMemoryHoldsTheTicketThatWasCreated() async throws {
        let psa = InMemoryPSA()
        let acme = psa.addCompany("Acme")
        let session = try ConnectorRegistry([InMemoryConnector.self])
            .connect("in-memory", settings: psa.settings, context: ConnectorContext(transport: psa))
        _ = try await session.createTicket(TicketDraft(summary: "Disk full", company: acme))
        #expect(psa.tickets.map(\.summary) == ["Disk full"])
    }

    @Test func aSessionReadsAndWrites() async throws {
        let psa = InMemoryPSA()
        let (acme, yesterday) = (psa.addCompany("Acme"), Date(timeIntervalSince1970: 0))
        let session = try session(psa)
        for try await ticket in session.tickets(changedSince: yesterday) { print(ticket.number, ticket.summary) }
        do {
            let ticket = try await session.createTicket(TicketDraft(summary: "Disk full", company: acme))
            _ = try await session.addPrivateNote("C: has 1 % left.", to: ticket.id)
        } catch let error as PSAError where error.mayHaveBeenExecuted {
            print("Look for it before another try: \(error.guidance.title)")
        }
        #expect(psa.tickets.first?.notes == [InMemoryPSA.StoredNote(text: "C: has 1 % left.", isPublic: false)])
    }

    @Test func aDraftIsCreatedOnce() async throws {
        let psa = InMemoryPSA()
        let acme = psa.addCompany("Acme")
        let session = try session(psa)
        var draft = TicketDraft(summary: "Disk full on SRV-1", company: acme, externalReference: "alert-17")
        for field in try await session.ticketFields(for: draft.type).fields where field.isRequired { print("\(field.label) is required") }
        draft.details = "C: has 1 % left."
        let ticket = try await session.createTicket(draft)
        print(ticket.number, ticket.differences.map { TextRenderer().text($0.sentence) })
        #expect(psa.tickets.first?.externalReference == "alert-17")
    }

    @Test func anErrorSaysWhatToDo() async throws {
        let psa = InMemoryPSA()
        let session = try session(psa)
        let draft = TicketDraft(summary: "")
        do {
            _ = try await session.createTicket(draft)
        } catch let error as PSAError {
            let guidance = error.guidance(in: TextRenderer(.german))
            print(error.code, guidance.title, guidance.causes.map(\.text), guidance.steps)
            if error.mayHaveBeenExecuted { print("Look for the ticket before another try.") }
        }
        #expect(psa.tickets.isEmpty)
    }

    @Test func aLostAnswerLeavesTheOutcomeOpen() async throws {
        let psa = InMemoryPSA()
        let lost = TransportFault(.loseAnswer(.interrupted), times: 1) { $0.method == .post }
        let context = ConnectorContext(transport: FaultyTransport(psa, faults: [lost]))
        let session = try ConnectorRegistry([InMemoryConnector.self]).connect("in-memory", settings: psa.settings, context: context)
        let error = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "Disk full")) }
        #expect(error?.mayHaveBeenExecuted == true)
        #expect(psa.tickets.count == 1)
    }

    @Test func listsAreReadByQueryAndByPage() async throws {
        let psa = InMemoryPSA()
        let acme = psa.addCompany("Acme")
        psa.addTicket("Disk full", company: acme)
        let session = try session(psa)
        let (query, stored) = (TicketQuery(company: acme), PageCursor?.none)
        let open = TicketQuery(company: acme, phases: [.open, .waiting], limit: 200)
        for try await ticket in session.tickets(matching: open) { print(ticket.summary) }

        for try await page in session.ticketPages(matching: query, startingAt: stored) {
            try await save(page.rows, resumeAt: page.next)
        }

        for try await page in session.companies(startingAt: stored).pages {
            try await save(page.rows, resumeAt: page.next)
            if page.next == nil, page.completeness.missing > 0 { print("\(page.completeness.missing) companies did not come.") }
        }
        var summaries: [String] = []
        for try await ticket in session.tickets(matching: open) { summaries.append(ticket.summary) }
        #expect(summaries == ["Disk full"])
    }

    @Test func theSuiteExaminesAConnector() async throws {
        let psa = InMemoryPSA()
        psa.addTicket("Disk full", company: psa.addCompany("Acme"))
        let subject = ConformanceSubject(
            ConnectorRegistration(InMemoryConnector.self), settings: psa.settings, transport: psa, mayWrite: false)
        let report = try await ConformanceSuite.run(subject) { print($0.rule.id, $0.outcome.name) }
        for line in report.complaints { print(line.rule.id, line.outcome.logLines) }
        #expect(report.lines.count == ConformanceRule.all.count)
    }

    @Test func aSchemaMakesAForm() throws {
        let registry = try ConnectorRegistry([HaloConnector.self])
        let schema = try registry.descriptor(named: "halopsa").settings
        for field in schema.fields { print(field.label, field.help, field.isSecret ? "secret" : field.example) }
        for issue in schema.validate(["tenantURL": "http://acme.halopsa.com"]).issues {
            print(schema[issue.field]?.label ?? issue.field.rawValue, issue.message)
        }
        #expect(schema["tenantURL"]?.isRequired == true)
    }

    @Test func aPlaceholderIsAnHonestOne() async throws {
        let guide = """
            # Connect Acme

            It can't connect yet. It asks for:

            - Server URL, `serverURL`, `ACME_SERVER_URL`
            - API Key, `apiKey`, `ACME_API_KEY`

            ## Server
            ## Key
            """
        let examination = PlaceholderExamination(AcmePlaceholder.self, guide: guide)
        for rule in PlaceholderRule.allCases {
            let violations = try await examination.violations(of: rule)
            #expect(violations == [], "\(rule)")
        }
    }

    // MARK: Those that need a vendor, a store or a server; they are compiled

    func connect(clientID: String, clientSecret: String) async throws {
        let registry = try ConnectorRegistry([HaloConnector.self])
        let session = try registry.connect(
            "halopsa", settings: ["tenantURL": "https://acme.halopsa.com", "clientID": clientID, "clientSecret": clientSecret],
            context: ConnectorContext(transport: CurlTransport()))
        let report = try await session.testConnection()
        print(report.headline, report.failure?.guidance.steps ?? [])
    }

    func askTheVendor(_ session: ConnectorSession) async throws {
        let answer = try await session.vendorRequest(.get, path: "/Asset/5", query: [QueryItem("includedetails", "true")])
        print(answer.json?["inventory_number"]?.string ?? "none")
    }

    func write(
        _ store: any EngineStore, _ registry: ConnectorRegistry, _ context: ConnectorContext, _ settings: SettingsInput,
        acme: ConnectionID, key: IdempotencyKey
    ) async throws {
        let engine = try await Engine(store: store, registry: registry, context: context)
        try await engine.addConnection(acme, connector: "halopsa", settings: settings)
        let running = Task { await engine.run() }
        defer { running.cancel() }
        let id = try await engine.enqueue(.newTicket("Disk full on SRV-1", company: "Acme"), through: acme, key: key)
        let job = try await engine.completion(of: id)
        print(job.state.ticket?.number ?? job.state.name.rawValue)
    }

    func copy(into copies: any SyncStore, _ engine: Engine, acme: ConnectionID) async throws {
        let sync = SyncEngine(store: copies, engine: engine)
        let running = Task { await sync.run() }
        defer { running.cancel() }
        for try await record in sync.changes(of: .tickets, in: acme) {
            try await save(record, upTo: record.sequence)
        }
    }

    func serve() -> any HTTPTransport {
        let server = FakeServer([String]()) { $0.headers["X-Api-Key"] == "key-1" ? nil : .json(401, ["message": "Who is there?"]) }
            .on(.get, "/v1/tickets") { _, tickets in .json(200, .array(tickets.map(JSONValue.string))) }
            .on(.post, "/v1/tickets") { request, tickets in
                tickets.append(request.json["summary"]?.string ?? "")
                return .json(201, ["id": .integer(tickets.count)])
            }
        return server
    }

    func simulate() async throws -> ConnectorSession {
        let halo = try HaloSimulatorServer.start()
        let settings: SettingsInput = ["tenantURL": halo.url, "clientID": halo.clientID, "clientSecret": halo.clientSecret]
        let session = try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa", settings: settings, context: ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback))
        // …
        await halo.stop()
        return session
    }
}

// MARK: A connector

struct AcmeConnector: PSAConnector, CompanyReading {
    static var descriptor: ConnectorDescriptor { AcmeAPI.descriptor }
    let client: VendorClient<AcmeMessage>

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        client = VendorClient(try AcmeAPI.declaration(settings), context: context)
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await client.connectionTest(about: nil, progress: progress) { [try await readOnePage($0)] }
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try await client.page("/companies", make: AcmeAPI.company)
    }
}

extension AcmeConnector {
    private func readOnePage(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionCheck {
        var check = ConnectionCheck(.read(.readCompanies), .passed, evidence: AcmeMessage.read)
        do {
            _ = try await companies(at: nil)
        } catch let error as PSAError {
            check = ConnectionCheck(.read(.readCompanies), .failed, error: error)
        }
        progress(check)
        return check
    }
}

enum AcmeMessage: String, LocalizedMessage {
    case read = "The companies could be read."

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}

enum AcmeAPI {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("acme"), displayName: "Acme", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "serverURL", label: "Server URL", help: "The address you log in at.", example: "https://acme.example.com",
                kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor("Acme.md", "server")),
            SettingField(
                "apiKey", label: "API Key", help: "Made for this integration.", example: "example-key-not-a-real-one", isRequired: true,
                isSecret: true, guideAnchor: GuideAnchor("Acme.md", "key")),
        ]),
        capabilities: [.readCompanies],
        guidance: GuidanceCatalogue(vendorName: "Acme", addressField: "serverURL", overrides: [:]), guide: "Acme.md")

    static func declaration(_ settings: ConnectorSettings) throws -> VendorDeclaration<AcmeMessage> {
        guard let server = settings.serviceURL("serverURL"), let key = settings.secret("apiKey") else {
            throw PSAError(.configMissingField)
        }
        return VendorDeclaration(
            descriptor, origin: server, addressPolicy: settings.policy, basePath: "/api",
            authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(60, per: .seconds(60)),
            lists: ListFormat { RowList(array: $0["rows"]) })
    }

    static func company(_ row: VendorRow) -> Company? {
        row.id().map { Company(id: $0, name: row.text("name") ?? "", native: row.native) }
    }
}

struct AcmePlaceholder: PlaceholderConnector {
    static let descriptor = ConnectorDescriptor(
        id: AcmeAPI.descriptor.id, displayName: "Acme", tier: .placeholder, settings: AcmeAPI.descriptor.settings, capabilities: [],
        guidance: AcmeAPI.descriptor.guidance, guide: AcmeAPI.descriptor.guide)
}
