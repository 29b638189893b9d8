import CMarkdown
import Synchronization

/// A parsed document, which owns its nodes.
struct MarkdownTree: ~Copyable {
    typealias Node = OpaquePointer

    private let root: Node?

    init(_ bytes: [UInt8]) {
        root = Self.parsing.withLock { _ in
            _ = Self.tables
            let parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8)
            defer { cmark_parser_free(parser) }
            if let tables = cmark_find_syntax_extension("table") { cmark_parser_attach_syntax_extension(parser, tables) }
            bytes.withUnsafeBytes { cmark_parser_feed(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
            return cmark_parser_finish(parser)
        }
    }

    deinit { cmark_node_free(root) }

    /// The library has one global table of special characters for all parsers.
    private static let parsing = Mutex(())
    /// Concurrent calls would register the extensions twice, which crashes the process.
    private static let tables: Void = cmark_gfm_core_extensions_ensure_registered()

    /// Renders the tree as HTML, without raw HTML because the library's unsafe mode is off.
    func html(anchors: [String]) -> String {
        guard let text = cmark_render_html(root, CMARK_OPT_DEFAULT, nil) else { return "" }
        defer { cmarkdown_free_text(text) }
        let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
        return String(decoding: TagAttributes.added(to: bytes, anchors: anchors), as: UTF8.self)
    }

    // MARK: Traversal

    /// Visits every node in document order on entering, and containers also on leaving.
    ///
    /// The closure must not change the tree; collect the nodes first to change them.
    func visit(from start: Node? = nil, _ body: (_ node: Node, _ isEntering: Bool) -> Void) {
        guard let start = start ?? root, let iterator = cmark_iter_new(start) else { return }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return }
            body(node, event == CMARK_EVENT_ENTER)
        }
    }

    func nodes(of type: cmark_node_type) -> [Node] {
        var found: [Node] = []
        visit { node, isEntering in
            if isEntering, cmark_node_get_type(node) == type { found.append(node) }
        }
        return found
    }

    /// Returns the text of a node without markup and images; line breaks are kept.
    func text(of node: Node) -> String {
        var text = ""
        var imageDepth = 0
        visit(from: node) { node, isEntering in
            if cmark_node_get_type(node) == CMARK_NODE_IMAGE {
                imageDepth += isEntering ? 1 : -1
            } else if imageDepth == 0 {
                text += Self.ownText(of: node)
            }
        }
        return text
    }

    /// Returns the text of a single node, without its children.
    static func ownText(of node: Node) -> String {
        switch cmark_node_get_type(node) {
        case CMARK_NODE_TEXT, CMARK_NODE_CODE: string(cmark_node_get_literal(node))
        case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: "\n"
        default: ""
        }
    }

    // MARK: Changes

    /// Wraps a block in the given HTML.
    func wrap(_ block: Node, in opening: String, _ closing: String) {
        let wrapper = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK)
        cmark_node_set_on_enter(wrapper, opening)
        cmark_node_set_on_exit(wrapper, closing)
        if cmark_node_insert_before(block, wrapper) == 1 {
            cmark_node_append_child(wrapper, block)
        } else {
            cmark_node_free(wrapper)
        }
    }

    /// Replaces an inline node by its children.
    ///
    /// It must not be used for blocks, because the text of their children is in the block's memory.
    func unwrap(_ node: Node) {
        while let child = cmark_node_first_child(node), cmark_node_insert_before(node, child) == 1 {}
        remove(node)
    }

    /// Replaces a node by plain text.
    func replace(_ node: Node, byText text: String) {
        let textNode = cmark_node_new(CMARK_NODE_TEXT)
        cmark_node_set_literal(textNode, text)
        if cmark_node_insert_before(node, textNode) == 0 { cmark_node_free(textNode) }
        remove(node)
    }

    func remove(_ node: Node) {
        cmark_node_unlink(node)
        cmark_node_free(node)
    }

    static func string(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
}

extension MarkdownTree {
    /// The headings of a document.
    struct Outline {
        var title: MarkdownHeading?
        var others: [MarkdownHeading] = []
        /// The anchors of the headings that stay in the document.
        var anchors: [String] = []
    }

    /// Assigns every heading its anchor and rendered level.
    func assignAnchors(shift: Int, keepingTitle: Bool) -> Outline {
        var outline = Outline()
        var anchors = AnchorGenerator()
        for node in nodes(of: CMARK_NODE_HEADING) {
            let sourceLevel = Int(cmark_node_get_heading_level(node))
            let level = min(6, max(1, sourceLevel + min(6, max(-6, shift))))
            let text = text(of: node)
            let heading = MarkdownHeading(level: level, text: Self.singleLine(text), id: anchors.next(for: text))
            let isTitle = sourceLevel == 1 && outline.title == nil
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

/// Generates the anchors of one document's headings by GitHub's rules.
struct AnchorGenerator {
    /// The used anchors, each with the last number that was appended to it.
    private var used: [String: Int] = [:]

    /// Returns the next heading's anchor: a second heading with the same text gets `-1`, a third `-2`; anchors already in use are
    /// skipped.
    mutating func next(for text: String) -> String {
        let base = Self.base(of: text)
        var anchor = base
        while used[anchor] != nil {
            let number = (used[base] ?? 0) + 1
            used[base] = number
            anchor = "\(base)-\(number)"
        }
        used[anchor] = 0
        return anchor
    }

    /// Converts to lower case, replaces spaces by hyphens, and keeps of the rest only what the regular expression `\p{Word}` matches.
    private static func base(of text: String) -> String {
        var name = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if scalar == " " || scalar == "-" {
                name.append("-")
            } else if scalar.isKeptInAnchors {
                name.append(scalar)
            }
        }
        return String(name)
    }
}

extension Unicode.Scalar {
    fileprivate var isKeptInAnchors: Bool {
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: true
        default: properties.isAlphabetic
        }
    }
}

extension MarkdownTree {
    /// Wraps tables and code blocks in elements that scroll separately, so that a page fits a narrow screen; each is focusable by
    /// keyboard and labelled with the heading above it.
    ///
    /// A table is a region, which screen readers list. A code block is only a group, because many of them would clutter that list.
    func wrapScrollingBlocks(_ names: MarkdownRenderer.RegionNames) {
        var found: [(block: Node, opening: String)] = []
        var heading = ""
        var counts: [String: Int] = [:]
        visit { node, isEntering in
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
                isTable ? #"class="table-scroll" tabindex="0" role="group""# : #"class="code-scroll" tabindex="0" role="group""#
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

extension MarkdownTree {
    /// Sets the targets of links to those of the caller, or keeps only the text.
    func rewriteLinks(_ destination: MarkdownRenderer.Destination) {
        for link in nodes(of: CMARK_NODE_LINK) {
            if let target = destination(Self.string(cmark_node_get_url(link))).flatMap(Self.allowed) {
                cmark_node_set_url(link, target)
            } else {
                unwrap(link)
            }
        }
    }

    /// Sets the sources of images to those of the caller, or keeps only the alternative text.
    func rewriteImages(_ destination: MarkdownRenderer.Destination) {
        for (image, alternative) in outermostImages() {
            if let source = destination(Self.string(cmark_node_get_url(image))).flatMap(Self.allowed) {
                cmark_node_set_url(image, source)
            } else {
                replace(image, byText: alternative)
            }
        }
    }

    /// Returns the images that are not inside the alternative text of another one.
    private func outermostImages() -> [(image: Node, alternative: String)] {
        var found: [(Node, String)] = []
        var depth = 0
        var text = ""
        visit { node, isEntering in
            if cmark_node_get_type(node) == CMARK_NODE_IMAGE {
                depth += isEntering ? 1 : -1
                if depth == 0 { found.append((node, Self.singleLine(text))) }
                if depth == 1, isEntering { text = "" }
            } else if depth > 0 {
                text += Self.ownText(of: node)
            }
        }
        return found
    }

    /// Returns the target if it is relative or its scheme is http, https or mailto.
    ///
    /// The library's own safe mode, which blocks dangerous schemes, remains on; this list allows only the needed ones.
    private static func allowed(_ target: String) -> String? {
        let path = target.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let colon = path.firstIndex(of: ":") else { return target }
        let scheme = path[..<colon].lowercased()
        return ["http", "https", "mailto"].contains(scheme) ? scheme + target[colon...] : nil
    }
}
