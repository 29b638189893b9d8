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

@Suite("The schedule")
struct ConnectionScheduleTests {
    private static let interval = Duration.seconds(3600)
    private let bed: HostFixture
    private let schedule: ConnectionSchedule

    init() async throws {
        bed = try await HostFixture()
        schedule = ConnectionSchedule(service: bed.service, interval: Self.interval)
    }

    private func tested() -> [String] { bed.script.openedWith.compactMap { $0["account"] } }

    @Test func onlyWhatIsDueIsTested() async throws {
        let old = try await bed.saved(["account": "old"])
        _ = try await bed.service.test(try bed.service.draft(of: old), audit: .sample())
        bed.time.advance(by: 1)
        let fresh = try await bed.saved(["account": "fresh", "server": "fresh.example.com"])
        _ = try await bed.service.test(try bed.service.draft(of: fresh), audit: .sample())
        _ = try await bed.saved(["account": "never tested", "server": "never.example.com"])
        let before = tested().count
        bed.time.advance(by: Self.interval.seconds - 1)
        await schedule.checkThoseDue()
        #expect(Set(tested().dropFirst(before)) == ["old", "never tested"])
        await schedule.checkThoseDue()
        #expect(tested().count == before + 2)
        bed.time.advance(by: 1)
        await schedule.checkThoseDue()
        #expect(tested().dropFirst(before + 2) == ["fresh"])
        let entries = try await bed.log(.connectionChecked)
        #expect(entries.count == 3 && entries.allSatisfy { $0.actor == .system && $0.address == nil && $0.outcome == .done })
    }

    @Test func oneThatFailsDoesNotKeepTheOthersFromTheirTurn() async throws {
        let first = try await bed.saved(["server": "a.example.com"], name: "A")
        let second = try await bed.saved(["server": "b.example.com"], name: "B")
        let turns = Mutex(0)
        bed.script.rewrite {
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
        #expect(try await bed.stored(first)?.status?.code == .authInvalidClient)
        #expect(try await bed.stored(second)?.status?.outcome == .connected)
        #expect(try await bed.log(.connectionChecked).map(\.outcome) == [.done, .failed])
    }

    @Test func aConnectionWhoseSecretDoesNotOpenIsLeftForItsTurnAgain() async throws {
        let lost = try await bed.saved(["server": "a.example.com"])
        let keyless = try await HostFixture(bed.storage, time: bed.time)
        let readable = try await keyless.saved(["server": "b.example.com"])
        await ConnectionSchedule(service: keyless.service, interval: Self.interval).checkThoseDue()
        #expect(try await bed.stored(lost) == lost)
        #expect(try await bed.stored(readable)?.status?.outcome == .connected)
    }

    @Test func itGoesOnUntilItIsCancelledAndThenChecksNothingMore() async throws {
        let saved = try await bed.saved()
        let (schedule, bed) = (schedule, bed)
        let running = Task { await schedule.run() }
        await bed.time.waitForSleeper()
        // What was never tested is due at once.
        while try await bed.stored(saved)?.status == nil { await Task.yield() }
        let first = tested().count
        #expect(first == 1)
        while tested().count == first {
            bed.time.advance(by: 300)
            await Task.yield()
        }
        running.cancel()
        await running.value
        let last = tested().count
        await schedule.checkThoseDue()
        bed.time.advance(by: Self.interval.seconds * 2)
        #expect(tested().count == last)
    }

    @Test func aCheckThatIsInterruptedByTheHostsEndLeavesTheStatusAlone() async throws {
        let saved = try await bed.saved()
        _ = try await bed.service.test(try bed.service.draft(of: saved), audit: .sample())
        let before = try await bed.stored(saved)
        bed.time.advance(by: Self.interval.seconds)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (never, end) = AsyncStream<Void>.makeStream()
        bed.script.rewrite {
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
        #expect(try await bed.stored(saved) == before)
    }
}
