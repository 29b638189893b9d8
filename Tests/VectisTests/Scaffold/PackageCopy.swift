import Foundation
import TestSupport

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A folder with what the scaffold reads and changes of this package, under git, everything committed.
struct PackageCopy {
    private static let files = [
        "Package.swift", "Sources/VectisCLI/BuiltInConnectors.swift",
        "Sources/PSACore/Connector/PSAConnector.swift", "Plugins/HaloPSA/HaloConnector.swift", "Tests/HaloPSATests/ReadmeTests.swift",
        "Docs/ConnectHaloPSA.md",
    ]

    private let folder: TemporaryFolder
    var path: String { folder.path }

    init(isUnderGit: Bool = true) throws {
        folder = try TemporaryFolder()
        for file in Self.files { try write(RepositoryFile(file).text, to: file) }
        guard isUnderGit else { return }
        try git("init", "--quiet")
        try commit()
    }

    func write(_ text: String, to file: String) throws {
        let place = URL(fileURLWithPath: folder.file(file))
        try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }

    func text(_ file: String) -> String { String(decoding: folder.bytes(file), as: UTF8.self) }

    func commit() throws {
        try git("add", "--all")
        try git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "State")
    }

    /// Every file and folder with what is in it, but git's own.
    func contents() throws -> [String: [UInt8]] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter { !$0.hasPrefix(".git") }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, folder.bytes($0)) })
    }

    private struct GitFailed: Error {}

    private func git(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", path] + words
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw GitFailed() }
    }
}
