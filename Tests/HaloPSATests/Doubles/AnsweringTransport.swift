import FoundationEssentials
import HaloPSA
import PSACore
import Synchronization

/// Answers each request from a table, in memory: for answers no stand-in would give.
final class AnsweringTransport: HTTPTransport {
    private let answers: [String: HTTPResponse]
    private let sent = Mutex<[HTTPRequest]>([])

    /// Takes answers by method and route, such as `GET /api/Tickets`; tokens are issued by themselves.
    init(_ answers: [String: HTTPResponse]) { self.answers = answers }

    /// The requests so far, without those for tokens.
    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.route == "/auth/token" { return .json(#"{"access_token":"t","expires_in":3600,"scope":"all"}"#) }
        sent.withLock { $0.append(request) }
        guard let answer = answers["\(request.method.rawValue) \(request.route)"] else {
            throw TransportError(.unusableRequest, delivery: .notSent, note: "\(request) was not expected")
        }
        return answer
    }

    /// A connection over this transport, with a ticket type and outcomes set.
    func session(_ changes: [SettingKey: String] = [:]) throws -> ConnectorSession {
        var input: SettingsInput = [
            "tenantURL": "acme.halopsa.com", "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        for (key, value) in changes { input[key] = Secret(value) }
        let context = ConnectorContext(transport: self, time: .impatient, tenants: TenantRateLimits(pace: nil))
        return try ConnectorRegistry([HaloConnector.self]).connect("halopsa", settings: input, context: context)
    }
}

extension HTTPResponse {
    /// A successful answer with a JSON body.
    static func json(_ text: String, status: Int = 200) -> HTTPResponse { HTTPResponse(status: status, body: Array(text.utf8)) }
}
