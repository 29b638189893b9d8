/// One value inside a ``JSONDocument``, decoded when asked.
///
/// The readings are tolerant where vendors are known to be loose: a whole number may come as `18`, `18.0` or `"18"`. A reading that does
/// not fit answers nil; the caller knows the member's name for an error.
public struct JSONView: Sendable {
    let document: JSONDocument
    let index: Int

    init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    private var node: JSONNode { document.nodes[index] }

    /// Whether the value is `null`.
    public var isNull: Bool { node.kind == .null }
    /// Whether the value is an object.
    public var isObject: Bool { node.kind == .object }
    /// Whether the value is an array.
    public var isArray: Bool { node.kind == .array }

    /// The bytes of the value as they stand in the text.
    public var bytes: ArraySlice<UInt8> { document.bytes[node.start..<document.nodes.end(of: index)] }

    /// The string, or nil for any other kind of value.
    public var string: String? { document.string(at: index) }

    /// The string, or a number as it is written.
    public var text: String? { document.text(at: index) }

    /// A whole number, also when written as `18.0` or inside a string.
    public var integer: Int? { document.integer(at: index) }

    /// A number, also inside a string.
    public var double: Double? { document.double(at: index) }

    /// A Boolean; 0, 1 and the strings `true` and `false` are read as well.
    public var bool: Bool? { document.bool(at: index) }

    /// The member of that name, or nil if this is not an object, lacks it, or has `null` there.
    public subscript(name: String) -> JSONView? {
        guard let value = member(name), !value.isNull else { return nil }
        return value
    }

    /// The member of that name even if it is `null`, or nil if there is none.
    public func member(_ name: String) -> JSONView? {
        guard node.kind == .object else { return nil }
        var name = name
        let found = name.withUTF8 { document.position(ofMember: $0, inObjectAt: index) }
        return found.map { JSONView(document: document, index: $0) }
    }

    /// Elements of an array in order; nothing for any other value.
    public var elements: [JSONView] {
        guard node.kind == .array else { return [] }
        var views: [JSONView] = []
        let end = node.tail
        var at = index + 2
        while at < end {
            views.append(JSONView(document: document, index: at))
            at = document.nodes.after(at)
        }
        return views
    }

    /// Members of an object in order; nothing for any other value.
    public var members: [(name: String, value: JSONView)] {
        guard node.kind == .object else { return [] }
        var pairs: [(name: String, value: JSONView)] = []
        let end = node.tail
        var at = index + 2
        while at < end {
            pairs.append((JSONView(document: document, index: at).string ?? "", JSONView(document: document, index: at + 1)))
            at = document.nodes.after(at + 1)
        }
        return pairs
    }
}
