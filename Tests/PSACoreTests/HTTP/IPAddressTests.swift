import Testing

@testable import PSACore

@Suite struct IPAddressTests {
    static let readable: [(String, String)] = [
        ("1.2.3.4", "1.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("1", "0.0.0.1"), ("1.2", "1.0.0.2"),
        ("1.2.3", "1.2.0.3"), ("1.16777215", "1.255.255.255"), ("1.2.65535", "1.2.255.255"), ("4294967295", "255.255.255.255"),
        ("0x7f.0.0.1", "127.0.0.1"), ("0x7F000001", "127.0.0.1"), ("0x", "0.0.0.0"), ("010.010.010.010", "8.8.8.8"), ("00", "0.0.0.0"),
        ("0377.1", "255.0.0.1"), ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("1::", "1:0:0:0:0:0:0:0"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("2001:DB8::A", "2001:db8:0:0:0:0:0:a"), ("1::8", "1:0:0:0:0:0:0:8"), ("fe80::1%eth0", "fe80:0:0:0:0:0:0:1"),
        ("::ffff:1.2.3.4", "0:0:0:0:0:ffff:102:304"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("::0001", "0:0:0:0:0:0:0:1"),
    ]

    static let unreadable: [String] = [
        "", ".", "1.", ".1", "1..2", "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296",
        "0x100000000",
        "99999999999999999999999", "08.1.1.1", "0x1g", "1.2.3.a", "a.b.c.d", "-1", "+1", "0+7", "0x+7f", "1.2.3.0x+4", "1.2.3.-4",
        " 1.2.3.4", "1.2.3.4 ", "localhost",
        "acme.com", "٨.8.8.8", ":", ":::", "1:", ":1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::",
        "1:2:3:4::5:6:7:8", "12345::", "g::", "::-1", "::+1", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::1.2.3.4:5", "[::1]",
        "1.2.3.4::",
        "%::1",
    ]

    @Test(arguments: readable) func everySpellingGivesTheSameAddress(text: String, expected: String) throws {
        #expect(try #require(IPAddress(text)).description == expected)
    }

    @Test(arguments: unreadable) func anythingElseIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func networkOrderBytesGiveTheAddress() {
        #expect(IPAddress(bytes: [127, 0, 0, 1]) == IPAddress("127.0.0.1"))
        #expect(IPAddress(bytes: [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]) == IPAddress("2001:db8::1"))
        for count in [0, 3, 5, 15, 17] { #expect(IPAddress(bytes: Array(repeating: UInt8(1), count: count)) == nil) }
    }

    @Test(arguments: [
        ("::ffff:10.0.0.1", "10.0.0.1"), ("64:ff9b::10.0.0.1", "10.0.0.1"), ("2002:a00:1::", "10.0.0.1"),
        ("2002:a00:1:ffff::9", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"), ("::1", "0:0:0:0:0:0:0:1"), ("64:ff9b:1::10.0.0.1", "64:ff9b:1:0:0:0:a00:1"),
        ("1::ffff:10.0.0.1", "1:0:0:0:0:ffff:a00:1"),
    ])
    func anAddressInsideAnotherIsTakenOut(text: String, inner: String) throws {
        #expect(try #require(IPAddress(text)).unwrapped.description == inner)
    }
}
