import Foundation
import Glibc

/// A connectors folder with the example of the documents in it, and whatever else a test puts there.
final class ProgramFolder: Sendable {
    let path: String
    private let owner: TemporaryFolder?

    /// Makes one in a folder of its own.
    init() throws {
        let folder = try TemporaryFolder()
        owner = folder
        path = folder.path
        try fill()
    }

    /// Makes one where it is asked for.
    init(at path: String) throws {
        owner = nil
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try fill()
    }

    private func fill() throws {
        chmod(path, 0o700)
        try FileManager.default.createSymbolicLink(atPath: path + "/example-psa", withDestinationPath: Self.example)
    }

    /// Adds a program that ends before it has said anything.
    func addBrokenOne() throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/broken", withDestinationPath: "/bin/false")
    }

    /// Takes the example away.
    func removeExample() throws { try FileManager.default.removeItem(atPath: path + "/example-psa") }

    private static var example: String {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.lastPathComponent != "Tests", folder.path != "/" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent().path + "/Docs/ExternalConnectors/example-psa"
    }
}
