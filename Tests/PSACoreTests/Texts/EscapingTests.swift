import FoundationEssentials
import TestSupport
import Testing

@testable import PSACore

/// A format means bytes: what is escaped does not depend on the characters that the bytes form.
@Suite("Escaping per format")
struct EscapingTests {
    @Test func thereAreManyCombiningClasses() { #expect(CombiningSamples.scalars.count > 60) }

    @Test(arguments: CombiningSamples.scalars) func htmlHasNoMarkupCharacterOfAText(sample: Unicode.Scalar) {
        for sign in ["<", ">", "\"", "'", "&"] {
            let escaped = ("a" + sign + String(sample) + sign).escapedForHTML()
            let rest = ["&lt;", "&gt;", "&quot;", "&#39;", "&amp;"].reduce(Array(escaped.utf8)) { removing($1, from: $0) }
            #expect(rest == Array(("a" + String(sample)).utf8))
        }
    }

    @Test(arguments: CombiningSamples.scalars) func jsonIsReadBackAsItWas(sample: Unicode.Scalar) throws {
        for sign in ["\"", "\\", "\r", "\n", "\u{0}", "/"] {
            let text = "a" + sign + String(sample) + sign
            let encoded = JSONValue.string(text).encoded
            let read = try JSONDocument(encoded).root.string
            #expect(read.map { Array($0.utf8) } == Array(text.utf8))
            // Each quote and backslash inside stands behind a backslash, or is one before an escaped character.
            #expect(encoded.dropFirst().dropLast().allSatisfy { $0 >= 0x20 })
        }
    }

    @Test(arguments: CombiningSamples.scalars) func aQueryHasOnlyUnreservedCharacters(sample: Unicode.Scalar) {
        for sign in ["&", "=", "#", "%", "+", " ", "\r", "/"] {
            let form = PercentEncoding.form([QueryItem("n", sign + String(sample) + sign)])
            #expect(form.utf8.filter { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "&") }.count == 1)
            #expect(form.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "+") })
        }
    }

    @Test(arguments: CombiningSamples.scalars) func aLogLineHasNoLineEndOfAText(sample: Unicode.Scalar) {
        for end in ["\r", "\n", "\r\n", "\u{1B}", "\u{2028}"] {
            let line = ("a" + end + String(sample) + end).onOneLine
            #expect(!line.unicodeScalars.contains { ["\r", "\n", "\u{1B}", "\u{2028}"].contains($0) })
        }
    }

    @Test(arguments: CombiningSamples.scalars) func aFileNameHasNoSeparator(sample: Unicode.Scalar) {
        for name in ["../\(sample)etc", "a/\(sample)b", "a\\\(sample)b"] {
            #expect(throws: AttachmentProblem.self) { try AttachmentFile(name: name, mediaType: "text/plain", bytes: Array("x".utf8)) }
        }
    }

    @Test(arguments: CombiningSamples.scalars) func anAddressWithCredentialsIsRefusedWhateverFollowsTheSign(sample: Unicode.Scalar) {
        for typed in ["https://user:word@\(sample)host.example", "https://host.example@\(sample)/"] {
            #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: typed, policy: .publicOnly) }
        }
    }

    // MARK: Secrets

    private static let secret = "p4ss+w/rd=?\"q\\-long"

    @Test(arguments: CombiningSamples.scalars) func aSecretBetweenCombiningCharactersIsTakenOut(sample: Unicode.Scalar) {
        let redactor = Redactor([Secret(Self.secret)])
        let json = String(JSONValue.string(Self.secret).encodedText.dropFirst().dropLast())
        let spellings = [
            Self.secret, PercentEncoding.component(Self.secret), PercentEncoding.component(Self.secret).lowercased(),
            Data(Self.secret.utf8).base64EncodedString(), json,
        ]
        for spelling in spellings {
            for text in ["x\(spelling)\(sample)y", "x\(sample)\(spelling)y", "x\(sample)\(spelling)\(sample)\(sample)"] {
                let cleaned = redactor.clean(text)
                #expect(cleaned.contains("•••••") || cleaned.unicodeScalars.contains("•"), "\(spelling) before or after \(sample.value)")
                #expect(!Array(cleaned.utf8).contains(Array(spelling.utf8)))
            }
        }
    }

    @Test func aSecretThatUnicodeSpellsInTwoWaysIsTakenOutInBoth() {
        let redactor = Redactor([Secret("caf\u{E9}-secret")])
        #expect(redactor.clean("caf\u{E9}-secret.") == "•••••.")
        #expect(redactor.clean("cafe\u{301}-secret.") == "•••••.")
    }

    @Test func aCharacterWithoutEndIsCutLikeAnyOther() {
        let long = "a" + String(String.UnicodeScalarView(repeatElement("\u{301}", count: 100_000)))
        #expect(Redactor([]).clean(long).unicodeScalars.count == 300)
    }

    private func removing(_ word: String, from bytes: [UInt8]) -> [UInt8] {
        let word = Array(word.utf8)
        var rest = bytes[...]
        var kept: [UInt8] = []
        while let first = rest.first {
            if rest.starts(with: word) { rest = rest.dropFirst(word.count) } else { kept.append(first); rest = rest.dropFirst() }
        }
        return kept
    }
}
