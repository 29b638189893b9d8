/// A piece of SQL text.
struct SQLToken: Equatable {
    enum Kind: Equatable {
        /// A keyword or a name without quotes.
        case word
        /// A literal, a quoted name, a comment or spaces: text in which nothing is translated.
        case verbatim(isBlank: Bool)
        /// `?`, or `?` with a number.
        case placeholder(Int?)
        /// Any other character.
        case symbol
    }

    let kind: Kind
    let text: Substring

    /// The keyword in capitals; nil for anything else than a word.
    var keyword: String? { kind == .word ? text.uppercased() : nil }
    /// Whether it separates others and means nothing.
    var isBlank: Bool { kind == .verbatim(isBlank: true) }
}

/// Splits SQL text into tokens by the rules of PostgreSQL, so that nothing inside a literal, a quoted name or a comment is changed.
struct SQLTokenizer {
    private let text: String
    private let bytes: String.UTF8View
    private var place: String.Index

    private init(_ text: String) {
        self.text = text
        bytes = text.utf8
        place = bytes.startIndex
    }

    /// Returns all tokens; their texts together are the whole text.
    static func tokens(_ text: String) -> [SQLToken] {
        var tokenizer = SQLTokenizer(text)
        var tokens: [SQLToken] = []
        while let token = tokenizer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func next() -> SQLToken? {
        guard place < bytes.endIndex else { return nil }
        let start = place
        let kind = advance()
        return SQLToken(kind: kind, text: text[start..<place])
    }

    private mutating func advance() -> SQLToken.Kind {
        let byte = bytes[place]
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x0B, 0x0C:
            skip { $0 == UInt8(ascii: " ") || (0x09...0x0D).contains($0) }
            return .verbatim(isBlank: true)
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            skipQuoted(byte, escapes: false)
            return .verbatim(isBlank: false)
        case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return .verbatim(isBlank: true)
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            skipComment()
            return .verbatim(isBlank: true)
        case UInt8(ascii: "$") where skipDollarQuoted():
            return .verbatim(isBlank: false)
        case UInt8(ascii: "?"):
            step()
            let start = place
            skip { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return .placeholder(Int(text[start..<place]))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skip(while: Self.isWordByte)
            return .verbatim(isBlank: false)
        case _ where Self.isWordByte(byte):
            let start = place
            skip(while: Self.isWordByte)
            if peek(0) == UInt8(ascii: "'"), text[start..<place].lowercased() == "e" {
                skipQuoted(UInt8(ascii: "'"), escapes: true)
                return .verbatim(isBlank: false)
            }
            return .word
        default:
            step()
            return .symbol
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }

    private func peek(_ offset: Int) -> UInt8? {
        guard let index = bytes.index(place, offsetBy: offset, limitedBy: bytes.endIndex), index < bytes.endIndex else { return nil }
        return bytes[index]
    }

    private mutating func step() { if place < bytes.endIndex { place = bytes.index(after: place) } }

    private mutating func skip(while matches: (UInt8) -> Bool) { while place < bytes.endIndex, matches(bytes[place]) { step() } }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        step()
        while place < bytes.endIndex {
            let byte = bytes[place]
            step()
            if escapes, byte == UInt8(ascii: "\\") {
                step()
            } else if byte == quote {
                guard peek(0) == quote else { return }
                step()
            }
        }
    }

    /// Comments nest in PostgreSQL.
    private mutating func skipComment() {
        var depth = 0
        while place < bytes.endIndex {
            if peek(0) == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                step()
            } else if peek(0) == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                step()
            }
            step()
            if depth == 0 { return }
        }
    }

    /// Skips `$tag$ … $tag$`, the body of a function.
    ///
    /// - Returns: Whether there is one.
    private mutating func skipDollarQuoted() -> Bool {
        let start = place
        step()
        skip(while: Self.isWordByte)
        guard peek(0) == UInt8(ascii: "$") else {
            place = start
            return false
        }
        step()
        let tag = Array(text[start..<place].utf8)
        while place < bytes.endIndex {
            if bytes[place...].starts(with: tag) {
                place = bytes.index(place, offsetBy: tag.count)
                return true
            }
            step()
        }
        return true
    }
}
