/// A place in a body at which it holds no Unicode text; what was meant there can't be known, and is not guessed.
struct TextIssue: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Bytes that are no UTF-8.
        case notUTF8
        /// Half of a surrogate pair, as `\ud800` without its other half.
        case loneSurrogate
    }

    let kind: Kind
    /// Where it begins, in bytes.
    let offset: Int

    /// The first flaw in a body; nil if there is none.
    ///
    /// In a body that is no JSON a backslash may stand anywhere; what it finds there is no text either way.
    static func first(in body: [UInt8]) -> TextIssue? { firstNotUTF8(body) ?? firstLoneSurrogate(body) }

    private static func firstNotUTF8(_ body: [UInt8]) -> TextIssue? {
        guard String(validating: body, as: UTF8.self) == nil else { return nil }
        var (parser, rest, offset) = (Unicode.UTF8.ForwardParser(), body.makeIterator(), 0)
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar): offset += scalar.count
            case .error: return TextIssue(kind: .notUTF8, offset: offset)
            case .emptyInput: return nil
            }
        }
    }

    private static func firstLoneSurrogate(_ body: [UInt8]) -> TextIssue? {
        var at = 0
        while let start = body[at...].firstIndex(of: UInt8(ascii: "\\")) {
            guard let unit = unit(body, at: start) else {
                // Another escape: the sign behind the backslash begins none.
                at = min(start + 2, body.count)
                continue
            }
            at = start + 6
            switch unit {
            case 0xD800...0xDBFF:
                guard let second = Self.unit(body, at: at), (0xDC00...0xDFFF).contains(second) else {
                    return TextIssue(kind: .loneSurrogate, offset: start)
                }
                at += 6
            case 0xDC00...0xDFFF: return TextIssue(kind: .loneSurrogate, offset: start)
            default: break
            }
        }
        return nil
    }

    /// The number of an escape `\uXXXX` at a place; nil if none stands there.
    private static func unit(_ body: [UInt8], at start: Int) -> UInt16? {
        guard start + 6 <= body.count, body[start] == UInt8(ascii: "\\"), body[start + 1] == UInt8(ascii: "u") else { return nil }
        let digits = body[start + 2..<start + 6]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
