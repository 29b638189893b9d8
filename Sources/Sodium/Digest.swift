import CSodium

/// A BLAKE2b digest of 32 bytes (RFC 7693).
///
/// Digests are compared in constant time.
public struct Digest: Sendable, Hashable {
    /// The number of bytes in a digest.
    public static let size = 32

    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Computes the digest of bytes.
    ///
    /// A keyed digest is a message authentication code: it cannot be computed or predicted without the key. Use a separate key from
    /// ``SealingKey/derived(for:)``, not one that is also used for sealing.
    ///
    /// - Parameters:
    ///   - message: The bytes.
    ///   - key: The key, or nil for an unkeyed digest.
    public init(of message: [UInt8], key: SealingKey? = nil) {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        if let key {
            key.memory.withBytes { Self.blake2b(message, key: $0, keySize: SealingKey.size, into: &bytes, size: Self.size) }
        } else {
            Self.blake2b(message, key: nil, keySize: 0, into: &bytes, size: Self.size)
        }
        self.bytes = bytes
    }

    /// Restores a stored digest.
    ///
    /// - Returns: Nil unless `bytes` has 32 elements.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Compares in constant time.
    public static func == (lhs: Digest, rhs: Digest) -> Bool { ConstantTime.areEqual(lhs.bytes, rhs.bytes) }

    /// Writes a digest of 16 to 64 bytes; a key has 16 to 64 bytes too.
    static func blake2b(
        _ message: [UInt8], key: UnsafePointer<UInt8>?, keySize: Int, into buffer: UnsafeMutableRawPointer, size: Int
    ) {
        crypto_generichash(buffer, size, message, UInt64(message.count), key, keySize)
    }
}

/// Comparison in constant time, so that the duration does not reveal how much of a guess is correct.
public enum ConstantTime {
    /// Returns whether two arrays have the same bytes; the duration depends only on their lengths.
    public static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.count == second.count && sodium_memcmp(first, second, first.count) == 0
    }
}
