/// The declared types of a resource's members, and the errors the vendor's JSON reader makes of anything else.
struct WireTypes: Sendable {
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

    /// Takes the types from records that are there.
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

    /// The members with numbers in text made numbers.
    ///
    /// - Throws: ``Refusal`` with a model-state body that names path and position of the first member of a wrong type.
    func normalised(_ fields: [String: JSONValue], element: Int, body: [UInt8]) throws -> [String: JSONValue] {
        var result = fields
        for name in fields.keys.sorted() {
            guard let kind = kinds[name], let value = fields[name], value != .null else { continue }
            guard let converted = Self.convert(value, to: kind) else {
                let path = "[\(element)].\(name)"
                let place = BodyPosition.ofMember(name, element: element, in: body)
                let message = "\(Self.problem(value, kind)). Path '\(path)', line \(place.line), position \(place.column)."
                throw Refusal.modelState(path, message)
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
        case (.text, .int), (.text, .double), (.text, .bool): .string(String(decoding: JSONBytes.of(value), as: UTF8.self))
        default: nil
        }
    }

    private static func problem(_ value: JSONValue, _ kind: Kind) -> String {
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
