/// A JSON value as a tree: for bodies a connector sends, and for reading what the typed models leave out.
public enum JSONValue: Sendable, Hashable, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// The literal null: the vendor has the member, without a value.
    case null
    /// The literal true or false.
    case bool(Bool)
    /// A number without fraction and exponent that fits in 64 bits.
    case integer(Int)
    /// Any other number, as the nearest double; one that is not finite is written as null.
    case double(Double)
    /// A text, with its escapes decoded.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Members in the order in which they were written; a name may occur twice.
    case object([Member])

    /// A name and its value; objects keep the order they were written in.
    public struct Member: Sendable, Hashable {
        /// The member's name.
        public var name: String
        /// The member's value.
        public var value: JSONValue

        /// Makes a member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Makes a string of a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a Boolean of a literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes a whole number of a literal.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Makes an array of a literal.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes null of a literal.
    public init(nilLiteral: ()) { self = .null }
    /// Makes an object that keeps its order of a literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { Member(name: $0.0, value: $0.1) }) }

    /// Makes an object of the members that have a value, leaving the others out.
    public init(present members: [(String, JSONValue?)]) {
        self = .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    /// Copies a view and all it contains.
    public init(_ view: JSONView) {
        if view.isNull {
            self = .null
        } else if view.isArray {
            self = .array(view.elements.map(JSONValue.init))
        } else if view.isObject {
            self = .object(view.members.map { Member(name: $0.name, value: JSONValue($0.value)) })
        } else if let string = view.string {
            self = .string(string)
        } else if let text = view.text {
            self = Int(text).map(JSONValue.integer) ?? .double(Double(text) ?? 0)
        } else {
            self = .bool(view.bool ?? false)
        }
    }

    /// The member of that name, or nil if this is not an object, lacks it, or has `null` there, as with ``JSONView``.
    public subscript(name: String) -> JSONValue? {
        guard let value = member(name), value != .null else { return nil }
        return value
    }

    /// The member of that name even if it is `null`, or nil if there is none.
    public func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The object with further members at its end; any other value as it is.
    public func adding(_ members: (String, JSONValue)...) -> JSONValue {
        guard case .object(let own) = self else { return self }
        return .object(own + members.map { Member(name: $0.0, value: $0.1) })
    }

    /// The string, if this is one.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value as compact JSON in UTF-8.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// The value as compact JSON.
    public var encodedText: String { String(decoding: encoded, as: UTF8.self) }

    func encode(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes.append(decimal: value)
        case .double(let value): bytes += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let text): JSONEscape.encode(text, into: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.encode(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONEscape.encode(member.name, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.encode(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension JSONValue: Codable {
    /// Reads a value of any form.
    ///
    /// Members of objects come in the order of their names, because decoders do not keep the order of the text. A number without a fraction
    /// is an ``integer(_:)``.
    ///
    /// - Throws: `DecodingError` for what is no JSON.
    public init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: TextKey.self) {
            self = .object(
                try members.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                    Member(name: key.stringValue, value: try members.decode(JSONValue.self, forKey: key))
                })
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
            self = .array(values)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let isTrue = try? container.decode(Bool.self) {
            self = .bool(isTrue)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    /// Writes the value; of two members with one name the last is kept.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let isTrue): try isTrue.encode(to: encoder)
        case .integer(let number): try number.encode(to: encoder)
        case .double(let number): try number.encode(to: encoder)
        case .string(let text): try text.encode(to: encoder)
        case .array(let elements): try elements.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: TextKey.self)
            for member in members { try container.encode(member.value, forKey: TextKey(member.name)) }
        }
    }
}
