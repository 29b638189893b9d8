import CSodium

/// Base64 for URLs, cookies and file names, with `-` and `_` and without padding.
public enum Base64URL {
    /// Encodes bytes.
    public static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes, count: bytes.count, variant: sodium_base64_VARIANT_URLSAFE_NO_PADDING)
    }

    /// Decodes a text strictly, so that each byte array has exactly one valid encoding.
    ///
    /// - Returns: The bytes, or nil if the text is not an output of ``encode(_:)``.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        let count = Base64.decode(text, into: &bytes, variant: sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        return count.map { Array(bytes[..<$0]) }
    }
}

/// Base64 in the variants of libsodium, which take constant time for a given length.
enum Base64 {
    static func encode(_ bytes: UnsafePointer<UInt8>, count: Int, variant: Int32) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(count, variant))
        sodium_bin2base64(&text, text.count, bytes, count, variant)
        // Omits the terminating zero byte.
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Decodes a text into an array.
    ///
    /// - Returns: The number of decoded bytes, or nil if the text is not base64 or the array is too small.
    static func decode(_ text: String, into bytes: inout [UInt8], ignoring: String? = nil, variant: Int32) -> Int? {
        // libsodium looks for a character in `ignoring` with strchr, which finds the zero byte in every string.
        guard !text.utf8.contains(0) else { return nil }
        var count = 0
        let code = sodium_base642bin(&bytes, bytes.count, text, text.utf8.count, ignoring, &count, nil, variant)
        return code == 0 ? count : nil
    }
}
