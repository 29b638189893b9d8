/// A JSON text, checked in one pass and read only where it is asked.
///
/// A list page of a PSA is close to a megabyte of which a connector uses a tenth, and the row must be kept as the vendor sent it. So
/// the text is validated once into a flat list of nodes that point into it; names and values are decoded on demand, and a row's own bytes
/// can be cut out. Measured against decoding all of it into Swift values this is several times faster (`make bench`).
///
/// Limits: nesting up to 64 levels, texts below 1 GiB, and ``maxValues(inBytes:)`` values and member names, so that a text of tiny values does
/// not take a multiple of its size in memory. A duplicate member name: the first counts. A leading byte order mark is skipped.
public final class JSONDocument: Sendable {
    /// The text as it came.
    let bytes: [UInt8]
    /// Depth-first: a container is followed by its content; object members are a name node and then the value's nodes.
    let nodes: [JSONNode]
    /// Whether there is no blank between two tokens, and no escape that writes a character as a number: those of surrogates need a pair.
    let isCompact: Bool
    /// The share of the memory for large responses, held as long as the text.
    private let memoryShare: ResponseMemory.Share?

    /// The largest number of values and member names in a text: 262,144 and one for every 4 bytes, at most 4,194,304.
    ///
    /// List pages of PSAs have one for every 12 bytes. An array or object counts twice.
    ///
    /// - Parameter count: The length of the text in bytes.
    /// - Returns: The number.
    public static func maxValues(inBytes count: Int) -> Int { min(4_194_304, 262_144 + count / 4) }

    /// Checks a text.
    ///
    /// - Throws: ``JSONSyntaxError`` if it is not one complete JSON value, or has too many values.
    public convenience init(_ bytes: [UInt8]) throws(JSONSyntaxError) { try self.init(bytes, memoryShare: nil) }

    init(_ bytes: [UInt8], memoryShare: ResponseMemory.Share?) throws(JSONSyntaxError) {
        guard bytes.count <= JSONNode.maximum else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
        var parser = JSONParser(byteCount: bytes.count)
        let outcome = bytes.withUnsafeBytes { parser.parse($0) }
        defer { parser.deallocate() }
        if let outcome { throw outcome }
        self.bytes = bytes
        self.memoryShare = memoryShare
        nodes = parser.nodes
        isCompact = !parser.hasBlanks && !parser.hasNumericEscapes
    }

    /// Takes what a parser has read of a text to its end.
    private init(_ bytes: [UInt8], _ parser: JSONParser, _ memoryShare: ResponseMemory.Share?) {
        self.bytes = bytes
        self.memoryShare = memoryShare
        nodes = parser.nodes
        isCompact = !parser.hasBlanks && !parser.hasNumericEscapes
    }

    /// How many bytes are parsed at a time, which takes a few milliseconds.
    static let sliceBytes = 1 << 20

    /// Checks the body of a response; a large one in slices, between which other tasks go on.
    ///
    /// The document keeps the response's share of the memory for large responses.
    ///
    /// - Throws: ``JSONSyntaxError``.
    package static func parse(_ response: TransportResponse) async throws(JSONSyntaxError) -> JSONDocument {
        let bytes = response.body
        guard bytes.count > sliceBytes * 2 else { return try JSONDocument(bytes, memoryShare: response.memoryShare) }
        guard bytes.count <= JSONNode.maximum else { throw JSONSyntaxError(reason: .tooLong, offset: 0) }
        var parser = JSONParser(byteCount: bytes.count)
        defer { parser.deallocate() }
        var at = 0
        var outcome = bytes.withUnsafeBytes { parser.start($0, &at) }
        while outcome == nil {
            let limit = at + sliceBytes
            outcome = bytes.withUnsafeBytes { parser.values($0, &at, upTo: limit) }
            guard outcome == nil, !parser.isComplete else { break }
            await Task.yield()
        }
        if outcome == nil { outcome = bytes.withUnsafeBytes { parser.end($0, &at) } }
        if let outcome { throw outcome }
        return JSONDocument(bytes, parser, response.memoryShare)
    }

    /// The whole value.
    public var root: JSONView { JSONView(document: self, index: 0) }

    /// The node of a member's value.
    ///
    /// A row has over a hundred members of which a few dozen are asked for, so names are compared as bytes.
    func position(ofMember name: UnsafeBufferPointer<UInt8>, inObjectAt object: Int) -> Int? {
        bytes.withUnsafeBufferPointer { text in
            nodes.withUnsafeBufferPointer { nodes in
                let end = nodes[object].tail
                var at = object + 2
                while at < end {
                    if Self.isName(nodes[at], name, in: text) { return at + 1 }
                    let value = nodes[at + 1]
                    at = value.kind == .array || value.kind == .object ? value.tail : at + 2
                }
                return nil
            }
        }
    }

    private static func isName(_ node: JSONNode, _ name: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = node.start + 1
        let count = node.tail - 1 - start
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
        /// No bytes, or only spaces and line breaks; an answer without a body is often of this kind.
        case empty
        /// The text ends within a value, as after a connection that broke off.
        case endsEarly
        /// A byte stands where no value, name or separator may start with it.
        case unexpectedByte
        /// A string contains a control character, an unknown escape or half of a surrogate pair.
        case invalidString
        /// A number lacks the digits after its sign, point or exponent.
        case invalidNumber
        /// Arrays and objects are nested in more than 64 levels.
        case tooDeep
        /// The text has 1 GiB or more.
        case tooLong
        /// More than spaces follows the first complete value.
        case textAfterEnd
        /// More values than ``JSONDocument/maxValues(inBytes:)``.
        case tooManyValues
    }

    /// What was wrong.
    public let reason: Reason
    /// The byte offset at which it was noticed.
    public let offset: Int

    /// Reason and offset, without any of the text.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}

/// A place in a text, in 64 bits: what it is, where it starts, and where it ends.
///
/// A container takes two nodes: of the first, ``tail`` is the node after the container and all it contains; the second is only the offset of
/// its end.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable {
        case null, isFalse, isTrue, number, string, escapedString, array, object
    }

    /// The largest offset and the largest number of a node.
    static let maximum = 1 << 30 - 1

    private var bits: UInt64

    @inline(__always)
    init(_ kind: Kind, from start: Int, to tail: Int) {
        bits = UInt64(kind.rawValue) | UInt64(truncatingIfNeeded: start) << 4 | UInt64(truncatingIfNeeded: tail) << 34
    }

    /// The second node of a container.
    @inline(__always)
    init(end: Int) { bits = UInt64(truncatingIfNeeded: end) }

    @inline(__always)
    var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits & 0xF)) ?? .null }

    /// The offset of the first byte, quotes and brackets included.
    @inline(__always)
    var start: Int { Int(truncatingIfNeeded: bits >> 4) & Self.maximum }

    /// The offset after the last byte; for a container the number of the node after it.
    @inline(__always)
    var tail: Int { Int(truncatingIfNeeded: bits >> 34) }

    /// What the second node of a container says.
    @inline(__always)
    var containerEnd: Int { Int(truncatingIfNeeded: bits) }
}

extension Array where Element == JSONNode {
    /// The number of the node after this one and all it contains.
    @inline(__always)
    func after(_ index: Int) -> Int {
        let node = self[index]
        return node.kind == .array || node.kind == .object ? node.tail : index + 1
    }

    /// The offset after the last byte of a value.
    @inline(__always)
    func end(of index: Int) -> Int {
        let node = self[index]
        return node.kind == .array || node.kind == .object ? self[index + 1].containerEnd : node.tail
    }
}

/// The single pass behind ``JSONDocument``: an explicit stack instead of recursion, so that hostile nesting can't exhaust the call stack.
///
/// The nodes are written to memory of its own instead of an array, because checking an array's uniqueness for each of them takes a third
/// of the pass. ``append(_:from:to:)`` is the only place that writes, and makes room first.
struct JSONParser {
    static let maximumDepth = 64

    private var tape: UnsafeMutableBufferPointer<JSONNode>
    private var count = 0
    /// How many nodes a text may have.
    private let maxCount: Int
    private var open: [Int] = []
    /// Whether there is a blank or a line end between two tokens.
    private(set) var hasBlanks = false
    /// Whether a string writes a character as a number.
    private(set) var hasNumericEscapes = false

    /// Makes room for a first guess; ``deallocate()`` must be called at the end.
    init(byteCount: Int) {
        // A page of short members has a node for every 12 bytes. What is not written takes no memory.
        maxCount = JSONDocument.maxValues(inBytes: byteCount)
        tape = .allocate(capacity: min(byteCount / 12, maxCount) + 16)
        open.reserveCapacity(Self.maximumDepth)
    }

    /// Frees the nodes.
    func deallocate() { tape.deallocate() }

    /// What was read, depth-first.
    var nodes: [JSONNode] { Array(tape[..<count]) }

    /// Fills ``nodes``, or says what is wrong.
    mutating func parse(_ text: UnsafeRawBufferPointer) -> JSONSyntaxError? {
        var at = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while at < text.count, Self.isBlank(text[at]) { at += 1 }
        guard at < text.count else { return JSONSyntaxError(reason: .empty, offset: at) }
        repeat {
            if let reason = value(text, &at) { return JSONSyntaxError(reason: reason, offset: at) }
            if let reason = closeContainers(text, &at) { return JSONSyntaxError(reason: reason, offset: at) }
            if count > maxCount { return JSONSyntaxError(reason: .tooManyValues, offset: at) }
        } while !open.isEmpty
        while at < text.count, Self.isBlank(text[at]) { at += 1 }
        return at == text.count ? nil : JSONSyntaxError(reason: .textAfterEnd, offset: at)
    }

    /// Steps to the beginning of the value.
    func start(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError? {
        at = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while at < text.count, Self.isBlank(text[at]) { at += 1 }
        return at < text.count ? nil : JSONSyntaxError(reason: .empty, offset: at)
    }

    /// Reads on until the value is complete, or the first value behind a place was read.
    ///
    /// It is compiled apart from ``parse(_:)``, which is measured.
    @inline(never)
    mutating func values(_ text: UnsafeRawBufferPointer, _ at: inout Int, upTo limit: Int) -> JSONSyntaxError? {
        // A variable of its own can be kept in a register.
        var place = at
        defer { at = place }
        repeat {
            if let reason = value(text, &place) { return JSONSyntaxError(reason: reason, offset: place) }
            if let reason = closeContainers(text, &place) { return JSONSyntaxError(reason: reason, offset: place) }
            if count > maxCount { return JSONSyntaxError(reason: .tooManyValues, offset: place) }
        } while !open.isEmpty && place < limit
        return nil
    }

    /// Whether the value that was begun is complete.
    var isComplete: Bool { open.isEmpty }

    /// Checks that nothing follows the value.
    func end(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError? {
        while at < text.count, Self.isBlank(text[at]) { at += 1 }
        return at == text.count ? nil : JSONSyntaxError(reason: .textAfterEnd, offset: at)
    }

    /// Reads one scalar, or opens containers until a scalar or an empty container was read.
    @inline(__always)
    private mutating func value(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        while true {
            skipBlanks(text, &at)
            guard at < text.count else { return .endsEarly }
            switch text[at] {
            case UInt8(ascii: "{"):
                if let reason = enter(.object, at) { return reason }
                at += 1
                skipBlanks(text, &at)
                if at < text.count, text[at] == UInt8(ascii: "}") { return nil }
                if let reason = memberName(text, &at) { return reason }
            case UInt8(ascii: "["):
                if let reason = enter(.array, at) { return reason }
                at += 1
                skipBlanks(text, &at)
                if at < text.count, text[at] == UInt8(ascii: "]") { return nil }
            case UInt8(ascii: "\""): return string(text, &at)
            case UInt8(ascii: "t"): return literal("true", .isTrue, text, &at)
            case UInt8(ascii: "f"): return literal("false", .isFalse, text, &at)
            case UInt8(ascii: "n"): return literal("null", .null, text, &at)
            default: return number(text, &at)
            }
        }
    }

    /// After a value: closes every container that ends here, or steps over the comma to the next value.
    @inline(__always)
    private mutating func closeContainers(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        while let container = open.last {
            skipBlanks(text, &at)
            guard at < text.count else { return .endsEarly }
            let isObject = tape[container].kind == .object
            switch text[at] {
            case UInt8(ascii: ","):
                guard count > container + 2 else { return .unexpectedByte }
                at += 1
                return isObject ? memberName(text, &at) : nil
            case isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
                at += 1
                tape[container] = JSONNode(isObject ? .object : .array, from: tape[container].start, to: count)
                tape[container + 1] = JSONNode(end: at)
                open.removeLast()
            default: return .unexpectedByte
            }
        }
        return nil
    }

    @inline(__always)
    private mutating func enter(_ kind: JSONNode.Kind, _ at: Int) -> JSONSyntaxError.Reason? {
        guard open.count < Self.maximumDepth else { return .tooDeep }
        open.append(count)
        append(JSONNode(kind, from: at, to: at))
        append(JSONNode(end: at))
        return nil
    }

    @inline(__always)
    private mutating func memberName(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        skipBlanks(text, &at)
        guard at < text.count else { return .endsEarly }
        guard text[at] == UInt8(ascii: "\"") else { return .unexpectedByte }
        if let reason = string(text, &at) { return reason }
        skipBlanks(text, &at)
        guard at < text.count else { return .endsEarly }
        guard text[at] == UInt8(ascii: ":") else { return .unexpectedByte }
        at += 1
        return nil
    }

    @inline(__always)
    private mutating func string(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        let start = at
        var escaped = false
        at += 1
        while true {
            at = JSONScan.endOfPlainText(text, from: at)
            guard at < text.count else { return .endsEarly }
            switch text[at] {
            case UInt8(ascii: "\""):
                at += 1
                append(escaped ? .escapedString : .string, from: start, to: at)
                return nil
            case UInt8(ascii: "\\"):
                escaped = true
                guard at + 1 < text.count else { return .endsEarly }
                guard JSONEscape.isValid(text, at: at + 1) else { return .invalidString }
                if text[at + 1] == UInt8(ascii: "u") { hasNumericEscapes = true }
                at += 2
            default: return .invalidString
            }
        }
    }

    @inline(__always)
    private mutating func literal(
        _ word: StaticString, _ kind: JSONNode.Kind, _ text: UnsafeRawBufferPointer, _ at: inout Int
    ) -> JSONSyntaxError.Reason? {
        let end = at + word.utf8CodeUnitCount
        guard end <= text.count else { return .endsEarly }
        for offset in 0..<word.utf8CodeUnitCount where text[at + offset] != word.utf8Start[offset] { return .unexpectedByte }
        append(kind, from: at, to: end)
        at = end
        return nil
    }

    @inline(__always)
    private mutating func number(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        let start = at
        if text[at] == UInt8(ascii: "-") { at += 1 }
        guard at < text.count else { return .endsEarly }
        if text[at] == UInt8(ascii: "0") {
            at += 1
        } else {
            guard digits(text, &at) else { return start == at ? .unexpectedByte : .invalidNumber }
        }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at += 1
            guard digits(text, &at) else { return .invalidNumber }
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            guard digits(text, &at) else { return .invalidNumber }
        }
        append(.number, from: start, to: at)
        return nil
    }

    @inline(__always)
    private func digits(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> Bool {
        let start = at
        while at < text.count, text[at] &- 0x30 < 10 { at += 1 }
        return at > start
    }

    @inline(__always)
    private mutating func skipBlanks(_ text: UnsafeRawBufferPointer, _ at: inout Int) {
        guard at < text.count, text[at] <= 0x20 else { return }
        while at < text.count, Self.isBlank(text[at]) {
            hasBlanks = true
            at += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    @inline(__always)
    private mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) { append(JSONNode(kind, from: start, to: end)) }

    @inline(__always)
    private mutating func append(_ node: JSONNode) {
        if count == tape.count { grow() }
        tape.initializeElement(at: count, to: node)
        count += 1
    }

    /// Doubles the room, up to what a text may need: between two checks of the number, every level can open a container with a name.
    @inline(never)
    private mutating func grow() {
        let capacity = max(tape.count + 16, min(tape.count * 2, maxCount + Self.maximumDepth * 3 + 16))
        let larger = UnsafeMutableBufferPointer<JSONNode>.allocate(capacity: capacity)
        _ = larger.moveInitialize(fromContentsOf: tape[..<count])
        tape.deallocate()
        tape = larger
    }
}

/// Finds the end of text that stands for itself in a JSON string.
enum JSONScan {
    /// The place of the first quote, backslash or control character from a place on, or the end of the text.
    ///
    /// Eight bytes are looked at in one step as long as eight are left.
    @inline(__always)
    static func endOfPlainText(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at + 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let special = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
            // The lowest marked byte is exact; marks above it may be borrowed from it.
            if special & highs != 0 { return at + (special & highs).trailingZeroBitCount / 8 }
            at += 8
        }
        while at < text.count, text[at] >= 0x20, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: "\\") { at += 1 }
        return at
    }
}

/// The backslash escapes of JSON strings, both ways.
enum JSONEscape {
    /// Whether a well-formed escape starts at the byte after a backslash.
    static func isValid(_ text: UnsafeRawBufferPointer, at index: Int) -> Bool {
        switch text[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            guard index + 4 < text.count else { return false }
            return (index + 1...index + 4).allSatisfy { hexadecimal(text[$0]) != nil }
        default: return false
        }
    }

    /// Decodes the inside of a checked string; a lone surrogate becomes U+FFFD.
    static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                decoded.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "b"): decoded.append(0x08)
            case UInt8(ascii: "f"): decoded.append(0x0C)
            case UInt8(ascii: "n"): decoded.append(0x0A)
            case UInt8(ascii: "r"): decoded.append(0x0D)
            case UInt8(ascii: "t"): decoded.append(0x09)
            case UInt8(ascii: "u"): decoded.append(contentsOf: Array(String(Character(scalar(&rest))).utf8))
            default: decoded.append(kind)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Appends a string with quotes; everything below U+0020 is escaped, all else is written as UTF-8.
    static func encode(_ text: String, into bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { encode($0, into: &bytes) }
    }

    /// Appends UTF-8 in the same way: runs of bytes that need no escape at once.
    private static func encode(_ text: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = JSONScan.endOfPlainText(UnsafeRawBufferPointer(text), from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { break }
            escape(text[end], into: &bytes)
            start = end + 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case 0x0A: bytes += "\\n".utf8
        case 0x0D: bytes += "\\r".utf8
        case 0x09: bytes += "\\t".utf8
        default: bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
        }
    }

    private static func scalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        let first = unit(&rest)
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard rest.count >= 6, rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return "\u{FFFD}" }
        var ahead = rest.dropFirst(2)
        let second = unit(&ahead)
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        rest = ahead
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func unit(_ rest: inout ArraySlice<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { value, _ in value << 4 | UInt32(rest.popFirst().flatMap(hexadecimal) ?? 0) }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
