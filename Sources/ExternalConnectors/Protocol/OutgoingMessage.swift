import PSACore

/// A line for a connector.
enum OutgoingMessage: Sendable {
    case hello(contract: Int)
    case call(id: Int, ConnectorMethod, arguments: JSONValue)
    case cancel(call: Int)
    case response(request: String, RelayedAnswer)

    /// The line with its end.
    var line: [UInt8] { json.encoded + [UInt8(ascii: "\n")] }

    private var json: JSONValue {
        switch self {
        case .hello(let contract): ["type": "hello", "contract": .integer(contract)]
        case .call(let id, let method, let arguments):
            ["type": "call", "id": .integer(id), "method": .string(method.rawValue), "arguments": arguments]
        case .cancel(let call): ["type": "cancel", "id": .integer(call)]
        case .response(let request, let answer):
            JSONValue.object([]).adding(("type", "response"), ("id", .string(request))).merging(answer.json)
        }
    }
}

extension JSONValue {
    /// The object with the members of another at its end.
    fileprivate func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let others) = other else { return self }
        return .object(own + others)
    }
}
