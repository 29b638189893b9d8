import Testing

@testable import OneTimeCodes

@Suite("One-time codes") struct OneTimeCodesTests {
    private static let secret = Array("12345678901234567890".utf8)

    @Test(
        "the vectors of RFC 6238 for HMAC-SHA1",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func vectors(seconds: Int64, code: String) {
        let codes = TimeBasedCode(secret: Self.secret)
        #expect(codes.code(at: TimeBasedCode.step(at: seconds), digits: 8) == code)
        #expect(codes.code(at: TimeBasedCode.step(at: seconds)) == code.suffix(6))
    }

    @Test(
        "the vectors of RFC 4226",
        arguments: zip(
            0..<10, ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]))
    func counters(counter: Int64, code: String) {
        #expect(TimeBasedCode(secret: Self.secret).code(at: counter) == code)
    }

    @Test("the vectors of RFC 2202 for HMAC-SHA1")
    func hmac() {
        let code = HMACSHA1.code(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(
            code == [
                0xEF, 0xFC, 0xDF, 0x6A, 0xE5, 0xEB, 0x2F, 0xA2, 0xD2, 0x74, 0x16, 0xD5, 0xF1, 0x84, 0xDF, 0x9C, 0x25, 0x9A, 0x7C, 0x79,
            ])
        #expect(HMACSHA1.code(of: [], key: []).count == HMACSHA1.size)
    }

    @Test("a code counts one step before and after its own, and no further")
    func tolerance() {
        let codes = TimeBasedCode(secret: Self.secret)
        let typed = codes.code(at: 100)
        for (step, matches) in [(98, false), (99, true), (100, true), (101, true), (102, false)] as [(Int64, Bool)] {
            for seconds in [step * 30, step * 30 + 29] {
                #expect((codes.matchingStep(of: typed, at: seconds, after: 0, comparing: ==) == 100) == matches)
            }
        }
    }

    @Test("a code does not count once its step, or a later one, was accepted")
    func replay() {
        let codes = TimeBasedCode(secret: Self.secret)
        #expect(codes.matchingStep(of: codes.code(at: 100), at: 3_000, after: 99, comparing: ==) == 100)
        #expect(codes.matchingStep(of: codes.code(at: 100), at: 3_000, after: 100, comparing: ==) == nil)
        #expect(codes.matchingStep(of: codes.code(at: 99), at: 3_000, after: 100, comparing: ==) == nil)
        #expect(codes.matchingStep(of: codes.code(at: 101), at: 3_000, after: 100, comparing: ==) == 101)
    }

    @Test("what is no code matches nothing", arguments: ["", "1", "28708", "2870820", "abcdef", "２８７０８２"])
    func noCode(typed: String) {
        #expect(TimeBasedCode(secret: Self.secret).matchingStep(of: typed, at: 30, after: -2, comparing: ==) == nil)
    }

    @Test("a step of before 1970 is before step zero")
    func early() {
        #expect(TimeBasedCode.step(at: -1) == -1 && TimeBasedCode.step(at: 0) == 0 && TimeBasedCode.step(at: -30) == -1)
    }

    @Test(
        "the vectors of RFC 4648, without padding",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ])
    func base32(text: String, encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
        #expect(Base32.decode(encoded) == Array(text.utf8) && Base32.decode(encoded.lowercased()) == Array(text.utf8))
    }

    @Test("what is no Base32 is not decoded", arguments: ["MZ1W", "M=", "M Z", "ä"])
    func wrongBase32(text: String) {
        #expect(Base32.decode(text) == nil)
    }
}
