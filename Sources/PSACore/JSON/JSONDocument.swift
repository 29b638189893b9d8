/// A JSON text, checked in one pass and read only where it is asked.
///
/// A list page of a PSA is close to a megabyte of which a connector uses a tenth, and the row must be kept as the vendor sent it. So
/// the text is validated once into a flat list of nodes that point into it; names and values are decoded on demand, and a row's own bytes
/// can be cut out. Measured against decoding all of it into Swift values this is several times faster (`make bench`).
///
/// Limits: nesting up to 64 levels, texts below 4 GiB. A duplicate member name: the first counts. A leading byte order mark is skipped.
public final class JSONDocument: Sendable {
    /// The text as it came.
    let bytes: [UInt8]
    /// Depth-first: a container is followed by its content; object members are a name node and then the value's nodes.
    let nodes: [JSONNode]

    /// Checks a text.
    ///
    /// - Throws: ``JSONSyntaxError`` if it is not one complete JSON value.
    public init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
        guard bytes.count < UInt32.max else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
        var parser = JSONParser(byteCount: bytes.count)
        let outcome = bytes.withUnsafeBytes { parser.parse($0) }
        if let outcome { throw outcome }
        self.bytes = bytes
        nodes = parser.nodes
    }

    /// The whole value.
    public var root: JSONView { JSONView(document: self, index: 0) }

    /// The node of a member's value.
    ///
    /// A row has over a hundred members of which a few dozen are asked for, so names are compared as bytes.
    func position(ofMember name: UnsafeBufferPointer<UInt8>, inObjectAt object: Int) -> Int? {
        bytes.withUnsafeBufferPointer { text in
            nodes.withUnsafeBufferPointer { nodes in
                let end = Int(nodes[object].next)
                var at = object + 1
                while at < end {
                    if Self.isName(nodes[at], name, in: text) { return at + 1 }
                    at = Int(nodes[at + 1].next)
                }
                return nil
            }
        }
    }

    private static func isName(_ node: JSONNode, _ name: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = Int(node.start) + 1
        let count = Int(node.end) - 1 - start
        if node.kind == .escapedString { return JSONEscape.decode(ArraySlice(text[start..<start + count])).utf8.elementsEqual(name) }
        guard count == name.count else { return false }
        var at = 0
        while at < count, text[start + at] == name[at] { at += 1 }
        return at == count
    }
}

/// Why a text is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong.
    @nonexhaustive
    public enum Reason: String, Sendable {
        case empty
        case endsEarly
        case unexpectedByte
        case invalidString
        case invalidNumber
        case tooDeep
        case tooLong
        case textAfterEnd
    }

    /// What was wrong.
    public let reason: Reason
    /// The byte offset at which it was noticed.
    public let offset: Int

    /// Reason and offset, without any of the text.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable {
        case null, isFalse, isTrue, number, string, escapedString, array, object
    }

    var kind: Kind
    /// The value's bytes, quotes and brackets included.
    var start: UInt32
    var end: UInt32
    /// The index of the node after this one and all it contains.
    var next: UInt32
}
