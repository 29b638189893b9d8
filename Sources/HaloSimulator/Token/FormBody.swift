/// An `application/x-www-form-urlencoded` body.
enum FormBody {
    static func fields(_ body: [UInt8]) -> [(name: String, value: String)] {
        body.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: decoded(parts[0]), value: parts.count > 1 ? decoded(parts[1]) : "")
        }
    }

    /// The body with the values of secret fields replaced, for the request log.
    static func redacted(_ body: [UInt8]) -> [UInt8] {
        let pairs = body.split(separator: UInt8(ascii: "&")).map { pair -> [UInt8] in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let isSecret = ["client_secret", "password", "refresh_token"].contains(decoded(name))
            return isSecret ? Array(name) + Array("=[redacted]".utf8) : Array(pair)
        }
        return Array(pairs.joined(separator: [UInt8(ascii: "&")]))
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let value = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                index += 3
            } else {
                bytes.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
