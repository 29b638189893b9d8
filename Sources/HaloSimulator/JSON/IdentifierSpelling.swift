/// Respells whole-number ids in finished JSON, for tenants whose ids arrive as `18.0` or as `"18"`.
enum IdentifierSpelling: Sendable {
    case double
    case text

    /// Rewrites the numbers behind every key that is `id` or ends in `_id`, and leaves everything else as it is.
    func rewrite(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count + body.count / 20)
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "\"") else {
                result.append(body[index])
                index += 1
                continue
            }
            let start = index
            index += 1
            while index < body.count, body[index] != UInt8(ascii: "\"") { index += body[index] == UInt8(ascii: "\\") ? 2 : 1 }
            index = min(index + 1, body.count)
            result.append(contentsOf: body[start..<index])
            guard index < body.count, body[index] == UInt8(ascii: ":"), isIdentifier(body[(start + 1)..<(index - 1)]) else { continue }
            result.append(UInt8(ascii: ":"))
            index += 1
            let numberStart = index
            while index < body.count, isNumeric(body[index]) { index += 1 }
            append(body[numberStart..<index], to: &result)
        }
        return result
    }

    private func isIdentifier(_ key: ArraySlice<UInt8>) -> Bool { key.elementsEqual("id".utf8) || key.suffix(3).elementsEqual("_id".utf8) }

    private func isNumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func append(_ number: ArraySlice<UInt8>, to result: inout [UInt8]) {
        guard !number.isEmpty else { return }
        switch self {
        case .double:
            result.append(contentsOf: number)
            if !number.contains(UInt8(ascii: ".")) { result.append(contentsOf: ".0".utf8) }
        case .text:
            result.append(UInt8(ascii: "\""))
            result.append(contentsOf: number)
            result.append(UInt8(ascii: "\""))
        }
    }
}
