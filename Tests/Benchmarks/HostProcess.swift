import Foundation
import Glibc
import PSACore
import PSACurl

/// `vectis serve` from the same folder as this program, on a free port and in a folder of its own.
final class HostProcess {
    let address: String
    let password: String
    /// Where the demo tenant is, if one was asked for.
    let tenant: String
    private let process = Process()
    private let input = Pipe()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-bench-\(UUID().uuidString)")

    /// Starts it with further options.
    init(_ options: [String]) throws {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = own.deletingLastPathComponent().appendingPathComponent("vectis")
        process.arguments =
            [
                "serve", "--json", "--port", "0", "--data", folder.path, "--until-input-ends", "--allow-loopback", "--check-every", "0",
                "--no-sync",
                "--log",
                "/dev/null",
            ] + options
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let root = try JSONDocument(Array(output.fileHandleForReading.availableData)).root
        address = root["url"]?.string ?? ""
        password = root["password"]?.string ?? ""
        tenant = root["demoTenant"]?.string ?? ""
    }

    var residentMegabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
    }

    /// The processor time that it has used, in seconds.
    var cpuSeconds: Double {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
        // The name before the closing bracket may contain spaces.
        let fields = (status.split(separator: ")").last ?? "").split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func stop() {
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Speaks with the host as a browser would, as far as the measurement needs it.
struct BrowserlessClient: Sendable {
    private let address: ServiceURL
    private let transport = CurlTransport()
    private let cookie: String
    private let formToken: String

    enum Failure: Error { case status(Int, String) }

    init(_ host: HostProcess) async throws {
        address = try ServiceURL(typed: host.address, policy: .allowingLoopback)
        var request = TransportRequest(
            .post, address, route: "/api/v1/session", headers: ["Content-Type": "application/json"],
            body: JSONValue(present: [("name", "admin"), ("password", .string(host.password))]).encoded, addressPolicy: .allowingLoopback)
        request.timeout = .seconds(30)
        let answer = try await transport.send(request)
        guard answer.status == 200 else { throw Failure.status(answer.status, "/api/v1/session") }
        cookie = String((answer.headers["Set-Cookie"] ?? "").prefix { $0 != ";" })
        formToken = try JSONDocument(answer.body).root["formToken"]?.string ?? ""
    }

    func get(_ path: String) async throws {
        let answer = try await transport.send(
            TransportRequest(.get, address, route: path, headers: ["Cookie": cookie], addressPolicy: .allowingLoopback))
        guard answer.status == 200 else { throw Failure.status(answer.status, path) }
    }

    /// Sends JSON and returns the answer's.
    func post(_ path: String, _ body: JSONValue, token: String? = nil) async throws -> JSONView {
        var headers: TransportHeaders = ["Content-Type": "application/json"]
        if let token { headers["Authorization"] = "Bearer \(token)" } else { headers["Cookie"] = cookie }
        headers["X-Form-Token"] = formToken
        let answer = try await transport.send(
            TransportRequest(.post, address, route: path, headers: headers, body: body.encoded, addressPolicy: .allowingLoopback))
        guard (200...299).contains(answer.status) else { throw Failure.status(answer.status, path) }
        return try JSONDocument(answer.body).root
    }

    /// Sends a form and returns the page, or where it leads.
    func submit(_ path: String, _ fields: [(String, String)]) async throws -> String {
        let headers: TransportHeaders = ["Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "X-Form-Token": formToken]
        let form = PercentEncoding.form(fields.map { QueryItem($0.0, $0.1) })
        let answer = try await transport.send(
            TransportRequest(.post, address, route: path, headers: headers, body: Array(form.utf8), addressPolicy: .allowingLoopback))
        guard (200...399).contains(answer.status) else { throw Failure.status(answer.status, path) }
        return answer.headers["Location"] ?? String(decoding: answer.body, as: UTF8.self)
    }

    /// A page as text.
    func page(_ path: String) async throws -> String {
        let answer = try await transport.send(
            TransportRequest(.get, address, route: path, headers: ["Cookie": cookie], addressPolicy: .allowingLoopback))
        return String(decoding: answer.body, as: UTF8.self)
    }

    func saveConnections(_ count: Int) async throws {
        for number in 1...count {
            let body: JSONValue = [
                "connector": "halopsa", "acceptUntested": true,
                "settings": [
                    "tenantURL": .string("https://tenant-\(number).example.com"), "clientID": "bench", "clientSecret": "not-a-secret",
                ],
            ]
            let answer = try await transport.send(
                TransportRequest(
                    .post, address, route: "/api/v1/connections",
                    headers: ["Content-Type": "application/json", "Cookie": cookie, "X-Form-Token": formToken], body: body.encoded,
                    addressPolicy: .allowingLoopback))
            guard answer.status == 201 else { throw Failure.status(answer.status, "/api/v1/connections") }
        }
    }
}
