import PSACore

func firstTicket(registry: ConnectorRegistry, settings: SettingsInput, context: ConnectorContext) async throws {
    _ = try registry.connect("in-memory", settings: settings, context: context)
}
