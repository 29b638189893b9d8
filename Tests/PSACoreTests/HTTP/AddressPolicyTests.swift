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

@Suite struct IPNetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
        ("192.168.7.20", "192.168.7.20", "192.168.7.20", "192.168.7.19", "192.168.7.21"),
        ("172.16.0.0/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
        ("fd00::/8", "fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fcff::", "fe00::"),
        ("fd12:3456::8/125", "fd12:3456::8", "fd12:3456::f", "fd12:3456::7", "fd12:3456::10"),
        ("2001:db8:0:1::/64", "2001:db8:0:1::", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:0:2::"),
        ("::ffff:10.1.0.0/112", "10.1.0.0", "10.1.255.255", "10.0.255.255", "10.2.0.0"),
    ])
    func holdsItsAddressesAndNoNeighbour(text: String, first: String, last: String, below: String, above: String) throws {
        let network = try #require(IPNetwork(text))
        for inside in [first, last] { #expect(network.contains(try #require(IPAddress(inside))), "\(inside)") }
        for outside in [below, above] { #expect(!network.contains(try #require(IPAddress(outside))), "\(outside)") }
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.20.30.40/8", "10/8", "012.0.0.0/8",
        "0x0a000000/8", "167772160/8", "halo.example.com", "fd00::1/8", "fd00::/129", "fe80::1%eth0", "::ffff:10.0.0.0/95",
        "64:ff9b::a00:0/104",
        "10.0.0.0 /8", "*",
    ])
    func refusesWhatCouldMeanMoreThanItSays(text: String) { #expect(IPNetwork(text) == nil) }

    @Test func aNetworkOpensItsOwnAddressesInEverySpelling() throws {
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork("10.20.0.0/16")), try #require(IPNetwork("fd00::/8"))])
        for text in ["10.20.30.40", "::ffff:10.20.30.40", "64:ff9b::a14:1e28", "0x0a141e28", "012.024.036.050", "169090600", "fd00::1"] {
            #expect(policy.allows(try #require(IPAddress(text))), "\(text)")
        }
        for text in ["10.21.0.1", "192.168.0.1", "127.0.0.1", "::1", "169.254.169.254", "fe80::1", "fd00:ec2::254", "fc00::1"] {
            #expect(!policy.allows(try #require(IPAddress(text))), "\(text)")
        }
        #expect(policy.allows(try #require(IPAddress("8.8.8.8"))))
    }

    /// Columns: the network, an address, and whether the one opens the other.
    static let guarded: [(String, String, Bool)] = [
        ("0.0.0.0/0", "10.0.0.1", true), ("0.0.0.0/0", "169.254.169.254", false), ("0.0.0.0/0", "127.0.0.1", false),
        ("0.0.0.0/0", "168.63.129.16", false), ("0.0.0.0/0", "255.255.255.255", false), ("0.0.0.0/0", "0.0.0.0", false),
        ("128.0.0.0/1", "169.254.169.254", false), ("169.254.0.0/15", "169.254.169.254", false),
        ("169.254.0.0/16", "169.254.169.254", true), ("169.254.169.254", "169.254.169.254", true),
        ("169.254.7.7", "169.254.169.254", false), ("127.0.0.0/8", "127.0.0.1", true), ("127.0.0.2", "127.0.0.1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("::1", "::1", true), ("::/0", "::1", false), ("::/0", "fd00::1", true),
        ("::/0", "fe80::1", false), ("fe80::/10", "fe80::1", true), ("fd00::/8", "fd00:ec2::254", false),
        ("fd00:ec2::254", "fd00:ec2::254", true), ("168.63.129.16", "168.63.129.16", true), ("ff00::/8", "ff02::1", false),
        ("224.0.0.0/4", "224.0.0.1", false),
    ]

    @Test(arguments: guarded) func thisMachineAndMetadataAreOpenedOnlyByNetworksOfTheirOwn(network: String, address: String, isOpen: Bool)
        throws
    {
        let policy = AddressPolicy.publicOnly.allowing([try #require(IPNetwork(network))])
        #expect(policy.allows(try #require(IPAddress(address))) == isOpen)
    }

    @Test func aNetworkKeepsWhatThePolicyAllowedBefore() throws {
        let policy = AddressPolicy.allowingLoopback.allowing([try #require(IPNetwork("10.0.0.0/8"))])
        #expect(policy.allows(.v4(0x7F00_0001)) && policy.allowsPlainHTTP(host: "localhost"))
        #expect(!policy.allowsPlainHTTP(host: "10.0.0.1"))
        #expect(!AddressPolicy.publicOnly.allowing(policy.networks).allowsPlainHTTP(host: "localhost"))
    }
}

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
