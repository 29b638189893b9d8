import Foundation

/// The name of a company, normalized for comparison.
///
/// Programs spell a name differently: with typographic quotes, HTML entities, full-width letters, no-break spaces. ``key`` is equal for all of
/// them. ``cores`` and ``legalForm`` also ignore punctuation, accents and the spelling of the legal form; names that are equal only there may
/// belong to different companies, so such a match counts only if it is the only candidate. There is no fuzzy comparison.
public struct CompanyName: Sendable, Equatable {
    /// The name without insignificant differences of spelling; empty if it has no visible character.
    public let key: String
    /// The words without accents, punctuation and legal form, in each spelling of umlauts; empty if there are no words.
    public let cores: Set<String>
    /// The legal form in one spelling, such as `ltd`; empty if the name has none.
    public let legalForm: String

    /// Normalizes a name.
    public init(_ name: String) {
        let key = Self.key(of: name)
        self.key = key
        // A name that was damaged on its way is no spelling of another one.
        guard !key.unicodeScalars.contains("\u{FFFD}") else {
            (cores, legalForm) = ([], "")
            return
        }
        let written = Self.words(of: key)
        let spellings = [Self.plain(key), Self.plain(Self.withSpelledUmlauts(key))].map { Self.split(Self.words(of: $0), written: written) }
        legalForm = spellings[0].form
        cores = Set(spellings.map { $0.core.joined(separator: " ") }.filter { !$0.isEmpty })
    }

    /// Splits words without accents into the name and its legal form; a short word that was written with an accent is no legal form.
    ///
    /// “Bolig Ås” is no “Bolig AS”, but “beschränkter Haftung” is a legal form without its accent as well.
    private static func split(_ words: [String], written: [String]) -> (core: [String], form: String) {
        let (core, form) = LegalForm.split(words)
        guard !form.isEmpty, words.count == written.count, words.count - core.count == 1, let last = words.last, last.count <= 3,
            words.dropLast() == core[...]
        else { return (core, form) }
        return last == written.last ? (core, form) : (words, "")
    }

    /// Whether the words of one name are all among those of the other, in one of their spellings.
    func sharesWords(with other: CompanyName) -> Bool {
        cores.contains { core in
            let words = Set(core.split(separator: " "))
            return other.cores.contains { words.isSubset(of: $0.split(separator: " ")) || words.isSuperset(of: $0.split(separator: " ")) }
        }
    }

    /// Returns the key that is equal for all spellings of a name.
    public static func key(of name: String) -> String {
        if let plain = plainASCII(name) { return plain }
        let decoded = HTMLEntities.decoded(name)
        // The normal form decomposes some signs, so they are replaced before.
        let signs = String(String.UnicodeScalarView(decoded.unicodeScalars.compactMap(sign)))
        let normal = signs.precomposedStringWithCompatibilityMapping
        var folded = String.UnicodeScalarView()
        for scalar in normal.unicodeScalars {
            guard let scalar = sign(scalar) else { continue }
            folded.append(contentsOf: scalar == "ς" ? "σ".unicodeScalars : scalar.properties.lowercaseMapping.unicodeScalars)
        }
        return collapsed(String(folded).precomposedStringWithCompatibilityMapping)
    }

    /// The key of a name of plain ASCII characters, the usual case.
    private static func plainASCII(_ name: String) -> String? {
        guard name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "`") }) else { return nil }
        return collapsed(name.lowercased())
    }

    private static func collapsed(_ text: String) -> String {
        text.unicodeScalars.split(separator: " ").map { String($0) }.joined(separator: " ")
    }

    /// A character in the form in which it is compared; nil if it is invisible.
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

    /// Marks that are not part of names: registered, trade mark, service mark, copyright.
    private static let ignored: Set<Unicode.Scalar> = ["®", "™", "℠", "©", "℗"]

    // MARK: Words

    /// The key without accents, and with special letters in ASCII spelling.
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

    /// The key with umlauts in ASCII spelling.
    private static func withSpelledUmlauts(_ key: String) -> String {
        key.map { umlauts[$0] ?? String($0) }.joined()
    }

    private static let umlauts: [Character: String] = ["ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"]

    /// The words of a text, separated by punctuation and spaces, with one spelling of “and”.
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

    /// The parts between dots; single letters are joined, as in “G.m.b.H.”.
    private static func undotted(_ word: Substring) -> [String] {
        var words: [String] = []
        var endsInLetters = false
        for part in word.split(separator: ".") {
            let isLetter = part.count == 1 && part.allSatisfy(\.isLetter)
            if isLetter, endsInLetters, let last = words.popLast() { words.append(last + part) } else { words.append(String(part)) }
            endsInLetters = isLetter
        }
        return words
    }
}
/// The legal forms of companies, after or before the name.
public enum LegalForm {
    /// Splits the words of a name into the name and the normalized legal form; a name that is only a legal form keeps its words.
    public static func split(_ words: [String]) -> (core: [String], form: String) {
        var words = words
        for (spelling, form) in eastern {
            guard let word = [words.indices.first, words.indices.last].compactMap({ $0 }).first(where: { words[$0].contains(spelling) })
            else { continue }
            let rest = words[word].split(separator: spelling).map { String($0) }
            var without = words
            without.replaceSubrange(word...word, with: rest)
            if !without.isEmpty { return (without, form) }
        }
        if words.count > 1, let form = short[words[0]] { return (Array(words.dropFirst()), form) }
        if words.count > 1, let last = words.last, let form = short[last] { return (words.dropLast(), form) }
        for length in stride(from: min(longest, words.count - 1), through: 1, by: -1) {
            guard let form = forms[words.suffix(length).joined(separator: " ")] else { continue }
            // “Smith & Co” is another company than “Smith”.
            guard form != "co" || words.dropLast(length).last != "and" else { continue }
            words.removeLast(length)
            return (words, form)
        }
        return (words, "")
    }

    /// Forms that are written without a space, before or after the name.
    private static let eastern = [
        ("株式会社", "kk"), ("有限会社", "yk"), ("合同会社", "gk"), ("有限责任公司", "ltd"), ("有限公司", "ltd"), ("주식회사", "jusik"),
    ]

    /// The same forms as one character, often in parentheses.
    private static let short = ["株": "kk", "有": "yk"]

    private static let spellings: [(form: String, spellings: String)] = [
        ("ltd", "ltd|limited|co ltd|co limited|ltd co"),
        ("plc", "plc|p l c|public limited co"),
        ("inc", "inc|incorporated|co inc"),
        ("corp", "corp|corporation"),
        ("co", "co"),
        ("llc", "llc|l l c|limited liability co|ltd liability co"),
        ("llp", "llp|l l p|limited liability partnership"),
        ("lp", "lp|l p|limited partnership"),
        (
            "gmbh",
            "gmbh|mbh|g m b h|m b h|ges mbh|ges m b h|gesmbh|gesellschaft mbh|gesellschaft m b h"
                + "|gesellschaft mit beschrankter haftung|gesellschaft mit beschraenkter haftung"
        ),
        ("ggmbh", "ggmbh"),
        ("gmbhcokg", "gmbh and co kg|gmbh co kg|gmbh and cokg|gmbh cokg|gmbh and co"),
        ("cokg", "and co kg|and cokg"),
        (
            "ug",
            "ug|unternehmergesellschaft|ug haftungsbeschrankt|ug haftungsbeschraenkt"
                + "|unternehmergesellschaft haftungsbeschrankt|unternehmergesellschaft haftungsbeschraenkt"
        ),
        ("ag", "ag|a g|aktiengesellschaft"),
        ("se", "se"),
        ("kg", "kg|k g|kommanditgesellschaft"),
        ("kgaa", "kgaa|ag and co kgaa|gmbh and co kgaa|se and co kgaa"),
        ("ohg", "ohg|offene handelsgesellschaft"),
        ("gbr", "gbr|gesellschaft burgerlichen rechts|gesellschaft buergerlichen rechts"),
        ("ek", "ek|e k|ekfm|e kfm|ekfr|e kfr"),
        ("ev", "ev|e v|eingetragener verein"),
        ("eg", "eg|e g|eingetragene genossenschaft"),
        ("sa", "sa|s a|societe anonyme"),
        ("sas", "sas|s a s|sasu"),
        ("sarl", "sarl|sa rl|s a r l|sa r l"),
        ("srl", "srl|s r l"),
        ("spa", "spa|s p a"),
        ("sl", "sl|s l|slu|s l u"),
        ("bv", "bv|b v|besloten vennootschap"),
        ("nv", "nv|n v"),
        ("ab", "ab|aktiebolag"),
        ("as", "as|a s|aksjeselskap|aktieselskab"),
        ("aps", "aps|anpartsselskab"),
        ("oy", "oy|o y|osakeyhtio"),
        ("pty", "pty ltd|pty limited|proprietary limited|pty"),
        ("pte", "pte ltd|pte limited|pte"),
        ("pvt", "pvt ltd|pvt limited|private limited|private ltd|pvt"),
        ("sro", "sro|s r o|spol sro|spol s r o"),
        ("doo", "doo|d o o"),
        ("spzoo", "sp z oo|sp z o o|spzoo|spolka z oo|spolka z o o"),
        ("kft", "kft"),
        ("ltda", "ltda|limitada|lda"),
        ("cv", "sa de cv|s a de c v|s de rl de cv"),
        ("kk", "kk|k k|kabushiki kaisha"),
        ("ooo", "ооо"),
    ]

    private static let forms: [String: String] = {
        var forms: [String: String] = [:]
        for (form, names) in spellings { for name in names.split(separator: "|") { forms[String(name)] = form } }
        return forms
    }()

    private static let longest = forms.keys.map { $0.split(separator: " ").count }.max() ?? 0
}
/// Decodes HTML entities such as `&amp;` and `&#8217;`.
public enum HTMLEntities {
    /// Returns a text with its entities decoded, up to eight levels of escaping.
    ///
    /// Everything else stays unchanged.
    public static func decoded(_ text: String) -> String {
        var text = text
        for _ in 0..<maxTimes {
            let once = decodedOnce(text)
            if once == text { return text }
            text = once
        }
        return text
    }

    private static let maxTimes = 8
    /// The longest name here has nine characters, the longest number eight.
    private static let longest = 12

    private static func decodedOnce(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let scalars = Array(text.unicodeScalars)
        var decoded = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            if scalars[position] == "&", let (character, length) = entity(scalars[(position + 1)...]) {
                decoded.append(contentsOf: character.unicodeScalars)
                position += 1 + length
            } else {
                decoded.append(scalars[position])
                position += 1
            }
        }
        return String(decoded)
    }

    /// The character of the entity that follows an ampersand, and the length of the entity.
    private static func entity(_ rest: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
        let body = rest.prefix(longest).prefix { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "#") }
        let isClosed = rest.dropFirst(body.count).first == ";"
        let name = String(String.UnicodeScalarView(body))
        let length = body.count + (isClosed ? 1 : 0)
        if name.hasPrefix("#") { return number(name.dropFirst()).map { ($0, length) } }
        // Browsers also accept the oldest entities without their semicolon.
        if let character = oldest[name.lowercased()] { return (character, length) }
        guard isClosed, let character = named[name] ?? accented(name) else { return nil }
        return (character, length)
    }

    private static func number(_ digits: Substring) -> String? {
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits) else { return nil }
        // These numbers are control characters; browsers read them as Windows-1252.
        if (0x80...0x9F).contains(code) { return windows[Int(code) - 0x80] }
        guard code != 0, let scalar = Unicode.Scalar(code) else { return nil }
        return String(scalar)
    }

    /// A letter with an accent: `&eacute;`, `&Scaron;`.
    private static func accented(_ name: String) -> String? {
        guard let letter = name.first, letter.isLetter, let accent = accents[String(name.dropFirst())] else { return nil }
        return "\(letter)\(accent)"
    }

    private static let oldest = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}"]

    private static let accents: [String: Unicode.Scalar] = [
        "grave": "\u{300}", "acute": "\u{301}", "circ": "\u{302}", "tilde": "\u{303}", "macr": "\u{304}", "breve": "\u{306}",
        "dot": "\u{307}", "uml": "\u{308}", "ring": "\u{30A}", "dblac": "\u{30B}", "caron": "\u{30C}", "cedil": "\u{327}",
        "ogon": "\u{328}",
    ]

    private static let named: [String: String] = {
        var named: [String: String] = [
            "szlig": "ß", "AElig": "Æ", "aelig": "æ", "OElig": "Œ", "oelig": "œ", "Oslash": "Ø", "oslash": "ø", "ETH": "Ð", "eth": "ð",
            "THORN": "Þ", "thorn": "þ", "Lstrok": "Ł", "lstrok": "ł", "Dstrok": "Đ", "dstrok": "đ", "inodot": "ı", "imath": "ı",
            "ensp": "\u{2002}", "emsp": "\u{2003}", "numsp": "\u{2007}", "puncsp": "\u{2008}", "thinsp": "\u{2009}", "hairsp": "\u{200A}",
            "zwnj": "\u{200C}", "zwj": "\u{200D}", "lrm": "\u{200E}", "rlm": "\u{200F}", "NoBreak": "\u{2060}",
            "ZeroWidthSpace": "\u{200B}",
            "Tab": "\t", "NewLine": "\n", "hyphen": "-", "dash": "-", "ndash": "–", "mdash": "—", "horbar": "―", "minus": "−",
            "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "lsaquo": "‹", "rsaquo": "›",
            "prime": "′", "Prime": "″", "bull": "•", "hellip": "…", "mldr": "…", "dagger": "†", "Dagger": "‡", "permil": "‰",
            "euro": "€", "trade": "™", "numero": "№", "frasl": "⁄", "excl": "!", "num": "#", "dollar": "$", "percnt": "%", "lpar": "(",
            "rpar": ")", "ast": "*", "plus": "+", "comma": ",", "period": ".", "sol": "/", "colon": ":", "semi": ";", "equals": "=",
            "quest": "?", "commat": "@", "lsqb": "[", "lbrack": "[", "bsol": "\\", "rsqb": "]", "rbrack": "]", "Hat": "^", "lowbar": "_",
            "DiacriticalGrave": "`", "lcub": "{", "lbrace": "{", "verbar": "|", "vert": "|", "rcub": "}", "rbrace": "}",
            "COPY": "©", "REG": "®",
        ]
        let signs =
            "iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot"
            + " cedil sup1 ordm raquo frac14 frac12 frac34 iquest"
        for (offset, name) in signs.split(separator: " ").enumerated() { named[String(name)] = String(character(0xA1 + offset)) }
        named["times"] = "×"
        named["divide"] = "÷"
        let greek =
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi"
            + " psi omega"
        for (offset, name) in greek.split(separator: " ").enumerated() {
            named[String(name)] = String(character(0x3B1 + offset))
            if name != "sigmaf" { named[name.prefix(1).uppercased() + name.dropFirst()] = String(character(0x391 + offset)) }
        }
        return named
    }()

    private static func character(_ code: Int) -> Unicode.Scalar { UInt32(exactly: code).flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}" }

    private static let windows = [
        "€", "", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "", "Ž", "", "", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š",
        "›",
        "œ", "", "ž", "Ÿ",
    ]
}
