/// Which network addresses a connector may reach.
///
/// A tenant URL is typed by a person and fetched by a server, so without this check it is a way to make that server read its own
/// network: cloud metadata at 169.254.169.254, an admin page on 127.0.0.1, a router on 192.168.0.1.
public struct AddressPolicy: Sendable, Hashable {
    /// Only addresses that are routed on the public internet, over https.
    public static let publicOnly = AddressPolicy()
    /// Public addresses, and this machine over http as well: for tests and the simulator.
    public static let allowingLoopback = AddressPolicy(includesLoopback: true)
    /// Every address, over https; loopback over http as well: for a PSA inside one's own network.
    public static let allowingPrivate = AddressPolicy(includesLoopback: true, includesPrivate: true)

    /// Networks that may be reached besides.
    public let networks: [IPNetwork]
    private let includesLoopback: Bool
    private let includesPrivate: Bool

    private init(networks: [IPNetwork] = [], includesLoopback: Bool = false, includesPrivate: Bool = false) {
        self.networks = networks
        self.includesLoopback = includesLoopback
        self.includesPrivate = includesPrivate
    }

    /// The same policy, with further networks: for a PSA inside one's own network.
    ///
    /// This machine and the addresses at which clouds keep their metadata are not meant by a network that merely covers them; each needs a
    /// network of its own that lies wholly within theirs. Multicast and unspecified addresses stay refused.
    public func allowing(_ networks: [IPNetwork]) -> AddressPolicy {
        AddressPolicy(networks: self.networks + networks, includesLoopback: includesLoopback, includesPrivate: includesPrivate)
    }

    /// Whether an address may be connected to.
    public func allows(_ address: IPAddress) -> Bool {
        guard !Self.isNoHost(address) else { return false }
        if let guarded = Self.guarded.first(where: { $0.contains(address) }) {
            if includesLoopback, Self.isLoopback(address) { return true }
            return networks.contains { guarded.contains($0) && $0.contains(address) }
        }
        return includesPrivate || !Self.isSpecial(address) || networks.contains { $0.contains(address) }
    }

    /// Whether plain http may be spoken with a host: with this machine, if it may be reached.
    public func allowsPlainHTTP(host: String) -> Bool {
        if host == "localhost" { return allowsLoopback }
        guard let address = IPAddress(host.trimmedBrackets) else { return false }
        return Self.isLoopback(address) && allows(address)
    }

    /// Whether a name may be used that leads nowhere but to this machine.
    var allowsLoopback: Bool { allows(.v4(0x7F00_0001)) || allows(.v6(high: 0, low: 1)) }

    /// Whether names may be used that mean something in one's own network only, such as `halo` or `halo.internal`.
    var allowsLocalNames: Bool { self != .publicOnly }

    static func isLoopback(_ address: IPAddress) -> Bool {
        switch address.unwrapped {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Multicast, broadcast, the unspecified address and the abandoned `::a.b.c.d` form: no policy makes them a PSA.
    private static func isNoHost(_ address: IPAddress) -> Bool {
        switch address.unwrapped {
        case .v4(let value): value >> 24 == 0 || value >> 28 >= 0xE
        case .v6(let high, let low): high >> 56 == 0xFF || (high == 0 && low >> 32 == 0 && low != 1)
        }
    }

    /// The IANA special-purpose registries (RFC 6890 and its updates), as of 2026.
    private static func isSpecial(_ address: IPAddress) -> Bool {
        switch address.unwrapped {
        case .v4(let value):
            return specialV4.contains { value >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
        case .v6(let high, _):
            // Only 2000::/3 is handed out as global unicast; inside it 2001::/23 is for protocols (Teredo, benchmarking, …), and
            // 2001:db8::/32 and 3fff::/20 are for documentation.
            return high >> 61 != 1 || high >> 41 == 0x2001_0000_0000_0000 >> 41 || high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0
        }
    }

    /// This machine, and where clouds keep their metadata: link-local, and for some of them a single address elsewhere.
    private static let guarded: [IPNetwork] = [
        "127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10",
        "168.63.129.16",  // Azure
        "100.100.100.200",  // Alibaba Cloud
        "fd00:ec2::254",  // AWS
    ].compactMap(IPNetwork.init)

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
