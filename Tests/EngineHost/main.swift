import Foundation
import Glibc
import HaloPSA
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite

/// A host of the engine and nothing else, for the crash harness: it enqueues what its arguments say, runs, and prints how each job ended.
///
/// Arguments: `DATABASE TENANT-URL CLIENT-ID CRASH-STEP TICKET STATUS JOB…`. A job is an operation and a key: `create:a`, `note:b`, `reply:c`,
/// `status:d`; the last three change `TICKET`. At `CRASH-STEP`, the name of a ``WriteStep`` or `none`, the process kills itself the first time.
/// The client secret is read from the environment variable `ENGINE_HOST_SECRET`.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 6, let connection = ConnectionID("halo"), let ticket = Ticket.ID(arguments[4]),
    let status = TicketStatus.ID(arguments[5]),
    let secret = ProcessInfo.processInfo.environment["ENGINE_HOST_SECRET"]
else { exit(2) }

let crash = arguments[3]
// Short waits, so that many crashes can be tried; the simulator finds its tickets at once.
let policy = OutboxPolicy(
    lease: .milliseconds(600), searchDelays: [.milliseconds(20), .milliseconds(20), .milliseconds(20)], storeRetryDelay: .milliseconds(20))
let options = Engine.Options(
    policy: { policy },
    reached: { step in
        if step.rawValue == crash { kill(getpid(), SIGKILL) }
        guard step == .beforeRequest, crash == WriteStep.duringRequest.rawValue else { return }
        // Somewhere between the request and its answer.
        Task.detached {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...15)))
            kill(getpid(), SIGKILL)
        }
    })
let engine = try await Engine(
    store: try await SQLiteEngineStore.open(arguments[0]), registry: try ConnectorRegistry([HaloConnector.self]),
    context: ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback), options: options)
var settings: SettingsInput = [
    "tenantURL": arguments[1], "clientID": arguments[2], "ticketTypeID": "1", "requestsPerFiveMinutes": "100000",
]
settings["clientSecret"] = Secret(secret)
try await engine.addConnection(connection, connector: "halopsa", settings: settings)

func payload(_ operation: String, _ key: String) -> TicketJob.Payload? {
    switch operation {
    case "create": .newTicket("Crash test \(key)", details: "Details of \(key)")
    case "note": .note("Note \(key)", on: ticket)
    case "reply": .reply("Reply \(key)", to: ticket)
    case "status": .statusChange(of: ticket, to: status)
    default: nil
    }
}

var jobs: [TicketJob.ID] = []
for argument in arguments.dropFirst(6) {
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, let key = IdempotencyKey(parts[1]), let payload = payload(parts[0], parts[1]) else { exit(2) }
    jobs.append(try await engine.enqueue(payload, through: connection, key: key))
}
let running = Task { await engine.run() }
for id in jobs {
    let job = try await engine.completion(of: id)
    print("\(job.key) \(job.state.name.rawValue) \(job.state.ticket?.id ?? "-")")
}
running.cancel()
await running.value
await engine.store.close()
