import CMarkdown

extension MarkdownTree {
    /// Lets tables and code blocks scroll on their own, so that a page fits a narrow screen; each is reached with the keyboard and called
    /// by the heading above it.
    ///
    /// A table is a region, which screen readers list. A code block is only a group: a page of many would drown that list.
    func wrapScrollingBlocks(_ names: MarkdownRenderer.RegionNames) {
        var found: [(block: Node, opening: String)] = []
        var heading = ""
        var counts: [String: Int] = [:]
        walk { node, isEntering in
            guard isEntering else { return }
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_HEADING {
                heading = Self.singleLine(text(of: node))
                counts = [:]
                return
            }
            let isTable = cmarkdown_is_table(node) == 1
            guard isTable || type == CMARK_NODE_CODE_BLOCK else { return }
            let name = isTable ? names.table : names.code
            let number = (counts[name] ?? 0) + 1
            counts[name] = number
            let label = (heading.isEmpty ? "" : heading + ": ") + name + (number == 1 ? "" : " \(number)")
            let attributes =
                isTable ? #"class="table-scroll" tabindex="0" role="region""# : #"class="code-scroll" tabindex="0" role="group""#
            found.append((node, "<div \(attributes) aria-label=\"\(Self.escaped(label))\">"))
        }
        for (block, opening) in found { wrap(block, in: opening, "</div>") }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
