import PSACore
import PSATesting
import RequestTracker
import TestSupport
import Testing

@Suite("A real Request Tracker that refuses", .enabled(if: LiveServer.isGiven))
struct LiveFailureTests {
    private let live = LiveServer()

    @Test func aWrongTokenIsToldAsSuchAndIsFoundNowhere() async throws {
        let session = try live.session(["token": SecretMarker.plain])
        let report = try await session.testConnection()
        #expect(report.failure?.code == .authTokenRejected && report.failure?.fields == ["token"])
        #expect(report.checks.last?.subject == .credentials)
        var told = live.log.lines + [report.json(in: TextRenderer()).encodedText, "\(report)"]
        for answer in await SessionSweep().answers(of: session) {
            if let error = answer.error as? PSAError {
                told += [error.problem(in: TextRenderer()).encodedText, "\(error)", String(reflecting: error)]
            }
        }
        #expect(SecretMarker.found(in: told.joined(separator: "\n")) == [])
        #expect(told.count > 10)
    }

    @Test func theRealTokenIsFoundNowhereEither() async throws {
        let token = try #require(LiveServer.server?.settings["token"]?.reveal())
        let session = try live.session()
        let report = try await session.testConnection()
        let ticket = try await session.ticket(RecordID(1))
        let told = live.log.lines + ["\(report)", "\(session)", "\(ticket)", String(decoding: ticket.native.bytes, as: UTF8.self)]
        #expect(!told.joined().contains(token))
    }

    @Test func anUnknownHostIsToldAsSuch() async throws {
        let report = try await live.session(["serverURL": "https://rt.does-not-exist.invalid"]).testConnection()
        #expect(report.failure?.code == .networkDNSNotFound && report.failure?.fields == ["serverURL"])
    }

    @Test func aWrongPathIsToldAsSuch() async throws {
        let report = try await live.session(["webPath": "/elsewhere"]).testConnection()
        #expect(report.failure?.code == .urlNotVendor && report.failure?.fields == ["serverURL", "webPath"])
        #expect(report.checks.filter { $0.subject == .credentials }.isEmpty)
    }

    @Test func aUserWithoutRightsSeesNothingAndIsToldWhy() async throws {
        try #require(!LiveServer.powerlessToken.isEmpty)
        let session = try live.session(["token": LiveServer.powerlessToken])
        let report = try await session.testConnection()
        #expect(report.checks.contains { $0.subject == .credentials && $0.outcome == .passed })
        #expect(report.warnings.contains { $0.subject == .read(.readTickets) })
        #expect(await failure { _ = try await session.createTicket(TicketDraft(summary: "x")) }?.code == .permissionRoleDenied)
        #expect(await failure { _ = try await session.ticket(RecordID(1)) }?.code == .permissionRoleDenied)
        #expect(await failure { _ = try await session.addPrivateNote("x", to: RecordID(1)) }?.code == .permissionRoleDenied)
    }

    @Test func aTicketThatIsNotThereIsNotFound() async throws {
        let session = try live.session()
        #expect(await failure { _ = try await session.ticket(RecordID(999_999)) }?.code == .requestNotFound)
        #expect(await failure { _ = try await session.notes(of: RecordID(999_999)).collect() }?.code == .requestNotFound)
        #expect(await failure { _ = try await session.addPrivateNote("x", to: RecordID(999_999)) }?.code == .requestNotFound)
    }
}
