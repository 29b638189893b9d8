/// Characters that came as HTML entities, such as `&amp;` and `&#8217;`.
enum HTMLEntities {
    /// The text with its entities replaced, also where several programs have escaped it one after the other.
    ///
    /// What is no entity stays as it is.
    static func decoded(_ text: String) -> String {
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

    /// What the characters after an ampersand stand for, and how many of them belong to it.
    private static func entity(_ rest: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
        let body = rest.prefix(longest).prefix { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "#") }
        let isClosed = rest.dropFirst(body.count).first == ";"
        let name = String(String.UnicodeScalarView(body))
        let length = body.count + (isClosed ? 1 : 0)
        if name.hasPrefix("#") { return number(name.dropFirst()).map { ($0, length) } }
        // Browsers read the oldest ones without their end too.
        if let character = oldest[name.lowercased()] { return (character, length) }
        guard isClosed, let character = named[name] ?? accented(name) else { return nil }
        return (character, length)
    }

    private static func number(_ digits: Substring) -> String? {
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits) else { return nil }
        // These numbers are control characters, and mean what Windows has at their place.
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
