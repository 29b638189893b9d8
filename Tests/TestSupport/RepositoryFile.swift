import Foundation

/// A text file of the repository, found from the place of the test that reads it.
public struct RepositoryFile: Sendable {
    /// Its lines.
    public let lines: [Substring]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Its path from the repository's root.
    ///   - test: The test's own file, in a folder under `Tests`.
    /// - Throws: What reading the file throws.
    public init(_ path: String, from test: String = #filePath) throws {
        var root = URL(fileURLWithPath: test).deletingLastPathComponent()
        while root.lastPathComponent != "Tests", root.path != "/" { root.deleteLastPathComponent() }
        let text = try String(contentsOf: root.deletingLastPathComponent().appendingPathComponent(path), encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Whether a text stands anywhere in it.
    public func mentions(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    /// The anchors GitHub gives to the headings of a Markdown document: lower case, punctuation dropped, a hyphen for each blank, and a
    /// number behind the second and later headings of the same name.
    public var anchors: Set<String> {
        var found: Set<String> = []
        var counts: [String: Int] = [:]
        var isInsideCode = false
        for line in lines {
            if line.hasPrefix("```") { isInsideCode.toggle() }
            let marks = line.prefix { $0 == "#" }.count
            guard !isInsideCode, (1...6).contains(marks), line.dropFirst(marks).hasPrefix(" ") else { continue }
            let anchor = Self.anchor(of: line.dropFirst(marks + 1))
            let count = counts[anchor, default: 0]
            counts[anchor] = count + 1
            found.insert(count == 0 ? anchor : "\(anchor)-\(count)")
        }
        return found
    }

    /// The targets of links into the same document, without `#`.
    public var ownLinks: Set<String> { Set(lines.flatMap { $0.matches(of: /\]\(#([^)]*)\)/).map { String($0.1) } }) }

    private static func anchor(of heading: Substring) -> String {
        String(heading.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
    }
}
