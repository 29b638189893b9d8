import Foundation
import HaloSimulator
import PSATesting
import Synchronization
import Testing
import WebServer

@testable import PSACore
@testable import PSAEngine
@testable import VectisCore
@testable import VectisWeb

/// What people read from a PSA by opening pages has a share of its rate limit, is kept for a short time, and delays no delivery.
@Suite("Reads on behalf of people", .timeLimit(.minutes(2)))
struct InteractiveReadTests {
    /// A host in front of a simulated HaloPSA of which a tenant allows 100 requests in five minutes; one person may make 20 of them.
    private func withHalo(_ body: (WebFixture, HaloSimulatorServer, StoredConnection) async throws -> Void) async throws {
        let server = try HaloSimulatorServer.start()
        do {
            let options = WebFixture.Options(reachesLoopback: true, pace: RateLimit(100, per: .seconds(300)))
            try await WebFixture.with(.inProcess, options) { fixture in
                let values: [SettingKey: Secret] = [
                    "tenantURL": Secret("http://127.0.0.1:\(server.port)"), "clientID": Secret(HaloSimulator.Configuration.demoClientID),
                    "clientSecret": Secret(HaloSimulator.Configuration.demoClientSecret),
                ]
                let draft = try fixture.services.connections.draft("halopsa", SettingsSubmission(name: "Acme", values: values))
                let connection = try await fixture.services.connections.save(
                    draft, SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionCreated))
                try await body(fixture, server, connection)
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func aPageThatIsReloadedAsksThePSAOnceInAWhile() async throws {
        try await withHalo { fixture, server, connection in
            let viewer = try await fixture.signIn("viewer")
            let page = "/integrations/\(connection.id)/ticket-defaults"
            #expect(try await viewer.get(page).status == 200)
            let first = await server.simulator.requestLog().count
            for _ in 0..<30 { #expect(try await viewer.get(page).status == 200) }
            #expect(try await fixture.signIn("admin").get(page).status == 200)
            #expect(await server.simulator.requestLog().count == first)
            fixture.time.advance(by: 16)
            #expect(try await viewer.get(page).status == 200)
            #expect(await server.simulator.requestLog().count > first)
        }
    }

    @Test func aViewerWhoLoopsOnChoicesUsesUpTheOwnShareAndDelaysNoDelivery() async throws {
        try await withHalo { fixture, server, connection in
            let viewer = try await fixture.signIn("viewer")
            var refused: WebAnswer?
            for type in 0..<200 where refused == nil {
                let answer = try await viewer.call("GET", "/connections/\(connection.id)/ticket-choices?type=\(5_000 + type)")
                if answer.status != 200 { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.status == 429 && answer.headers["Retry-After"] == "300", "\(answer.text)")
            #expect(answer.json["code"] == "rate.limited")
            #expect(answer.text.contains("your share of the requests"))
            // The token, and a fifth of the limit.
            #expect(await server.simulator.requestLog().count <= 21)

            let page = try await viewer.get("/integrations/\(connection.id)/ticket-defaults")
            #expect(page.status == 200 && page.text.contains("your share of the requests"))

            // Whatever the viewer does meanwhile: a job reads and writes at once, and the administrator reads.
            let session = try await fixture.services.connections.session(of: connection)
            for number in 0..<10 {
                let refusedAgain = try await viewer.call("GET", "/connections/\(connection.id)/ticket-choices?type=\(6_000 + number)")
                #expect(refusedAgain.status == 429)
                _ = try await RequestUrgency.$current.withValue(.delivery) {
                    try await session.createTicket(TicketDraft(summary: "Alert \(number)", type: RecordID(1)))
                }
            }
            let admin = try await fixture.signIn("admin")
            #expect(try await admin.call("GET", "/connections/\(connection.id)/ticket-choices").status == 200)
        }
    }

    @Test func readsOfTheSameAtTheSameTimeAreOne() async throws {
        let time = ManualClock()
        let reads = InteractiveReads(time: time.source)
        let fixture = try await HostFixture()
        let connection = try await fixture.saved()
        let (started, release) = (Signal(), Signal())
        let count = Counter()
        let read: @Sendable () async throws -> Int = {
            try await Self.asViewer {
                try await reads.value("list", of: connection) {
                    started.fire()
                    await release.wait()
                    return count.next()
                }
            }
        }
        let tasks = (0..<5).map { _ in Task { try await read() } }
        await started.wait()
        release.fire()
        for task in tasks { #expect(try await task.value == 1) }
        // The host's own reads are not kept, nor is what a changed connection gave.
        #expect(try await reads.value("list", of: connection) { 7 } == 7)
        var changed = connection
        changed.revision += 1
        let other = try await Self.asViewer { [changed] in try await reads.value("list", of: changed) { 8 } }
        #expect(other == 8)
        time.advance(by: 15)
        #expect(try await read() == 2)
    }

    @Test func aFailureIsNotKept() async throws {
        struct Failed: Error {}
        let reads = InteractiveReads(time: ManualClock().source)
        let connection = try await HostFixture().saved()
        await #expect(throws: Failed.self) {
            try await Self.asViewer { try await reads.value("list", of: connection) { () async throws -> Int in throw Failed() } }
        }
        let value = try await Self.asViewer { try await reads.value("list", of: connection) { 1 } }
        #expect(value == 1)
    }

    private static func asViewer<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await RequestOwner.$current.withValue("viewer") { try await work() }
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
