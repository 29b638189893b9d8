import CMarkdown

extension MarkdownTree {
    /// The headings of a document, in three ways to need them.
    struct Outline {
        var title: MarkdownHeading?
        var others: [MarkdownHeading] = []
        /// The anchors of the headings that stay in the document.
        var anchors: [String] = []
    }

    /// Gives every heading its anchor and final level.
    func nameHeadings(shift: Int, keepingTitle: Bool) -> Outline {
        var outline = Outline()
        var names = AnchorNames()
        for node in nodes(of: CMARK_NODE_HEADING) {
            let written = Int(cmark_node_get_heading_level(node))
            let level = min(6, max(1, written + min(6, max(-6, shift))))
            let text = text(of: node)
            let heading = MarkdownHeading(level: level, text: Self.singleLine(text), id: names.next(for: text))
            let isTitle = written == 1 && outline.title == nil
            if isTitle { outline.title = heading } else { outline.others.append(heading) }
            if isTitle, !keepingTitle {
                remove(node)
            } else {
                cmark_node_set_heading_level(node, Int32(level))
                outline.anchors.append(heading.id)
            }
        }
        return outline
    }

    static func singleLine(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    }
}
