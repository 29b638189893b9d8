import Testing

@testable import PSACore

@Suite struct AddressPolicyTests {
    /// First and last address of each special range, with the public neighbours below and above it.
    static let ranges: [(below: String?, first: String, last: String, above: String?)] = [
        (nil, "0.0.0.0", "0.255.255.255", "1.0.0.0"), ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
        ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
        ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
        ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
        ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
        ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"), ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
        ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
        ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
        ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
        ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
        ("223.255.255.255", "224.0.0.0", "255.255.255.255", nil), (nil, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"),
        ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
        ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
        ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
        ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil),
        ("2002:9ff:ffff::", "2002:a00::", "2002:aff:ffff:ffff:ffff:ffff:ffff:ffff", "2002:b00::"),
    ]

    @Test(arguments: ranges) func aSpecialRangeIsClosedToItsEdgesAndNoFurther(below: String?, first: String, last: String, above: String?)
        throws
    {
        for text in [first, last] { #expect(!AddressPolicy.publicOnly.allows(try #require(IPAddress(text))), "\(text)") }
        for text in [below, above].compactMap(\.self) { #expect(AddressPolicy.publicOnly.allows(try #require(IPAddress(text))), "\(text)") }
    }

    /// Columns: public only, allowing loopback, allowing private.
    static let table: [(String, Bool, Bool, Bool)] = [
        ("8.8.8.8", true, true, true), ("2606:4700::1111", true, true, true), ("::ffff:8.8.8.8", true, true, true),
        ("64:ff9b::8.8.8.8", true, true, true),
        ("127.0.0.1", false, true, true), ("127.255.255.255", false, true, true), ("::1", false, true, true),
        ("::ffff:127.0.0.1", false, true, true),
        ("64:ff9b::7f00:1", false, true, true), ("10.0.0.1", false, false, true), ("192.168.0.1", false, false, true),
        ("172.16.0.1", false, false, true), ("100.64.0.1", false, false, true), ("fc00::1", false, false, true),
        ("fd00::1", false, false, true),
        ("::2", false, false, false), ("192.0.2.1", false, false, true), ("169.254.169.254", false, false, false),
        ("fe80::1", false, false, false),
        ("febf::1", false, false, false), ("fec0::1", false, false, true), ("0.0.0.0", false, false, false),
        ("0.1.2.3", false, false, false),
        ("::", false, false, false), ("224.0.0.1", false, false, false), ("240.0.0.1", false, false, false),
        ("ff02::1", false, false, false),
        ("255.255.255.255", false, false, false), ("::ffff:169.254.169.254", false, false, false),
        ("64:ff9b::a9fe:a9fe", false, false, false),
        ("2002:a9fe:a9fe::", false, false, false), ("::169.254.169.254", false, false, false),
    ]

    @Test(arguments: table) func eachPolicyAllowsItsOwn(text: String, publicOnly: Bool, loopback: Bool, privateToo: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.publicOnly.allows(address) == publicOnly)
        #expect(AddressPolicy.allowingLoopback.allows(address) == loopback)
        #expect(AddressPolicy.allowingPrivate.allows(address) == privateToo)
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1", true), ("[::1]", true), ("127.1", true), ("10.0.0.1", false), ("acme.example.com", false),
        ("localhost.example.com", false), ("127.0.0.1.example.com", false), ("[fc00::1]", false),
    ])
    func onlyThisMachineMaySpeakPlainHTTP(host: String, isAllowed: Bool) {
        #expect(!AddressPolicy.publicOnly.allowsPlainHTTP(host: host))
        #expect(AddressPolicy.allowingLoopback.allowsPlainHTTP(host: host) == isAllowed)
        #expect(AddressPolicy.allowingPrivate.allowsPlainHTTP(host: host) == isAllowed)
    }
}
