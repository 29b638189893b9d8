import Foundation

/// The name of a company in the forms in which names are compared.
///
/// Two programs spell one name in many ways: with typographic quotes, HTML entities, full-width letters, no-break spaces. ``key`` is the same
/// for all of them. ``cores`` and ``legalForm`` also leave out punctuation, accents and how the legal form is written; companies that are alike
/// only there may be different ones, so such a match counts only if it is the one candidate. Nothing is compared by likeness.
struct CompanyName: Sendable, Equatable {
    /// The name without differences of spelling that mean nothing; empty if nothing of it can be seen.
    let key: String
    /// The words without accents, punctuation and legal form, in each way of writing umlauts; empty if there are no words.
    let cores: Set<String>
    /// The legal form in one spelling, such as `ltd`; empty if the name has none.
    let legalForm: String

    init(_ name: String) {
        let key = Self.key(of: name)
        self.key = key
        let spellings = Set([Self.plain(key), Self.plain(Self.withSpelledUmlauts(key))]).map { LegalForm.split(Self.words(of: $0)) }
        legalForm = spellings.first?.form ?? ""
        cores = Set(spellings.map { $0.core.joined(separator: " ") }.filter { !$0.isEmpty })
    }

    /// What is the same for all spellings of a name.
    static func key(of name: String) -> String {
        if let plain = plainASCII(name) { return plain }
        let decoded = HTMLEntities.decoded(name)
        // Some signs would be taken apart by the normal form, so they are replaced before.
        let signs = String(String.UnicodeScalarView(decoded.unicodeScalars.compactMap(sign)))
        let normal = signs.precomposedStringWithCompatibilityMapping
        var folded = String.UnicodeScalarView()
        for scalar in normal.unicodeScalars {
            guard let scalar = sign(scalar) else { continue }
            folded.append(contentsOf: scalar == "ς" ? "σ".unicodeScalars : scalar.properties.lowercaseMapping.unicodeScalars)
        }
        return collapsed(String(folded).precomposedStringWithCompatibilityMapping)
    }

    /// The key of a name that consists of plain characters, which nearly all do.
    private static func plainASCII(_ name: String) -> String? {
        guard name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "`") }) else { return nil }
        return collapsed(name.lowercased())
    }

    private static func collapsed(_ text: String) -> String {
        text.unicodeScalars.split(separator: " ").map { String($0) }.joined(separator: " ")
    }

    /// A character in the one form it is compared in; nil if it can't be seen.
    private static func sign(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.properties.isWhitespace || scalar == "\u{2800}" { return " " }
        if let replaced = signs[scalar] { return replaced }
        if scalar.properties.isDefaultIgnorableCodePoint || ignored.contains(scalar) { return nil }
        switch scalar.properties.generalCategory {
        case .dashPunctuation: return "-"
        case .control, .format, .privateUse, .unassigned: return nil
        default: return scalar
        }
    }

    private static let signs: [Unicode.Scalar: Unicode.Scalar] = {
        let spellings: [(Unicode.Scalar, String)] = [
            (
                "'",
                "\u{60}\u{B4}\u{2B9}\u{2BB}\u{2BC}\u{2BD}\u{2C8}\u{2CA}\u{2CB}\u{55A}\u{5F3}\u{7F4}\u{1FBD}\u{1FBF}\u{1FEF}\u{1FFD}\u{1FFE}"
                    + "\u{2018}\u{2019}\u{201A}\u{201B}\u{2032}\u{2035}\u{2039}\u{203A}\u{275B}\u{275C}\u{275F}\u{A78B}\u{A78C}\u{FF07}\u{FF40}"
            ),
            (
                "\"",
                "\u{AB}\u{BB}\u{2BA}\u{2DD}\u{2EE}\u{5F4}\u{201C}\u{201D}\u{201E}\u{201F}\u{2033}\u{2036}\u{275D}\u{275E}\u{2760}\u{301D}"
                    + "\u{301E}\u{301F}\u{FF02}"
            ),
            ("-", "\u{2D7}\u{2043}\u{207B}\u{208B}\u{2212}\u{2796}\u{FE63}\u{FF0D}"),
            ("/", "\u{2044}\u{2215}\u{29F8}"),
        ]
        var signs: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (plain, variants) in spellings { for variant in variants.unicodeScalars { signs[variant] = plain } }
        return signs
    }()

    /// Marks that are added to names and are no part of them: registered, trade mark, service mark, copyright.
    private static let ignored: Set<Unicode.Scalar> = ["®", "™", "℠", "©", "℗", "\u{FFFD}"]

    // MARK: Words

    /// Without accents, and with letters that are no accented ones in plain spelling.
    private static func plain(_ key: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in key.decomposedStringWithCanonicalMapping.unicodeScalars {
            // Only the accents of the European scripts: the vowel signs of others are letters.
            if (0x300...0x36F).contains(scalar.value) { continue }
            if let letters = letters[scalar] { plain.append(contentsOf: letters.unicodeScalars) } else { plain.append(scalar) }
        }
        return String(plain).precomposedStringWithCanonicalMapping
    }

    private static let letters: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŋ": "n", "ŧ": "t",
    ]

    /// Umlauts the way they are written where a keyboard lacks them.
    private static func withSpelledUmlauts(_ key: String) -> String {
        key.map { umlauts[$0] ?? String($0) }.joined()
    }

    private static let umlauts: [Character: String] = ["ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"]

    /// The words of a text: what punctuation and spaces separate, “and” in one spelling.
    private static func words(of text: String) -> [String] {
        let marked = text.map { character in
            switch character {
            case "'": ""
            case "&", "+": " and "
            case ".": "."
            default:
                character.isLetter || character.isNumber || character.unicodeScalars.contains { $0.properties.isAlphabetic }
                    ? String(character) : " "
            }
        }.joined()
        return marked.split(separator: " ").flatMap { undotted($0) }.map { word in
            ["und", "et", "og", "och"].contains(word) ? "and" : word == "company" ? "co" : word
        }
    }

    /// The parts between dots; single letters belong together, as in “G.m.b.H.”.
    private static func undotted(_ word: Substring) -> [String] {
        var words: [String] = []
        var endsInLetters = false
        for part in word.split(separator: ".") {
            let isLetter = part.count == 1
            if isLetter, endsInLetters, let last = words.popLast() { words.append(last + part) } else { words.append(String(part)) }
            endsInLetters = isLetter
        }
        return words
    }
}
