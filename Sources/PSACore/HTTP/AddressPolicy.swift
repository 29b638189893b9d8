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

    /// Whether a host as it was typed, a name or an address, is this machine.
    static func isThisMachine(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || IPAddress(host.trimmedBrackets).map(isLoopback) ?? false
    }

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

/// A literal IPv4 or IPv6 address, read in every spelling that C libraries accept.
///
/// `inet_aton` takes `127.1`, `0x7f000001`, `017700000001` and `2130706433` for 127.0.0.1, and so does a resolver behind an HTTP client;
/// a guard that knows only dotted decimals lets them through.
public enum IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The four bytes as a number, the first byte highest: 127.0.0.1 is `0x7F00_0001`.
    case v4(UInt32)
    /// The sixteen bytes as two numbers, the first eight bytes in `high`: `::1` is `high: 0, low: 1`.
    case v6(high: UInt64, low: UInt64)

    /// Reads a literal, or returns nil for a host name.
    public init?(_ text: String) {
        if text.contains(":") {
            guard let address = Self.parseV6(text) else { return nil }
            self = address
        } else {
            guard let value = Self.parseV4(text) else { return nil }
            self = .v4(value)
        }
    }

    /// Makes an address from network-order bytes: four or sixteen of them.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self = .v6(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// The IPv4 address inside a mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`) address, or the address itself.
    public var unwrapped: IPAddress {
        guard case .v6(let high, let low) = self else { return self }
        if high == 0, low >> 32 == 0xFFFF { return .v4(UInt32(truncatingIfNeeded: low)) }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return .v4(UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return .v4(UInt32(truncatingIfNeeded: high >> 16)) }
        return self
    }

    /// Dotted decimals, or eight groups of hexadecimal digits.
    public var description: String {
        switch self {
        case .v4(let value): [24, 16, 8, 0].map { String(value >> $0 & 0xFF) }.joined(separator: ".")
        case .v6(let high, let low):
            [high, low].flatMap { half in [48, 32, 16, 0].map { String(half >> $0 & 0xFFFF, radix: 16) } }.joined(separator: ":")
        }
    }

    private static func parseV4(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var values: [UInt64] = []
        for part in parts {
            guard let value = parseNumber(part) else { return nil }
            values.append(value)
        }
        guard let last = values.popLast(), values.allSatisfy({ $0 <= 0xFF }) else { return nil }
        let lastBits = 32 - 8 * values.count
        guard last < 1 << UInt64(lastBits) else { return nil }
        let head = values.reduce(UInt64(0)) { $0 << 8 | $1 }
        return UInt32(head << UInt64(lastBits) | last)
    }

    private static func parseNumber(_ text: Substring) -> UInt64? {
        let lowered = text.lowercased()
        // Swift's own number reading would take a sign as well.
        guard lowered.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false, lowered.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x78 })
        else { return nil }
        if lowered.hasPrefix("0x") { return lowered.count == 2 ? 0 : UInt64(lowered.dropFirst(2), radix: 16) }
        if lowered.count > 1, lowered.hasPrefix("0") { return UInt64(lowered.dropFirst(), radix: 8) }
        return UInt64(lowered)
    }

    private static func parseV6(_ text: String) -> IPAddress? {
        let address = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let halves = address.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        guard let head = groups(halves[0], isEnd: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return head.count == 8 ? make(head) : nil }
        guard let tail = groups(halves[1], isEnd: true), head.count + tail.count < 8 else { return nil }
        return make(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, part.contains("."), index == parts.count - 1 {
                guard part.split(separator: ".").count == 4, let value = parseV4(String(part)) else { return nil }
                groups += [UInt16(value >> 16), UInt16(value & 0xFFFF)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimal), let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }

    private static func make(_ groups: [UInt16]) -> IPAddress {
        .v6(
            high: groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }, low: groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) })
    }
}

/// A range of addresses that agree in their first bits, such as `10.0.0.0/8` or `fd00::/8`.
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    /// The first address.
    public let base: IPAddress
    /// How many leading bits all its addresses share.
    public let bits: Int

    /// Reads an address and a length, or one address alone.
    ///
    /// A network is a permission, so it is read strictly: dotted decimals, no bits behind the length. `10.20.30.40/8` could mean one machine
    /// or sixteen million and is refused.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let typed = IPAddress(parts[0]), !parts[0].contains("%") else { return nil }
        if case .v4 = typed, typed.description != parts[0] { return nil }
        let width = typed.width
        guard parts.count == 1 || Self.isDigits(parts[1]) else { return nil }
        guard let length = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(length) else { return nil }
        // An IPv4 address written as an IPv6 one is judged as what it is everywhere else.
        if case .v6 = typed, case .v4 = typed.unwrapped {
            guard length >= 96, typed.isMapped else { return nil }
            (base, bits) = (typed.unwrapped, length - 96)
        } else {
            (base, bits) = (typed, length)
        }
        guard base.agrees(with: base.keeping(bits), in: base.width) else { return nil }
    }

    /// Whether an address lies in it; an IPv4 address counts in each of its spellings.
    public func contains(_ address: IPAddress) -> Bool { base.agrees(with: address.unwrapped, in: bits) }

    /// Whether every address of another network lies in it.
    func contains(_ other: IPNetwork) -> Bool { other.bits >= bits && base.agrees(with: other.base, in: bits) }

    /// The first address, a slash, and the number of bits.
    public var description: String { "\(base)/\(bits)" }

    private static func isDigits(_ text: String) -> Bool {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension IPAddress {
    /// How many bits an address of its kind has.
    fileprivate var width: Int {
        guard case .v4 = self else { return 128 }
        return 32
    }

    /// Whether it is an IPv4 address in the form `::ffff:a.b.c.d`.
    fileprivate var isMapped: Bool {
        guard case .v6(0, let low) = self else { return false }
        return low >> 32 == 0xFFFF
    }

    /// The address with all bits behind the first so many set to zero.
    fileprivate func keeping(_ bits: Int) -> IPAddress {
        switch self {
        // Shifting by the whole width or more gives zero here, not a trap.
        case .v4(let value): .v4(value & (UInt32.max << (32 - bits)))
        case .v6(let high, let low):
            .v6(high: high & (UInt64.max << (64 - min(bits, 64))), low: low & (UInt64.max << (128 - max(bits, 64))))
        }
    }

    /// Whether two addresses of one kind share their first so many bits.
    fileprivate func agrees(with other: IPAddress, in bits: Int) -> Bool {
        width == other.width && keeping(bits) == other.keeping(bits)
    }
}
