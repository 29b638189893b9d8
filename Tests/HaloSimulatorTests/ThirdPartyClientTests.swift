import Foundation
import HaloSimulator
import TestSupport
import Testing

/// Independent clients from PyPI that use the simulator.
@Suite("Published clients and the simulator")
struct ThirdPartyClientTests {
    @Test(
        "a published client lists, reads and, where it sends arrays, creates and updates",
        .enabled("PyPI can't be reached, so the published clients are not tested.") { try await PublishedClients.shared.areInstalled() },
        arguments: ["halopsa", "haloitsm"])
    func works(client: String) async throws {
        let server = try HaloSimulatorServer.start()
        let arguments = [
            "\(server.port)", HaloSimulator.Configuration.demoClientID, HaloSimulator.Configuration.demoClientSecret,
        ]
        let result = try await PublishedClients.shared.run([client] + arguments)
        let created = await server.simulator.ticketCount() - 250
        await server.stop()
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("done\n"), "\(result.output)")
        #expect(created == (client == "halopsa" ? 1 : 0))
    }
}

/// A Python environment with the published clients, created once below the build folder.
actor PublishedClients {
    static let shared = PublishedClients()
    private static let packages = ["halopsa==2.0.2", "haloitsm-python==0.1.0"]
    private var cachedResult: Bool?

    /// Installs the clients if necessary; false only if PyPI can't be reached.
    func areInstalled() async throws -> Bool {
        if let cachedResult { return cachedResult }
        let installed = try await install()
        cachedResult = installed
        return installed
    }

    /// Runs the script `ThirdParty/clients.py`.
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
            guard made.status == 0 else { throw InstallationError(output: made.output) }
        }
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
        let installed = try await Self.run(python, pip + Self.packages)
        if installed.status == 0 { return true }
        // pip prints this for every kind of unreachable index, and also for a version that does not exist; these versions do.
        guard installed.output.contains("No matching distribution") || installed.output.contains("connection") else {
            throw InstallationError(output: installed.output)
        }
        print("SKIPPED: PyPI can't be reached, so the published HaloPSA clients are not tested against the simulator.")
        return false
    }

    private struct InstallationError: Error {
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
        return await onOwnThread {
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitForExit()
            return (process.terminationStatus, output)
        }
    }
}
