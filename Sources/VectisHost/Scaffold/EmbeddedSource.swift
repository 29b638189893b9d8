/// A document as Swift source, as `make embed` writes it to the byte; a test compares the two.
struct EmbeddedSource: Sendable {
    static let folder = "Sources/VectisHost/Embedded"

    let member: String
    let document: String
    let content: String

    /// The file it is written to.
    var path: String { "\(Self.folder)/\(member.prefix(1).uppercased())\(member.dropFirst()).swift" }

    /// The source.
    var text: String {
        """
        // Written by `make embed`; change the original, or the list in .ci/embed. The text keeps its own lines and length:
        // swift-format-ignore-file

        extension EmbeddedFile {
            static let \(member) = EmbeddedFile(
                path: "\(document)",
                text: \(signs)\"""

        """ + content + "\n\"\"\"\(signs))\n}\n"
    }

    /// One sign more than the longest run in the text, so that nothing in it can end the literal or start an interpolation.
    private var signs: String {
        let longest = content.split { $0 != "#" }.map(\.count).max() ?? 0
        return String(repeating: "#", count: longest + 1)
    }
}
