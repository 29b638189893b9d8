import CSodium

/// Seals bytes so that only a holder of the key can read them, and any change to them is noticed.
///
/// A sealed box is a version byte, 24 random bytes and the ciphertext with its tag: 41 bytes more than what it holds. The algorithm is
/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha); its nonces are so long that random ones never meet, however many boxes a key seals.
///
/// The associated data is not in the box but must be the same when it is opened. Put in where the box belongs, such as table, row and
/// column, and a box copied to another place does not open there.
public enum SealedBox {
    /// How many bytes a box has more than what it holds.
    public static let overhead = 1 + nonceSize + tagSize

    private static let version: UInt8 = 1
    private static let nonceSize = Int(crypto_aead_xchacha20poly1305_IETF_NPUBBYTES)
    private static let tagSize = Int(crypto_aead_xchacha20poly1305_IETF_ABYTES)

    /// Seals bytes; sealing the same twice gives different boxes.
    ///
    /// - Parameters:
    ///   - plain: What to seal.
    ///   - associatedData: Where the box belongs.
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
    /// - Returns: What was sealed.
    /// - Throws: ``SealError``, which does not tell a wrong key from a changed box, because nobody can.
    public static func open(_ box: [UInt8], associatedData: [UInt8], with key: SealingKey) throws -> [UInt8] {
        guard let found = box.first else { throw SealError.malformed }
        guard found == version else { throw SealError.unknownVersion(found) }
        guard box.count >= overhead else { throw SealError.malformed }
        let nonce = Array(box[1..<1 + nonceSize])
        let ciphertext = Array(box[(1 + nonceSize)...])
        // The version is part of what is authenticated, so that no box can be passed off as one of another version.
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

/// Why a sealed box does not open.
public enum SealError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key or the associated data is another than when it was sealed, or the box was changed.
    case wrongKeyOrDamaged
    /// It is too short to be a box.
    case malformed
    /// A newer version of the program sealed it, or it is no box.
    case unknownVersion(UInt8)

    /// What is wrong and what to do, for an administrator.
    public var description: String {
        switch self {
        case .wrongKeyOrDamaged:
            "A stored secret can't be opened: the key is not the one it was sealed with, or it was changed. Put the right key back, "
                + "or enter the secret again."
        case .malformed: "A stored secret is cut off. Enter it again."
        case .unknownVersion(let version):
            "A stored secret has format \(version), which this program does not know. Start the version that stored it, or enter it again."
        }
    }
}
