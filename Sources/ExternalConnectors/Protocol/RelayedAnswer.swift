import FoundationEssentials
import PSACore

/// How a connector's HTTP request ended, as it is reported to the connector.
enum RelayedAnswer: Sendable {
    case answered(TransportResponse)
    case unanswered(TransportError)

    /// Whether the server has certainly not executed it: it was never sent, or it was rejected with a status that guarantees it.
    var isProvenNotExecuted: Bool {
        switch self {
        case .answered(let response): (400...499).contains(response.status) && response.status != 408
        case .unanswered(let failure): failure.delivery == .notSent
        }
    }

    /// The members of the message beside its type and id.
    var json: JSONValue {
        switch self {
        case .answered(let response):
            var members: [(String, JSONValue?)] = [("status", .integer(response.status)), ("headers", Self.json(response.headers))]
            // A body is a string unless its bytes are not valid UTF-8.
            if let text = String(validating: response.body, as: UTF8.self) {
                members.append(("body", .string(text)))
            } else {
                members.append(("bodyBase64", .string(Data(response.body).base64EncodedString())))
            }
            return .init(present: members)
        case .unanswered(let failure):
            return ["failure": ["kind": .string(failure.kind.rawValue), "maybeSent": .bool(failure.delivery == .maybeSent)]]
        }
    }

    /// Names in lower case; values of the same name are joined by a comma.
    private static func json(_ headers: TransportHeaders) -> JSONValue {
        var joined: [(name: String, value: String)] = []
        for field in headers.fields {
            let name = field.name.lowercased()
            if let index = joined.firstIndex(where: { $0.name == name }) {
                joined[index].value += ", " + field.value
            } else {
                joined.append((name, field.value))
            }
        }
        return .init(present: joined.map { ($0.name, .string($0.value)) })
    }
}
