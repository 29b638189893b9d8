package import PSACore

/// Comma-separated values as RFC 4180 describes them, safe to open in a spreadsheet.
///
/// Quotes are doubled byte by byte, and formulas are recognized scalar by scalar: a quote or a sign that is followed by a combining character is
/// one character with it to Swift, and still a quote or a sign to a spreadsheet.
package enum CSV {
    /// A line with its end.
    ///
    /// - Parameter cells: The values; those without one are empty, arrays and objects are written as JSON.
    /// - Returns: The bytes.
    package static func line(_ cells: some Sequence<JSONValue?>) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(cell, to: &bytes)
        }
        return bytes + [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }

    /// The first line: names of columns, which need no quotes.
    package static func header(_ columns: some Sequence<String>) -> [UInt8] { Array((columns.joined(separator: ",") + "\r\n").utf8) }

    private static func append(_ value: JSONValue?, to bytes: inout [UInt8]) {
        switch value {
        case nil, .null?: appendQuoted("", to: &bytes)
        case .integer(let number)?: appendQuoted(String(number), to: &bytes)
        case .double(let number)?: appendQuoted(JSONValue.double(number).encodedText, to: &bytes)
        case .bool(let value)?: appendQuoted(value ? "true" : "false", to: &bytes)
        case .string(let text)?: appendQuoted(isFormula(text) ? "'" + text : text, to: &bytes)
        case .array?, .object?: appendQuoted(value?.encodedText ?? "", to: &bytes)
        }
    }

    private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        bytes.append(quote)
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    /// Whether a spreadsheet could take a text for a formula: its first visible character is a sign that begins one, also full-width or small,
    /// or it begins with a character that some programs skip.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, !isNegativeNumber(text) else { return false }
        if ["\t", "\r", "\n"].contains(first) { return true }
        let visible = text.unicodeScalars.first { !$0.properties.isWhitespace && !isInvisible($0) }
        return visible.map(signs.contains) ?? false
    }

    /// A minus and up to 18 digits, as some vendors' ids are; a spreadsheet takes it for the number that it is.
    private static func isNegativeNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "-") && (1...18).contains(digits.count) && digits.allSatisfy { (48...57).contains($0) }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .spacingMark: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// `=`, `+`, `-`, `@`, and the characters that are the same to a program that normalizes them.
    private static let signs: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE66}", "\u{FE62}", "\u{FE63}", "\u{FE6B}", "\u{2212}",
        "\u{207A}", "\u{207B}", "\u{207C}", "\u{208A}", "\u{208B}", "\u{208C}", "\u{FB29}",
    ]
}
