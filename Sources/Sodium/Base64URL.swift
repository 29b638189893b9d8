import CSodium

/// Base64 for addresses, cookies and file names: `-` and `_`, no padding.
public enum Base64URL {
    /// Writes bytes as text.
    public static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes, count: bytes.count, variant: sodium_base64_VARIANT_URLSAFE_NO_PADDING)
    }

    /// Reads a text strictly: each array has one spelling, so that no second one passes for it.
    ///
    /// - Returns: The bytes, or nil if the text is anything but what ``encode(_:)`` writes.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        let count = Base64.decode(text, into: &bytes, variant: sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        return count.map { Array(bytes[..<$0]) }
    }
}
