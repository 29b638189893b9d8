/// The declared types of a resource's fields, and the vendor's error messages for values of other types.
struct FieldTypes: Sendable {
    enum Kind: Sendable {
        case integer
        case number
        case boolean
        case date
        case text
    }

    private var kinds: [String: Kind] = [:]

    init(integers: String, numbers: String, booleans: String, dates: String, texts: String) {
        for (names, kind) in [(integers, Kind.integer), (numbers, .number), (booleans, .boolean), (dates, .date), (texts, .text)] {
            for name in names.split(separator: " ") { kinds[String(name)] = kind }
        }
    }

    /// Infers the types from existing records.
    init(of rows: some Sequence<[String: JSONValue]>) {
        for row in rows {
            for (name, value) in row where kinds[name] == nil && !name.hasPrefix("~") {
                switch value {
                case .int: kinds[name] = .integer
                case .double: kinds[name] = .number
                case .bool: kinds[name] = .boolean
                case .string: kinds[name] = .text
                case .null, .array, .object: break
                }
            }
        }
    }

    subscript(name: String) -> Kind? { kinds[name] }

    /// Converts the fields to their declared types, such as numbers in strings to numbers.
    ///
    /// - Throws: ``ErrorReply`` with a model-state body that has path and position of the first field of a wrong type.
    func converted(_ fields: [String: JSONValue], element: Int, body: [UInt8]) throws -> [String: JSONValue] {
        var result = fields
        for name in fields.keys.sorted() {
            guard let kind = kinds[name], let value = fields[name], value != .null else { continue }
            guard let converted = Self.convert(value, to: kind) else {
                let path = "[\(element)].\(name)"
                let position = JSONPosition.endOfMember(name, element: element, in: body)
                let message =
                    "\(Self.conversionError(value, kind)). Path '\(path)', line \(position.line), position \(position.column)."
                throw ErrorReply.modelState(path, message)
            }
            result[name] = converted
        }
        return result
    }

    private static func convert(_ value: JSONValue, to kind: Kind) -> JSONValue? {
        switch (kind, value) {
        case (.integer, .int), (.integer, .string), (.integer, .double):
            value.integer.flatMap(Int32.init(exactly:)).map { .int(Int($0)) }
        case (.number, .int), (.number, .double), (.number, .string): value.number.map(JSONValue.double)
        case (.boolean, .bool): value
        case (.boolean, .int(let number)): .bool(number != 0)
        case (.boolean, .string(let text)): ["true", "false"].contains(text.lowercased()) ? .bool(text.lowercased() == "true") : nil
        case (.date, .string(let text)): HaloTime(text: text) == nil ? nil : value
        case (.text, .string): value
        case (.text, .int), (.text, .double), (.text, .bool): .string(String(decoding: JSONWriter.bytes(of: value), as: UTF8.self))
        default: nil
        }
    }

    private static func conversionError(_ value: JSONValue, _ kind: Kind) -> String {
        let type =
            switch kind {
            case .integer: "integer"
            case .number: "double"
            case .boolean: "boolean"
            case .date: "DateTime"
            case .text: "string"
            }
        switch value {
        case .string(let text): return "Could not convert string to \(type): \(text)"
        case .double(let number): return "Input string '\(number)' is not a valid \(type)"
        case .object: return "Unexpected character encountered while parsing value: {"
        case .array: return "Unexpected character encountered while parsing value: ["
        case .bool(let flag): return "Unexpected character encountered while parsing value: \(flag ? "t" : "f")"
        case .int(let number): return "JSON integer \(number) is too large or small for an Int32"
        case .null: return "Unexpected null"
        }
    }
}

/// The position where a value ends in a request body, which the vendor's type errors contain.
struct JSONPosition {
    var line = 1
    var column = 0

    /// Returns the end of member `key` of array element `element`, or the end of the body if there is no such member.
    ///
    /// The body is known to be valid JSON, so this only counts brackets and skips strings.
    static func endOfMember(_ key: String, element: Int, in body: [UInt8]) -> JSONPosition {
        var scanner = Scanner(body: body)
        return scanner.find(key, element: element)
    }

    private struct Scanner {
        let body: [UInt8]
        var index = 0
        var depth = 0
        var element = 0
        var position = JSONPosition()

        init(body: [UInt8]) { self.body = body }

        mutating func find(_ key: String, element wanted: Int) -> JSONPosition {
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

        /// The vendor's parser reports the position after a string or number, and the first character of any other value.
        private mutating func endOfValue() -> JSONPosition {
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
