import CSodium

/// Authenticated encryption: only holders of the key can read the bytes, and any change is detected.
///
/// A sealed box is a version byte, a random nonce of 24 bytes and the ciphertext with its tag: 41 bytes more than the plaintext. The
/// algorithm is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha); its nonces are long enough that random ones practically never repeat.
///
/// The associated data is not part of the box but must be the same when it is opened. Use the location of the box, such as table, row
/// and column, so that a box copied to another location does not open there.
public enum SealedBox {
    /// The number of bytes that a box is longer than its plaintext.
    public static let overhead = 1 + nonceSize + tagSize

    private static let version: UInt8 = 1
    private static let nonceSize = Int(crypto_aead_xchacha20poly1305_IETF_NPUBBYTES)
    private static let tagSize = Int(crypto_aead_xchacha20poly1305_IETF_ABYTES)

    /// Seals bytes; the same bytes give a different box each time.
    ///
    /// - Parameters:
    ///   - plain: The plaintext.
    ///   - associatedData: The location of the box.
    ///   - key: The key.
    /// - Returns: The box.
    /// - Throws: ``SodiumError``.
    public static func seal(_ plain: [UInt8], associatedData: [UInt8], with key: SealingKey) throws -> [UInt8] {
        let nonce = try RandomBytes.make(nonceSize)
        return [version] + nonce + encrypt(plain, nonce: nonce, associatedData: [version] + associatedData, key: key)
    }

    /// Opens a box.
    ///
    /// - Parameters:
    ///   - box: What ``seal(_:associatedData:with:)`` returned.
    ///   - associatedData: The same as when it was sealed.
    ///   - key: The same as when it was sealed.
    /// - Returns: The plaintext.
    /// - Throws: ``SealError``, which cannot distinguish a wrong key from a changed box.
    public static func open(_ box: [UInt8], associatedData: [UInt8], with key: SealingKey) throws -> [UInt8] {
        guard let found = box.first else { throw SealError.malformed }
        guard found == version else { throw SealError.unknownVersion(found) }
        guard box.count >= overhead else { throw SealError.malformed }
        let nonce = Array(box[1..<1 + nonceSize])
        let ciphertext = Array(box[(1 + nonceSize)...])
        // The version is authenticated too, so that a box cannot be presented as one of another version.
        guard let plain = decrypt(ciphertext, nonce: nonce, associatedData: [version] + associatedData, key: key) else {
            throw SealError.wrongKeyOrDamaged
        }
        return plain
    }

    static func encrypt(_ plain: [UInt8], nonce: [UInt8], associatedData: [UInt8], key: SealingKey) -> [UInt8] {
        var ciphertext = [UInt8](repeating: 0, count: plain.count + tagSize)
        key.memory.withBytes { key in
            _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                &ciphertext, nil, plain, UInt64(plain.count), associatedData, UInt64(associatedData.count), nil, nonce, key)
        }
        return ciphertext
    }

    /// Returns nil unless every byte is authentic.
    static func decrypt(_ ciphertext: [UInt8], nonce: [UInt8], associatedData: [UInt8], key: SealingKey) -> [UInt8]? {
        var plain = [UInt8](repeating: 0, count: ciphertext.count - tagSize)
        let code = key.memory.withBytes { key in
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                &plain, nil, nil, ciphertext, UInt64(ciphertext.count), associatedData, UInt64(associatedData.count), nonce, key)
        }
        return code == 0 ? plain : nil
    }
}

/// An error of opening a sealed box.
public enum SealError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key or the associated data differs from that used for sealing, or the box was changed.
    case wrongKeyOrDamaged
    /// The bytes are too short for a box.
    case malformed
    /// A newer version of the program sealed the box, or the bytes are not a box.
    case unknownVersion(UInt8)

    /// The error and a recommendation, for an administrator.
    public var description: String {
        switch self {
        case .wrongKeyOrDamaged:
            "A stored secret can't be decrypted: the key is not the one it was encrypted with, or the data was changed. Restore the right "
                + "key, or enter the secret again."
        case .malformed: "A stored secret is truncated. Enter it again."
        case .unknownVersion(let version):
            "A stored secret has format \(version), which this program does not know. Start the version that stored it, or enter it again."
        }
    }
}
