import PSACore
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
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
