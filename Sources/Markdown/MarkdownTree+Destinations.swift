import CMarkdown

extension MarkdownTree {
    /// Leads links where the caller says, or leaves their text alone.
    func rewriteLinks(_ destination: MarkdownRenderer.Destination) {
        for link in nodes(of: CMARK_NODE_LINK) {
            if let target = destination(Self.string(cmark_node_get_url(link))).flatMap(Self.allowed) {
                cmark_node_set_url(link, target)
            } else {
                unwrap(link)
            }
        }
    }

    /// Takes images from where the caller says, or leaves their alternative text.
    func rewriteImages(_ destination: MarkdownRenderer.Destination) {
        for (image, alternative) in outermostImages() {
            if let source = destination(Self.string(cmark_node_get_url(image))).flatMap(Self.allowed) {
                cmark_node_set_url(image, source)
            } else {
                replace(image, byText: alternative)
            }
        }
    }

    /// An image may stand in the alternative text of another; only the outer one is shown.
    private func outermostImages() -> [(image: Node, alternative: String)] {
        var found: [(Node, String)] = []
        var depth = 0
        var text = ""
        walk { node, isEntering in
            if cmark_node_get_type(node) == CMARK_NODE_IMAGE {
                depth += isEntering ? 1 : -1
                if depth == 0 { found.append((node, Self.singleLine(text))) }
                if depth == 1, isEntering { text = "" }
            } else if depth > 0 {
                text += Self.words(of: node)
            }
        }
        return found
    }

    /// A target on the same site, or one whose scheme can do nothing but load a page or write a mail.
    ///
    /// The library's own safe mode stays on behind this list: it knows what is dangerous, this knows what is needed.
    private static func allowed(_ target: String) -> String? {
        let path = target.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let colon = path.firstIndex(of: ":") else { return target }
        let scheme = path[..<colon].lowercased()
        return ["http", "https", "mailto"].contains(scheme) ? scheme + target[colon...] : nil
    }
}
