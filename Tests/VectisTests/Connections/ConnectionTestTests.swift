import FoundationEssentials
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Testing connections")
struct ConnectionTestTests {
    private let fixture: HostFixture

    init() async throws { fixture = try await HostFixture() }

    @Test(
        "the test result is stored in status and audit log",
        arguments: [
            (ConnectionReport.passing, ConnectionStatus.Outcome.connected, AuditEntry.Outcome.done, nil),
            (.ending(.warning, .permissionScopeMissing), .limited, .done, ErrorCode.permissionScopeMissing),
            (.ending(.failed, .authInvalidClient), .needsAttention, .failed, .authInvalidClient),
            (.ending(.failed, .networkTimeout), .needsAttention, .failed, .networkTimeout),
        ])
    func endings(
        report: ConnectionReport, outcome: ConnectionStatus.Outcome, logged: AuditEntry.Outcome, code: ErrorCode?
    ) async throws {
        let saved = try await fixture.saved()
        fixture.time.advance(by: 5)
        fixture.script.rewrite { $0.test = { report } }
        let checks = Mutex(0)
        let result = try await fixture.service.test(try fixture.service.draft(of: saved), audit: .sample()) { _ in
            checks.withLock { $0 += 1 }
        }
        #expect(checks.withLock { $0 } == report.checks.count)
        #expect((result.proof != nil) == report.isConnected)
        let status = try #require(try await fixture.stored(saved)?.status)
        #expect(status == result.status && status.outcome == outcome && status.code == code && status.headline == report.headline)
        #expect(status.checkedAt == fixture.time.now)
        let entry = try #require(try await fixture.log(.connectionTested).first)
        #expect(
            entry.outcome == logged && entry.code == report.failure?.code && entry.detail == report.headline && entry.at == fixture.time.now
        )
        #expect(report.failure == nil || entry.correlationID == report.failure?.correlationID.rawValue)
    }

    @Test(
        "testing a changed draft does not change the status",
        arguments: [
            ["account": "b"], ["token": "other"], ["pin": "1"], ["typeID": "1"], ["server": "https://new.example.com", "token": "t0ken"],
        ] as [[SettingKey: String]])
    func otherDraft(changes: [SettingKey: String]) async throws {
        let saved = try await fixture.saved()
        _ = try await fixture.service.test(try fixture.draft(changes, over: saved), audit: .sample())
        #expect(try await fixture.stored(saved) == saved)
        #expect(try await fixture.log(.connectionTested).count == 1)
        _ = try await fixture.service.test(try fixture.draft(["token": ""], over: saved), audit: .sample())
        #expect(try await fixture.stored(saved)?.status?.outcome == .connected)
    }

    @Test func aResultFromBeforeAChangeIsNotTheStatus() async throws {
        let saved = try await fixture.saved()
        let draft = try fixture.service.draft(of: saved)
        let fixture = fixture
        fixture.script.rewrite {
            $0.test = {
                _ = try await fixture.service.save(
                    try fixture.draft(["account": "b"], over: saved), SaveConfirmation(acceptsUntested: true),
                    audit: .sample(.connectionChanged))
                return .passing
            }
        }
        _ = try await fixture.service.test(draft, audit: .sample())
        #expect(try await fixture.stored(saved)?.status == nil)
        #expect(try await fixture.log().map(\.action) == [.connectionTested, .connectionChanged, .connectionCreated])
    }

    @Test func invalidSettingsAreReportedWithoutARequest() async throws {
        let result = try await fixture.service.test(try fixture.draft(["account": "", "server": "ftp://x"]), audit: .sample())
        #expect(!result.report.isConnected && result.proof == nil && fixture.script.openedWith.isEmpty)
        #expect(try await fixture.log().first?.outcome == .failed)
    }

    private struct Foreign: Error { let text = "hunter2" }

    @Test("every thrown error becomes a report", arguments: [true, false])
    func thrown(isCancellation: Bool) async throws {
        // Not cancelled: a connector that reports cancellation is wrong.
        fixture.script.rewrite { $0.test = { throw isCancellation ? CancellationError() : Foreign() as any Error } }
        let result = try await fixture.service.test(try fixture.draft(), audit: .sample())
        #expect(result.report.failure?.code == .connectorDefect && result.proof == nil)
        #expect(!"\(result)".contains("hunter2"))
        #expect(try await fixture.log().first?.code == .connectorDefect)
    }

    @Test("a hanging connector times out, even if it ignores its cancellation", arguments: [true, false])
    func hangs(ignoresCancellation: Bool) async throws {
        let saved = try await fixture.saved()
        let (never, end) = AsyncStream<Void>.makeStream()
        fixture.script.rewrite {
            $0.test = {
                if ignoresCancellation {
                    await Task { for await _ in never {} }.value
                } else {
                    for await _ in never {}
                    try Task.checkCancellation()
                }
                return .passing
            }
        }
        let fixture = fixture
        async let result = fixture.service.test(try fixture.service.draft(of: saved), audit: .sample())
        await fixture.time.waitForSleeper()
        fixture.time.advance(by: HostFixture.timeout.seconds)
        #expect(try await result.report.failure?.code == .networkTimeout)
        #expect(try await fixture.stored(saved)?.status?.code == .networkTimeout)
        end.finish()
        // Its later reports are ignored.
        #expect(try await fixture.stored(saved)?.status?.outcome == .needsAttention)
        #expect(try await fixture.log(.connectionTested).count == 1)
    }

    @Test func aCancelledTestDoesNotChangeTheStatus() async throws {
        let saved = try await fixture.saved()
        _ = try await fixture.service.test(try fixture.service.draft(of: saved), audit: .sample())
        let before = try await fixture.stored(saved)
        let (never, end) = AsyncStream<Void>.makeStream()
        fixture.script.rewrite {
            $0.test = {
                for await _ in never {}
                try Task.checkCancellation()
                return .ending(.failed, .authInvalidClient)
            }
        }
        let fixture = fixture
        let test = Task { try await fixture.service.test(try fixture.service.draft(of: saved), audit: .sample(detail: "unfinished")) }
        await fixture.time.waitForSleeper()
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        end.finish()
        #expect(try await fixture.stored(saved) == before)
        let entry = try #require(try await fixture.log(.connectionTested).first)
        #expect(entry.outcome == .failed && entry.code == nil && entry.detail.contains("ended before"))
    }
}

@Suite("Timeouts")
struct TimeoutTests {
    private let time = ManualClock(movesBySleeping: false, random: 0.5)

    @Test func anAnswerWithinTheTimeoutIsReturned() async throws {
        #expect(try await Timeout.wait(.seconds(1), time: time.source) { 7 } == 7)
        await #expect(throws: PSAError.self) { try await Timeout.wait(.seconds(1), time: time.source) { throw PSAError(.rateLimited) } }
    }

    @Test func theWorkIsCancelledAtTheTimeout() async throws {
        let (cancelled, note) = AsyncStream<Void>.makeStream()
        let (never, end) = AsyncStream<Void>.makeStream()
        let time = time
        let waiting = Task {
            try await Timeout.wait(.seconds(10), time: time.source) {
                await withTaskCancellationHandler {
                    for await _ in never {}
                } onCancel: {
                    note.finish()
                }
            }
        }
        await time.waitForSleeper()
        time.advance(by: 9.999)
        time.advance(by: 0.001)
        let error = await #expect(throws: PSAError.self) { try await waiting.value }
        #expect(try #require(error).code == .networkTimeout)
        for await _ in cancelled {}
        end.finish()
    }

    @Test func waitersCanBeCancelled() async throws {
        let time = time
        let (never, end) = AsyncStream<Void>.makeStream()
        let waiting = Task {
            try await Timeout.wait(.seconds(10), time: time.source) {
                // Its own task knows nothing of the cancellation.
                await Task { for await _ in never {} }.value
            }
        }
        await time.waitForSleeper()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        end.finish()
    }
}
