/// Header fields in the order of the wire, found by name whatever the case of its letters.
///
/// A name may occur more than once. Names and values are kept as given; nothing is joined, trimmed or checked here.
public struct WebHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// Every field, first to last, names as they were written.
    public private(set) var fields: [(name: String, value: String)]

    /// Creates headers that hold the given fields in the given order, none by default.
    public init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    /// Creates headers from a literal; a name that occurs twice stays twice.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value under a name, or nil where the name does not occur.
    ///
    /// Setting a value removes every field of that name and puts the new one where the first stood, or last. Setting nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isSameName($0.name, name) }?.value }
        set {
            let place = fields.firstIndex { Self.isSameName($0.name, name) }
            fields.removeAll { Self.isSameName($0.name, name) }
            guard let newValue else { return }
            fields.insert((name: name, value: newValue), at: place ?? fields.endIndex)
        }
    }

    /// Adds a field behind the others and leaves those of the same name alone, as `Set-Cookie` needs it.
    public mutating func append(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    /// Returns every value under a name in order; empty where the name does not occur.
    public func values(of name: String) -> [String] {
        fields.filter { Self.isSameName($0.name, name) }.map(\.value)
    }

    /// Says whether both hold the same fields in the same order; the case of names does not matter, that of values does.
    public static func == (left: WebHeaders, right: WebHeaders) -> Bool {
        left.fields.elementsEqual(right.fields) { isSameName($0.name, $1.name) && $0.value == $1.value }
    }

    static func isSameName(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
