import PSACore
import PSACurl

/// Talks to a host as browsers and programs do.
struct HostClient: Sendable {
    private static let transport = CurlTransport(maximumConnectionsPerHost: 64)

    /// The host answered something else than it should have.
    struct Unexpected: Error, CustomStringConvertible { let description: String }

    private var cookie: String?
    private var formToken: String?

    /// A program that shows no cookie.
    init() {}

    /// A browser that is signed in.
    init(signingInTo origin: ServiceURL, password: String) async throws {
        let answer = try await Self.send(
            .post, "/api/v1/session", to: origin, json: ["name": "admin", "password": .string(password)], headers: [:])
        cookie = answer.headers["Set-Cookie"].map { String($0.prefix { $0 != ";" }) }
        formToken = try? JSONDocument(answer.body).root["formToken"]?.string
        guard cookie != nil, formToken != nil else { throw Unexpected(description: "sign-in: \(answer.status)") }
    }

    /// Sends a form and returns the answer's page or the place it leads to.
    func submit(_ path: String, _ fields: [String: String], to origin: ServiceURL) async throws -> String {
        var headers = own
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        let body = Array(PercentEncoding.form(fields.map { QueryItem($0.key, $0.value) }).utf8)
        let answer = try await Self.transport.send(Self.request(.post, path, origin, headers, body))
        guard (200...399).contains(answer.status) else { throw Unexpected(description: "\(path): \(answer.status)") }
        return answer.headers["Location"] ?? String(decoding: answer.body, as: UTF8.self)
    }

    /// Posts JSON and returns the answer's JSON.
    func post(_ path: String, _ body: JSONValue, to origin: ServiceURL) async throws -> JSONDocument {
        let answer = try await Self.send(.post, path, to: origin, json: body, headers: own)
        guard (200...299).contains(answer.status) else { throw Unexpected(description: "\(path): \(answer.status)") }
        return try JSONDocument(answer.body)
    }

    /// Sends an event; true once the host has accepted it.
    static func send(_ event: JSONValue, token: String, to origin: ServiceURL) async throws -> Bool {
        let answer = try await send(.post, "/api/v1/events", to: origin, json: event, headers: ["Authorization": "Bearer " + token])
        // Anything but “accepted” and “retry later” is an error of this program, which no retry fixes.
        guard answer.status == 202 || answer.status >= 500 else { throw Unexpected(description: "event: \(answer.status)") }
        return answer.status == 202
    }

    private var own: TransportHeaders {
        var headers: TransportHeaders = [:]
        if let cookie { headers["Cookie"] = cookie }
        if let formToken { headers["X-Form-Token"] = formToken }
        return headers
    }

    private static func send(
        _ method: TransportMethod, _ path: String, to origin: ServiceURL, json: JSONValue, headers: TransportHeaders
    ) async throws -> TransportResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return try await transport.send(request(method, path, origin, headers, json.encoded))
    }

    private static func request(
        _ method: TransportMethod, _ path: String, _ origin: ServiceURL, _ headers: TransportHeaders, _ body: [UInt8]
    ) -> TransportRequest {
        var request = TransportRequest(method, origin, route: path, headers: headers, body: body, addressPolicy: .allowingLoopback)
        request.timeout = .seconds(20)
        return request
    }
}
