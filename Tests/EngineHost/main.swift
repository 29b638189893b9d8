import Foundation
import Glibc
import HaloPSA
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite

/// A host of the engine and nothing else, for the crash harness: it enqueues what its arguments say, runs, and prints how each job ended.
///
/// Arguments: `DATABASE TENANT-URL CLIENT-ID CRASH-STEP TICKET STATUS JOB…`. A job is an operation and a key: `create:a`, `files:b`, `note:c`,
/// `reply:d`, `status:e`; the last three change `TICKET`, and `files` creates a ticket of type 40 with all that it demands and two files. At
/// `CRASH-STEP`, the name of a ``WriteStep`` and which time it is reached, such as `after-upload:2`, or `none`, the process kills itself. For each
/// job a line says its key, state and ticket; for `files` another one the number of its uploads that no ticket refers to. The client secret is read from the environment variable `ENGINE_HOST_SECRET`.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 6, let connection = ConnectionID("halo"), let ticket = Ticket.ID(arguments[4]),
    let status = TicketStatus.ID(arguments[5]),
    let secret = ProcessInfo.processInfo.environment["ENGINE_HOST_SECRET"]
else { exit(2) }

/// Kills the process at a step.
actor Crash {
    private let step: String
    private var left: Int

    init(_ text: String) {
        let parts = text.split(separator: ":").map(String.init)
        step = parts.first ?? ""
        left = parts.count == 2 ? Int(parts[1]) ?? 1 : 1
    }

    func reached(_ reached: WriteStep) {
        let during: [WriteStep: WriteStep] = [.beforeRequest: .duringRequest, .beforeUpload: .duringUpload]
        let isDuring = during[reached]?.rawValue == step
        guard reached.rawValue == step || isDuring else { return }
        left -= 1
        guard left == 0 else { return }
        guard isDuring else {
            kill(getpid(), SIGKILL)
            return
        }
        // Somewhere between the request and its answer.
        Task.detached {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...15)))
            kill(getpid(), SIGKILL)
        }
    }
}

let crash = Crash(arguments[3])
// Short waits, so that many crashes can be tried; the simulator finds its tickets at once.
let policy = OutboxPolicy(
    lease: .milliseconds(600), searchDelays: [.milliseconds(20), .milliseconds(20), .milliseconds(20)], storeRetryDelay: .milliseconds(20))
let options = Engine.Options(
    policy: { policy }, reached: { await crash.reached($0) })
let engine = try await Engine(
    store: try await SQLiteEngineStore.open(arguments[0]), registry: try ConnectorRegistry([HaloConnector.self]),
    context: ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback), options: options)
var settings: SettingsInput = [
    "tenantURL": arguments[1], "clientID": arguments[2], "ticketTypeID": "1", "requestsPerFiveMinutes": "100000",
]
settings["clientSecret"] = Secret(secret)
try await engine.addConnection(connection, connector: "halopsa", settings: settings)

/// What the ticket type 40 of the simulator demands.
let demandedFields: [TicketField.ID: TicketFieldValue] = {
    let fields: [(String, TicketFieldValue?)] = [
        ("cf:105", .choice(TicketField.Choice.ID(38))), ("cf:106", .text("4711")),
        ("category_1", TicketField.Choice.ID("Hardware>Laptop").map(TicketFieldValue.choice)),
    ]
    return Dictionary(
        uniqueKeysWithValues: fields.compactMap { id, value in
            guard let id = TicketField.ID(id), let value else { return nil }
            return (id, value)
        })
}()

func files(_ operation: String, _ key: String) throws -> [AttachmentFile] {
    guard operation == "files" else { return [] }
    return try (1...2).map { try AttachmentFile(name: "\(key).\($0).txt", bytes: Array("File \($0) of \(key)".utf8)) }
}

func payload(_ operation: String, _ key: String) -> TicketJob.Payload? {
    switch operation {
    case "create": .newTicket("Crash test \(key)", details: "Details of \(key)")
    case "files": .newTicket("Crash test \(key)", details: "Details of \(key)", type: TicketType.ID(40), fields: demandedFields)
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
    let files = try files(parts[0], parts[1])
    jobs.append(try await engine.enqueue(payload, attachments: files, through: connection, key: key))
}
let running = Task { await engine.run() }
for id in jobs {
    let job = try await engine.completion(of: id)
    print("\(job.key) \(job.state.name.rawValue) \(job.state.ticket?.id ?? "-")")
    guard !job.attachments.isEmpty else { continue }
    let orphans = try await engine.orphanUploads(of: connection).filter { $0.job == id }
    print("\(job.key).orphans \(orphans.count) -")
}
running.cancel()
await running.value
await engine.store.close()
