import Dispatch
import Foundation
import Testing

/// The built program as a user starts it.
@Suite("The vectis process")
struct ProcessTests {
    @Test func theTourEndsByItselfWithSuccess() async throws {
        let result = try await Self.run(["tour"])
        #expect(result.status == 0, "\(result.output)")
        for part in [
            "Connected to 127.0.0.1", "auth.invalid_client", "permission.scope_missing", "auth.endpoint_not_found",
            "ticket.default_invalid",
        ] {
            #expect(result.output.contains(part))
        }
    }

    @Test func theExitStatusReachesTheShell() async throws {
        #expect(try await Self.run(["connectors"]).status == 0)
        #expect(try await Self.run(["connectors", "show", "nobody"]).status == 2)
    }

    private static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        // The tests' own executable lies beside the program.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("vectis")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "child process").async {
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, output))
            }
        }
    }
}
