/// Why a document is not rendered.
public enum MarkdownError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It has more bytes than the renderer takes.
    case tooLarge(bytes: Int, limit: Int)
    /// Its tables could have more cells than the renderer takes.
    case tooManyCells(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "The document has \(bytes) bytes; at most \(limit) are rendered. Split it."
        case .tooManyCells(let limit): "The document's tables could have more than \(limit) cells. Split it, or give a table fewer columns."
        }
    }
}
