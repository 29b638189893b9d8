import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import WebServer
@testable import HaloSimulator

/// A clock that a test advances.
final class ManualClock: Sendable {
    private let seconds = Mutex<Double>(1_790_000_000)

    func advance(seconds: Int) { self.seconds.withLock { $0 += Double(seconds) } }

    var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }
}

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
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "socket client").async { continuation.resume(with: Result { try talk(port, Array(request.utf8)) }) }
        }
    }

    /// Builds a request with the headers that every call needs.
    static func request(_ method: String, _ path: String, token: String = "", type: String = "application/json", body: String = "")
        -> String
    {
        let authorisation = token.isEmpty ? "" : "Authorization: Bearer \(token)\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(authorisation)Content-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func talk(_ port: UInt16, _ request: [UInt8]) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw ConnectionError() }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw ConnectionError()
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received.append(contentsOf: buffer.prefix(count))
        }
        return String(decoding: received, as: UTF8.self)
    }
}
