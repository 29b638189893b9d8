import PSACore

/// A connector of the host's own, to a service desk that lists companies at `/v1/companies`.
struct DeskConnector: PSAConnector, CompanyReading {
    static let guide = "Docs/ConnectDesk.md"
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("desk"), displayName: "Desk", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "serverURL", label: "Address", help: "The address in the browser.", example: "https://acme.example.com",
                kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "address")),
            SettingField(
                "apiKey", label: "API key", help: "Made under Settings, API.", example: "example-key-not-real", isRequired: true,
                isSecret: true, guideAnchor: GuideAnchor(guide, "api-key")),
        ]),
        capabilities: [.readCompanies], guidance: GuidanceCatalogue(vendorName: "Desk", addressField: "serverURL", overrides: [:]),
        guide: guide)

    private let client: VendorClient<DeskMessage>
    /// For a person who waits: nothing is repeated.
    private let testClient: VendorClient<DeskMessage>

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let server = settings.serviceURL("serverURL"), let key = settings.secret("apiKey") else {
            throw PSAError(.configMissingField)
        }
        let desk = VendorDeclaration<DeskMessage>(
            Self.descriptor, origin: server, addressPolicy: settings.policy, basePath: "/v1",
            authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(120, per: .seconds(60)))
        client = VendorClient(desk, context: context)
        testClient = VendorClient(desk, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await testClient.connectionTest(about: nil, progress: progress) { progress in
            var check = ConnectionCheck(.read(.readCompanies), .passed, evidence: DeskMessage.read)
            do {
                _ = try await companies(through: testClient)
            } catch let error as PSAError {
                check = ConnectionCheck(.read(.readCompanies), .failed, error: error)
            }
            progress(check)
            return [check]
        }
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        if cursor != nil { throw client.error(.syncCursorRejected) }
        return try await companies(through: client)
    }

    private func companies(through client: VendorClient<DeskMessage>) async throws -> Page<Company> {
        try await client.page("/companies", rows: { RowList(array: $0) }) { row, fetchedAt in
            row["id"]?.integer.map {
                Company(id: RecordID($0), name: row["name"]?.string ?? "", native: NativeRecord(row, fetchedAt: fetchedAt))
            }
        }
    }
}

enum DeskMessage: String, LocalizedMessage {
    case read = "The companies could be read."

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}
