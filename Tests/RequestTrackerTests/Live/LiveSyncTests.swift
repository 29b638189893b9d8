import Foundation
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite
import PSATesting
import RequestTracker
import TestSupport
import Testing

// Against a real RT, started and filled by `make test-rt`.
@Suite("Local copy of a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveSyncTests {
    private let live = LiveServer()

    private struct Fixture {
        let connection: ConnectionID
        let engine: Engine
        let sync: SyncEngine
        let session: ConnectorSession
        let clock = SkippingClock(maxSkippedLength: .seconds(10))

        init(_ live: LiveServer) async throws {
            let server = try #require(LiveServer.server)
            connection = try #require(ConnectionID("rt"))
            engine = try await Engine(
                store: InMemoryEngineStore(), registry: server.registry,
                context: ConnectorContext(transport: live.transport, addressPolicy: .allowingLoopback, time: clock.source, log: live.log))
            try await engine.addConnection(connection, connector: RequestTrackerServer.connectorName, settings: server.settings)
            sync = SyncEngine(store: try await SQLiteSyncStore.inMemory(), engine: engine)
            session = try live.session()
        }

        func status(_ resource: SyncResource) async throws -> SyncStatus {
            try #require(try await sync.statuses(of: connection).first { $0.resource == resource })
        }

        func record(_ id: Ticket.ID) async throws -> SyncRecord? {
            try await sync.record(try #require(SyncRecord.ID(id.rawValue)), of: .tickets, in: connection)
        }

        /// Reads tickets and notes; the other lists do not change here, and the server is slow.
        func syncTickets(after seconds: Int, full: Bool = false) async throws {
            clock.advance(by: .seconds(seconds))
            try await sync.sync(connection, resources: [.tickets], full: full)
        }
    }

    @Test func aFirstSyncReadsEveryResourceAndASecondOneFindsNothingNew() async throws {
        let fixture = try await Fixture(live)
        let statuses = try await fixture.sync.sync(fixture.connection)
        #expect(statuses.allSatisfy { $0.progress.failure == nil }, "\(statuses.compactMap(\.progress.failure))")
        let tickets = try await fixture.status(.tickets)
        #expect(tickets.rows >= LiveServer.seededTickets)
        #expect(tickets.progress.filter?.works == true)
        #expect(try await fixture.status(.companies).rows > 0)
        #expect(try await fixture.status(.contacts).rows > 0)
        let requests = live.transport.requests.count
        let before = try await fixture.record(Ticket.ID(1))
        fixture.clock.advance(by: .seconds(600))
        try await fixture.sync.sync(fixture.connection, resources: [.companies, .agents])
        #expect(try await fixture.record(Ticket.ID(1)) == before)
        print("live: first sync of \(tickets.rows) tickets with \(requests) requests")
    }

    /// The small form of the model test: tickets change at random between runs, then the copy is compared with the server.
    ///
    /// The server takes about a second for a page, and every ticket was made less than a day ago: few runs are enough to keep both busy.
    @Test(arguments: [1]) func afterQuietTheCopyEqualsTheServer(_ seed: UInt64) async throws {
        let fixture = try await Fixture(live)
        var generator = SeededGenerator(seed: seed)
        try await fixture.syncTickets(after: 0)
        var own: [Ticket.ID] = []
        var noted: [Ticket.ID: String] = [:]
        for step in 0..<3 {
            for _ in 0..<7 {
                switch Int.random(in: 0..<3, using: &generator) {
                case 1:
                    guard let id = own.randomElement(using: &generator) else { continue }
                    let text = "Seen in step \(step), \(Int.random(in: 0..<1_000, using: &generator))."
                    _ = try await fixture.session.addPrivateNote(text, to: id)
                    noted[id] = text
                case 2:
                    guard let id = own.randomElement(using: &generator), let status = TicketStatus.ID("resolved") else { continue }
                    _ = try await fixture.session.changeStatus(of: id, to: status)
                default: own.append(try await fixture.session.createTicket(TicketDraft(summary: "Copied \(seed)-\(step)")).id)
                }
            }
            try await fixture.syncTickets(after: 400)
        }
        // The notes of the latest changes are read two seconds later at the earliest.
        try await fixture.syncTickets(after: 90_000, full: true)
        for id in own {
            let ticket = try await fixture.session.ticket(id)
            let record = try #require(try await fixture.record(id))
            #expect(record.facts.name == ticket.summary)
            #expect(record.state == (ticket.phase == .closed ? .closed : .present), "ticket \(id)")
        }
        var query = SyncQuery(.notes)
        query.limit = SyncLimits.page
        for (id, text) in noted {
            query.ticket = id
            let notes = try await fixture.sync.records(query, in: fixture.connection).records
            #expect(notes.contains { $0.content["text"]?.string?.contains(text) == true }, "ticket \(id)")
        }
        #expect(try await fixture.status(.tickets).counts[.deleted] == nil, "nothing was deleted")
    }
}
