/// One sentence of a vendor's text, in pieces: its words, and each quotation as a piece of its own.
///
/// What stands between quotation marks is the name or the text of a record, which may hold any word at all: “Ticket 'Printer is missing' could
/// not be saved” is about nothing that is missing. Tags of HTML are left out.
struct VendorSentence {
    struct Piece {
        var text: String
        var isQuoted = false
        /// Whether a comma follows.
        var isListed = false

        /// The piece as patterns see it: a quotation is no word of the language, except for a number.
        var plain: String { text.allSatisfy(\.isNumber) ? text : "“" + text.lowercased() }
    }

    var pieces: [Piece] = []

    /// At most five sentences: no refusal is longer, and a page of text is none.
    static func all(in text: String) -> [VendorSentence] {
        var reading = Reading()
        reading.read(Array(withoutTags(text).prefix(4_000)))
        return reading.sentences
    }

    /// The text without the tags of HTML, and with its most common entities as characters.
    private static func withoutTags(_ text: String) -> String {
        guard text.contains("<") || text.contains("&") else { return text }
        var plain = ""
        var rest = text.prefix(8_000)
        while let open = rest.firstIndex(of: "<") {
            let inner = rest[rest.index(after: open)...]
            guard let first = inner.first, first.isLetter || first == "/", let close = inner.firstIndex(of: ">") else {
                plain += rest[...open]
                rest = inner
                continue
            }
            // A new line or paragraph begins another sentence; bold type does not.
            let name = inner[..<close].drop { $0 == "/" }.prefix(while: \.isLetter).lowercased()
            plain += rest[..<open] + (["p", "br", "li", "div", "ul", "tr", "h"].contains(name) ? "\n" : "")
            rest = inner[inner.index(after: close)...]
        }
        plain += rest
        for (entity, character) in entities { plain = plain.replacing(entity, with: character) }
        return plain
    }

    private static let entities = [
        ("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"),
    ]

    /// What was read so far.
    private struct Reading {
        var sentences: [VendorSentence] = []
        private var current = VendorSentence()
        private var word = ""

        mutating func read(_ characters: [Character]) {
            var index = 0
            while index < characters.count, sentences.count < 5 {
                let character = characters[index]
                if word.isEmpty, let end = Self.closing(characters, from: index) {
                    current.pieces.append(Piece(text: String(characters[index + 1..<end]), isQuoted: true))
                    index = end + 1
                    continue
                }
                index += 1
                let endsWord = index == characters.count || characters[index].isWhitespace
                if character.isWhitespace {
                    endWord()
                    if character.isNewline { endSentence() }
                } else if character == "," && endsWord {
                    endWord()
                    if !current.pieces.isEmpty { current.pieces[current.pieces.count - 1].isListed = true }
                } else {
                    word.append(character)
                    if endsWord, ".!;".contains(character) {
                        endWord()
                        endSentence()
                    }
                }
            }
            endWord()
            endSentence()
        }

        private mutating func endWord() {
            // A map of complaints puts the body's field in front: “[0].details: Details must be entered”.
            let isLabel = current.pieces.isEmpty && word.hasSuffix(":") && word.contains { "[]._".contains($0) }
            if !word.isEmpty, !isLabel { current.pieces.append(Piece(text: word)) }
            word = ""
        }

        private mutating func endSentence() {
            if !current.pieces.isEmpty, sentences.count < 5 { sentences.append(current) }
            current = VendorSentence()
        }

        /// Where the quotation that begins at an index ends; nil if none begins there.
        private static func closing(_ characters: [Character], from index: Int) -> Int? {
            guard let marks = pairs[characters[index]] else { return nil }
            for end in index + 1..<max(index + 1, min(characters.count, index + 200)) where marks.contains(characters[end]) {
                let next = end + 1 < characters.count ? characters[end + 1] : " "
                // An apostrophe inside a word ends nothing.
                if end > index + 1, next.isWhitespace || ".,;:!?)]".contains(next) { return end }
            }
            return nil
        }

        private static let pairs: [Character: String] = ["\"": "\"", "'": "'", "“": "”", "‘": "’", "„": "“”", "«": "»", "`": "`'"]
    }
}
