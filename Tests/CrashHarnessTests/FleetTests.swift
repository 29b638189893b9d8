import Foundation
import PostgreSQLServer
import Testing

@testable import CrashHarness

/// The short version of the part of `make torture` in which several hosts share a database.
@Suite("Several hosts on one database", .timeLimit(.minutes(5))) struct FleetTests {
    /// Runs a plan with the program beside the tests.
    private func run(_ plan: FleetTorture.Plan) async throws -> FleetReport {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-fleet-\(UUID())"
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let report = try await FleetTorture(binary: own.appendingPathComponent("vectis").path, folder: folder, plan: plan).run()
        // The folder of a failed run is kept for analysis.
        if report.isGood { try FileManager.default.removeItem(atPath: folder) }
        return report
    }

    @Test(.enabled(if: PostgreSQLServer.isAvailable, Comment(rawValue: PostgreSQLServer.skipReason)))
    func fourHostsThatAreKilledWriteEachEventOnceAndKeepTheRateLimit() async throws {
        var plan = FleetTorture.Plan(
            store: .postgreSQL, events: 60, tenants: 6, kills: 6, restarts: 1, requests: 20, window: 20, seed: 11)
        plan.timeout = 150
        let report = try await run(plan)
        let text = Comment(rawValue: report.text)
        #expect(report.isGood, text)
        #expect(report.tickets == 60, text)
        #expect(report.isWithinLimit, text)
        #expect(report.kills == 6, text)
        #expect(report.restarts == 1, text)
        // A run without lost answers proves nothing.
        #expect(report.searchedFor >= 5, text)
    }
}
