import CSodium

/// Base64 in the variants of libsodium, whose work does not depend on the bytes.
enum Base64 {
    static func encode(_ bytes: UnsafePointer<UInt8>, count: Int, variant: Int32) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(count, variant))
        sodium_bin2base64(&text, text.count, bytes, count, variant)
        // Without the zero byte at its end.
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes what a text stands for into an array.
    ///
    /// - Returns: How many bytes there were, or nil if the text is not base64 or the array is too small.
    static func decode(_ text: String, into bytes: inout [UInt8], ignoring: String? = nil, variant: Int32) -> Int? {
        // libsodium looks for a character in `ignoring` with strchr, which finds the zero byte in every string.
        guard !text.utf8.contains(0) else { return nil }
        var count = 0
        let code = sodium_base642bin(&bytes, bytes.count, text, text.utf8.count, ignoring, &count, nil, variant)
        return code == 0 ? count : nil
    }
}
