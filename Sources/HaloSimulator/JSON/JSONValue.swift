/// A JSON value: the form in which records are stored and request bodies are decoded.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // In order of frequency, because each failed attempt creates an error.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .int(value) }
    init(floatLiteral value: Double) { self = .double(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(.init(elements) { _, last in last }) }
    init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    /// The string, or nil for another kind of value.
    var text: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// Whether the value is `true`; every other value is treated as false, like an absent field.
    var isTrue: Bool { self == .bool(true) }

    /// The integer, also from a double without a fraction or a string of digits.
    ///
    /// HaloPSA fact: on write `"77635"` is accepted, `"95.0"` is rejected.
    var integer: Int? {
        switch self {
        case .int(let value): value
        case .double(let value): Int(exactly: value)
        case .string(let value): Int(value)
        default: nil
        }
    }

    /// The number, also from a string.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .string(let value): Double(value)
        default: nil
        }
    }

    /// Whether HaloPSA omits the value from its rows: null, false and the empty string.
    var isOmitted: Bool {
        switch self {
        case .null, .bool(false), .string(""): true
        default: false
        }
    }
}

/// Writes JSON as bytes, which is faster for many rows than an encoder.
///
/// Commas are inserted automatically before each member or element that does not follow an opening bracket.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func separate() {
        guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "["), last != UInt8(ascii: ":") else { return }
        bytes.append(UInt8(ascii: ","))
    }

    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        raw(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func member(_ name: StaticString, _ value: Int) {
        self.name(name)
        integer(value)
    }

    mutating func member(_ name: StaticString, _ value: Double) {
        self.name(name)
        double(value)
    }

    mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }

    mutating func member(_ name: StaticString, _ value: HaloTime, _ style: HaloTime.Style) {
        self.name(name)
        bytes.append(UInt8(ascii: "\""))
        value.append(to: &bytes, style: style)
        bytes.append(UInt8(ascii: "\""))
    }

    /// HaloPSA fact: false is often omitted.
    mutating func memberIfTrue(_ name: StaticString, _ value: Bool) {
        guard value else { return }
        self.name(name)
        raw("true")
    }

    mutating func memberIfFilled(_ name: StaticString, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        member(name, value)
    }

    mutating func integer(_ value: Int) {
        guard value < 0 || value > 9 else { return bytes.append(UInt8(ascii: "0") + UInt8(value)) }
        var digits = value.magnitude
        let start = bytes.count
        while digits > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(digits % 10))
            digits /= 10
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes[start...].reverse()
    }

    /// Writes the number with a fraction, so that `18.0` is recognizable as a double.
    mutating func double(_ value: Double) {
        bytes.append(contentsOf: (value.isFinite ? value : 0).description.utf8)
    }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { buffer in
            var start = 0
            for index in buffer.indices where buffer[index] < 0x20 || buffer[index] == 0x22 || buffer[index] == 0x5C {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start..<index]))
                escape(buffer[index])
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            let hex = Array("0123456789abcdef".utf8)
            raw("\\u00")
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        }
    }

    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): flag ? raw("true") : raw("false")
        case .int(let number): integer(number)
        case .double(let number): double(number)
        case .string(let text): string(text)
        case .array(let elements):
            raw("[")
            for element in elements {
                separate()
                self.value(element)
            }
            raw("]")
        case .object(let fields):
            object(fields)
        }
    }

    /// Writes an object with `id` first and the other fields sorted by name; internal fields (leading `~`) are omitted.
    mutating func object(_ fields: [String: JSONValue], omitting omitted: Set<String> = [], omittingEmpty: Bool = false) {
        raw("{")
        let keys = fields.keys.filter { $0 != "id" }.sorted()
        for key in fields["id"] == nil ? keys : ["id"] + keys where !key.hasPrefix("~") {
            guard !omitted.contains(key), let value = fields[key], !(omittingEmpty && value.isOmitted) else { continue }
            separate()
            string(key)
            bytes.append(UInt8(ascii: ":"))
            self.value(value)
        }
        raw("}")
    }

    /// Serializes one value.
    static func bytes(of value: JSONValue) -> [UInt8] {
        var json = JSONWriter()
        json.value(value)
        return json.bytes
    }
}
