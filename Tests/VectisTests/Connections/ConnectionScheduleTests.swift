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
