import Foundation
import PSACore
import TestSupport

/// The schema of the messages, with as much of JSON Schema as it uses.
struct MessageSchema: Sendable {
    /// A keyword of the schema that this reader does not support; checks would then prove nothing.
    struct UnknownKeyword: Error {
        let name: String
    }

    private let definitions: JSONView
    private static let silent: Set<String> = ["description", "title", "$schema", "$defs"]

    init() throws {
        let root = try JSONDocument(Array(RepositoryFile("Docs/ExternalConnectors/protocol.schema.json").text.utf8)).root
        guard let definitions = root["$defs"] else { throw UnknownKeyword(name: "no $defs") }
        self.definitions = definitions
    }

    /// A definition by name, or a part of it.
    func definition(_ path: String...) -> JSONView? { path.reduce(definitions as JSONView?) { $0?[$1] } }

    /// What does not fit, by its place; empty if all does.
    func problems(of value: JSONView, against schema: JSONView, at path: String = "$") throws -> [String] {
        var problems: [String] = []
        for (keyword, rule) in schema.members where !Self.silent.contains(keyword) {
            switch keyword {
            case "$ref":
                guard let target = rule.string?.split(separator: "/").last.flatMap({ definitions[String($0)] }) else {
                    throw UnknownKeyword(name: rule.string ?? "")
                }
                problems += try self.problems(of: value, against: target, at: path)
            case "type":
                let names = rule.isArray ? rule.elements.compactMap(\.string) : [rule.string ?? ""]
                if !names.contains(where: { isOf(type: $0, value) }) { problems.append("\(path): \(names)") }
            case "const": if !rule.bytes.elementsEqual(value.bytes) { problems.append("\(path): const") }
            case "enum":
                if !rule.elements.contains(where: { $0.bytes.elementsEqual(value.bytes) }) { problems.append("\(path): enum") }
            case "required": problems += rule.elements.compactMap(\.string).filter { value.member($0) == nil }.map { "\(path).\($0)" }
            case "properties":
                for (name, rule) in rule.members {
                    if let member = value.member(name) { problems += try self.problems(of: member, against: rule, at: "\(path).\(name)") }
                }
            case "additionalProperties":
                let named = Set(schema["properties"]?.members.map(\.name) ?? [])
                for member in value.members where !named.contains(member.name) {
                    problems += try self.problems(of: member.value, against: rule, at: "\(path).\(member.name)")
                }
            case "items":
                for (index, element) in value.elements.enumerated() {
                    problems += try self.problems(of: element, against: rule, at: "\(path)[\(index)]")
                }
            case "anyOf":
                let attempts = try rule.elements.map { try self.problems(of: value, against: $0, at: path) }
                if !attempts.contains(where: \.isEmpty) { problems += attempts.min { $0.count < $1.count } ?? [] }
            default: throw UnknownKeyword(name: keyword)
            }
        }
        return problems
    }

    private func isOf(type: String, _ value: JSONView) -> Bool {
        switch type {
        case "null": value.isNull
        case "object": value.isObject
        case "array": value.isArray
        case "string": value.string != nil
        case "boolean": value.bytes.elementsEqual("true".utf8) || value.bytes.elementsEqual("false".utf8)
        case "number": value.string == nil && value.double != nil
        case "integer": value.string == nil && value.integer != nil
        default: false
        }
    }
}
