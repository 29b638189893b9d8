import Foundation
import TestSupport
import Testing

@testable import CrashHarness

/// One data folder belongs to one process at a time.
@Suite("Data folder", .timeLimit(.minutes(2))) struct DataFolderTests {
    private let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("vectis").path

    /// Runs a body beside a host that is at work on a folder.
    private func beside(_ body: (_ folder: String, HostProcess) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-folder-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let host = try #require(try await HostProcess.start(binary, folder: folder, crash: "none:0"))
        do {
            try await body(folder, host)
        } catch {
            host.kill()
            await host.ended()
            throw error
        }
        try await host.stop()
        for suffix in ["", ".log"] { try? FileManager.default.removeItem(atPath: folder + suffix) }
    }

    /// Runs the program to its end.
    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitForExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    @Test func aSecondHostOnTheSameFolderReportsItAndExits() async throws {
        try await beside { folder, host in
            let second = try run(["serve", "--data", folder, "--port", "0", "--until-input-ends"])
            #expect(second.status != 0)
            #expect(second.output.contains(folder), "\(second.output)")
            // The first goes on.
            let token = try? await HostClient.send(
                TortureEvent("x", type: "y", device: "z").json(name: nil), token: "none", to: host.origin)
            #expect(token == nil)
        }
    }

    @Test func keysAreNotRotatedBesideARunningHost() async throws {
        try await beside { folder, _ in
            let before = try String(contentsOfFile: folder + "/vectis.key", encoding: .utf8)
            let rotation = try run(["key", "rotate", "--data", folder])
            #expect(rotation.status != 0)
            #expect(rotation.output.contains(folder), "\(rotation.output)")
            #expect(try String(contentsOfFile: folder + "/vectis.key", encoding: .utf8) == before)
        }
    }

    @Test func theFolderIsUnlockedAfterItsHostIsKilled() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/vectis-folder-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for _ in 0..<2 {
            let host = try #require(try await HostProcess.start(binary, folder: folder, crash: "none:0"))
            host.kill()
            await host.ended()
        }
        #expect(try run(["key", "rotate", "--data", folder]).status == 0)
        for suffix in ["", ".log"] { try? FileManager.default.removeItem(atPath: folder + suffix) }
    }
}
