/// Percent-encoding by RFC 3986's unreserved set, for paths, queries and form bodies.
public enum PercentEncoding {
    /// Encodes everything but letters, digits and `-._~`.
    public static func component(_ text: String) -> String {
        var encoded = ""
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + hexadecimal(byte >> 4) + hexadecimal(byte & 0xF)
            }
        }
        return encoded
    }

    /// Encodes pairs as `application/x-www-form-urlencoded`, which also serves as a query.
    public static func form(_ items: [QueryItem]) -> String {
        items.map { component($0.name) + "=" + component($0.value) }.joined(separator: "&")
    }

    /// Fills the braces of a route template in order; a value can't add a path segment or take one away, because its slashes
    /// are encoded and so are the dots of `.` and `..`.
    static func path(template: String, values: [String]) -> String {
        var remaining = values[...]
        return template.split(separator: "/", omittingEmptySubsequences: false)
            .map { segment in
                guard segment.first == "{", let value = remaining.popFirst() else { return String(segment) }
                // HTTP clients resolve dot segments before they send, which would lead to another resource.
                return value == "." || value == ".." ? value.replacing(".", with: "%2E") : component(value)
            }
            .joined(separator: "/")
    }

    private static func hexadecimal(_ nibble: UInt8) -> String { String(nibble, radix: 16, uppercase: true) }
}
