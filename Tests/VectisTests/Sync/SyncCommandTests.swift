import Foundation
import Glibc
import HaloSimulator
import PSACore
import PSATesting
import TestSupport
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis sync and vectis data")
struct SyncCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var data: String { "--data \(folder.file("data"))" }
    private var sync: String { "sync halopsa --allow-loopback --no-rate-limit \(data) --once" }

    private func lines(_ result: CommandLineFixture.Result) -> [JSONValue] {
        result.lines.compactMap { (try? JSONDocument(Array($0.utf8))).map { JSONValue($0.root) } }
    }

    @Test func allListsAreReadOnceAndTheNextStartBringsOnlyChanges() async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let first = try await fixture.run("\(sync) --json")
            #expect(first.status == 0, "\(first.output.suffix(2_000)) \(first.messages)")
            let read = lines(first)
            let ended = Set(read.filter { $0["type"] == "ended" }.compactMap { $0["resource"]?.string })
            #expect(ended == Set(SyncResource.allCases.filter(\.isList).map(\.rawValue)))
            #expect(read.last?["type"] == "summary" && read.last?["interrupted"] == false)
            #expect(read.allSatisfy { $0["type"] != "failed" })

            let tickets = try await fixture.run("data tickets \(data) --json")
            let records = lines(tickets)
            #expect(tickets.status == 0 && records.count == 250 && tickets.lines.count == 250)
            #expect(tickets.lines.allSatisfy { $0.hasPrefix("{\"sequence\":") && $0.contains("\"deleted\":false,\"state\":\"") })
            let sequences = records.compactMap { $0["sequence"]?.integer }
            #expect(sequences == sequences.sorted() && Set(sequences).count == 250)

            let last = try #require(sequences.last)
            #expect(try await fixture.run(sync).status == 0)
            #expect(try await fixture.run("data tickets \(data) --json --changed-after \(last)").output.isEmpty)
            let id = try #require(records.first { $0["state"] == "present" }?["id"]?.string.flatMap { Int($0) })
            await simulator.change(ticket: id, .closed)
            #expect(try await fixture.run("\(sync) --resource tickets").status == 0)
            let changed = lines(try await fixture.run("data tickets \(data) --json --native --changed-after \(last)"))
            #expect(changed.map { $0["id"]?.string } == ["\(id)"] && changed.first?["state"] == "closed")
            #expect(changed.first?["native"]?["id"]?.integer == id)
        }
    }

    @Test func progressIsCutToTheTerminalSoThatNoLineWraps() async throws {
        let sink = RecordingSink()
        let console = Console(output: RecordingSink(), messages: sink, messagesAreTerminal: true, columns: { 20 })
        let printer = SyncProgressPrinter(
            console: console, time: ManualClock(startingAt: .sampleNow).source, renderer: TextRenderer(), writesJSON: false)
        var run = SyncRun(.full, startedAt: .sampleNow)
        run.rows = 1_234
        run.total = 250_000
        printer.record(.pageStored(StoredConnection.sample().id, .recurringInvoices, run))
        printer.finish()
        let lines = sink.text.replacing(/\u{1B}\[[0-9]*[A-Z]|\r/, with: "").split(separator: "\n")
        #expect(!lines.isEmpty && lines.allSatisfy { $0.count == 20 && $0.hasSuffix("…") }, "\(lines)")
        #expect(Console(output: sink, messages: sink, columns: { 20 }).cutToWidth(String(repeating: "x", count: 99)).count == 99)
    }

    @Test func aCopyIsShownAsATableAndWithoutAResourceByItsFreshness() async throws {
        try await CommandLineFixture.withHalo(tickets: 30) { fixture, _ in
            let read = try await fixture.run(sync)
            #expect(read.status == 0 && read.output.contains("RESOURCE") && read.output.contains("recurring-invoices"))
            #expect(read.messages.contains("tickets"))
            let table = try await fixture.run("data tickets \(data) --limit 5")
            #expect(table.lines.count == 6 && table.lines.first?.hasPrefix("SEQUENCE") == true && table.messages.contains("5 tickets"))
            let copies = try await fixture.run("data \(data)")
            #expect(copies.status == 0 && copies.output.contains("halopsa") && copies.output.contains("ago"))
            let json = lines(try await fixture.run("data \(data) --json"))
            let connection = try #require(json.first?["connection"]?.string)
            #expect(json.count == 1 && json.first?["tenant"]?.string?.contains("127.0.0.1") == true)
            #expect(try await fixture.run("data companies \(data) --connection \(connection) --json").status == 0)
            #expect(try await fixture.run("data companies \(data) --connection other").status == 2)
            #expect(try folder.permissions(of: "data/copy.db") == 0o600)
        }
    }

    @Test func ticketsThatAreReadOneByOneNeedNoListThatIsDue() async throws {
        let (time, store) = (ManualClock(), InMemorySyncStore())
        let id = try #require(ConnectionID("one"))
        await store.register(id, connector: InMemoryConnector.descriptor.id, tenant: TenantIdentity(rawValue: "one.example.com"))
        await store.prepare([.companies, .tickets, .notes], of: id, dueAt: time.now.addingTimeInterval(900))
        let engine = try await Engine(
            store: InMemoryEngineStore(), registry: try ConnectorRegistry([InMemoryConnector.self]),
            context: ConnectorContext(transport: InMemoryPSA(), time: time.source))
        func due(_ resources: Set<SyncResource>? = nil) async throws -> Set<SyncResource>? {
            let work = SyncWork(
                sync: SyncEngine(store: store, engine: engine), connection: id, resources: resources, accepted: nil, readsInFull: false,
                isOnce: false, time: time.source)
            return try await work.due()
        }
        #expect(try await due() == nil)
        await store.enqueue([Reread(Ticket.ID(1), .notes)], of: id, at: time.now)
        #expect(try await due() == nil, "notes wait for the time of their resource")
        await store.enqueue([Reread(Ticket.ID(1), .hint)], of: id, at: time.now)
        #expect(try await due() == [])
        #expect(try await due([.companies]) == nil)
        time.advance(by: 901)
        #expect(try await due([.companies]) == [.companies])
    }

    @Test(
        "what cannot be printed is refused",
        arguments: [
            "data tickets --data nowhere", "data --data nowhere", "sync", "sync halopsa --resource printers",
            "sync halopsa --resource notes",
        ])
    func refused(line: String) async throws {
        var fixture = CommandLineFixture()
        fixture.environment = ["HALOPSA_TENANT_URL": "acme.halopsa.com"]
        let result = try await fixture.run(line)
        #expect(result.status == 2 && result.output.isEmpty, "\(result.messages)")
    }

    @Test func aFolderWithoutACopyIsNotADamagedOne() async throws {
        let folder = try TemporaryFolder()
        let fixture = CommandLineFixture()
        let copies = try await fixture.run("data --data \(folder.path)")
        #expect(copies.status == 0 && copies.output.isEmpty && copies.messages == "The folder has no local copy yet.\n")
        let tickets = try await fixture.run("data tickets --data \(folder.path)")
        #expect(tickets.status == 2 && tickets.messages.contains("has no local copy yet") && !tickets.messages.contains("emove"))
        await (try await LocalCopyFile.open(folder.file("copy.db"))).close()
        let empty = try await fixture.run("data tickets --data \(folder.path)")
        #expect(empty.status == 2 && empty.messages.contains("has no local copy yet"))
        #expect(try await fixture.run("data --data \(folder.path)").messages == copies.messages)
    }

    @Test func aRefusedListIsExplainedAndTheOthersAreRead() async throws {
        try await CommandLineFixture.withHalo(faults: ["deny:ClientContract"], tickets: 30) { fixture, _ in
            let result = try await fixture.run(sync)
            #expect(result.status == 3 && result.messages.contains("permission.role_denied") && result.messages.contains("What to do"))
            #expect(lines(try await fixture.run("data tickets \(data) --json")).count == 30)
            let json = try await fixture.run("\(sync) --json")
            let failed = lines(json).filter { $0["type"] == "failed" }
            #expect(json.status == 3 && failed.map { $0["resource"] } == ["agreements"])
            #expect(failed.first?["problem"]?["code"] == "permission.role_denied")
        }
    }

    @Test func recordsThatAreMissingInNumbersNeedAReview() async throws {
        try await CommandLineFixture.withHalo(tickets: 100) { fixture, simulator in
            #expect(try await fixture.run(sync).status == 0)
            let ids = lines(try await fixture.run("data tickets \(data) --json")).compactMap { $0["id"]?.string.flatMap { Int($0) } }
            for id in ids.prefix(30) { await simulator.change(ticket: id, .hidden(true)) }
            let stopped = try await fixture.run("\(sync) --full --resource tickets")
            #expect(stopped.status == 3 && stopped.messages.contains("sync.too_many_missing"))
            #expect(stopped.messages.contains("30 of 100") && stopped.messages.contains("--accept-missing tickets"))
            #expect(lines(try await fixture.run("data tickets \(data) --json")).allSatisfy { $0["state"] != "unreachable" })
            #expect(try await fixture.run("\(sync) --resource tickets --accept-missing tickets").status == 0)
            let after = lines(try await fixture.run("data tickets \(data) --json"))
            #expect(after.count { $0["state"] == "unreachable" } == 30 && after.allSatisfy { $0["deleted"] == false })
        }
    }

    @Test func aFolderThatIsInUseIsNamedWithWhatSyncsIt() async throws {
        try await CommandLineFixture.withHalo(tickets: 5) { fixture, simulator in
            let used = DataFolder(path: folder.file("data"))
            try used.prepare()
            let lock = try DataFolderLock.take(used)
            let result = try await fixture.run(sync)
            #expect(result.status == 5 && result.messages.contains("keeps its local copies in sync by itself"))
            #expect(await simulator.requestLog().isEmpty)
            _ = lock
        }
    }

    // MARK: Processes

    private func start(_ server: HaloSimulatorServer, _ options: [String]) throws -> (process: Process, output: Pipe) {
        try folder.write(HaloSimulator.Configuration.demoClientSecret, to: "secret")
        let process = Process()
        process.executableURL = VectisRun.program
        process.arguments =
            [
                "sync", "halopsa", "--allow-loopback", "--no-rate-limit", "--data", folder.file("data"), "--json", "--setting",
                "tenantURL=http://127.0.0.1:\(server.port)", "--setting", "clientID=\(HaloSimulator.Configuration.demoClientID)",
                "--setting-file", "clientSecret=\(folder.file("secret"))",
            ] + options
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, output)
    }

    @Test func aKilledSyncGoesOnAtItsPageWhereverItWasKilled() async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = 4_000
        let server = try HaloSimulatorServer.start(configuration: configuration)
        var kills = 0
        var isDone = false
        for round in 0..<200 where !isDone {
            let (process, output) = try start(server, ["--once"])
            let delay = round < 12 ? Int.random(in: 100...900) : 60_000
            let killer = Task {
                try await Task.sleep(for: .milliseconds(delay))
                Glibc.kill(process.processIdentifier, SIGKILL)
            }
            _ = await onOwnThread { output.fileHandleForReading.readDataToEndOfFile() }
            await onOwnThread { process.waitForExit() }
            killer.cancel()
            isDone = process.terminationReason == .exit
            if isDone { #expect(process.terminationStatus == 0) } else { kills += 1 }
        }
        #expect(isDone)
        let pages = await server.simulator.requestLog().filter { request in
            let names = Set(request.query.map { $0.name })
            return request.path.hasSuffix("/Tickets") && names.contains("page_no")
                && names.isDisjoint(with: ["lastupdatefromdate", "deleted"])
        }
        let numbers = Set(pages.compactMap { request in request.query.first { $0.name == "page_no" }?.value })
        // Each kill repeats at most the page that was not stored yet and the four that the connector had read ahead; the list has 40 pages.
        #expect(numbers.count >= 40 && pages.count <= numbers.count + 5 * kills, "\(pages.count) requests, \(kills) kills")
        let store = try await LocalCopyFile.open(folder.file("data/copy.db"))
        let copy = try #require(try await store.copies().first)
        let tickets = try #require(try await store.statuses(of: copy.connection).first { $0.resource == .tickets })
        #expect(tickets.counts.values.reduce(0, +) == 4_000 && tickets.progress.run == nil)
        await store.close()
        await server.stop()
    }

    @Test("a signal ends it cleanly", arguments: [SIGINT, SIGTERM])
    func signals(number: Int32) async throws {
        let server = try HaloSimulatorServer.start()
        let (process, output) = try start(server, ["--resource", "companies"])
        let first = await onOwnThread {
            var text: [UInt8] = []
            while !String(decoding: text, as: UTF8.self).contains("\"ended\""), case let more = output.fileHandleForReading.availableData,
                !more.isEmpty
            {
                text += more
            }
            return text
        }
        #expect(!first.isEmpty)
        Glibc.kill(process.processIdentifier, number)
        let rest = await onOwnThread { output.fileHandleForReading.readDataToEndOfFile() }
        await onOwnThread { process.waitForExit() }
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(String(decoding: rest, as: UTF8.self).contains("\"interrupted\":true"))
        await server.stop()
    }
}
