import CSodium

/// Bytes that nobody can foretell.
public enum RandomBytes {
    /// Makes as many bytes as asked for; none for numbers below 1.
    ///
    /// - Throws: ``SodiumError`` if the system gives no random numbers.
    public static func make(_ count: Int) throws -> [UInt8] {
        try SodiumLibrary.start()
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// Makes a token for addresses, cookies and headers: 32 random bytes as 43 letters, digits, `-` and `_`.
    ///
    /// - Throws: ``SodiumError`` if the system gives no random numbers.
    public static func token() throws -> String { Base64URL.encode(try make(32)) }
}
