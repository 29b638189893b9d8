import Foundation
import PackagePlugin

/// Puts the documents and assets that a program shows into the target that uses this plugin, while it is built.
///
/// The target declares `EmbeddedFile`; `EmbedFiles` writes its members. They are, in this order: each guide `Docs/Connect*.md` of the package,
/// `Docs/Data.md`, `Docs/Notifications.md`, `Docs/OpenAPI.json`, and every file in a folder `Assets` of the target.
@main struct EmbedPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let documents = root.appending(path: "Docs")
        let guides = try FileManager.default.contentsOfDirectory(atPath: documents.path)
            .filter { $0.hasPrefix("Connect") && $0.hasSuffix(".md") }.sorted()
        guard !guides.isEmpty else { throw NoGuides(folder: documents.path) }
        let files =
            (guides + ["Data.md", "Notifications.md", "OpenAPI.json"]).map { documents.appending(path: $0) }
            + assets(in: target.directoryURL)
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(files.count) files in \(target.name)", executable: try context.tool(named: "EmbedFiles").url,
                arguments: [output.path, root.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
        ]
    }

    private func assets(in folder: URL) -> [URL] {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return paths.map { folder.appending(path: $0) }
            .filter { $0.deletingLastPathComponent().lastPathComponent == "Assets" && !$0.lastPathComponent.hasPrefix(".") }
            .sorted { $0.path < $1.path }
    }
}

/// The package has no guide, so it is not the one this plugin is for.
private struct NoGuides: Error, CustomStringConvertible {
    let folder: String
    var description: String { "\(folder) holds no guide of a connector (Connect….md)." }
}
