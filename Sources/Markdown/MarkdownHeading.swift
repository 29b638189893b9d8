/// A heading of a document, as a table of contents needs it.
public struct MarkdownHeading: Sendable, Hashable {
    /// Its level as rendered, from 1 to 6.
    public let level: Int
    /// Its words without any markup.
    public let text: String
    /// The anchor GitHub gives it, without `#`; empty if its words have no letter, digit, hyphen or blank.
    public let id: String

    /// Names a heading.
    public init(level: Int, text: String, id: String) {
        self.level = level
        self.text = text
        self.id = id
    }
}
