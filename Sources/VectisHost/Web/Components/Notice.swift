/// A message at the head of a page: what happened, or what to decide.
struct Notice: Sendable {
    enum Kind: String, Sendable {
        case done
        case information
        case warning
        case problem

        /// Said before the message, so that it does not depend on colour.
        var word: String {
            switch self {
            case .done: "Done"
            case .information: "Note"
            case .warning: "Warning"
            case .problem: "Problem"
            }
        }
    }

    let kind: Kind
    let content: HTML

    init(_ kind: Kind, _ content: HTML) {
        self.kind = kind
        self.content = content
    }

    var html: HTML {
        """
        <div class="notice \(kind.rawValue)" role="\(kind == .done || kind == .information ? "status" : "alert")">
        <strong>\(kind.word):</strong> \(content)
        </div>
        """
    }
}
