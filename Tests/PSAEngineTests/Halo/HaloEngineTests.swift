import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite
import PSATesting
import Synchronization
import TestSupport
import Testing

/// Forwards requests, and loses the answers of as many writes as a test says.
private final class LostAnswers: HTTPTransport {
    private let transport = CurlTransport()
    private let remaining = Mutex(0)

    func lose(_ count: Int) { remaining.withLock { $0 = count } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let response = try await transport.send(request)
        let isWrite = request.method == .post && request.route.hasPrefix("/api/")
        let isLost = remaining.withLock { count in
            guard isWrite, count > 0 else { return false }
            count -= 1
            return true
        }
        if isLost { throw TransportError(.interrupted, delivery: .maybeSent) }
        return response
    }
}

/// An engine with the HaloPSA connector over a real socket.
@Suite("Engine with HaloPSA", .timeLimit(.minutes(2))) struct HaloEngineTests {
    private struct Fixture {
        let server: HaloSimulatorServer
        let transport = LostAnswers()
        let settings: SettingsInput
        let context: ConnectorContext
        /// A ticket whose contact has an e-mail address.
        let ticket: Ticket.ID

        static let closed = TicketStatus.ID(9)

        static func run(_ body: (Fixture) async throws -> Void) async throws {
            var configuration = HaloSimulator.Configuration()
            (configuration.ticketCount, configuration.contactCount, configuration.companyCount) = (10, 5, 12)
            let server = try HaloSimulatorServer.start(configuration: configuration)
            do {
                try await body(try await Fixture(server))
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }

        private init(_ server: HaloSimulatorServer) async throws {
            self.server = server
            settings = [
                "tenantURL": "http://127.0.0.1:\(server.port)", "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1", "requestsPerFiveMinutes": "100000",
            ]
            context = ConnectorContext(transport: transport, addressPolicy: .allowingLoopback)
            let session = try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: settings, context: context)
            var contact: Contact.ID?
            for try await row in session.contacts() where row.site != nil && !row.emails.isEmpty { contact = contact ?? row.id }
            ticket = try await session.createTicket(TicketDraft(summary: "Server is slow", contact: contact)).id
            await server.simulator.clearLog()
        }

        /// Creates a ticket whose status only the actions of a workflow change.
        func change(_ session: ConnectorSession) async throws -> Ticket.ID {
            var fields: [TicketField.ID: TicketFieldValue] = [:]
            for (field, choice) in [("team", "2nd Line"), ("impact", "3"), ("urgency", "3")] {
                fields[try #require(TicketField.ID(field))] = .choice(try #require(TicketField.Choice.ID(choice)))
            }
            return try await session.createTicket(
                TicketDraft(summary: "Change", details: "Swap the switch", type: TicketType.ID(41), fields: fields)
            ).id
        }

        func engine(_ store: any EngineStore) async throws -> Engine {
            // The simulator finds its tickets at once: nothing has to wait for it.
            let policy = OutboxPolicy(searchDelays: [.milliseconds(10), .milliseconds(10), .milliseconds(10)])
            return try await Engine(
                store: store, registry: try ConnectorRegistry([HaloConnector.self]), context: context,
                options: Engine.Options(policy: { policy }))
        }

        func payload(_ kind: WriteKind) -> TicketJob.Payload {
            switch kind {
            case .create: .newTicket("Disk full", details: "C: has 1 % left.")
            case .note: .note("Cleaned up.", on: ticket)
            case .reply: .reply("It works again.", to: ticket)
            case .status: .statusChange(of: ticket, to: Self.closed)
            }
        }

        /// How many writes of a kind the PSA has; for a status, whether the ticket has it.
        func count(_ kind: WriteKind) async throws -> Int {
            let writes = await server.simulator.storedWrites()
            switch kind {
            case .create: return writes.count { $0.actionID == nil && $0.sent.contains("Disk full") }
            case .note: return writes.count { $0.actionID != nil && $0.sent.contains("Cleaned up.") }
            case .reply: return writes.count { $0.actionID != nil && $0.sent.contains("It works again.") }
            case .status: return await server.simulator.ticket(try #require(ticket.integer))?.statusID == 9 ? 1 : 0
            }
        }
    }

    /// Enqueues a write and waits until it has ended.
    private func write(_ kind: WriteKind, _ fixture: Fixture, _ engine: Engine) async throws -> TicketJob {
        try await engine.addConnection(Sample.id("halo"), connector: "halopsa", settings: fixture.settings)
        let id = try await engine.enqueue(fixture.payload(kind), through: Sample.id("halo"), key: Sample.key(kind.rawValue))
        let running = Task { await engine.run() }
        let job = try await engine.completion(of: id)
        running.cancel()
        await running.value
        return job
    }

    @Test(arguments: WriteKind.allCases) func everyWriteIsExecutedOnce(_ kind: WriteKind) async throws {
        try await Fixture.run { fixture in
            let engine = try await fixture.engine(InMemoryEngineStore())
            let job = try await write(kind, fixture, engine)
            #expect(job.state.name == kind.finalState)
            #expect(try await write(kind, fixture, engine) == job)
            #expect(try await fixture.count(kind) == 1)
        }
    }

    @Test(arguments: WriteKind.allCases) func aLostAnswerIsSearchedForAndTheWriteAdopted(_ kind: WriteKind) async throws {
        try await Fixture.run { fixture in
            fixture.transport.lose(1)
            let job = try await write(kind, fixture, try await fixture.engine(InMemoryEngineStore()))
            #expect(job.state.name == kind.finalState)
            #expect(job.attempts == 1)
            #expect(try await fixture.count(kind) == 1)
        }
    }

    @Test func aNoteOnAClosedTicketFailsWithoutAWrite() async throws {
        try await Fixture.run { fixture in
            let engine = try await fixture.engine(InMemoryEngineStore())
            #expect(try await write(.status, fixture, engine).state.name == .statusChanged)
            let job = try await write(.note, fixture, engine)
            guard case .failed(.ticketNotWritable, let problem) = job.state else {
                Issue.record("\(job.state)")
                return
            }
            #expect(problem.contains("HaloPSA at 127.0.0.1"))
            #expect(try await fixture.count(.note) == 0)
        }
    }

    @Test func aStatusThatDoesNotExistFailsWithGuidance() async throws {
        try await Fixture.run { fixture in
            let engine = try await fixture.engine(InMemoryEngineStore())
            try await engine.addConnection(Sample.id("halo"), connector: "halopsa", settings: fixture.settings)
            let id = try await engine.enqueue(
                .statusChange(of: fixture.ticket, to: TicketStatus.ID(777)), through: Sample.id("halo"), key: Sample.key("a"))
            await engine.work(on: try Sample.id("halo"))
            let job = try #require(try await engine.job(id))
            guard case .failed(.ticketFieldInvalid, let problem) = job.state else {
                Issue.record("\(job.state)")
                return
            }
            #expect(try JSONDocument(Array(problem.utf8)).root["code"]?.string == "ticket.field_invalid")
        }
    }

    @Test(arguments: ["", "Approved by the change board."]) func aStatusThatTheWorkflowDoesNotKeepIsSentOnce(_ note: String) async throws {
        try await Fixture.run { fixture in
            await fixture.server.simulator.setFaults([try HaloFault(parsing: "workflow-status:kept")])
            let engine = try await fixture.engine(InMemoryEngineStore())
            try await engine.addConnection(Sample.id("halo"), connector: "halopsa", settings: fixture.settings)
            let stored = try #require(try await engine.store.connection(Sample.id("halo")))
            let ticket = try await fixture.change(try await engine.sessions.session(of: stored))
            // No action of the first step leads to this status.
            let id = try await engine.enqueue(
                .statusChange(of: ticket, to: Fixture.closed, note: note), through: Sample.id("halo"), key: Sample.key("a"))
            let running = Task { await engine.run() }
            let job = try await engine.completion(of: id)
            running.cancel()
            await running.value
            #expect(job.state.name == .failed && job.attempts == 1)
            #expect(
                await fixture.server.simulator.storedWrites().count { $0.sent.contains(note) && $0.actionID != nil }
                    == (note.isEmpty ? 0 : 1))
        }
    }

    // MARK: README

    @Test func theSampleWritesEachThingOnceAlsoAfterARestart() async throws {
        try await Fixture.run { fixture in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engine-readme-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            var former: [TicketJob] = []
            for _ in 0..<2 {
                let store = try await SQLiteEngineStore.open(folder.appendingPathComponent("engine.db").path)
                let jobs = try await writeOnce(store, fixture.context, fixture.settings, ticket: fixture.ticket, status: Fixture.closed)
                #expect(jobs.map(\.state.name) == [.created, .appended, .replied, .statusChanged])
                #expect(former.isEmpty || jobs == former)
                former = jobs
                await store.close()
            }
            let writes = await fixture.server.simulator.storedWrites()
            #expect(writes.count == 3)
            for text in ["Disk full on SRV-1", "Temporary files were removed.", "Your server works again."] {
                #expect(writes.count { $0.sent.contains(text) } == 1)
            }
        }
    }

    @Test func theSampleInTheReadmeIsTheOneThatIsCompiled() throws {
        let source = try RepositoryFile("Tests/PSAEngineTests/Halo/ReadmeExample.swift").lines
        let start = try #require(source.firstIndex(of: "// sample: engine"))
        let end = try #require(source[start...].firstIndex(of: "// end of sample"))
        let sample = source[(start + 1)..<end].joined(separator: "\n")
        let readme = try RepositoryFile("README.md").lines.joined(separator: "\n")
        #expect(readme.contains("```swift\n\(sample)\n```"))
    }
}
