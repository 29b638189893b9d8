import PSACore
import Testing

@Suite("Spaces around a text")
struct TrimmingTests {
    /// Everything Unicode calls white space, and what has no width.
    private static let spaces: [UInt32] =
        [0x20, 0x85, 0xA0, 0x1680, 0x180E, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x200B, 0x3000, 0xFEFF] + Array(0x09...0x0D)
        + Array(0x2000...0x200A)

    @Test("each of them is trimmed at both ends, alone and with others", arguments: spaces)
    func isTrimmed(value: UInt32) throws {
        let blank = String(Character(try #require(Unicode.Scalar(value))))
        #expect("\(blank)a\(blank)b\(blank)".trimmingSpaces == "a\(blank)b")
        #expect("\(blank) \(blank)".trimmingSpaces == "")
        #expect(" \(blank)\u{A0}a".trimmingSpaces == "a")
    }

    @Test(
        "what has ink, or belongs to what is before it, stays",
        arguments: [
            "a", "\u{0}", "\u{7}", "👩‍👩‍👧", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "e\u{301}", "\u{200D}", "\u{200F}", "-",
            "0",
        ])
    func stays(text: String) {
        #expect(text.trimmingSpaces.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test func aLineEndOfTwoCharactersIsTrimmedWhole() {
        #expect("\r\n a \r\n".trimmingSpaces == "a")
        #expect("a b"[...].dropLast().trimmingSpaces == "a")
    }
}
