import Foundation
import PSACore

/// Checks values against the part of JSON Schema that `Docs/OpenAPI.json` uses.
struct JSONSchema: Sendable {
    /// The document in which `$ref` leads.
    let document: JSONValue
    let schema: JSONValue

    private static let knownKeywords: Set<String> = [
        "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "pattern", "minimum",
        "maximum",
        "format", "description",
    ]

    /// Violations with their position; an unchecked keyword is a violation as well.
    func violations(of value: JSONValue, at place: String = "$") -> [String] {
        var violations = schema.members.map(\.name).filter { !Self.knownKeywords.contains($0) }.map { "\(place): unknown keyword \($0)" }
        if let reference = schema["$ref"]?.string {
            guard let target = document[pointer: reference] else { return violations + ["\(place): \(reference) leads nowhere"] }
            violations += with(target).violations(of: value, at: place)
        }
        if let type = schema["type"] {
            let types = type.string.map { [$0] } ?? type.elements.compactMap(\.string)
            if !types.contains(where: value.isOfType) { return violations + ["\(place): not \(types.joined(separator: " or "))"] }
        }
        if let constant = schema["const"], constant != value { violations.append("\(place): not \(constant.encodedText)") }
        if let choices = schema["enum"], !choices.elements.contains(value) {
            violations.append("\(place): \(value.encodedText) is no choice")
        }
        if let schemas = schema["anyOf"]?.elements {
            let all = schemas.map { with($0).violations(of: value, at: place) }
            if !all.contains(where: \.isEmpty) { violations += all.min { $0.count < $1.count } ?? [] }
        }
        return violations + textFlaws(value, place) + numberFlaws(value, place) + contentFlaws(value, place)
    }

    private func textFlaws(_ value: JSONValue, _ place: String) -> [String] {
        guard let text = value.string else { return [] }
        if let pattern = schema["pattern"]?.string, text.range(of: pattern, options: .regularExpression) == nil {
            return ["\(place): “\(text)” does not match \(pattern)"]
        }
        if schema["format"] == "date-time", (try? Date(text, strategy: .iso8601)) == nil { return ["\(place): “\(text)” is no time"] }
        return []
    }

    private func numberFlaws(_ value: JSONValue, _ place: String) -> [String] {
        guard let number = value.integer else { return [] }
        let isTooSmall = schema["minimum"]?.integer.map { number < $0 } ?? false
        let isTooLarge = schema["maximum"]?.integer.map { number > $0 } ?? false
        return isTooSmall || isTooLarge ? ["\(place): \(number) is out of range"] : []
    }

    private func contentFlaws(_ value: JSONValue, _ place: String) -> [String] {
        switch value {
        case .array(let elements):
            guard let items = schema["items"] else { return [] }
            return elements.enumerated().flatMap { with(items).violations(of: $1, at: "\(place)[\($0)]") }
        case .object(let members):
            let missing = (schema["required"]?.elements ?? []).compactMap(\.string).filter { value[$0] == nil }
            return missing.map { "\(place): \($0) is missing" } + members.flatMap { memberFlaws($0.name, $0.value, "\(place).\($0.name)") }
        default: return []
        }
    }

    private func memberFlaws(_ name: String, _ value: JSONValue, _ place: String) -> [String] {
        if let own = schema["properties"]?[name] { return with(own).violations(of: value, at: place) }
        switch schema["additionalProperties"] {
        case nil, .bool(true): return []
        case .bool(false): return ["\(place): not described"]
        case let other?: return with(other).violations(of: value, at: place)
        }
    }

    private func with(_ schema: JSONValue) -> JSONSchema { JSONSchema(document: document, schema: schema) }
}

extension JSONValue {
    fileprivate func isOfType(_ type: String) -> Bool {
        switch (type, self) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .double), ("string", .string),
            ("array", .array), ("object", .object):
            true
        default: false
        }
    }

    /// What a reference such as `#/components/schemas/Problem` leads to.
    subscript(pointer reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(self as JSONValue?) { $0?[String($1)] }
    }
}
