import Foundation
import PSATesting
import PostgreSQLServer
import Testing

@testable import CrashHarness

/// The short version of `make torture`: hosts in processes of their own, against a HaloPSA that misbehaves.
///
/// All runs are made once, together; each test looks at the rows that it is about.
@Suite("Torture runs", .timeLimit(.minutes(5))) struct TortureTests {
    /// The program, beside which the tests' own executable lies.
    private static let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("vectis").path

    private static let report = Task {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        let report = try await Torture(binary: binary, folder: folder, plans: plans, lanes: 6).run()
        // The folder of a failed run is kept for analysis.
        if report.isGood { try FileManager.default.removeItem(atPath: folder) }
        return report
    }

    private static let changes = [
        "append-a0", "append-3000", "append-2028", "cut60", "squeezed", "html-escaped", "emoji-question", "nfd", "lower", "dropped",
    ]
    private static let plans: [TorturePlan] = {
        var generator = SeededGenerator(seed: 7)
        var plans = TorturePlan.sweep(TorturePlan.sampledStatuses, &generator)
        plans += (0..<2).map { TorturePlan.unstored($0, &generator) } + (0..<3).map { TorturePlan.refused($0, &generator) }
        plans += [TorturePlan.subjects(Array(changes.prefix(5)), 0), TorturePlan.subjects(Array(changes.suffix(5)), 1)]
        plans += [TorturePlan.subjects(["cut60", "trimmed"], 2, isOpenable: false)]
        for (index, hours) in [-26, -1, 26].enumerated() {
            plans += [TorturePlan.clock("clock", hours, index), TorturePlan.clock("clock-stored", hours, 10 + index)]
        }
        plans += [TorturePlan.clock("date-filter-local", -10, 20), TorturePlan.clock("date-filter-local", 10, 21)]
        plans += (0..<2).map { TorturePlan.customers($0, &generator) } + (0..<2).map { TorturePlan.poisoned($0, &generator) }
        plans += (0..<7).map { TorturePlan.restore($0, &generator) } + [TorturePlan.wrongKey(0), TorturePlan.tokens(0)]
        plans += (0..<14).map { TorturePlan.changed($0, &generator) } + (0..<2).map { TorturePlan.mixed($0, &generator) }
        for step in TorturePlan.groupSteps { plans += (1..<3).map { TorturePlan.group(step, $0, &generator) } }
        return plans + TorturePlan.all(.init(perStep: 1, perFault: 1, kills: 1), seed: 7)
    }()

    /// The rows of these names; each of their runs must have succeeded.
    private func rows(_ names: String...) async throws -> (sum: TortureResult, text: Comment) {
        let report = try await Self.report.value
        let text = Comment(rawValue: report.text)
        let sum = names.reduce(into: TortureResult.nothing) { $0 += report.result(of: $1) }
        #expect(sum.isGood, text)
        #expect(sum.runs == Self.plans.count { names.contains($0.name) } && sum.runs > 0, text)
        return (sum, text)
    }

    @Test func hostsThatAreKilledAtEveryStepWriteEachEventOnce() async throws {
        var sum = TortureResult.nothing
        for name in TorturePlan.steps + [TorturePlan.kills, TorturePlan.killsAndFaults] { sum += try await rows(name).sum }
        #expect(sum.inReview == 0)
        // A run that kills no host and loses no response proves nothing.
        #expect(sum.deaths >= 10)
        #expect(sum.searchedFor >= 5)
    }

    @Test("hosts on a database server that are killed at every step write each event once", .enabled(if: PostgreSQLServer.isAvailable))
    func killsOnAServer() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        let plans = TorturePlan.all(.init(perStep: 1, kills: 1), seed: 7)
        let report = try await Torture(binary: Self.binary, folder: folder, plans: plans, store: .postgreSQL, lanes: 4).run()
        let text = Comment(rawValue: report.text)
        #expect(report.isGood && report.inReview == 0, text)
        #expect(report.runs == plans.count && report.writes == report.events, text)
        // A run that kills no host proves nothing.
        #expect(report.deaths >= 10, text)
        if report.isGood { try FileManager.default.removeItem(atPath: folder) }
    }

    @Test func eventsThatAreStoredTogetherAreEachWrittenOnceWhereverTheHostDies() async throws {
        for name in TorturePlan.groupSteps {
            let (sum, text) = try await rows(name)
            #expect(sum.inReview == 0, text)
            // Each run has one death, in a transaction with several events: these steps are reached in no other.
            #expect(sum.deaths == sum.runs, text)
            #expect(sum.events == 64 * sum.runs && sum.writes == sum.events, text)
        }
    }

    @Test func eachEventIsWrittenOnceDespiteFaultyAnswersAndLists() async throws {
        for (name, _) in TorturePlan.faultKinds {
            let (sum, text) = try await rows(name)
            // Review may be needed where lists report more than they contain, and nowhere else.
            #expect(sum.inReview == 0 || name == TorturePlan.totalsAreWrong, text)
        }
    }

    @Test func everyInconclusiveAnswerIsSearchedBeforeARetry() async throws {
        let (sum, text) = try await rows(TorturePlan.anyStatusStored)
        #expect(sum.inReview == 0, text)
        // A ticket for each status, and a ticket with a note.
        #expect(sum.writes == 3 * TorturePlan.sampledStatuses.count, text)
    }

    @Test func unstoredTicketsAreSentAgainAndRejectedOnesAreNotDuplicated() async throws {
        _ = try await rows(TorturePlan.anyStatusNotStored, TorturePlan.refusedAfterStoring)
    }

    @Test func ticketsWithChangedSummariesAreFoundByOpeningThem() async throws {
        let (sum, text) = try await rows(TorturePlan.changedSubjects)
        #expect(sum.inReview == 0, text)
        #expect(sum.searchedFor >= 5, text)
        // Where neither reference nor details are stored, review may be needed.
        _ = try await rows(TorturePlan.changedEverything)
    }

    @Test func wrongClocksHideNoTickets() async throws {
        let (sum, text) = try await rows(TorturePlan.clocks, TorturePlan.zones)
        #expect(sum.inReview == 0, text)
    }

    @Test func everyCustomerGetsItsOwnTicketsWhateverTheDevicesAreCalled() async throws {
        let (sum, text) = try await rows(TorturePlan.customers)
        #expect(sum.inReview == 0, text)
    }

    @Test func anEventRejectedByThePSABlocksNoOther() async throws {
        let (sum, text) = try await rows(TorturePlan.poisoned)
        #expect(sum.inReview == 0, text)
        #expect(sum.refused > 0, text)
    }

    @Test func eventsOfTwoProgramsThatHaveOneNameCountBoth() async throws { _ = try await rows(TorturePlan.tokens) }

    @Test func aRestoredBackupSendsNothingTwice() async throws {
        let (sum, text) = try await rows(TorturePlan.restores)
        #expect(sum.inReview == 0, text)
    }

    @Test func aWrongKeySendsNothingAndIsReported() async throws { _ = try await rows(TorturePlan.wrongKey) }

    @Test func alertsAreVisibleWhateverHappenedToTheirTicket() async throws { _ = try await rows(TorturePlan.changed) }

    @Test func mixedFaultsLoseAndDuplicateNothing() async throws { _ = try await rows(TorturePlan.mixed) }
}
