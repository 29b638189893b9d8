import CSodium

/// A SHA-256 hash (FIPS 180-4), for files that others check with their own tools.
///
/// Where only this program compares, ``Digest`` is faster.
public struct SHA256: Sendable {
    /// The number of bytes in a hash.
    public static let size = 32

    private var state = crypto_hash_sha256_state()

    /// Creates the hash of nothing.
    public init() { crypto_hash_sha256_init(&state) }

    /// Adds bytes.
    ///
    /// - Parameter bytes: The bytes.
    public mutating func update(_ bytes: [UInt8]) { crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count)) }

    /// Returns the hash of all bytes that were added.
    ///
    /// - Returns: The 32 bytes.
    public func hash() -> [UInt8] {
        var copy = state
        var hash = [UInt8](repeating: 0, count: Self.size)
        crypto_hash_sha256_final(&copy, &hash)
        return hash
    }
}
