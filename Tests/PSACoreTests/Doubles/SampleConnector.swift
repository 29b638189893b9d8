import FoundationEssentials
import PSACore

/// A connector that reads companies and creates tickets as a test tells it, and declares more than it has.
struct SampleConnector: PSAConnector, CompanyReading, TicketCreating {
    static let descriptor = describing()

    static func describing(
        id: ConnectorID = ConnectorID("sample"), aliases: [String] = ["example"], tier: ConnectorTier = .complete,
        contractVersion: Int = ConnectorDescriptor.currentContractVersion, settings: SettingsSchema = SettingsSchema([.sample("key")]),
        capabilities: Set<Capability> = [.readCompanies, .createTickets, .addNotes]
    ) -> ConnectorDescriptor {
        ConnectorDescriptor(
            id: id, aliases: aliases, displayName: "Sample PSA", tier: tier, contractVersion: contractVersion, settings: settings,
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

    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] { [FieldRequirement(.summary, isRequired: true)] }

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
