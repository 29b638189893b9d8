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
        let checked = try HaloSettings(settings)
        let client = HaloClient(settings: checked, context: context)
        self.settings = checked
        self.context = context
        self.client = client
        outcomes = HaloOutcomes(client: client)
    }
}
