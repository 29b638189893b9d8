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
struct ConnectionTestingTests {
    private let bed: HostFixture

    init() async throws { bed = try await HostFixture() }

    @Test(
        "how a test ends stands in status and audit log",
        arguments: [
            (ConnectionReport.passing, ConnectionStatus.Outcome.connected, AuditEntry.Outcome.done, nil),
            (.ending(.warning, .permissionScopeMissing), .limited, .done, ErrorCode.permissionScopeMissing),
            (.ending(.failed, .authInvalidClient), .needsAttention, .failed, .authInvalidClient),
            (.ending(.failed, .networkTimeout), .needsAttention, .failed, .networkTimeout),
        ])
    func endings(
        report: ConnectionReport, outcome: ConnectionStatus.Outcome, logged: AuditEntry.Outcome, code: ErrorCode?
    ) async throws {
        let saved = try await bed.saved()
        bed.time.advance(by: 5)
        bed.script.rewrite { $0.test = { report } }
        let checks = Mutex(0)
        let result = try await bed.service.test(try bed.service.draft(of: saved), audit: .sample()) { _ in checks.withLock { $0 += 1 } }
        #expect(checks.withLock { $0 } == report.checks.count)
        #expect((result.proof != nil) == report.isConnected)
        let status = try #require(try await bed.stored(saved)?.status)
        #expect(status == result.status && status.outcome == outcome && status.code == code && status.headline == report.headline)
        #expect(status.checkedAt == bed.time.now)
        let entry = try #require(try await bed.log(.connectionTested).first)
        #expect(
            entry.outcome == logged && entry.code == report.failure?.code && entry.detail == report.headline && entry.at == bed.time.now)
        #expect(report.failure == nil || entry.correlationID == report.failure?.correlationID.rawValue)
    }

    @Test(
        "another draft than what is saved does not change the status",
        arguments: [
            ["account": "b"], ["token": "other"], ["pin": "1"], ["typeID": "1"], ["server": "https://new.example.com", "token": "t0ken"],
        ] as [[SettingKey: String]])
    func otherDraft(changes: [SettingKey: String]) async throws {
        let saved = try await bed.saved()
        _ = try await bed.service.test(try bed.draft(changes, over: saved), audit: .sample())
        #expect(try await bed.stored(saved) == saved)
        #expect(try await bed.log(.connectionTested).count == 1)
        _ = try await bed.service.test(try bed.draft(["token": ""], over: saved), audit: .sample())
        #expect(try await bed.stored(saved)?.status?.outcome == .connected)
    }

    @Test func aResultThatComesAfterAChangeIsNotItsStatus() async throws {
        let saved = try await bed.saved()
        let draft = try bed.service.draft(of: saved)
        let bed = bed
        bed.script.rewrite {
            $0.test = {
                _ = try await bed.service.save(
                    try bed.draft(["account": "b"], over: saved), SaveConfirmation(acceptsUntested: true),
                    audit: .sample(.connectionChanged))
                return .passing
            }
        }
        _ = try await bed.service.test(draft, audit: .sample())
        #expect(try await bed.stored(saved)?.status == nil)
        #expect(try await bed.log().map(\.action) == [.connectionTested, .connectionChanged, .connectionCreated])
    }

    @Test func settingsWithProblemsAreAReportThatContactsNobody() async throws {
        let result = try await bed.service.test(try bed.draft(["account": "", "server": "ftp://x"]), audit: .sample())
        #expect(!result.report.isConnected && result.proof == nil && bed.script.openedWith.isEmpty)
        #expect(try await bed.log().first?.outcome == .failed)
    }

    private struct Foreign: Error { let text = "hunter2" }

    @Test("whatever a connector throws is a report", arguments: [true, false])
    func thrown(isCancellation: Bool) async throws {
        // Nobody has cancelled: a connector that says so is mistaken.
        bed.script.rewrite { $0.test = { throw isCancellation ? CancellationError() : Foreign() as any Error } }
        let result = try await bed.service.test(try bed.draft(), audit: .sample())
        #expect(result.report.failure?.code == .connectorDefect && result.proof == nil)
        #expect(!"\(result)".contains("hunter2"))
        #expect(try await bed.log().first?.code == .connectorDefect)
    }

    @Test("a connector that hangs is left alone in time, even if it ignores its cancellation", arguments: [true, false])
    func hangs(ignoresCancellation: Bool) async throws {
        let saved = try await bed.saved()
        let (never, end) = AsyncStream<Void>.makeStream()
        bed.script.rewrite {
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
        let bed = bed
        async let result = bed.service.test(try bed.service.draft(of: saved), audit: .sample())
        await bed.time.waitForSleeper()
        bed.time.advance(by: HostFixture.patience.seconds)
        #expect(try await result.report.failure?.code == .networkTimeout)
        #expect(try await bed.stored(saved)?.status?.code == .networkTimeout)
        end.finish()
        // What it still says counts for nothing.
        #expect(try await bed.stored(saved)?.status?.outcome == .needsAttention)
        #expect(try await bed.log(.connectionTested).count == 1)
    }

    @Test func aTestThatIsCancelledSaysNothingAboutTheConnection() async throws {
        let saved = try await bed.saved()
        _ = try await bed.service.test(try bed.service.draft(of: saved), audit: .sample())
        let before = try await bed.stored(saved)
        let (never, end) = AsyncStream<Void>.makeStream()
        bed.script.rewrite {
            $0.test = {
                for await _ in never {}
                try Task.checkCancellation()
                return .ending(.failed, .authInvalidClient)
            }
        }
        let bed = bed
        let test = Task { try await bed.service.test(try bed.service.draft(of: saved), audit: .sample(detail: "unfinished")) }
        await bed.time.waitForSleeper()
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        end.finish()
        #expect(try await bed.stored(saved) == before)
        let entry = try #require(try await bed.log(.connectionTested).first)
        #expect(entry.outcome == .failed && entry.code == nil && entry.detail.contains("ended before"))
    }
}

@Suite("Patience")
struct TimeoutTests {
    private let time = ManualClock(movesBySleeping: false, random: 0.5)

    @Test func anAnswerInTimeIsTheAnswer() async throws {
        #expect(try await Timeout.wait(.seconds(1), time: time.source) { 7 } == 7)
        await #expect(throws: PSAError.self) { try await Timeout.wait(.seconds(1), time: time.source) { throw PSAError(.rateLimited) } }
    }

    @Test func whenTheTimeIsUpTheWorkIsCancelled() async throws {
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

    @Test func whoeverWaitsCanGiveUp() async throws {
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
