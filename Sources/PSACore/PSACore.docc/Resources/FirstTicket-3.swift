import PSACore

func firstTicket(
    registry: ConnectorRegistry, settings: SettingsInput, context: ConnectorContext
) async throws -> Ticket? {
    let session = try registry.connect("in-memory", settings: settings, context: context)
    let report = try await session.testConnection()
    if let failure = report.failure { throw failure }

    do {
        return try await session.createTicket(TicketDraft(summary: "Disk full", externalReference: "alert-17"))
    } catch let error as PSAError where error.mayHaveBeenExecuted {
        return try await session.tickets(externalReference: "alert-17").first
    }
}
