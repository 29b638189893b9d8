/// A literal IPv4 or IPv6 address, read in every spelling that C libraries accept.
///
/// `inet_aton` takes `127.1`, `0x7f000001`, `017700000001` and `2130706433` for 127.0.0.1, and so does a resolver behind an HTTP client;
/// a guard that knows only dotted decimals lets them through.
public enum IPAddress: Sendable, Hashable, CustomStringConvertible {
    case v4(UInt32)
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
        let halves = address.components(separatedBy: "::")
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

extension Substring {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
