/// Header fields in their order in the message, with case-insensitive names.
///
/// A name may occur more than once. Names and values are kept as given, without joining, trimming or validation.
public struct WebHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// Every field in order, with names as given.
    public private(set) var fields: [(name: String, value: String)]

    /// Creates headers with the given fields in the given order.
    public init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    /// Creates headers from a literal, in which a name may occur more than once.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value of a name, or nil if the name does not occur.
    ///
    /// Setting a value replaces the first field of that name and removes its others, or appends a field. Setting nil removes them all.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isSameName($0.name, name) }?.value }
        set {
            let index = fields.firstIndex { Self.isSameName($0.name, name) }
            fields.removeAll { Self.isSameName($0.name, name) }
            guard let newValue else { return }
            fields.insert((name: name, value: newValue), at: index ?? fields.endIndex)
        }
    }

    /// Appends a field and keeps those of the same name, as `Set-Cookie` requires.
    public mutating func append(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    /// Returns every value of a name in order; empty if the name does not occur.
    public func values(of name: String) -> [String] {
        fields.filter { Self.isSameName($0.name, name) }.map(\.value)
    }

    /// Returns whether both have the same fields in the same order; names are compared case-insensitively, values exactly.
    public static func == (lhs: WebHeaders, rhs: WebHeaders) -> Bool {
        lhs.fields.elementsEqual(rhs.fields) { isSameName($0.name, $1.name) && $0.value == $1.value }
    }

    static func isSameName(_ lhs: String, _ rhs: String) -> Bool {
        lhs.utf8.elementsEqual(rhs.utf8) { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
