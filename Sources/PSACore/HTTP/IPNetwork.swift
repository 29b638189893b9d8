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
