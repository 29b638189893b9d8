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
            authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(60, per: .seconds(60)))
        client = VendorClient(vendor, context: context)
        testClient = VendorClient(vendor, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
    }

    /// Reads one page of each list.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await testClient.connectionTest(about: nil, progress: progress) { progress in
            var check = ConnectionCheck(.read(.readCompanies), .passed, evidence: DeskMessage.read)
            do {
                _ = try await companies(at: nil, through: testClient)
            } catch let error as PSAError {
                check = ConnectionCheck(.read(.readCompanies), .failed, error: error)
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
        let (connector, list) = (DeskDescriptor.descriptor.id, "companies")
        var number = 1
        if let cursor {
            let payload = cursor.payload(connector: connector, list: list, version: 1)
            guard let next = payload.flatMap({ Int($0) }), next > 1 else { throw client.error(.syncCursorRejected) }
            number = next
        }
        var page = try await client.page(
            "/companies", query: [QueryItem("page", String(number))],
            rows: { RowList(array: $0["rows"], total: $0["total"]?.integer) }
        ) { row, fetchedAt in
            row["id"]?.integer.map {
                Company(id: RecordID($0), name: row["name"]?.string ?? "", native: NativeRecord(row, fetchedAt: fetchedAt))
            }
        }
        // The list goes on as long as rows come: a total may be wrong, and a page may be short.
        if page.firstRowID != nil {
            page.next = PageCursor(connector: connector, list: list, version: 1, payload: String(number + 1))
        }
        return page
    }
}

/// The connector's own messages.
enum DeskMessage: String, LocalizedMessage {
    case read = "The companies could be read."

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}
