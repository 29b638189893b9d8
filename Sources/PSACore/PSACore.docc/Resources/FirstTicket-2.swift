import PSACore

func firstTicket(registry: ConnectorRegistry, settings: SettingsInput, context: ConnectorContext) async throws {
    let session = try registry.connect("in-memory", settings: settings, context: context)
    let report = try await session.testConnection()
    if let failure = report.failure { throw failure }
}
