import CSodium

/// The message authentication code HMAC-SHA256 (RFC 2104), as vendors sign their messages with it.
public enum HMACSHA256 {
    /// The number of bytes in a code.
    public static let size = 32

    /// Computes the code of a message.
    ///
    /// - Parameters:
    ///   - message: The bytes.
    ///   - key: The key, of any length.
    /// - Returns: The 32 bytes; compare them with ``ConstantTime/areEqual(_:_:)``.
    public static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var code = [UInt8](repeating: 0, count: size)
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }
}
