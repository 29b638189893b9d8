public import PSACore

/// HaloPSA, HaloITSM and HaloServiceDesk: one product with one API, connected with a client ID and secret.
public struct HaloConnector: PSAConnector {
    let settings: HaloSettings
    let context: ConnectorContext
    let client: HaloClient
    let outcomes: HaloOutcomes

    /// Makes a connection without contacting HaloPSA.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        self.init(settings: try HaloSettings(settings), context: context, timeouts: HaloClient.backgroundTimeouts)
    }

    init(settings: HaloSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        self.settings = settings
        self.context = context
        client = HaloClient(settings: settings, context: context, timeouts: timeouts)
        outcomes = HaloOutcomes(client: client)
    }
}
