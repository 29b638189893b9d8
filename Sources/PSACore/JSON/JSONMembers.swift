#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The names of members that are asked for in each row of a list, as a hash table of their bytes.
package struct JSONNameTable: Sendable {
    /// A name's place among the names, and where its bytes are; an empty entry has no length.
    private struct Entry: Sendable {
        var slot: UInt16 = 0
        var start: UInt16 = 0
        var length: UInt16 = 0
    }

    /// How many names there are.
    let count: Int
    private let entries: [Entry]
    private let bytes: [UInt8]

    /// Makes a table.
    ///
    /// - Parameter names: Different names that are not empty; a name is asked for by its place here. No more than 65,536 bytes together.
    package init(_ names: [String]) {
        count = names.count
        var capacity = 16
        while capacity < names.count * 4 { capacity *= 2 }
        var entries = [Entry](repeating: Entry(), count: capacity)
        var bytes: [UInt8] = []
        for (slot, name) in names.enumerated() {
            let utf8 = Array(name.utf8)
            var at = utf8.withUnsafeBufferPointer { Self.hash($0) } & (capacity - 1)
            while entries[at].length > 0 { at = (at + 1) & (capacity - 1) }
            entries[at] = Entry(slot: UInt16(slot), start: UInt16(bytes.count), length: UInt16(utf8.count))
            bytes += utf8
        }
        (self.entries, self.bytes) = (entries, bytes)
    }

    /// The place of a name, or nil if it is none of these.
    @inline(__always)
    func slot(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard !name.isEmpty else { return nil }
        var at = Self.hash(name) & (entries.count - 1)
        while entries[at].length > 0 {
            let entry = entries[at]
            if Int(entry.length) == name.count, isName(name, at: Int(entry.start)) { return Int(entry.slot) }
            at = (at + 1) & (entries.count - 1)
        }
        return nil
    }

    @inline(__always)
    private func isName(_ name: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        for place in 0..<name.count where bytes[start + place] != name[place] { return false }
        return true
    }

    /// Mixes length, first, middle and last bytes; the vendors' names differ in these.
    @inline(__always)
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        let last = name.count - 1
        let mixed =
            UInt32(truncatingIfNeeded: name.count) | UInt32(name[0]) << 8 | UInt32(name[name.count / 2]) << 16 | UInt32(name[last]) << 24
        return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B1) >> 16)
    }
}

/// The members of one object that a table names, found in one pass over it.
///
/// The readings are those of ``JSONView``. It keeps the whole text, so it is for reading a row, not for keeping it.
package struct JSONMembers: Sendable {
    private let document: JSONDocument
    /// The node of each member's value by the place of its name; 0, which is the root, where the object lacks it.
    private let positions: [UInt32]

    /// Finds the members of an object; none in any other value.
    ///
    /// Of members with the same name the first counts.
    package init(of view: JSONView, _ names: JSONNameTable) {
        document = view.document
        let index = view.index
        positions = [UInt32](unsafeUninitializedCapacity: names.count) { positions, count in
            positions.initialize(repeating: 0)
            count = names.count
            view.document.forEachMember(ofObjectAt: index, names) { slot, value in
                // The table gives no slot that is not below its count.
                if positions[slot] == 0 { positions[slot] = UInt32(truncatingIfNeeded: value) }
            }
        }
    }

    /// The value, also if it is `null`; nil if the object lacks it.
    package func view(_ slot: Int) -> JSONView? {
        let position = Int(positions[slot])
        return position == 0 ? nil : JSONView(document: document, index: position)
    }

    /// The string, or nil for any other kind of value.
    package func string(_ slot: Int) -> String? {
        let position = Int(positions[slot])
        return position == 0 ? nil : document.string(at: position)
    }

    /// A whole number, also when written as `18.0` or inside a string.
    package func integer(_ slot: Int) -> Int? {
        let position = Int(positions[slot])
        return position == 0 ? nil : document.integer(at: position)
    }

    /// A Boolean; 0, 1 and the strings `true` and `false` are read as well.
    package func bool(_ slot: Int) -> Bool? {
        let position = Int(positions[slot])
        return position == 0 ? nil : document.bool(at: position)
    }

    /// A string that is a date, or a date and time, by ISO 8601.
    package func instant(_ slot: Int) -> Date? {
        let position = Int(positions[slot])
        return position == 0 ? nil : document.instant(at: position)
    }
}

extension JSONDocument {
    /// Calls a closure with each member of an object whose name is in a table: the name's place, and the node of the value.
    @inline(__always)
    fileprivate func forEachMember(ofObjectAt object: Int, _ names: JSONNameTable, _ body: (Int, Int) -> Void) {
        guard nodes[object].kind == .object else { return }
        bytes.withUnsafeBufferPointer { text in
            nodes.withUnsafeBufferPointer { nodes in
                let end = nodes[object].tail
                var at = object + 2
                while at < end {
                    let name = nodes[at]
                    let slot =
                        name.kind == .string
                        ? names.slot(of: UnsafeBufferPointer(rebasing: text[name.start + 1..<name.tail - 1]))
                        : Array((string(at: at) ?? "").utf8).withUnsafeBufferPointer { names.slot(of: $0) }
                    if let slot { body(slot, at + 1) }
                    let value = nodes[at + 1]
                    at = value.kind == .array || value.kind == .object ? value.tail : at + 2
                }
            }
        }
    }
}

// Readings of the value at a node, which ``JSONView`` and ``JSONMembers`` share.
extension JSONDocument {
    /// The inside of the string at a node, escapes as they stand.
    private func inside(_ node: JSONNode) -> ArraySlice<UInt8> { bytes[node.start + 1..<node.tail - 1] }

    func string(at index: Int) -> String? {
        let node = nodes[index]
        switch node.kind {
        case .string: return String(decoding: inside(node), as: UTF8.self)
        case .escapedString: return JSONEscape.decode(inside(node))
        default: return nil
        }
    }

    func text(at index: Int) -> String? {
        let node = nodes[index]
        return node.kind == .number ? String(decoding: bytes[node.start..<node.tail], as: UTF8.self) : string(at: index)
    }

    func integer(at index: Int) -> Int? {
        if let plain = plainInteger(at: index) { return plain }
        guard let text = text(at: index) else { return nil }
        if let whole = Int(text) { return whole }
        // From 2^53 on neighbouring whole numbers look alike to a real, and a wrong id is worse than none.
        guard let real = double(at: index), abs(real) < 9_007_199_254_740_992 else { return nil }
        return Int(exactly: real)
    }

    /// A number of at most 18 digits without fraction or exponent: what nearly every id is.
    private func plainInteger(at index: Int) -> Int? {
        let node = nodes[index]
        guard node.kind == .number else { return nil }
        return bytes.withUnsafeBufferPointer { text in
            let isNegative = text[node.start] == UInt8(ascii: "-")
            let start = node.start + (isNegative ? 1 : 0)
            guard node.tail - start <= 18 else { return nil }
            var value = 0
            for place in start..<node.tail {
                let digit = text[place] &- 0x30
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int(digit)
            }
            return isNegative ? -value : value
        }
    }

    func double(at index: Int) -> Double? {
        // Swift would also read hexadecimal, which no vendor means.
        guard let text = text(at: index), !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }) else { return nil }
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    func bool(at index: Int) -> Bool? {
        switch nodes[index].kind {
        case .isTrue: true
        case .isFalse: false
        case .number: integer(at: index).flatMap { $0 == 1 ? true : $0 == 0 ? false : nil }
        case .string, .escapedString: string(at: index).flatMap { Bool($0.lowercased()) }
        default: nil
        }
    }

    func instant(at index: Int) -> Date? {
        let node = nodes[index]
        guard node.kind == .string else { return string(at: index).flatMap { GregorianUTC.instant(iso8601: $0) } }
        return bytes.withUnsafeBufferPointer {
            GregorianUTC.instant(iso8601: UnsafeBufferPointer(rebasing: $0[node.start + 1..<node.tail - 1]))
        }
    }
}
