import PSACore

/// What has to be corrected in a form that was refused: a summary above it that has the focus, with a link to each field.
///
/// Each field says its own problem again, see ``FieldRow``.
struct FormProblems: Sendable {
    /// One thing to correct.
    struct Item: Sendable {
        /// The id of the input.
        let anchor: String
        /// What the form calls the field.
        let title: HTML
        let message: HTML

        /// Creates an ``Item`` for the input that a ``FieldRow`` of a name has.
        init(field name: String, _ title: HTML, _ message: HTML) { self.init(anchor: "field-\(name)", title, message) }

        /// Creates an ``Item``.
        init(anchor: String, _ title: HTML, _ message: HTML) {
            self.anchor = anchor
            self.title = title
            self.message = message
        }
    }

    let items: [Item]

    init(_ items: [Item]) { self.items = items }

    var html: HTML {
        guard !items.isEmpty else { return .empty }
        return """
            <div class="notice problem form-problems" role="alert" tabindex="-1" autofocus>
            <strong>\(items.count == 1 ? "One thing has" : "\(items.count) things have" as HTML) to be corrected:</strong>
            <ul>\(each: items, { "<li><a href=\"#\($0.anchor)\">\($0.title)</a>: \($0.message)</li>" })</ul>
            </div>
            """
    }
}

/// The fields of a form that are seldom needed; open if one of them was set or has to be corrected.
struct AdvancedFields: Sendable {
    let isOpen: Bool
    let content: HTML

    var html: HTML {
        content.isEmpty
            ? .empty : "<details class=\"advanced\"\(flag: "open", isOpen)><summary>Advanced</summary>\(content)</details>"
    }
}

extension HTML {
    /// A message of the core in the viewer's language.
    init(_ message: any LocalizedMessage) { self.init(text: Viewer.current.renderer.text(message)) }

    /// A value in quotation marks.
    static func quoted(_ text: HTML) -> HTML { Viewer.current.language == .german ? "„\(text)“" : "“\(text)”" }

    /// Names in quotation marks, in a row: the first ten, and how many more there are.
    static func quoted(_ names: [String]) -> HTML {
        let shown: [HTML] = names.prefix(10).map { quoted("\($0)") }
        let rest = names.count - shown.count
        guard rest == 0 else { return "\(joined(shown)) and \(rest) more" }
        guard let last = shown.last, shown.count > 1 else { return .joined(shown) }
        return "\(joined(shown.dropLast())) and \(last)"
    }
}
