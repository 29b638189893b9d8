import Foundation
import PSATesting

/// A text file of the repository, found from the place of the test that reads it.
public struct RepositoryFile: Sendable {
    /// All of it.
    public let text: String
    /// Its lines.
    public let lines: [Substring]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Its path from the repository's root.
    ///   - test: The test's own file, in a folder under `Tests`.
    /// - Throws: What reading the file throws.
    public init(_ path: String, from test: String = #filePath) throws {
        self.init(text: try String(contentsOf: Self.root(from: test).appendingPathComponent(path), encoding: .utf8))
    }

    /// Takes a text as if it had been read.
    public init(text: String) {
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The paths of all files of a folder and the folders in it, from the repository's root.
    ///
    /// - Parameters:
    ///   - folder: The folder's path from the repository's root.
    ///   - suffix: How their names end.
    ///   - test: The test's own file, in a folder under `Tests`.
    /// - Returns: The paths in alphabetical order.
    public static func paths(under folder: String, endingIn suffix: String, from test: String = #filePath) -> [String] {
        let files = FileManager.default.enumerator(atPath: root(from: test).appendingPathComponent(folder).path)
        return (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }.map { folder + "/" + $0 }.sorted()
    }

    /// The repository's root, for the file of a test in a folder under `Tests`.
    public static func rootPath(from test: String = #filePath) -> String { root(from: test).path }

    private static func root(from test: String) -> URL {
        var folder = URL(fileURLWithPath: test).deletingLastPathComponent()
        while folder.lastPathComponent != "Tests", folder.path != "/" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent()
    }

    /// Whether a text is anywhere in it.
    public func mentions(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    /// The anchors GitHub gives to the headings of a Markdown document: lower case, punctuation dropped, a hyphen for each blank, and a
    /// number behind the second and later headings of the same name.
    public var anchors: Set<String> { GuideHeadings.anchors(of: text) }

    /// The targets of links into the same document, without `#`.
    public var ownLinks: Set<String> { GuideHeadings.linkedAnchors(of: text) }
}
