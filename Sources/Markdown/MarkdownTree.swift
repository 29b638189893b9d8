import CMarkdown
import Synchronization

/// A parsed document; its nodes live as long as it does.
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

    /// The library keeps its table of special characters for all parsers at once.
    private static let parsing = Mutex(())
    /// Registering twice, which the library does when two threads ask for it together, ends the process.
    private static let tables: Void = cmark_gfm_core_extensions_ensure_registered()

    /// The tree as HTML: without raw HTML, because the library's unsafe mode is off.
    func html(anchors: [String]) -> String {
        guard let text = cmark_render_html(root, CMARK_OPT_DEFAULT, nil) else { return "" }
        defer { cmarkdown_free_text(text) }
        let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
        return String(decoding: TagAttributes.added(to: bytes, anchors: anchors), as: UTF8.self)
    }

    // MARK: Walking

    /// Visits every node on the way in, in the order of the text, and containers on the way out as well.
    ///
    /// The visitor changes nothing; whoever wants to change nodes collects them first.
    func walk(from start: Node? = nil, _ visit: (_ node: Node, _ isEntering: Bool) -> Void) {
        guard let start = start ?? root, let iterator = cmark_iter_new(start) else { return }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return }
            visit(node, event == CMARK_EVENT_ENTER)
        }
    }

    func nodes(of type: cmark_node_type) -> [Node] {
        var found: [Node] = []
        walk { node, isEntering in
            if isEntering, cmark_node_get_type(node) == type { found.append(node) }
        }
        return found
    }

    /// The words of a node without markup; pictures have none, and a line break stays one.
    func text(of node: Node) -> String {
        var text = ""
        var pictures = 0
        walk(from: node) { node, isEntering in
            if cmark_node_get_type(node) == CMARK_NODE_IMAGE {
                pictures += isEntering ? 1 : -1
            } else if pictures == 0 {
                text += Self.words(of: node)
            }
        }
        return text
    }

    /// What a single node says.
    static func words(of node: Node) -> String {
        switch cmark_node_get_type(node) {
        case CMARK_NODE_TEXT, CMARK_NODE_CODE: string(cmark_node_get_literal(node))
        case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: "\n"
        default: ""
        }
    }

    // MARK: Changing

    /// Puts markup of our own around a block.
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

    /// Leaves an inline node's children in its place.
    ///
    /// Never a block's: its words lie in the block's own memory and go with it.
    func unwrap(_ node: Node) {
        while let child = cmark_node_first_child(node), cmark_node_insert_before(node, child) == 1 {}
        remove(node)
    }

    /// Leaves plain words in a node's place.
    func replace(_ node: Node, byText text: String) {
        let words = cmark_node_new(CMARK_NODE_TEXT)
        cmark_node_set_literal(words, text)
        if cmark_node_insert_before(node, words) == 0 { cmark_node_free(words) }
        remove(node)
    }

    func remove(_ node: Node) {
        cmark_node_unlink(node)
        cmark_node_free(node)
    }

    static func string(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
}

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

/// Gives the headings of one document the anchors that GitHub gives them.
struct AnchorNames {
    private var taken: [String: Int] = [:]

    /// The next heading's anchor: a second heading of the same words gets `-1`, a third `-2`; a number that another heading already has
    /// as its own words is skipped.
    mutating func next(for text: String) -> String {
        let base = Self.base(of: text)
        var name = base
        while taken[name] != nil {
            let number = (taken[base] ?? 0) + 1
            taken[base] = number
            name = "\(base)-\(number)"
        }
        taken[name] = 0
        return name
    }

    /// Lower case, hyphens for blanks, and of the rest only what a regular expression's `\p{Word}` matches, which GitHub keeps.
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
