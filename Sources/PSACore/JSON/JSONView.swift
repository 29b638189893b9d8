/// One value inside a ``JSONDocument``, decoded when asked.
///
/// The readings are tolerant where vendors are known to be loose: a whole number may come as `18`, `18.0` or `"18"`. A reading that does
/// not fit answers nil; the caller knows the member's name for an error.
public struct JSONView: Sendable {
    private let document: JSONDocument
    private let index: Int

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
    public var bytes: ArraySlice<UInt8> { document.bytes[Int(node.start)..<Int(node.end)] }

    /// The string, or nil for any other kind of value.
    public var string: String? {
        switch node.kind {
        case .string: String(decoding: document.bytes[Int(node.start) + 1..<Int(node.end) - 1], as: UTF8.self)
        case .escapedString: JSONEscape.decode(document.bytes[Int(node.start) + 1..<Int(node.end) - 1])
        default: nil
        }
    }

    /// The string, or a number as it is written.
    public var text: String? { node.kind == .number ? String(decoding: bytes, as: UTF8.self) : string }

    /// A whole number, also when written as `18.0` or inside a string.
    public var integer: Int? {
        guard let text else { return nil }
        if let whole = Int(text) { return whole }
        // From 2^53 on neighbouring whole numbers look alike to a real, and a wrong id is worse than none.
        guard let real = double, abs(real) < 9_007_199_254_740_992 else { return nil }
        return Int(exactly: real)
    }

    /// A number, also inside a string.
    public var double: Double? {
        // Swift would also read hexadecimal, which no vendor means.
        guard let text, !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }) else { return nil }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// A Boolean; 0, 1 and the strings `true` and `false` are read as well.
    public var bool: Bool? {
        switch node.kind {
        case .isTrue: true
        case .isFalse: false
        case .number: integer.flatMap { $0 == 1 ? true : $0 == 0 ? false : nil }
        case .string, .escapedString: string.flatMap { Bool($0.lowercased()) }
        default: nil
        }
    }

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
        var at = index + 1
        while at < Int(node.next) {
            views.append(JSONView(document: document, index: at))
            at = Int(document.nodes[at].next)
        }
        return views
    }

    /// Members of an object in order; nothing for any other value.
    public var members: [(name: String, value: JSONView)] {
        guard node.kind == .object else { return [] }
        var pairs: [(name: String, value: JSONView)] = []
        var at = index + 1
        while at < Int(node.next) {
            pairs.append((JSONView(document: document, index: at).string ?? "", JSONView(document: document, index: at + 1)))
            at = Int(document.nodes[at + 1].next)
        }
        return pairs
    }
}
