import Foundation

/// The command line of `make torture`.
public enum TortureCommand {
    /// Runs the torture and prints its table.
    ///
    /// - Parameters:
    ///   - arguments: `[RUNS] [SEED] [PROGRAM] [KIND]`: runs for each step of a write, by default 50, the seed, by default 1, the
    ///     program `vectis`, a debug build, by default the one beside this, and the beginning of the names of the rows that are run, by
    ///     default all. From 20 runs on, every status, subject and clock is tried once besides.
    ///   - environment: `TORTURE_STORE` is `sqlite`, the default, or `postgresql` for hosts whose database is on a server, which is started
    ///     for them.
    /// - Returns: The exit status: 1 if anything was lost, duplicated or misfiled, or a history is wrong; 2 for another store.
    /// - Throws: Errors of the torture run itself.
    public static func run(arguments: [String], environment: [String: String]) async throws -> Int32 {
        let stores: [String: TortureStore] = ["sqlite": .sqlite, "postgresql": .postgreSQL]
        let storeName = environment["TORTURE_STORE"] ?? "sqlite"
        guard let store = stores[storeName] else {
            print("TORTURE_STORE is “\(storeName)”; it can be sqlite or postgresql.")
            return 2
        }
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
            binary: binary, folder: folder, plans: TorturePlan.all(amount, seed: seed).filter { $0.name.hasPrefix(kind) },
            store: store, lanes: 4)
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
