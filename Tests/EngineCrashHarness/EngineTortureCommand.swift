import Foundation

/// The part of `make torture` that kills processes which embed the engine alone.
public enum EngineTortureCommand {
    /// Runs it with the program `engine-host` beside this one, and prints its table.
    ///
    /// - Parameter arguments: The arguments of `torture`; only the first is used: the number of runs for each step and operation, by default
    ///   50.
    /// - Returns: The exit status: 1 if anything was lost or doubled, or ended in a wrong state.
    /// - Throws: An error that prevents a run as such.
    public static func run(arguments: [String]) async throws -> Int32 {
        let perStep = arguments.first.flatMap { Int($0) } ?? 50
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.path + "/engine-torture-\(UUID())"
        let report = try await EngineTorture(
            binary: own.appendingPathComponent("engine-host").path, folder: folder, perStep: perStep, lanes: 4
        ).run()
        print(report.text + "\n")
        guard report.sum.isGood else {
            print("The databases of what went wrong are in \(folder).")
            return 1
        }
        try FileManager.default.removeItem(atPath: folder)
        return 0
    }
}
