public import PSACore

/// A connector to the sample PSA: the smallest one that is complete.
public struct SampleConnector: PSAConnector {
    /// Its settings, its abilities and its texts.
    public static var descriptor: ConnectorDescriptor { SampleDescriptor.descriptor }

    let client: VendorClient<SampleMessage>
    /// The type of tickets whose draft names none.
    let defaultType: TicketType.ID?
    private let settings: ConnectorSettings
    private let context: ConnectorContext

    /// Makes a connection without contacting the vendor.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        try self.init(settings: settings, context: context, timeouts: .normal)
    }

    private init(settings: ConnectorSettings, context: ConnectorContext, timeouts: RequestTimeouts) throws {
        self.settings = settings
        self.context = context
        defaultType = settings.integer("ticketType").map { TicketType.ID($0) }
        client = try VendorClient(settings: settings, context: context, timeouts: timeouts)
    }

    /// Fetches a token of its own, and reads one page of each list.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let timeouts = RequestTimeouts.connectionTest(within: context.connectionTestLimit, share: 0.25)
        let connector = try SampleConnector(settings: settings, context: context, timeouts: timeouts)
        return try await client.connectionTest(about: nil, progress: progress) { progress in
            let reads: [Capability] = [.readCompanies, .readContacts, .readAgents, .readTickets, .readPicklists]
            return try await client.sequentialChecks(of: reads, progress: progress) { try await connector.check($0) }
        }
    }

    private func check(_ capability: Capability) async throws -> ConnectionCheck {
        switch capability {
        case .readCompanies: try await client.readCheck(capability) { try await companies(at: nil) }
        case .readContacts: try await client.readCheck(capability) { try await contacts(at: nil) }
        case .readAgents: try await client.readCheck(capability) { try await agents(at: nil) }
        case .readTickets: try await client.readCheck(capability) { try await tickets(changedSince: nil, at: nil) }
        default: try await client.readCheck(capability) { Page(items: try await ticketTypes()) }
        }
    }
}

extension SampleConnector: VendorRequesting {
    /// The answer to a request of the host below `/api`.
    public func vendorRequest(_ request: VendorRequest) async throws -> VendorAnswer { try await client.answer(to: request) }
}

/// The connector's own messages.
enum SampleMessage: String, LocalizedMessage {
    case ticket = "a new ticket"
    case note = "a note"
    case status = "a change of status"
    case closed = "The test ticket was created, read back and closed."
    case left = "The test ticket was created and read back; close it at the vendor."

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}
