import CrashHarness
import Foundation
import Testing

/// The short version of `make torture`.
@Suite("Torture", .timeLimit(.minutes(4))) struct TortureTests {
    @Test func hostsThatAreKilledAtEveryStepWriteEachEventOnce() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        // The tests' own executable lies beside the program.
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let torture = Torture(
            binary: own.appendingPathComponent("vectis").path, folder: folder,
            amount: Torture.Amount(perStep: 1, perFault: 1, kills: 1), seed: 7, lanes: 4)
        let report = try await torture.run()
        #expect(report.isGood, "\(report.text)")
        #expect(report.runs == 21)
        // A torture that kills nobody and loses no answer proves nothing.
        #expect(report.deaths >= 10, "\(report.text)")
        #expect(report.lookedFor >= 10, "\(report.text)")
        if report.isGood { try FileManager.default.removeItem(atPath: folder) }
    }
}
