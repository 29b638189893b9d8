import FoundationEssentials
import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
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

@Suite("The check schedule")
struct ConnectionScheduleTests {
    private static let interval = Duration.seconds(3600)
    private let fixture: HostFixture
    private let schedule: ConnectionSchedule

    init() async throws {
        fixture = try await HostFixture()
        schedule = ConnectionSchedule(service: fixture.service, interval: Self.interval)
    }

    private func tested() -> [String] { fixture.script.openedWith.compactMap { $0["account"] } }

    @Test func onlyDueConnectionsAreTested() async throws {
        let old = try await fixture.saved(["account": "old"])
        _ = try await fixture.service.test(try fixture.service.draft(of: old), audit: .sample())
        fixture.time.advance(by: 1)
        let fresh = try await fixture.saved(["account": "fresh", "server": "fresh.example.com"])
        _ = try await fixture.service.test(try fixture.service.draft(of: fresh), audit: .sample())
        _ = try await fixture.saved(["account": "never tested", "server": "never.example.com"])
        let before = tested().count
        fixture.time.advance(by: Self.interval.seconds - 1)
        await schedule.checkThoseDue()
        #expect(Set(tested().dropFirst(before)) == ["old", "never tested"])
        await schedule.checkThoseDue()
        #expect(tested().count == before + 2)
        fixture.time.advance(by: 1)
        await schedule.checkThoseDue()
        #expect(tested().dropFirst(before + 2) == ["fresh"])
        let entries = try await fixture.log(.connectionChecked)
        #expect(entries.count == 3 && entries.allSatisfy { $0.actor == .system && $0.address == nil && $0.outcome == .done })
    }

    @Test func aResultOfTheFutureIsCheckedAgain() async throws {
        let saved = try await fixture.saved()
        fixture.time.adjustWallClock(by: 400 * 86_400)
        await schedule.checkThoseDue()
        fixture.time.adjustWallClock(by: -400 * 86_400)
        let before = tested().count
        await schedule.checkThoseDue()
        #expect(tested().count == before + 1)
        #expect(try await fixture.stored(saved)?.status?.checkedAt == fixture.time.now)
        await schedule.checkThoseDue()
        #expect(tested().count == before + 1)
    }

    @Test func aFailedCheckDoesNotDelayTheOthers() async throws {
        let first = try await fixture.saved(["server": "a.example.com"], name: "A")
        let second = try await fixture.saved(["server": "b.example.com"], name: "B")
        let turns = Mutex(0)
        fixture.script.rewrite {
            $0.test = {
                let isFirst = turns.withLock {
                    $0 += 1
                    return $0 == 1
                }
                guard !isFirst else { throw PSAError(.authInvalidClient) }
                return .passing
            }
        }
        await schedule.checkThoseDue()
        #expect(try await fixture.stored(first)?.status?.code == .authInvalidClient)
        #expect(try await fixture.stored(second)?.status?.outcome == .connected)
        #expect(try await fixture.log(.connectionChecked).map(\.outcome) == [.done, .failed])
    }

    @Test func aConnectionWithAnUnreadableSecretIsRetriedOnSchedule() async throws {
        let lost = try await fixture.saved(["server": "a.example.com"])
        let keyless = try await HostFixture(fixture.storage, time: fixture.time)
        let readable = try await keyless.saved(["server": "b.example.com"])
        await ConnectionSchedule(service: keyless.service, interval: Self.interval).checkThoseDue()
        #expect(try await fixture.stored(lost) == lost)
        #expect(try await fixture.stored(readable)?.status?.outcome == .connected)
    }

    @Test func theScheduleRunsUntilItIsCancelled() async throws {
        let saved = try await fixture.saved()
        let (schedule, fixture) = (schedule, fixture)
        let running = Task { await schedule.run() }
        await fixture.time.waitForSleeper()
        // What was never tested is due at once.
        while try await fixture.stored(saved)?.status == nil { await Task.yield() }
        let first = tested().count
        #expect(first == 1)
        while tested().count == first {
            fixture.time.advance(by: 300)
            await Task.yield()
        }
        running.cancel()
        await running.value
        let last = tested().count
        await schedule.checkThoseDue()
        fixture.time.advance(by: Self.interval.seconds * 2)
        #expect(tested().count == last)
    }

    @Test func aCheckInterruptedByShutdownKeepsTheStatus() async throws {
        let saved = try await fixture.saved()
        _ = try await fixture.service.test(try fixture.service.draft(of: saved), audit: .sample())
        let before = try await fixture.stored(saved)
        fixture.time.advance(by: Self.interval.seconds)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (never, end) = AsyncStream<Void>.makeStream()
        fixture.script.rewrite {
            $0.test = {
                begin.finish()
                for await _ in never {}
                throw CancellationError()
            }
        }
        let schedule = schedule
        let running = Task { await schedule.run() }
        for await _ in begun {}
        running.cancel()
        await running.value
        end.finish()
        #expect(try await fixture.stored(saved) == before)
    }
}

@Suite("Networks that the operator allows")
struct AllowedNetworksTests {
    @Test(arguments: [
        "--allow-network 127.0.0.0/8", "--allow-network 10.0.0.0/8,127.0.0.1", "--allow-network fd00::/8 --allow-network=127.0.0.0/8",
    ])
    func aServerInAnAllowedNetworkIsReached(options: String) async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("test halopsa \(options)")
            #expect(result.status == 0, "\(result.messages)")
        }
    }

    @Test func theEnvironmentVariableWorksLikeTheOption() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            var fixture = fixture
            fixture.environment[CommandLineProgram.networksVariable] = "fd00::/8, 127.0.0.0/8"
            let result = try await fixture.run("test halopsa")
            #expect(result.status == 0)
        }
    }

    @Test(arguments: ["", "--allow-network 10.0.0.0/8", "--allow-network 0.0.0.0/0", "--allow-network 127.0.0.2"])
    func otherNetworksStayBlocked(options: String) async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let result = try await fixture.run("test halopsa --json \(options)")
            #expect(result.json?["code"]?.string == "url.forbidden_address")
            let requests = await simulator.requestLog()
            #expect(requests.isEmpty)
        }
    }

    @Test(arguments: ["10.20.30.40/8", "halo.example.com", "10.0.0.0/33", "012.0.0.0/8"])
    func anInvalidNetworkIsACommandLineError(text: String) async throws {
        for line in ["test halopsa --json --allow-network \(text)", "serve --json --allow-network \(text)"] {
            let result = try await CommandLineFixture().run(line)
            #expect(result.status == 2)
            #expect(result.json?["code"]?.string == "usage.invalid")
            #expect(result.json?["detail"]?.string?.contains(text) == true)
        }
        let fixture = CommandLineFixture(environment: [CommandLineProgram.networksVariable: "10.0.0.0/8 " + text])
        let result = try await fixture.run("test halopsa --json")
        #expect(result.json?["detail"]?.string?.contains(CommandLineProgram.networksVariable) == true)
    }

    @Test(arguments: [
        ("https://10.20.30.40", true), ("https://[::ffff:10.20.30.40]", true), ("https://0x0a141e28", true),
        ("https://012.024.036.050", true),
        ("https://169.254.169.254", false), ("https://2852039166", false), ("https://[::ffff:a9fe:a9fe]", false), ("https://127.1", false),
        ("https://192.168.0.1", false), ("https://[fd00:ec2::254]", false),
    ])
    func everySpellingIsJudgedByTheAddressItMeans(address: String, isAllowed: Bool) async throws {
        let networks = try ["10.0.0.0/8", "fd00::/8"].map { try #require(IPNetwork($0)) }
        let policy = AddressPolicy.publicOnly.allowing(networks)
        let url = try? ServiceURL(typed: address, policy: policy)
        #expect((url != nil) == isAllowed)
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: address) }
    }
}
