import Testing
@testable import Sodium

@Suite struct DigestTests {
    private func blake2b(_ message: [UInt8], key: [UInt8]?) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        Digest.blake2b(message, key: key, keySize: key?.count ?? 0, into: &digest, size: 64)
        return digest
    }

    /// RFC 7693, appendix A.
    @Test func theDigestMatchesTheVectorOfTheRFC() {
        let expected = Hex.bytes(
            """
            ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1
            7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923
            """)
        #expect(blake2b(Array("abc".utf8), key: nil) == expected)
    }

    /// The first keyed vector published by the authors of BLAKE2.
    @Test func theKeyedDigestMatchesThePublishedVector() {
        let expected = Hex.bytes(
            """
            10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786
            b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568
            """)
        #expect(blake2b([], key: Array(0..<64)) == expected)
    }

    /// Computed with Python's hashlib.
    @Test(arguments: [
        ("", false, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
        ("abc", false, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
        ("abc", true, "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f"),
    ])
    func aDigestHas32Bytes(_ message: String, _ hasKey: Bool, _ expected: String) throws {
        let key = hasKey ? try SealingKey(bytes: Array(0..<32)) : nil
        let digest = Digest(of: Array(message.utf8), key: key)
        #expect(digest.bytes == Hex.bytes(expected))
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Set([digest, Digest(of: Array(message.utf8), key: key)]).count == 1)
    }

    @Test func anotherNumberOfBytesIsNotADigest() {
        for count in [0, 31, 33] { #expect(Digest(bytes: [UInt8](repeating: 0, count: count)) == nil) }
    }

    @Test func digestsThatDifferInOneBitAreDifferent() throws {
        let digest = Digest(of: [1, 2, 3])
        for index in digest.bytes.indices {
            var bytes = digest.bytes
            bytes[index] ^= 0x80
            #expect(try #require(Digest(bytes: bytes)) != digest)
        }
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 0], false), ([], [0], false), ([0, 0, 1], [0, 0, 1], true),
        ] as [([UInt8], [UInt8], Bool)])
    func constantTimeComparisonIsCorrect(_ first: [UInt8], _ second: [UInt8], _ areEqual: Bool) {
        #expect(ConstantTime.areEqual(first, second) == areEqual)
        #expect(ConstantTime.areEqual(second, first) == areEqual)
    }
}

/// Decodes the hexadecimal notation of published test vectors.
enum Hex {
    static func bytes(_ text: String) -> [UInt8] {
        let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
