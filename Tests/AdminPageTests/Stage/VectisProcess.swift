import Foundation
import Glibc
import PSACore
import TestSupport

/// The built program with a command that runs until its input ends, so that it is gone with the tests even if they are killed.
final class VectisProcess: Sendable {
    /// What it said about itself in its first line.
    let facts: JSONValue
    private let lifeline: Int32

    private init(facts: JSONValue, lifeline: Int32) {
        self.facts = facts
        self.lifeline = lifeline
    }

    deinit { close(lifeline) }

    /// Starts it, with more in its environment than the tests have, and waits for its first line.
    static func start(_ arguments: [String], environment: [String: String] = [:]) async throws -> VectisProcess {
        let process = Process()
        // The tests' own executable lies beside the program.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("vectis")
        process.arguments = arguments + ["--json", "--until-input-ends"]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A duplicate outlives the pipe object; closing it is what ends the program.
        let lifeline = dup(input.fileHandleForWriting.fileDescriptor)
        let line = await firstLine(of: output.fileHandleForReading)
        guard let facts = try? JSONDocument(line).root else {
            close(lifeline)
            throw NotStarted(arguments: arguments, said: String(decoding: line, as: UTF8.self))
        }
        return VectisProcess(facts: JSONValue(facts), lifeline: lifeline)
    }

    /// The program ended or said something else.
    struct NotStarted: Error {
        let arguments: [String]
        let said: String
    }

    private static func firstLine(of handle: FileHandle) async -> [UInt8] {
        await onOwnThread {
            var line: [UInt8] = []
            while !line.contains(UInt8(ascii: "\n")), case let more = handle.availableData, !more.isEmpty { line += more }
            return line
        }
    }
}
