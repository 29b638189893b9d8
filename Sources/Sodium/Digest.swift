import CSodium

/// A BLAKE2b digest of 32 bytes (RFC 7693).
///
/// Comparing two takes the same time wherever they differ.
public struct Digest: Sendable, Hashable {
    /// How many bytes it has.
    public static let size = 32

    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Computes the digest of bytes.
    ///
    /// With a key it proves that a holder of the key made it: nobody else can compute or foretell it. Use a key of its own, as
    /// ``SealingKey/derived(for:)`` makes it, not one that also seals.
    ///
    /// - Parameters:
    ///   - message: The bytes.
    ///   - key: The key, or nil for a plain digest.
    public init(of message: [UInt8], key: SealingKey? = nil) {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        if let key {
            key.memory.withBytes { Self.blake2b(message, key: $0, keySize: SealingKey.size, into: &bytes, size: Self.size) }
        } else {
            Self.blake2b(message, key: nil, keySize: 0, into: &bytes, size: Self.size)
        }
        self.bytes = bytes
    }

    /// Takes over a digest that was stored.
    ///
    /// - Returns: Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Compares in constant time.
    public static func == (first: Digest, second: Digest) -> Bool { ConstantTime.areEqual(first.bytes, second.bytes) }

    /// Fills 16 to 64 bytes; a key has 16 to 64 bytes too.
    static func blake2b(
        _ message: [UInt8], key: UnsafePointer<UInt8>?, keySize: Int, into room: UnsafeMutableRawPointer, size: Int
    ) {
        crypto_generichash(room, size, message, UInt64(message.count), key, keySize)
    }
}

/// Comparing secrets without telling, by the time it takes, how much of a guess is right.
public enum ConstantTime {
    /// Returns whether two arrays hold the same bytes; only their lengths influence how long it takes.
    public static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.count == second.count && sodium_memcmp(first, second, first.count) == 0
    }
}
