extension String {
    /// The text with the characters escaped that mean something to HTML, in content and in quoted attribute values.
    ///
    /// It is the one escaping of this package, except for the Markdown renderer, which depends on nothing but its C library.
    ///
    /// - Parameter apostrophes: Whether apostrophes are escaped too; only content and values in double quotes may go without.
    /// - Returns: The escaped text.
    public func escapedForHTML(apostrophes: Bool = true) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 16)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'") where apostrophes: bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
