import Foundation
import Testing

@testable import CrashHarness

/// The short version of `make torture`: hosts in processes of their own, against a HaloPSA that misbehaves.
@Suite("Torture", .timeLimit(.minutes(5)), .serialized) struct TortureTests {
    /// Runs plans, and leaves nothing behind if all is well.
    private func run(_ plans: [TorturePlan], lanes: Int = 4) async throws -> TortureReport {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        // The tests' own executable lies beside the program.
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let binary = own.appendingPathComponent("vectis").path
        let report = try await Torture(binary: binary, folder: folder, plans: plans, lanes: min(lanes, plans.count)).run()
        #expect(report.isGood, "\(report.text)")
        #expect(report.runs == plans.count)
        if report.isGood { try FileManager.default.removeItem(atPath: folder) }
        return report
    }

    @Test func hostsThatAreKilledAtEveryStepWriteEachEventOnce() async throws {
        let report = try await run(TorturePlan.all(.init(perStep: 1, perFault: 1, kills: 1), seed: 7))
        // A person may be asked where lists promise more than they have, and nowhere else.
        #expect(report.inReview <= 3, "\(report.text)")
        // A torture that kills nobody and loses no answer proves nothing.
        #expect(report.deaths >= 10, "\(report.text)")
        #expect(report.lookedFor >= 10, "\(report.text)")
    }

    @Test func everyAnswerThatProvesNothingIsLookedForBeforeAnythingIsSentAgain() async throws {
        var generator = SeededGenerator(seed: 7)
        let report = try await run(TorturePlan.sweep(TorturePlan.sampledStatuses, &generator))
        #expect(report.inReview == 0, "\(report.text)")
        #expect(report.writes == 3 * TorturePlan.sampledStatuses.count, "\(report.text)")
    }

    @Test func whatWasNotStoredIsSentAgainAndWhatWasRefusedIsNotDoubled() async throws {
        var generator = SeededGenerator(seed: 7)
        let plans = (0..<2).map { TorturePlan.unstored($0, &generator) } + (0..<3).map { TorturePlan.refused($0, &generator) }
        _ = try await run(plans)
    }

    @Test func subjectsThatComeBackChangedAreFoundByOpeningTheTickets() async throws {
        let changes = [
            "append-a0", "append-3000", "append-2028", "cut60", "squeezed", "html-escaped", "emoji-question", "nfd", "lower", "dropped",
        ]
        let report = try await run([
            TorturePlan.subjects(Array(changes.prefix(5)), 0), TorturePlan.subjects(Array(changes.suffix(5)), 1),
            TorturePlan.subjects(["cut60", "trimmed"], 2, isOpenable: false),
        ])
        #expect(report.lookedFor >= changes.count, "\(report.text)")
        // Only where neither reference nor details are kept may it end with a person.
        #expect(report.inReview <= 2, "\(report.text)")
    }

    @Test func clocksThatAreOffHideNothing() async throws {
        let report = try await run(
            [-26, -1, 1, 26].enumerated().flatMap { index, hours in
                [TorturePlan.clock("clock", hours, index), TorturePlan.clock("clock-stored", hours, 10 + index)]
            } + [TorturePlan.clock("date-filter-local", -10, 20), TorturePlan.clock("date-filter-local", 10, 21)])
        #expect(report.inReview == 0, "\(report.text)")
    }

    @Test func everyCustomerGetsItsOwnTicketsWhateverTheDevicesAreCalled() async throws {
        var generator = SeededGenerator(seed: 7)
        let report = try await run((0..<2).map { TorturePlan.customers($0, &generator) })
        #expect(report.inReview == 0, "\(report.text)")
    }

    @Test func oneEventThatThePSARefusesStopsNoOther() async throws {
        var generator = SeededGenerator(seed: 7)
        let report = try await run((0..<3).map { TorturePlan.poisoned($0, &generator) })
        #expect(report.inReview == 0, "\(report.text)")
    }

    @Test func eventsOfTwoProgramsThatHaveOneNameCountBoth() async throws {
        _ = try await run([TorturePlan.tokens(0)])
    }

    @Test func aBackupThatIsPutBackSendsNothingTwice() async throws {
        var generator = SeededGenerator(seed: 7)
        let report = try await run((0..<7).map { TorturePlan.restore($0, &generator) })
        #expect(report.inReview == 0, "\(report.text)")
        #expect(report.deaths == 7)
    }

    @Test func aWrongKeySendsNothingAndSaysWhy() async throws {
        _ = try await run([TorturePlan.wrongKey(0)])
    }

    @Test func whateverBecomesOfATicketItsNextAlertIsSeen() async throws {
        var generator = SeededGenerator(seed: 7)
        _ = try await run((0..<14).map { TorturePlan.changed($0, &generator) })
    }
}
