import CNettle

/// The message authentication code HMAC-SHA1 (RFC 2104), which authenticator apps use.
///
/// SHA-1 is broken for signatures; HMAC-SHA1 is not, and most apps know nothing else.
public enum HMACSHA1 {
    /// The number of bytes in a code.
    public static let size = 20

    /// Computes the code of a message.
    ///
    /// - Parameters:
    ///   - message: The bytes.
    ///   - key: The key, of any length.
    /// - Returns: The 20 bytes.
    public static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = hmac_sha1_ctx()
        var code = [UInt8](repeating: 0, count: size)
        nettle_hmac_sha1_set_key(&state, key.count, key)
        nettle_hmac_sha1_update(&state, message.count, message)
        nettle_hmac_sha1_digest(&state, size, &code)
        return code
    }
}
