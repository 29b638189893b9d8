// The samples of README.md, compiled; a test compares the two.

// sample: engine
import HaloPSA
import PSACore
import PSAEngine
import PSAEngineSQLite

func writeOnce(
    _ store: any EngineStore, _ context: ConnectorContext, _ settings: SettingsInput, ticket: Ticket.ID, status: TicketStatus.ID
) async throws -> [TicketJob] {
    let engine = try await Engine(store: store, registry: ConnectorRegistry([HaloConnector.self]), context: context)
    guard let acme = ConnectionID("acme") else { throw StoreError.notFound }
    try await engine.addConnection(acme, connector: "halopsa", settings: settings)

    let writes: [(key: String, payload: TicketJob.Payload)] = [
        ("alert-17/ticket", .newTicket("Disk full on SRV-1", details: "C: has 1 % left.")),
        ("alert-17/note", .note("Temporary files were removed.", on: ticket)),
        ("alert-17/reply", .reply("Your server works again.", to: ticket)),
        ("alert-17/status", .statusChange(of: ticket, to: status)),
    ]
    var jobs: [TicketJob.ID] = []
    for write in writes {
        guard let key = IdempotencyKey(write.key) else { continue }
        jobs.append(try await engine.enqueue(write.payload, through: acme, key: key))
    }

    let running = Task { await engine.run() }
    defer { running.cancel() }
    var ended: [TicketJob] = []
    for id in jobs {
        let job = try await engine.completion(of: id)
        if let ticket = job.state.ticket { print("\(job.key): written to ticket \(ticket.number)") }
        if case .failed(let code, _) = job.state { print("\(job.key): refused, \(code)") }
        if case .needsReview(let reason) = job.state { print("\(job.key): needs review, \(reason.rawValue)") }
        ended.append(job)
    }
    return ended
}
// end of sample
