import CMarkdown

extension MarkdownTree {
    /// Gives every heading its anchor and final level.
    func nameHeadings(shift: Int, keepingTitle: Bool) -> (title: MarkdownHeading?, others: [MarkdownHeading]) {
        var title: MarkdownHeading?
        var others: [MarkdownHeading] = []
        var names = AnchorNames()
        for node in nodes(of: CMARK_NODE_HEADING) {
            let written = Int(cmark_node_get_heading_level(node))
            let text = text(of: node)
            let heading = MarkdownHeading(
                level: min(6, max(1, written + min(6, max(-6, shift)))), text: Self.singleLine(text), id: names.next(for: text))
            if written == 1, title == nil {
                title = heading
                guard keepingTitle else {
                    remove(node)
                    continue
                }
            } else {
                others.append(heading)
            }
            let id = heading.id.isEmpty ? "" : " id=\"\(heading.id)\""
            replace(node, by: "<h\(heading.level)\(id)>", "</h\(heading.level)>")
        }
        return (title, others)
    }

    static func singleLine(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    }
}
