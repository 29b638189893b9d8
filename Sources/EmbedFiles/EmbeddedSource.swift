import Foundation

/// A text file that is to be part of a program.
struct EmbeddedDocument: Equatable {
    /// Its path from the package's root.
    let path: String
    /// The name of its member in Swift: `connectHaloPSA` for a document `ConnectHaloPSA.md`, `vectisCSS` for an asset `vectis.css`.
    let member: String
    /// Its content, byte for byte.
    let text: String

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - file: Its absolute path.
    ///   - root: The absolute path of the package.
    /// - Throws: ``EmbeddingError`` for a file that is missing, or that a Swift literal can't repeat byte for byte.
    init(file: String, root: String) throws {
        guard let bytes = FileManager.default.contents(atPath: file) else { throw EmbeddingError(file, "the file can't be read") }
        try self.init(path: file.hasPrefix(root + "/") ? String(file.dropFirst(root.count + 1)) : file, bytes: Array(bytes), file: file)
    }

    /// Takes the content of a file.
    ///
    /// - Parameters:
    ///   - path: Its path from the package's root.
    ///   - bytes: Its content.
    ///   - file: How messages name it.
    /// - Throws: ``EmbeddingError`` for content that a Swift literal can't repeat byte for byte, and for a name that no member can have.
    init(path: String, bytes: [UInt8], file: String) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw EmbeddingError(file, "the file is not UTF-8") }
        if let position = bytes.firstIndex(where: { $0 == UInt8(ascii: "\r") || $0 == 0 }) {
            let line = bytes[..<position].count(where: { $0 == UInt8(ascii: "\n") }) + 1
            throw EmbeddingError(
                file, line: line, bytes[position] == 0 ? "the line has a zero byte" : "the line has a carriage return; lines end with \\n")
        }
        let name = URL(fileURLWithPath: path).lastPathComponent
        let parts = name.split(separator: ".").map(String.init)
        let member = Self.member(parts)
        guard parts.count == 2, member.wholeMatch(of: /[a-z][A-Za-z0-9]*/) != nil, member != EmbeddedSource.list else {
            throw EmbeddingError(file, "“\(name)” can't be the name of a Swift member; use letters and digits, and one dot")
        }
        (self.path, self.member, self.text) = (path, member, text)
    }

    /// A document is called by its name, an asset by its name and its kind.
    private static func member(_ parts: [String]) -> String {
        guard let name = parts.first, let kind = parts.last else { return "" }
        let suffix = ["md", "json"].contains(kind) ? "" : kind.uppercased()
        return name.prefix(1).lowercased() + name.dropFirst() + suffix
    }

    /// A raw literal's number signs: one more than the longest run in the text, so that nothing in it ends the literal or interpolates.
    fileprivate var signs: String {
        String(repeating: "#", count: (text.split { $0 != "#" }.map(\.count).max() ?? 0) + 1)
    }
}

/// The members of `EmbeddedFile` as Swift source.
struct EmbeddedSource {
    /// The member that holds all others.
    static let list = "all"

    let documents: [EmbeddedDocument]

    /// Takes the documents in the order of the list.
    ///
    /// - Throws: ``EmbeddingError`` if two have the same name.
    init(_ documents: [EmbeddedDocument]) throws {
        var paths: [String: String] = [:]
        for document in documents {
            if let other = paths.updateValue(document.path, forKey: document.member) {
                throw EmbeddingError(document.path, "\(other) has the same name in Swift, “\(document.member)”")
            }
        }
        self.documents = documents
    }

    /// The source.
    var text: String {
        var text = """
            // Written by EmbedFiles during the build; change the files that are embedded.

            extension EmbeddedFile {
                static let \(Self.list): [EmbeddedFile] = [\(documents.map { "." + $0.member }.joined(separator: ", "))]
            """
        for document in documents {
            text += """


                    static let \(document.member) = EmbeddedFile(
                        path: "\(document.path)",
                        text: \(document.signs)\"""

                """
            text += document.text + "\n\"\"\"" + document.signs + ")"
        }
        return text + "\n}\n"
    }
}

/// Why a file can't be embedded, as compilers write it: `FILE:LINE: error: …`.
struct EmbeddingError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ file: String, line: Int? = nil, _ problem: String) {
        description = "\(file):\(line.map { "\($0):" } ?? "") error: \(problem)"
    }
}
