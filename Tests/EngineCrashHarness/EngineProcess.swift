import Foundation
import TestSupport

/// One life of the program `engine-host`, until it ends or kills itself.
struct EngineProcess {
    /// How it ended.
    struct Ending {
        /// Whether it was killed by a signal.
        let wasKilled: Bool
        /// Its exit status, or the number of the signal.
        let status: Int32
        /// The state in which each job ended, by key; by `KEY.orphans` the number of its uploads that no ticket refers to.
        let states: [String: String]
    }

    /// Runs the program until it ends.
    ///
    /// - Parameters:
    ///   - binary: The path of `engine-host`.
    ///   - arguments: Its arguments.
    ///   - secret: The client secret.
    /// - Returns: How it ended; a process that is still running after a minute is killed.
    /// - Throws: An error if the program cannot be started.
    static func run(_ binary: String, _ arguments: [String], secret: String) async throws -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["ENGINE_HOST_SECRET": secret]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let limit = Task {
            try await Task.sleep(for: .seconds(60))
            process.terminate()
        }
        defer { limit.cancel() }
        return await onOwnThread {
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitForExit()
            var states: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 3 { states[String(words[0])] = String(words[1]) }
            }
            return Ending(wasKilled: process.terminationReason == .uncaughtSignal, status: process.terminationStatus, states: states)
        }
    }
}
