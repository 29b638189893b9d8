import Foundation
import Glibc

/// A connectors folder with the example of the documents in it, and whatever else a test puts there.
final class ProgramFolder: Sendable {
    let path: String
    private let owner: TemporaryFolder?

    /// Creates one in its own folder.
    init() throws {
        let folder = try TemporaryFolder()
        owner = folder
        path = folder.path
        try fill()
    }

    /// Creates one in a given folder.
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

    /// Adds a program that ends without sending a message.
    func addBrokenOne() throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/broken", withDestinationPath: "/bin/false")
    }

    /// Removes the example.
    func removeExample() throws { try FileManager.default.removeItem(atPath: path + "/example-psa") }

    private static var example: String {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.lastPathComponent != "Tests", folder.path != "/" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent().path + "/Docs/ExternalConnectors/example-psa"
    }
}
