/// The markup of a literal in another language: its runs of text and the attributes that people read are replaced, the rest stays.
///
/// A run is the text between two tags of blocks, with its values as `{0}`, `{1}` … and its inline tags as `<a>`, `<strong>` …, without
/// attributes. Runs without letters, and the inside of `code`, `pre` and the like, are no words.
struct TranslatedMarkup {
    private let bytes: [UInt8]
    private let values: [Range<Int>]
    private let translation: Translation
    private var output: [UInt8] = []
    private var run: [Piece] = []
    private var index = 0
    private var nextValue = 0

    private enum Piece {
        case text(Range<Int>)
        case value(Range<Int>)
        case open(name: String, [UInt8])
        case close(name: String, [UInt8])
    }

    /// The attributes with words.
    private static let attributes: Set<String> = ["aria-label", "title", "placeholder", "alt", "label", "data-label"]
    /// The prefix of attributes with words for the script.
    private static let scriptWords = "data-word-"
    /// The elements within a sentence.
    private static let inline: Set<String> = [
        "a", "abbr", "b", "code", "em", "i", "kbd", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "var",
    ]
    /// The elements whose text is no words.
    private static let verbatim: Set<String> = ["code", "kbd", "samp", "var"]
    private static let verbatimBlocks: Set<String> = ["pre", "script", "style", "textarea"]

    /// Translates a literal.
    ///
    /// - Parameters:
    ///   - markup: The literal with its values.
    ///   - values: Where the values are, in bytes and in their order.
    ///   - translation: What translates a message.
    init(_ markup: String, _ values: [Range<Int>], _ translation: Translation) {
        bytes = Array(markup.utf8)
        self.values = values
        self.translation = translation
        output.reserveCapacity(bytes.count * 5 / 4)
        translate()
    }

    /// The markup in the other language.
    var text: String { String(decoding: output, as: UTF8.self) }

    /// Whether a value comes next.
    private var isAtValue: Bool { nextValue < values.count && values[nextValue].lowerBound == index }

    private mutating func translate() {
        var start = 0
        var block: String?
        func endText(_ copy: inout TranslatedMarkup) { if start < copy.index { copy.run.append(.text(start..<copy.index)) } }
        while index < bytes.count || isAtValue {
            if isAtValue {
                endText(&self)
                run.append(.value(values[nextValue]))
                index = values[nextValue].upperBound
                nextValue += 1
                start = index
            } else if bytes[index] == UInt8(ascii: "<") {
                endText(&self)
                let tag = readTag()
                start = index
                if let open = block {
                    if tag.isClosing, tag.name == open { block = nil }
                    copyRun()
                    output += tag.bytes
                } else if Self.inline.contains(tag.name) {
                    run.append(tag.isClosing ? .close(name: tag.name, tag.bytes) : .open(name: tag.name, tag.bytes))
                } else {
                    endRun()
                    output += tag.bytes
                    if Self.verbatimBlocks.contains(tag.name), !tag.isClosing { block = tag.name }
                }
            } else if bytes[index] == UInt8(ascii: ">") {
                // The literal began inside a tag.
                endText(&self)
                copyRun()
                start = index
                index += 1
                run.append(.text(start..<index))
                copyRun()
                start = index
            } else {
                index += 1
            }
        }
        endText(&self)
        if block == nil { endRun() } else { copyRun() }
    }

    // MARK: Tags

    /// Reads a tag from its `<` on, and translates its attributes with words.
    private mutating func readTag() -> (name: String, isClosing: Bool, bytes: [UInt8]) {
        var written: [UInt8] = []
        func take(_ copy: inout TranslatedMarkup) {
            written.append(copy.bytes[copy.index])
            copy.index += 1
        }
        func takeValues(_ copy: inout TranslatedMarkup) -> Bool {
            guard copy.isAtValue else { return false }
            written += copy.bytes[copy.values[copy.nextValue]]
            copy.index = copy.values[copy.nextValue].upperBound
            copy.nextValue += 1
            return true
        }
        take(&self)
        let isClosing = index < bytes.count && !isAtValue && bytes[index] == UInt8(ascii: "/")
        if isClosing { take(&self) }
        let nameStart = index
        while index < bytes.count, !isAtValue, Self.isName(bytes[index]) {
            take(&self)
        }
        let name = String(decoding: bytes[nameStart..<index], as: UTF8.self)
        var attribute = index
        while index < bytes.count || isAtValue {
            if takeValues(&self) {
                attribute = index
                continue
            }
            switch bytes[index] {
            case UInt8(ascii: ">"):
                take(&self)
                return (name, isClosing, written)
            case UInt8(ascii: "\""):
                let word = Self.attributeName(bytes[attribute..<index])
                take(&self)
                written += quoted(isWord: Self.attributes.contains(word) || word.hasPrefix(Self.scriptWords))
                if index < bytes.count { take(&self) }
                attribute = index
            case UInt8(ascii: " "), UInt8(ascii: "\n"):
                take(&self)
                attribute = index
            default: take(&self)
            }
        }
        return (name, isClosing, written)
    }

    /// The value of an attribute up to its quote.
    private mutating func quoted(isWord: Bool) -> [UInt8] {
        var pieces: [Piece] = []
        var start = index
        func endText(_ copy: TranslatedMarkup) { if start < copy.index { pieces.append(.text(start..<copy.index)) } }
        while index < bytes.count || isAtValue {
            if isAtValue {
                endText(self)
                pieces.append(.value(values[nextValue]))
                index = values[nextValue].upperBound
                nextValue += 1
                start = index
            } else if bytes[index] == UInt8(ascii: "\"") {
                break
            } else {
                index += 1
            }
        }
        endText(self)
        return isWord && pieces.contains(where: hasLetters) ? message(pieces[...]) : pieces.flatMap(raw)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "!")
    }

    /// The name before `="`.
    private static func attributeName(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
    }

    // MARK: Runs

    private func raw(_ piece: Piece) -> [UInt8] {
        switch piece {
        case .text(let range), .value(let range): Array(bytes[range])
        case .open(_, let bytes), .close(_, let bytes): bytes
        }
    }

    private mutating func copyRun() {
        output += run.flatMap(raw)
        run = []
    }

    private mutating func endRun() {
        guard !run.isEmpty else { return }
        // A piece of a tag, such as attributes that several tags have in common.
        let isPartOfTag = run.contains { piece in
            if case .text(let range) = piece { hasAssignment(bytes[range]) } else { false }
        }
        if isPartOfTag { return copyRun() }
        output += translated(run[...])
        run = []
    }

    private func hasAssignment(_ text: ArraySlice<UInt8>) -> Bool {
        zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "\"") }
    }

    /// Pieces of a run: one message if there are words beside the inline elements, otherwise a message for each element with words.
    private func translated(_ pieces: ArraySlice<Piece>) -> [UInt8] {
        guard pieces.contains(where: hasLetters) else { return pieces.flatMap(raw) }
        var depth = 0
        for piece in pieces {
            switch piece {
            case .open: depth += 1
            case .close: depth = max(depth - 1, 0)
            case .text, .value: if depth == 0, hasLetters(piece) { return message(pieces) }
            }
        }
        var written: [UInt8] = []
        var place = pieces.startIndex
        while place < pieces.endIndex {
            written += raw(pieces[place])
            if case .open(let name, _) = pieces[place], let end = Self.end(of: name, in: pieces[(place + 1)...]) {
                let inside = pieces[(place + 1)..<end]
                written += Self.verbatim.contains(name) ? inside.flatMap(raw) : translated(inside)
                written += raw(pieces[end])
                place = end
            }
            place += 1
        }
        return written
    }

    /// Where an element ends that began before the pieces.
    private static func end(of name: String, in pieces: ArraySlice<Piece>) -> Int? {
        var depth = 1
        for place in pieces.indices {
            switch pieces[place] {
            case .open(name, _): depth += 1
            case .close(name, _): depth -= 1
            default: break
            }
            if depth == 0 { return place }
        }
        return nil
    }

    private func hasLetters(_ piece: Piece) -> Bool {
        guard case .text(let range) = piece else { return false }
        var isEntity = false
        for byte in bytes[range] {
            if byte == UInt8(ascii: "&") { isEntity = true } else if byte == UInt8(ascii: ";") { isEntity = false }
            if !isEntity, (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) { return true }
        }
        return false
    }

    /// The message of pieces in the other language; what is missing stays.
    private func message(_ pieces: ArraySlice<Piece>) -> [UInt8] {
        let spaces: Set<UInt8> = [0x20, 0x0A, 0x09]
        var key: [UInt8] = []
        var inserted: [Message.Part: [UInt8]] = [:]
        var names: [String: Int] = [:]
        var open: [(name: String, tag: String)] = []
        var count = 0
        func add(_ part: Message.Part, _ bytes: [UInt8]) {
            inserted[part] = bytes
            key += part.text.utf8
        }
        for piece in pieces {
            switch piece {
            case .text(let range):
                for byte in bytes[range] {
                    if !spaces.contains(byte) { key.append(byte) } else if key.last != 0x20 { key.append(0x20) }
                }
            case .value(let range):
                add(.value(count), Array(bytes[range]))
                count += 1
            case .open(let name, let bytes):
                names[name, default: 0] += 1
                let tag = names[name] == 1 ? name : "\(name)\(names[name] ?? 0)"
                open.append((name, tag))
                add(.tag(tag), bytes)
            case .close(let name, let bytes):
                let begun = open.lastIndex { $0.name == name }.map { open.remove(at: $0).tag }
                add(.tag("/" + (begun ?? name)), bytes)
            }
        }
        let written = pieces.flatMap(raw)
        let before = written.prefix { spaces.contains($0) }
        let after = written.reversed().prefix { spaces.contains($0) }.reversed()
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 }
        let trimmed = key.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard let message = translation.message(String(decoding: trimmed, as: UTF8.self)) else { return written }
        return before + message.parts.flatMap { inserted[$0] ?? Array($0.text.utf8) } + after
    }
}
