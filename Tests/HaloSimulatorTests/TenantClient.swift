import FoundationEssentials
import Synchronization
import WebServer

@testable import HaloSimulator

/// A clock that a test moves.
final class ManualClock: Sendable {
    private let seconds = Mutex<Double>(1_790_000_000)

    func advance(seconds: Int) { self.seconds.withLock { $0 += Double(seconds) } }

    var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }
}

/// What came back, with its body as JSON where it is JSON.
struct Answer {
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

/// A client of a tenant in this process.
struct TenantClient {
    let simulator: HaloSimulator
    let clock: ManualClock
    var token = ""

    /// A tenant with a token that may do everything.
    static func connected(
        faults: [HaloFault] = [], scope: String = "all", _ change: (inout HaloSimulator.Configuration) -> Void = { _ in }
    ) async -> TenantClient {
        let clock = ManualClock()
        var configuration = HaloSimulator.Configuration()
        configuration.clock = { clock.now }
        change(&configuration)
        var client = TenantClient(simulator: HaloSimulator(configuration), clock: clock)
        client.token = await client.requestToken(["scope": scope])["access_token"].text ?? ""
        await client.simulator.setFaults(faults)
        return client
    }

    func requestToken(_ changes: [String: String?] = [:], tenant: String? = nil, type: String = "application/x-www-form-urlencoded") async
        -> Answer
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

    func get(_ path: String, _ query: KeyValuePairs<String, String> = [:]) async -> Answer {
        await send("GET", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, headers: authorised)
    }

    func post(_ path: String, _ body: String, _ query: KeyValuePairs<String, String> = [:], type: String = "application/json") async
        -> Answer
    {
        var headers = authorised
        headers["Content-Type"] = type
        return await send("POST", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, body: body, headers: headers)
    }

    func delete(_ path: String, _ query: KeyValuePairs<String, String> = [:]) async -> Answer {
        await send("DELETE", "/api/" + path, query: query.map { (name: $0.key, value: $0.value) }, headers: authorised)
    }

    func send(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: String = "", headers: WebHeaders = [:]
    ) async -> Answer {
        let request = WebRequest(method: method, path: path, query: query, headers: headers, body: Array(body.utf8))
        return Answer(response: await simulator.respond(to: request))
    }

    private var authorised: WebHeaders {
        token.isEmpty ? ["Host": "127.0.0.1:8181"] : ["Host": "127.0.0.1:8181", "Authorization": "Bearer \(token)"]
    }
}
