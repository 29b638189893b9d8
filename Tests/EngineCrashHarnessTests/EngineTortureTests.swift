import EngineCrashHarness
import Foundation
import PSAEngine
import Testing

/// The short form of the part of `make torture` that kills a process which embeds the engine alone.
@Suite("Engine torture", .timeLimit(.minutes(4))) struct EngineTortureTests {
    @Test func processesThatAreKilledAtEveryStepWriteEachJobOnce() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/engine-torture-\(UUID())"
        // The tests' own executable lies beside the program.
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let torture = EngineTorture(binary: own.appendingPathComponent("engine-host").path, folder: folder, perStep: 1, lanes: 4)
        let report = try await torture.run()
        let text = Comment(rawValue: report.text)
        #expect(report.sum.isGood, text)
        #expect(report.sum.runs == EngineTorture.steps.reduce(0) { $0 + EngineTorture.operations(at: $1).count }, text)
        // Every step but one is certain to be reached; an answer may come before the kill that is to precede it.
        for step in EngineTorture.steps where ![.duringRequest, .duringUpload].contains(step) {
            #expect(report.byStep[step.rawValue]?.deaths ?? 0 >= EngineTorture.operations(at: step).count, text)
        }
        if report.sum.isGood { try FileManager.default.removeItem(atPath: folder) }
    }
}
