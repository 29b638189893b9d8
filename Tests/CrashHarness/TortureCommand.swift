import Foundation

/// The command line of `make torture`.
public enum TortureCommand {
    /// Runs the torture and prints its table.
    ///
    /// - Parameter arguments: `[RUNS] [SEED] [PROGRAM]`: runs for each step of a write, by default 50, the seed, by default 1, and the
    ///   program `vectis`, by default the one beside this.
    /// - Returns: The exit status: 1 if anything was lost or doubled, or a history is wrong.
    /// - Throws: What stands in the way of the torture itself.
    public static func run(arguments: [String]) async throws -> Int32 {
        let perStep = arguments.first.flatMap { Int($0) } ?? 50
        let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        let torture = Torture(
            binary: arguments.dropFirst(2).first ?? own.appendingPathComponent("vectis").path, folder: folder,
            amount: Torture.Amount(perStep: perStep, perFault: (perStep + 3) / 4, kills: (perStep + 3) / 4), seed: seed, lanes: 4)
        let start = ContinuousClock.now
        let report = try await torture.run { print($0) }
        print("\n" + report.text)
        print("\nSeed \(seed), \((ContinuousClock.now - start).components.seconds) seconds in all.")
        if report.isGood {
            try FileManager.default.removeItem(atPath: folder)
        } else {
            print("The data folders of what went wrong are in \(folder).")
        }
        return report.isGood ? 0 : 1
    }
}
