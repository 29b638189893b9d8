/// Where a value ends in a request body, because the vendor's type errors name that position.
struct BodyPosition {
    var line = 1
    var column = 0

    /// The end of member `key` of array element `element`; the end of the body where there is no such member.
    ///
    /// The body is known to be well-formed JSON, so this only counts brackets and skips strings.
    static func ofMember(_ key: String, element: Int, in body: [UInt8]) -> BodyPosition {
        var scanner = Scanner(body: body)
        return scanner.find(key, element: element)
    }

    private struct Scanner {
        let body: [UInt8]
        var index = 0
        var depth = 0
        var element = 0
        var position = BodyPosition()

        init(body: [UInt8]) { self.body = body }

        mutating func find(_ key: String, element wanted: Int) -> BodyPosition {
            var expectsValue = false
            while index < body.count {
                let byte = body[index]
                if byte == UInt8(ascii: "\"") {
                    let text = string()
                    if depth == 2, element == wanted, !expectsValue, nextIsColon(), text == key { return endOfValue() }
                    expectsValue = false
                    continue
                }
                if byte == UInt8(ascii: ":") { expectsValue = true }
                step()
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    expectsValue = false
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: ","):
                    expectsValue = false
                    if depth == 1 { element += 1 }
                default: break
                }
            }
            return position
        }

        private mutating func step() {
            if body[index] == UInt8(ascii: "\n") {
                position.line += 1
                position.column = 0
            } else {
                position.column += 1
            }
            index += 1
        }

        private mutating func string() -> String {
            step()
            let start = index
            while index < body.count, body[index] != UInt8(ascii: "\"") {
                if body[index] == UInt8(ascii: "\\") { step() }
                if index < body.count { step() }
            }
            let text = String(decoding: body[start..<min(index, body.count)], as: UTF8.self)
            if index < body.count { step() }
            return text
        }

        private func nextIsColon() -> Bool {
            body[index...].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\t") } == UInt8(ascii: ":")
        }

        /// The vendor's reader stops behind a string or number, and on the first character of anything else.
        private mutating func endOfValue() -> BodyPosition {
            while index < body.count, [UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t")].contains(body[index]) {
                step()
            }
            guard index < body.count else { return position }
            if body[index] == UInt8(ascii: "\"") {
                _ = string()
            } else {
                while index < body.count, body[index] == UInt8(ascii: "-") || body[index] == UInt8(ascii: ".") || isDigit(body[index]) {
                    step()
                }
            }
            return position
        }

        private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    }
}
