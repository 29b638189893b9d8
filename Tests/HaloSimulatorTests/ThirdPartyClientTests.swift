import Dispatch
import Foundation
import HaloSimulator
import Testing

/// Clients nobody here wrote, from PyPI, at work with the stand-in.
@Suite("Published clients and the stand-in")
struct ThirdPartyClientTests {
    @Test(
        "a published client lists, reads and, where it sends arrays, creates and updates",
        .enabled("PyPI can't be reached, so the published clients are not tried.") { try await PythonClients.shared.areInstalled() },
        arguments: ["halopsa", "haloitsm"])
    func works(client: String) async throws {
        let server = try HaloSimulatorServer.start()
        let arguments = [
            "\(server.port)", HaloSimulator.Configuration.demoClientID, HaloSimulator.Configuration.demoClientSecret,
        ]
        let result = try await PythonClients.shared.run([client] + arguments)
        let created = await server.simulator.ticketCount() - 250
        await server.stop()
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("done\n"), "\(result.output)")
        #expect(created == (client == "halopsa" ? 1 : 0))
    }
}

/// A Python environment with the published clients, made once below the build folder.
actor PythonClients {
    static let shared = PythonClients()
    private static let packages = ["halopsa==2.0.2", "haloitsm-python==0.1.0"]
    private var answer: Bool?

    /// Installs the clients if they are not there yet; false only if PyPI can't be reached.
    func areInstalled() async throws -> Bool {
        if let answer { return answer }
        let installed = try await install()
        answer = installed
        return installed
    }

    /// Runs the script beside the tests.
    func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await Self.run(environment.appendingPathComponent("bin/python").path, [Self.script.path] + arguments)
    }

    private var environment: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/published-clients")
            .standardizedFileURL
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("ThirdParty/clients.py")

    private func install() async throws -> Bool {
        let python = environment.appendingPathComponent("bin/python").path
        if try await Self.run("/usr/bin/env", ["test", "-x", python]).status != 0 {
            let made = try await Self.run("/usr/bin/env", ["python3", "-m", "venv", environment.path])
            guard made.status == 0 else { throw InstallationFailure(output: made.output) }
        }
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
        let installed = try await Self.run(python, pip + Self.packages)
        if installed.status == 0 { return true }
        // pip says this for every kind of unreachable index, and also for a version that does not exist; the versions are known to.
        guard installed.output.contains("No matching distribution") || installed.output.contains("connection") else {
            throw InstallationFailure(output: installed.output)
        }
        print("SKIPPED: PyPI can't be reached, so the published HaloPSA clients are not tried against the stand-in.")
        return false
    }

    private struct InstallationFailure: Error {
        var output: String
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return await withCheckedContinuation { continuation in
            // Reading blocks. A queue of its own gets a thread of its own; the global ones share theirs with the tasks.
            DispatchQueue(label: "child process").async {
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, output))
            }
        }
    }
}
