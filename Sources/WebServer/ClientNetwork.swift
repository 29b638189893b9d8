import CMicroHTTPD
import Glibc

/// What counts as one client: an IPv4 address, or the /64 network of an IPv6 address.
///
/// A provider gives each customer a /64 network at least, so that its addresses cost nothing.
struct ClientNetwork: Hashable, Sendable {
    private let isVersion6: Bool
    private let bits: UInt64

    /// Fails for an address of another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let value = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            self.init(version4: UInt32(bigEndian: value.sin_addr.s_addr))
        case AF_INET6:
            var value = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            self.init(version6: withUnsafeBytes(of: &value.sin6_addr) { Array($0) })
        default:
            return nil
        }
    }

    private init(isVersion6: Bool, bits: UInt64) {
        self.isVersion6 = isVersion6
        self.bits = bits
    }

    init(version4: UInt32) { self.init(isVersion6: false, bits: UInt64(version4)) }

    /// The network of an address of 16 bytes; one that holds an IPv4 address is that address.
    init(version6 bytes: [UInt8]) {
        func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            self.init(version4: UInt32(truncatingIfNeeded: number(bytes.suffix(4))))
        } else {
            self.init(isVersion6: true, bits: number(bytes.prefix(8)))
        }
    }
}
