import FoundationEssentials
import PSACore
import PSATesting
import Synchronization
import Testing

/// A connector that reads companies and creates tickets as a test tells it, and declares more than it has.
struct SampleConnector: PSAConnector, CompanyReading, TicketCreating {
    static let descriptor = describing()

    static func describing(
        id: ConnectorID = ConnectorID("sample"), aliases: [String] = ["example"], tier: ConnectorTier = .complete,
        settings: SettingsSchema = SettingsSchema([.sample("key")]),
        capabilities: Set<Capability> = [.readCompanies, .createTickets, .addNotes]
    ) -> ConnectorDescriptor {
        ConnectorDescriptor(
            id: id, aliases: aliases, displayName: "Sample PSA", tier: tier, settings: settings,
            capabilities: capabilities, guidance: GuidanceCatalogue(vendorName: "Sample PSA", overrides: [:]), guide: "Docs/Sample.md")
    }

    var settings: ConnectorSettings?
    var companyPage: @Sendable (PageCursor?) async throws -> Page<Company> = { _ in Page(items: []) }
    var check: @Sendable () async throws -> ConnectionCheck = { ConnectionCheck(.address, .passed, evidence: Plain("fine")) }

    init() {}

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        if settings.text("key") == "contradiction" { throw PSAError(.configInvalidField) }
        if settings.text("key") == "defect" { throw ForeignError(text: "hunter2") }
        self.settings = settings
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let check = try await check()
        progress(check)
        return ConnectionReport(connector: Self.descriptor.id, host: "acme.example.com", checks: [check])
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await companyPage(cursor) }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        TicketForm(type: type, fields: [.standard(.summary, isRequired: true)])
    }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        Ticket(
            id: Ticket.ID(1), number: "1", summary: draft.summary,
            native: NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)))
    }

    func tickets(externalReference: String) async throws -> [Ticket] { [] }
}

/// An error the core does not know, with text that must not get out.
struct ForeignError: Error {
    var text: String
}

extension SettingField {
    static func sample(
        _ key: SettingKey, kind: Kind = .text(maximumLength: 20), isRequired: Bool = true, isSecret: Bool = false,
        defaultValue: String? = nil
    ) -> SettingField {
        SettingField(
            key, label: "Label of \(key)", help: "Help for \(key).", example: "x", kind: kind, isRequired: isRequired, isSecret: isSecret,
            defaultValue: defaultValue, guideAnchor: GuideAnchor("Docs/Guide.md", "step"))
    }
}

/// A value several tasks write to.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        mutex.withLock { value in body(&value) }
    }
}

/// Never returns before it is cancelled, and then throws `CancellationError`.
func waitForCancellation(whenCancelled cancelled: Signal? = nil) async throws -> Never {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
        for await _ in stream {}
    } onCancel: {
        continuation.finish()
    }
    cancelled?.fire()
    throw CancellationError()
}

/// A phrase that reads the same in every language.
struct Plain: LocalizedMessage, Equatable {
    let text: String

    init(_ text: String) { self.text = text }

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { text }
}

extension GuidanceCatalogue {
    /// The guidance of an occurrence with values that are the same in every language.
    func guidance(for code: ErrorCode, values: [GuidanceTemplate.Slot: String] = [:], evidence: String? = nil) -> Guidance {
        PSAError(code, catalogue: self, values: values.mapValues(MessageValue.verbatim), evidence: evidence.map(Plain.init)).guidance
    }
}

extension ScriptedTransport {
    /// Runs a test with a script and checks at its end that everything went by it.
    static func running(
        _ replies: Reply..., sourceLocation: SourceLocation = #_sourceLocation, _ body: (ScriptedTransport) async throws -> Void
    ) async throws {
        let transport = ScriptedTransport(replies)
        try await body(transport)
        #expect(transport.problems == [], sourceLocation: sourceLocation)
    }
}

extension TransportRequest {
    /// A request to `acme.example.com`.
    static func sample(_ method: TransportMethod = .get, route: String = "/api/Tickets") throws -> TransportRequest {
        TransportRequest(method, try ServiceURL(typed: "acme.example.com"), route: route)
    }
}
