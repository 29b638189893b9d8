import Foundation

/// What a vendor makes of a text before it stores it.
///
/// In text `cut60`, `append-00a0`, `spaces-2003`, `html-escaped`: a word, or a word with a number of characters or a code point.
struct TextChange: Sendable {
    static let hint = "CHANGE"

    private let change: @Sendable (String) -> String

    static let words = [
        "dropped", "trimmed", "squeezed", "html-escaped", "html-unescaped", "emoji-question", "ascii-question", "upper", "lower", "nfc",
        "nfd", "nfkc", "straight-quotes", "curly-quotes",
    ]
    static let forms = words.joined(separator: ", ") + ", cutN, append-XXXX, prepend-XXXX, spaces-XXXX (XXXX is a code point)"

    /// Nil for what is no change.
    init?(_ name: String) {
        if let word = Self.change(named: name) {
            change = word
            return
        }
        if name.hasPrefix("cut"), let count = Int(name.dropFirst(3)), count > 0 {
            change = { String($0.prefix(count)) }
            return
        }
        let parts = name.split(separator: "-").map(String.init)
        guard parts.count == 2, let value = UInt32(parts[1], radix: 16), let scalar = Unicode.Scalar(value) else { return nil }
        let sign = String(Character(scalar))
        switch parts[0] {
        case "append": change = { $0 + sign }
        case "prepend": change = { sign + $0 }
        case "spaces": change = { $0.replacing(" ", with: sign) }
        default: return nil
        }
    }

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a change behind a colon: \(forms)" }
        return TextChange(text) == nil ? "does not know the change '\(text)'; there are \(forms)" : nil
    }

    func applied(to text: String) -> String { change(text) }

    private static func change(named name: String) -> (@Sendable (String) -> String)? {
        switch name {
        case "dropped": { _ in "" }
        case "trimmed": { text in text.trimmingCharacters(in: .whitespacesAndNewlines) }
        case "squeezed": { text in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        case "html-escaped": { text in escapes.reduce(text) { $0.replacing($1.plain, with: $1.escaped) } }
        case "html-unescaped": { text in escapes.reversed().reduce(text) { $0.replacing($1.escaped, with: $1.plain) } }
        // What a column of UTF-16 code units without surrogates keeps, and one of a single-byte character set.
        case "emoji-question": { text in scalars(text) { $0.value > 0xFFFF } }
        case "ascii-question": { text in scalars(text) { !$0.isASCII } }
        case "upper": { $0.uppercased() }
        case "lower": { $0.lowercased() }
        case "nfc": { $0.precomposedStringWithCanonicalMapping }
        case "nfd": { $0.decomposedStringWithCanonicalMapping }
        case "nfkc": { $0.precomposedStringWithCompatibilityMapping }
        case "straight-quotes": { $0.replacing("\u{2019}", with: "'").replacing("\u{201C}", with: "\"").replacing("\u{201D}", with: "\"") }
        case "curly-quotes": { $0.replacing("'", with: "\u{2019}").replacing("\"", with: "\u{201D}") }
        default: nil
        }
    }

    private static let escapes: [(plain: String, escaped: String)] = [
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"),
    ]

    private static func scalars(_ text: String, _ isReplaced: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "?" : scalar) }
        return String(result)
    }
}
