import Testing
@testable import Sodium

@Suite struct RandomBytesTests {
    @Test func theRequestedNumberOfBytesIsReturned() throws {
        for count in [1, 16, 100_000] { #expect(try RandomBytes.make(count).count == count) }
        for count in [0, -1, Int.min] { #expect(try RandomBytes.make(count).isEmpty) }
    }

    @Test func randomBytesDoNotRepeat() throws {
        #expect(Set(try (0..<1_000).map { _ in try RandomBytes.make(16) }).count == 1_000)
        // The probability that one of the 256 values is missing is less than 10 to the power of -167.
        #expect(Set(try RandomBytes.make(100_000)).count == 256)
    }

    @Test func aTokenFitsIntoAddressesAndCookies() throws {
        let tokens = try (0..<500).map { _ in try RandomBytes.token() }
        #expect(Set(tokens).count == 500)
        for token in tokens {
            #expect(token.utf8.count == 43)
            #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            #expect(Base64URL.decode(token)?.count == 32)
        }
    }
}

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ("", []), ("Zg", [0x66]), ("Zm8", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]), ("-_8", [0xfb, 0xff]), ("AAAA", [0, 0, 0]),
        ] as [(String, [UInt8])])
    func bytesHaveExactlyOneEncoding(_ text: String, _ bytes: [UInt8]) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "+/8", "Zg\n", " Zg", "Zm9vé", "Zg\0"])
    func otherEncodingsAreRejected(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
