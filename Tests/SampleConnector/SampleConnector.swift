public import PSACore

/// A connector to the sample PSA: the smallest one that is complete.
public struct SampleConnector: PSAConnector {
    /// Its settings, its abilities and its texts.
    public static var descriptor: ConnectorDescriptor { SampleDescriptor.descriptor }

    let client: SampleClient
    private let settings: ConnectorSettings
    private let context: ConnectorContext

    /// Makes a connection without contacting the vendor.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        self.settings = settings
        self.context = context
        client = try SampleClient(settings: settings, context: context)
    }

    /// Fetches a token of its own, and reads one page of each list.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let limit = context.connectionTestLimit / 4
        let impatient = SampleConnector(self, client: try SampleClient(settings: settings, context: context, maxWait: limit))
        var checks: [ConnectionCheck] = []
        for (capability, read) in impatient.reads {
            let check = try await Self.check(capability, read)
            progress(check)
            checks.append(check)
            if check.outcome == .failed { break }
        }
        return ConnectionReport(connector: Self.descriptor.id, host: client.server.authority, checks: checks)
    }

    private init(_ other: SampleConnector, client: SampleClient) {
        settings = other.settings
        context = other.context
        self.client = client
    }

    private var reads: [(Capability, @Sendable () async throws -> Void)] {
        [
            (.readCompanies, { _ = try await companies(at: nil) }),
            (.readTickets, { _ = try await tickets(changedSince: nil, at: nil) }),
            (.readPicklists, { _ = try await ticketTypes() }),
        ]
    }

    private static func check(_ capability: Capability, _ read: @Sendable () async throws -> Void) async throws -> ConnectionCheck {
        do {
            try await read()
            return ConnectionCheck(.read(capability), .passed, evidence: SampleMessage.read)
        } catch let error as PSAError {
            return ConnectionCheck(.read(capability), .failed, evidence: SampleMessage.notRead, error: error)
        }
    }
}

/// The connector's own sentences.
enum SampleMessage: String, LocalizedMessage {
    case read = "It could be read."
    case notRead = "It could not be read."

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { rawValue }
}
