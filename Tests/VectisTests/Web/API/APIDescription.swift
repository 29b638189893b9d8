import Foundation
import PSACore
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// `Docs/OpenAPI.json` as the host serves it.
struct APIDescription: Sendable {
    /// One method of one path.
    struct Operation: Sendable {
        let method: String
        let path: String
        let json: JSONValue

        var name: String { "\(method) \(path)" }
    }

    let document: JSONValue

    static let served = APIDescription(
        document: (try? JSONDocument(Array(EmbeddedFile.openAPI.text.utf8))).map { JSONValue($0.root) } ?? .null)

    var operations: [Operation] {
        (document["paths"]?.members ?? []).flatMap { path in
            path.value.members.map { Operation(method: $0.name.uppercased(), path: path.name, json: $0.value) }
        }
    }

    /// The operation that a request means.
    func operation(_ method: String, _ target: String) -> Operation? {
        let path = target.prefix { $0 != "?" }.split(separator: "/")
        let fitting = operations.filter { operation in
            let pattern = operation.path.split(separator: "/")
            return operation.method == method && pattern.count == path.count
                && zip(pattern, path).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        return fitting.max { left, right in left.path.count { $0 == "{" } > right.path.count { $0 == "{" } }
    }

    /// Where a context differs from its description.
    func violations(_ method: String, _ target: String, _ body: JSONValue?, _ answer: WebAnswer) -> [String] {
        guard let operation = operation(method, target) else { return answer.status < 400 ? ["\(method) \(target) is not described"] : [] }
        let responses = operation.json["responses"] ?? .null
        guard let found = responses[String(answer.status)] ?? (answer.status >= 400 ? responses["default"] : nil) else {
            return ["\(operation.name): \(answer.status) is not described"]
        }
        let response = found["$ref"]?.string.flatMap { document[pointer: $0] } ?? found
        var violations = response["headers"]?.members.filter { answer.headers[$0.name] == nil }.map { "without \($0.name)" } ?? []
        if let content = response["content"]?.members.first {
            if answer.headers["Content-Type"] != content.name { violations.append("not \(content.name)") }
            violations += schema(content.value).violations(of: answer.json)
        } else if !answer.body.isEmpty {
            violations.append("a body where none is described")
        }
        if answer.status < 300, let described = operation.json["requestBody"]?["content"]?["application/json"] {
            violations += body.map { schema(described).violations(of: $0, at: "body") } ?? ["no body"]
        }
        return violations.map { "\(operation.name) \(answer.status): \($0)" }
    }

    func schema(_ content: JSONValue) -> JSONSchema { JSONSchema(document: document, schema: content["schema"] ?? .null) }
}

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
            let missing = (schema["required"]?.elements ?? []).compactMap(\.string).filter { value.member($0) == nil }
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
