public import PSACore

/// A connector to Desk: it reads companies.
public struct DeskConnector: PSAConnector {
    /// Its name, its settings and its abilities.
    public static var descriptor: ConnectorDescriptor { DeskDescriptor.descriptor }

    private let client: VendorClient<DeskMessage>
    /// For a person who waits: nothing is repeated.
    private let testClient: VendorClient<DeskMessage>

    /// Makes a connection without contacting Desk.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let server = settings.serviceURL("serverURL"), let key = settings.secret("apiKey") else {
            throw PSAError(.configMissingField)
        }
        let vendor = VendorDeclaration<DeskMessage>(
            DeskDescriptor.descriptor, origin: server, addressPolicy: settings.policy, basePath: "/api",
            authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(60, per: .seconds(60)),
            lists: ListFormat { RowList(array: $0["rows"], total: $0["total"]?.integer) })
        client = VendorClient(vendor, context: context)
        testClient = VendorClient(vendor, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
    }

    /// Reads one page of each list.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await testClient.connectionTest(about: nil, progress: progress) { progress in
            let check = try await testClient.readCheck(.readCompanies, about: .companies) {
                try await companies(at: nil, through: testClient)
            }
            progress(check)
            return [check]
        }
    }
}

extension DeskConnector: CompanyReading {
    /// A page of `/api/companies`.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await companies(at: cursor, through: client) }

    private func companies(at cursor: PageCursor?, through client: VendorClient<DeskMessage>) async throws -> Page<Company> {
        try await client.numberedPage("/companies", at: cursor, about: .companies) { row in
            row.id().map { Company(id: $0, name: row.text("name") ?? "", native: row.native) }
        }
    }
}

/// The connector's own messages.
enum DeskMessage: String, LocalizedMessage {
    case companies = "the companies"

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}
