import FoundationEssentials
import PSATesting
import WebServer
@testable import HaloSimulator

/// A response, with its body parsed as JSON if possible.
struct ClientResponse {
    let response: WebResponse

    var status: Int { response.status }
    var headers: WebHeaders { response.headers }

    var bytes: [UInt8] {
        if case .bytes(let bytes) = response.body { bytes } else { [] }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var json: JSONValue { (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))) ?? .null }

    var hangsUp: Bool {
        if case .hangUp = response.body { true } else { false }
    }

    subscript(key: String) -> JSONValue { json[key] }

    func rows(_ key: String? = nil) -> [JSONValue] {
        let value = key.map { json[$0] } ?? json
        if case .array(let rows) = value { return rows }
        return []
    }

    func ids(_ key: String = "tickets") -> [Int] { rows(key).compactMap { $0["id"].integer } }
}

extension JSONValue {
    subscript(key: String) -> JSONValue {
        if case .object(let fields) = self { fields[key] ?? .null } else { .null }
    }

    func has(_ key: String) -> Bool {
        if case .object(let fields) = self { fields[key] != nil } else { false }
    }
}

/// A client of a simulator in this process.
struct SimulatorClient {
    let simulator: HaloSimulator
    let clock: ManualClock
    var token = ""

    /// Creates a simulator and a client with a token for all scopes.
    static func connected(
        faults: [HaloFault] = [], scope: String = "all", _ change: (inout HaloSimulator.Configuration) -> Void = { _ in }
    ) async -> SimulatorClient {
        let clock = ManualClock()
        var configuration = HaloSimulator.Configuration()
        configuration.clock = { clock.now }
        change(&configuration)
        var client = SimulatorClient(simulator: HaloSimulator(configuration), clock: clock)
        client.token = await client.requestToken(["scope": scope])["access_token"].text ?? ""
        await client.simulator.setFaults(faults)
        return client
    }

    func requestToken(_ changes: [String: String?] = [:], tenant: String? = nil, type: String = "application/x-www-form-urlencoded") async
        -> ClientResponse
    {
        var form: [String: String?] = [
            "grant_type": "client_credentials", "client_id": HaloSimulator.Configuration.demoClientID,
            "client_secret": HaloSimulator.Configuration.demoClientSecret, "scope": "all",
        ]
        for (name, value) in changes { form.updateValue(value, forKey: name) }
        let body = form.compactMap { name, value in value.map { "\(name)=\($0.replacing(" ", with: "+"))" } }.joined(separator: "&")
        let query = tenant.map { [(name: "tenant", value: $0)] } ?? []
        return await send("POST", "/auth/token", query: query, body: body, headers: ["Content-Type": type])
    }

    func get(_ path: String, _ query: KeyValuePairs<String, String> = [:]) async -> ClientResponse {
        await send("GET", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, headers: authorized)
    }

    func post(_ path: String, _ body: String, _ query: KeyValuePairs<String, String> = [:], type: String = "application/json") async
        -> ClientResponse
    {
        var headers = authorized
        headers["Content-Type"] = type
        return await send("POST", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, body: body, headers: headers)
    }

    func delete(_ path: String, _ query: KeyValuePairs<String, String> = [:]) async -> ClientResponse {
        await send("DELETE", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, headers: authorized)
    }

    func send(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: String = "", headers: WebHeaders = [:]
    ) async -> ClientResponse {
        let request = WebRequest(method: method, path: path, query: query, headers: headers, body: Array(body.utf8))
        return ClientResponse(response: await simulator.respond(to: request))
    }

    private var authorized: WebHeaders {
        token.isEmpty ? ["Host": "127.0.0.1:8181"] : ["Host": "127.0.0.1:8181", "Authorization": "Bearer \(token)"]
    }
}

/// Sends one request over a real connection and reads until the connection is closed.
///
/// The blocking calls run on a separate queue, so that they do not occupy the threads of the server.
enum SocketClient {
    struct ConnectionError: Error {}

    /// Returns everything the server sent before it closed the connection, including the headers.
    static func exchange(port: UInt16, _ request: String) async throws -> String {
        let client = try RawClient(port: port)
        try await client.send(request)
        return String(decoding: try await client.everything(), as: UTF8.self)
    }

    /// Builds a request with the headers that every call needs.
    static func request(_ method: String, _ path: String, token: String = "", type: String = "application/json", body: String = "")
        -> String
    {
        let authorisation = token.isEmpty ? "" : "Authorization: Bearer \(token)\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(authorisation)Content-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}
