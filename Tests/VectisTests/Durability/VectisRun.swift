import Dispatch
import Foundation
import Glibc

/// The built program as a user starts it, run to its end.
struct VectisRun: Sendable {
    let status: Int32
    /// What it printed, results and messages.
    let output: String

    /// It lies beside the tests' own executable.
    static var program: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("vectis")
    }

    /// Starts it and waits for its end.
    static func run(_ arguments: [String]) async throws -> VectisRun {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "child process").async {
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: VectisRun(status: process.terminationStatus, output: output))
            }
        }
    }
}
