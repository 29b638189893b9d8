import Foundation

/// Files of the repository by their absolute path.
enum RepositoryPath {
    /// The connector that the documents show.
    static let example = path("Docs/ExternalConnectors/example-psa")

    static func path(_ name: String, from test: String = #filePath) -> String {
        var folder = URL(fileURLWithPath: test).deletingLastPathComponent()
        while folder.lastPathComponent != "Tests", folder.path != "/" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent().path + "/" + name
    }
}
