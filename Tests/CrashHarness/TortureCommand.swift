import Foundation

/// The command line of `make torture`.
public enum TortureCommand {
    /// Runs the torture and prints its table.
    ///
    /// - Parameter arguments: `[RUNS] [SEED] [PROGRAM] [KIND]`: runs for each step of a write, by default 50, the seed, by default 1, the
    ///   program `vectis`, a debug build, by default the one beside this, and the beginning of the names of the rows that are run, by default all.
    ///   From 20 runs on, every status, subject and clock is tried once besides.
    /// - Returns: The exit status: 1 if anything was lost, duplicated or misfiled, or a history is wrong.
    /// - Throws: Errors of the torture run itself.
    public static func run(arguments: [String]) async throws -> Int32 {
        let perStep = arguments.first.flatMap { Int($0) } ?? 50
        let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-torture-\(UUID())"
        let few = (perStep + 3) / 4
        let amount = Torture.Amount(
            perStep: perStep, perFault: few, kills: few, perKind: few, sweep: perStep >= 20 ? .everything : .sample)
        let kind = arguments.dropFirst(3).first ?? ""
        let binary = arguments.dropFirst(2).first.flatMap { $0.isEmpty ? nil : $0 } ?? own.appendingPathComponent("vectis").path
        let torture = Torture(
            binary: binary, folder: folder, plans: TorturePlan.all(amount, seed: seed).filter { $0.name.hasPrefix(kind) }, lanes: 4)
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
