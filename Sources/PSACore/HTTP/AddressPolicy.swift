/// Which network addresses a connector may reach.
///
/// A tenant URL is typed by a person and fetched by a server, so without this check it is a way to make that server read its own
/// network: cloud metadata at 169.254.169.254, an admin page on 127.0.0.1, a router on 192.168.0.1.
public enum AddressPolicy: Sendable, Equatable {
    /// Only addresses that are routed on the public internet, over https.
    case publicOnly
    /// Public addresses, and this machine over http as well: for tests and the simulator.
    case allowingLoopback
    /// Every address, over https; loopback over http as well: for a PSA inside one's own network.
    case allowingPrivate

    /// Whether an address may be connected to.
    public func allows(_ address: IPAddress) -> Bool {
        switch self {
        case .publicOnly: !Self.isSpecial(address)
        case .allowingLoopback: Self.isLoopback(address) || !Self.isSpecial(address)
        case .allowingPrivate: !Self.isNeverAHost(address)
        }
    }

    /// Whether plain http may be spoken with a host.
    public func allowsPlainHTTP(host: String) -> Bool {
        guard self != .publicOnly else { return false }
        return host == "localhost" || IPAddress(host.trimmedBrackets).map(Self.isLoopback) ?? false
    }

    static func isLoopback(_ address: IPAddress) -> Bool {
        switch address.unwrapped {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Multicast, broadcast, the unspecified address and the abandoned `::a.b.c.d` form: no policy makes them a PSA.
    ///
    /// Link-local is where clouds keep their metadata; some of them use single addresses elsewhere.
    private static func isNeverAHost(_ address: IPAddress) -> Bool {
        if metadata.contains(address.unwrapped) { return true }
        return switch address.unwrapped {
        case .v4(let value): value >> 24 == 0 || value >> 28 >= 0xE || value >> 16 == 0xA9FE
        case .v6(let high, let low): high >> 56 == 0xFF || (high == 0 && low >> 32 == 0 && low != 1) || high >> 54 == 0xFE80 >> 6
        }
    }

    /// The IANA special-purpose registries (RFC 6890 and its updates), as of 2026.
    private static func isSpecial(_ address: IPAddress) -> Bool {
        if isNeverAHost(address) || isLoopback(address) { return true }
        switch address.unwrapped {
        case .v4(let value):
            return specialV4.contains { value >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
        case .v6(let high, _):
            // Only 2000::/3 is handed out as global unicast; inside it 2001::/23 is for protocols (Teredo, benchmarking, …), and
            // 2001:db8::/32 and 3fff::/20 are for documentation.
            return high >> 61 != 1 || high >> 41 == 0x2001_0000_0000_0000 >> 41 || high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0
        }
    }

    private static let metadata: Set<IPAddress> = [
        .v4(0xA83F_8110),  // 168.63.129.16, Azure
        .v4(0x6464_64C8),  // 100.100.100.200, Alibaba Cloud
        .v6(high: 0xFD00_0EC2_0000_0000, low: 0x254),  // fd00:ec2::254, AWS
    ]

    private static let specialV4: [(network: UInt32, bits: UInt32)] = [
        (0x0A00_0000, 8),  // 10.0.0.0, private
        (0x6440_0000, 10),  // 100.64.0.0, carrier-grade NAT
        (0xAC10_0000, 12),  // 172.16.0.0, private
        (0xC000_0000, 24),  // 192.0.0.0, protocol assignments
        (0xC000_0200, 24),  // 192.0.2.0, documentation
        (0xC0A8_0000, 16),  // 192.168.0.0, private
        (0xC612_0000, 15),  // 198.18.0.0, benchmarking
        (0xC633_6400, 24),  // 198.51.100.0, documentation
        (0xCB00_7100, 24),  // 203.0.113.0, documentation
    ]
}

extension String {
    /// An IPv6 literal without the brackets a URL puts around it.
    var trimmedBrackets: String { hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self }
}
