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
