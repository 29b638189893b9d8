/// The single pass behind ``JSONDocument``: an explicit stack instead of recursion, so that hostile nesting can't exhaust the call stack.
struct JSONParser {
    static let maximumDepth = 64

    private(set) var nodes: [JSONNode] = []
    private var open: [UInt32] = []

    init(byteCount: Int) {
        // Vendor rows have about one node for every 40 bytes; growing the array by doubling costs more than this guess.
        nodes.reserveCapacity(byteCount / 40 + 8)
    }

    /// Fills ``nodes``, or says what is wrong.
    mutating func parse(_ text: UnsafeRawBufferPointer) -> JSONSyntaxError? {
        var at = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        skipBlanks(text, &at)
        guard at < text.count else { return JSONSyntaxError(reason: .empty, offset: at) }
        repeat {
            if let reason = value(text, &at) { return JSONSyntaxError(reason: reason, offset: at) }
            if let reason = closeContainers(text, &at) { return JSONSyntaxError(reason: reason, offset: at) }
        } while !open.isEmpty
        skipBlanks(text, &at)
        return at == text.count ? nil : JSONSyntaxError(reason: .textAfterEnd, offset: at)
    }

    /// Reads one scalar, or opens containers until a scalar or an empty container was read.
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
    private mutating func closeContainers(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        while let container = open.last {
            skipBlanks(text, &at)
            guard at < text.count else { return .endsEarly }
            let isObject = nodes[Int(container)].kind == .object
            switch text[at] {
            case UInt8(ascii: ","):
                guard nodes.count > Int(container) + 1 else { return .unexpectedByte }
                at += 1
                return isObject ? memberName(text, &at) : nil
            case isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
                at += 1
                nodes[Int(container)].end = UInt32(truncatingIfNeeded: at)
                nodes[Int(container)].next = UInt32(truncatingIfNeeded: nodes.count)
                open.removeLast()
            default: return .unexpectedByte
            }
        }
        return nil
    }

    private mutating func enter(_ kind: JSONNode.Kind, _ at: Int) -> JSONSyntaxError.Reason? {
        guard open.count < Self.maximumDepth else { return .tooDeep }
        open.append(UInt32(truncatingIfNeeded: nodes.count))
        append(kind, from: at, to: at)
        return nil
    }

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

    private mutating func string(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> JSONSyntaxError.Reason? {
        let start = at
        var escaped = false
        at += 1
        while true {
            skipPlainText(text, &at)
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
                at += 2
            case 0..<0x20: return .invalidString
            default: at += 1
            }
        }
    }

    /// Steps over eight bytes at a time as long as none of them is a quote, a backslash or a control character.
    private func skipPlainText(_ text: UnsafeRawBufferPointer, _ at: inout Int) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while at + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let special =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
            if special & highs != 0 {
                // The lowest marked byte is exact; marks above it may be borrowed, so the caller looks at the byte itself.
                at += (special & highs).trailingZeroBitCount / 8
                return
            }
            at += 8
        }
    }

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

    private func digits(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> Bool {
        let start = at
        while at < text.count, text[at] &- 0x30 < 10 { at += 1 }
        return at > start
    }

    private func skipBlanks(_ text: UnsafeRawBufferPointer, _ at: inout Int) {
        while at < text.count, text[at] == 0x20 || text[at] == 0x0A || text[at] == 0x0D || text[at] == 0x09 { at += 1 }
    }

    private mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) {
        nodes.append(
            JSONNode(
                kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: nodes.count + 1)))
    }
}
