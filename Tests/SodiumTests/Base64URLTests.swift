import Testing

@testable import Sodium

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ("", []), ("Zg", [0x66]), ("Zm8", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]), ("-_8", [0xfb, 0xff]), ("AAAA", [0, 0, 0]),
        ] as [(String, [UInt8])])
    func bytesHaveOneSpelling(_ text: String, _ bytes: [UInt8]) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "+/8", "Zg\n", " Zg", "Zm9vé", "Zg\0"])
    func anyOtherSpellingIsRefused(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
