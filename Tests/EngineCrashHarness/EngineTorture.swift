import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
public import PSAEngine

/// Kills processes that embed the engine at every step of each kind of write, restarts them, and counts what the PSA has.
public struct EngineTorture: Sendable {
    /// The kinds of write, as `engine-host` names them.
    public static let operations = ["create", "files", "note", "reply", "status"]
    private static let eventSteps: [WriteStep] = [.beforeDecision, .betweenEvents, .beforeCommit, .afterCommit, .afterDecision]
    /// The steps of a write within the engine; the steps of a decision belong to a host.
    public static let steps = WriteStep.allCases.filter { !eventSteps.contains($0) }

    /// The operations that reach a step: only a ticket with files has uploads.
    public static func operations(at step: WriteStep) -> [String] {
        let isUpload = [.beforeUpload, .duringUpload, .afterUpload, .afterUploadRecord].contains(step)
        return isUpload ? ["files"] : operations
    }

    private let binary: String
    private let folder: String
    private let runs: [Run]
    private let lanes: Int

    /// One run: a job whose process is killed at a step, and restarted until it ends by itself.
    private struct Run: Sendable {
        let operation: String
        let step: WriteStep
        let number: Int

        var key: String { "\(operation).\(number).\(step.rawValue)" }

        /// Where each process kills itself.
        ///
        /// A search takes place only after a process died between request and outcome.
        var crashes: [String] {
            let isSearch = [.beforeSearch, .afterSearch].contains(step)
            // A ticket with files reaches the steps of an upload once for each file.
            let isUpload = EngineTorture.operations(at: step).count == 1
            return (isSearch ? [WriteStep.afterAnswer.rawValue] : []) + [step.rawValue + (isUpload ? ":\(1 + number % 2)" : ""), "none"]
        }
    }

    /// Plans runs of all operations and steps.
    ///
    /// - Parameters:
    ///   - binary: The path of the program `engine-host`.
    ///   - folder: A folder for databases, which need not exist; the caller removes it.
    ///   - perStep: The number of runs for each operation and step.
    ///   - lanes: The number of runs at the same time.
    public init(binary: String, folder: String, perStep: Int, lanes: Int) {
        self.binary = binary
        self.folder = folder
        self.lanes = lanes
        runs = (0..<perStep).flatMap { number in
            Self.steps.flatMap { step in Self.operations(at: step).map { Run(operation: $0, step: step, number: number) } }
        }
    }

    /// Runs everything against one simulator.
    ///
    /// - Returns: The counts for each step.
    /// - Throws: An error that prevents a run as such, such as a program that does not start.
    public func run() async throws -> EngineTortureReport {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target = try await TortureTarget()
        let progress = Progress(runs)
        try await withThrowingTaskGroup { group in
            for _ in 0..<lanes {
                group.addTask {
                    while let run = await progress.next() { await progress.finish(run, try await execute(run, target)) }
                }
            }
            try await group.waitForAll()
        }
        await target.server.stop()
        return await progress.report
    }

    /// The runs that are left, and the counts of those that have ended.
    private actor Progress {
        private var runs: ArraySlice<Run>
        private(set) var report = EngineTortureReport()

        init(_ runs: [Run]) { self.runs = runs[...] }

        func next() -> Run? { runs.popFirst() }

        func finish(_ run: Run, _ result: EngineTortureReport.Result) { report.add(result, step: run.step.rawValue, key: run.key) }
    }

    private func execute(_ run: Run, _ target: TortureTarget) async throws -> EngineTortureReport.Result {
        let ticket = try await target.ticket(for: run.key)
        var result = EngineTortureReport.Result(runs: 1)
        var orphans = 0
        for crash in run.crashes {
            let arguments = [
                "\(folder)/\(run.key).db", target.address, HaloSimulator.Configuration.demoClientID, crash, ticket.rawValue,
                "\(TortureTarget.status)", "\(run.operation):\(run.key)",
            ]
            let ending = try await EngineProcess.run(binary, arguments, secret: HaloSimulator.Configuration.demoClientSecret)
            if ending.wasKilled { result.deaths += 1 }
            guard crash == "none" else { continue }
            orphans = ending.states[run.key + ".orphans"].flatMap { Int($0) } ?? 0
            if ending.status != 0 || ending.states[run.key] != Self.finalStates[run.operation] { result.wrongStates += 1 }
        }
        let count = await target.count(run.operation, run.key, ticket)
        result.lost += count == 0 ? 1 : 0
        result.doubled += count > 1 ? 1 : 0
        if run.operation == "files" { result.files = await target.files(of: run.key).problems(orphansListed: orphans) }
        return result
    }

    private static let finalStates = [
        "create": TicketJob.State.Name.created.rawValue, "files": TicketJob.State.Name.created.rawValue,
        "note": TicketJob.State.Name.appended.rawValue,
        "reply": TicketJob.State.Name.replied.rawValue, "status": TicketJob.State.Name.statusChanged.rawValue,
    ]
}

/// The simulator of a torture; it lives in this process and survives those that are killed.
struct TortureTarget: Sendable {
    /// The status that jobs set.
    static let status = 9

    let server: HaloSimulatorServer
    let address: String
    private let session: ConnectorSession
    private let contact: Contact.ID?

    init() async throws {
        var configuration = HaloSimulator.Configuration()
        (configuration.ticketCount, configuration.contactCount, configuration.companyCount) = (10, 5, 12)
        server = try HaloSimulatorServer.start(configuration: configuration)
        address = "http://127.0.0.1:\(server.port)"
        let settings: SettingsInput = [
            "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1", "requestsPerFiveMinutes": "100000",
        ]
        let context = ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback)
        session = try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: settings, context: context)
        var contact: Contact.ID?
        for try await row in session.contacts() where row.site != nil && !row.emails.isEmpty { contact = contact ?? row.id }
        self.contact = contact
    }

    /// Creates a ticket for one run, with a contact who can get a reply.
    func ticket(for key: String) async throws -> Ticket.ID {
        try await session.createTicket(TicketDraft(summary: "Target of \(key)", contact: contact)).id
    }

    /// The files of a run in the simulator.
    struct Files {
        /// The number of tickets that have each of the two files.
        let attached: [Int]
        /// The number of uploads that no ticket refers to.
        let orphans: Int

        /// How many files are not attached exactly once, and how many uploads no ticket refers to without being listed.
        func problems(orphansListed: Int) -> Int { attached.count { $0 != 1 } + max(0, orphans - orphansListed) }
    }

    /// Counts the files of a run in the simulator.
    func files(of key: String) async -> Files {
        let stored = await server.simulator.attachments()
        let names = (1...2).map { "\(key).\($0).txt" }
        return Files(
            attached: names.map { name in stored.count { $0.fileName == name && $0.ticketID != nil } },
            orphans: stored.count { names.contains($0.fileName) && $0.ticketID == nil })
    }

    /// How many writes of a run the simulator has stored; for a status, whether the ticket has it.
    func count(_ operation: String, _ key: String, _ ticket: Ticket.ID) async -> Int {
        let writes = await server.simulator.storedWrites()
        let lines = { (write: HaloSimulator.StoredWrite) in write.sent.split(whereSeparator: \.isNewline).map(String.init) }
        switch operation {
        case "create", "files": return writes.count { $0.actionID == nil && lines($0).contains("Crash test \(key)") }
        case "note": return writes.count { $0.actionID != nil && $0.sent.contains("Note \(key)") }
        case "reply": return writes.count { $0.actionID != nil && $0.sent.contains("Reply \(key)") }
        default:
            guard let number = ticket.integer else { return 0 }
            return await server.simulator.ticket(number)?.statusID == Self.status ? 1 : 0
        }
    }
}
