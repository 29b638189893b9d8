package import PSATesting

/// Texts that no sender would send on purpose.
package enum FuzzedBytes {
    /// What breaks readers: numbers at the edge, wrong types, half escapes.
    private static let splices = [
        "9223372036854775807", "-9223372036854775808", "1e308", "1e999", "-0", "0.1e-400", "null", "true", "[]", "{}", "\"\"",
        "\"\\ud800\"",
        "\"9999-99-99T99:99:99\"", "[[[[[[[[", "\u{0}", "\"id\":", ",", "\\u", "18446744073709551616", "{\"id\":-1}", "\"１\"",
    ].map { Array($0.utf8) }

    /// Nothing but chance.
    package static func noise(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...48, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// A good answer with one to four things wrong in it; a number may be replaced by another value as a whole.
    package static func mutation(of original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var text = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !text.isEmpty else { return text }
            let at = Int.random(in: 0..<text.count, using: &random)
            let splice = splices[Int.random(in: 0..<splices.count, using: &random)]
            switch Int.random(in: 0..<8, using: &random) {
            case 0: text[at] = UInt8.random(in: 0...255, using: &random)
            case 1: text[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1...12, using: &random)))
            case 3: text.insert(contentsOf: splice, at: at)
            case 4: text.removeLast(text.count - at)
            default: replaceValue(in: &text, from: at, by: splice)
            }
        }
        return text
    }

    /// The value behind the next colon becomes another one, so that what comes out is still JSON more often than not.
    private static func replaceValue(in text: inout [UInt8], from: Int, by splice: [UInt8]) {
        guard let colon = text[from...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let start = colon + 1
        let end = text[start...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "]") } ?? text.count
        text.replaceSubrange(start..<end, with: splice)
    }
}
