import Foundation
import Testing

@testable import PSACore

@Suite struct RedactorTests {
    private static let secret = "p4ss+w/rd=?é-long"
    private let redactor = Redactor([Secret(secret), Secret("short"), Secret("second-secret")])

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test func aSecretIsTakenOutInEverySpelling() {
        for spelling in [
            Self.secret, PercentEncoding.component(Self.secret), base64(Self.secret), String(base64(Self.secret).prefix { $0 != "=" }),
        ] {
            #expect(redactor.clean("before \(spelling) after") == "before ••••• after")
            #expect(redactor.clean("\(spelling),\(spelling)") == "•••••,•••••")
        }
    }

    /// The first and last character may belong to a neighbour as well and stay; they hold less than one letter of the secret.
    @Test(arguments: ["", "a", "id", "id:", "user-1:"], ["", "x", "yz", "&z="]) func aSecretInsideALongerBase64IsTakenOut(
        before: String, after: String
    ) {
        let cleaned = redactor.clean("Basic \(base64(before + Self.secret + after)).")
        #expect(cleaned.contains("•••••"))
        #expect(cleaned.count <= 6 + (before.count * 4 + 2) / 3 + 2 + 5 + (after.count * 4 + 2) / 3 + 4)
    }

    @Test func severalSecretsAreTakenOutAndShortOnesAreTooCommon() {
        #expect(redactor.clean("\(Self.secret) second-secret short") == "••••• ••••• short")
        #expect(Redactor([]).clean("anything") == "anything")
        #expect(Redactor([Secret("")]).clean("anything") == "anything")
    }

    @Test func aSecretInsideALongerOneDoesNotLeaveTheRest() {
        let nested = Redactor([Secret("secret"), Secret("secret-and-more")])
        #expect(nested.clean("secret-and-more secret") == "••••• •••••")
    }

    @Test func controlCharactersBecomeBlanks() {
        #expect(redactor.clean("a\nb\r\nc\td\u{0}e\u{1B}[31mf\u{85}g\u{2028}h\u{2029}i") == "a b  c d e [31mf g h i")
    }

    @Test func aTextIsCutToItsLengthAfterTheSecretsAreOut() {
        #expect(redactor.clean(String(repeating: "x", count: 300)).count == 300)
        let cut = redactor.clean(String(repeating: "x", count: 301))
        #expect(cut.count == 300 && cut.hasSuffix("x…"))
        #expect(redactor.clean("abcdef", maximumLength: 3) == "ab…")
        #expect(redactor.clean("ééé", maximumLength: 3) == "ééé")
        #expect(redactor.clean("abc", maximumLength: 1) == "…")
        #expect(redactor.clean("abc", maximumLength: 0) == "")
    }

    @Test(arguments: 0..<20) func noCutLeavesAPieceOfASecret(offset: Int) {
        let text = String(repeating: "x", count: 285 + offset) + Self.secret + " tail"
        #expect(!redactor.clean(text).contains("p4ss"))
    }

    @Test func notEvenTheBoundOfTheWorkLeavesAPieceOfASecret() {
        let long = String(repeating: "s3cret", count: 60)
        let cleaned = Redactor([Secret(long)]).clean("x" + String(repeating: long, count: 80))
        #expect(!cleaned.contains("s3cret"))
    }
}
