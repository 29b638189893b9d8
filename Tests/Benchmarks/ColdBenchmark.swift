import Foundation
import Glibc
import Sodium

/// The cost of starting: commands that do almost nothing, and the host until it listens.
enum ColdBenchmark {
    private static let runs = 20

    static func run(_ figures: Figures) async throws {
        figures.section("Cold", "Medians of \(runs) runs, each in a new process.")
        for (name, words) in [
            ("vectis connectors", ["connectors"]), ("vectis --version", ["--version"]), ("vectis --help", ["--help"]),
        ] {
            let usages = try (0..<runs).map { _ in try ChildProcess(program: OwnProcess.vectis, arguments: words).run() }
            figures.add("\(name): CPU", ListingBenchmark.median(usages.map(\.cpuSeconds)) * 1_000, "ms")
        }
        // The first start makes keys, tables, and an account with a hash that is slow on purpose; the second makes none of them.
        var (first, second): ([HostStart], [HostStart]) = ([], [])
        for _ in 0..<runs / 4 {
            let folder = try TemporaryFolder("host")
            defer { folder.remove() }
            first.append(try HostStart.measure(folder: folder.path + "/data"))
            second.append(try HostStart.measure(folder: folder.path + "/data"))
        }
        // The account's password is hashed at the first start alone, slowly on purpose.
        let hashes = try (0..<runs / 4).map { _ in
            let start = ContinuousClock.now
            _ = try PasswordHash("correct horse battery staple")
            return (ContinuousClock.now - start) / .seconds(1)
        }
        figures.add("one password hash", ListingBenchmark.median(hashes) * 1_000, "ms")
        for (name, starts) in [("first", first), ("second", second)] {
            figures.add("\(name) start of vectis serve until it listens", ListingBenchmark.median(starts.map(\.seconds)) * 1_000, "ms")
            figures.add("\(name) start of vectis serve: CPU", ListingBenchmark.median(starts.map(\.cpuSeconds)) * 1_000, "ms")
        }
    }
}

/// One start of the host, and its end.
private struct HostStart {
    var seconds: Double
    /// Of the whole process, its end included.
    var cpuSeconds: Double

    static func measure(folder: String) throws -> HostStart {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: OwnProcess.vectis)
        process.arguments = [
            "serve", "--json", "--port", "0", "--data", folder, "--until-input-ends", "--allow-loopback", "--check-every", "0", "--no-sync",
            "--log", "/dev/null",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let before = childrenCPU()
        let start = ContinuousClock.now
        try process.run()
        _ = OwnProcess.line(of: output.fileHandleForReading)
        let took = (ContinuousClock.now - start) / .seconds(1)
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
        return HostStart(seconds: took, cpuSeconds: childrenCPU() - before)
    }

    private static func childrenCPU() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return usage.cpuSeconds
    }
}
