import ExternalConnectors
import Foundation
import PSACore
import TestSupport

/// A connector in a folder of its own, written for one test.
final class ScriptedConnector: Sendable {
    /// The program's path.
    let path: String
    /// The folder that contains it.
    let folder: String

    /// Writes a program as it is.
    init(program: String) throws {
        folder = FileManager.default.temporaryDirectory.path + "/connector-\(UUID().uuidString)"
        path = folder + "/scripted"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try program.write(toFile: folder + "/source", atomically: true, encoding: .utf8)
        // By another process: a file this one had open for writing may still be held by a child that another test starts, and the system
        // does not run what is being written.
        let copy = try Process.run(URL(fileURLWithPath: "/usr/bin/install"), arguments: ["-m", "755", folder + "/source", path])
        copy.waitForExit()
    }

    /// Writes a Python program that says hello, describes itself and opens like a good one, and does this in every other call.
    ///
    /// - Parameters:
    ///   - calls: Statements; `m` is the message, `say`, `answer` and `hear` speak with the host.
    ///   - start: Statements before the hello.
    /// - Throws: What writing a file throws.
    convenience init(onCall calls: String, atStart start: String = "pass") throws {
        try self.init(
            program: """
                #!/usr/bin/env python3
                import json, os, signal, subprocess, sys, time
                def say(**message): print(json.dumps(message), flush=True)
                def hear(): return json.loads(sys.stdin.readline())
                def answer(value): say(type="result", id=m["id"], value=value)
                \(start)
                say(type="hello", contract=1)
                settings = {}
                for line in sys.stdin:
                    m = json.loads(line)
                    if m["type"] != "call": continue
                    if m["method"] == "describe":
                        answer(\(Self.description))
                    elif m["method"] == "open":
                        settings = m["arguments"]["settings"]
                        answer({})
                    else:
                \(calls.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
                """)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let description = """
        {"id": "scripted", "displayName": "Scripted PSA", "settings": [
            {"key": "serverURL", "label": "Server", "help": "Where it is.", "kind": "serviceURL", "purpose": "tenant"},
            {"key": "apiKey", "label": "API key", "help": "What opens it.", "secret": True}],
         "capabilities": ["read.companies", "read.tickets", "create.tickets", "add.notes"]}
        """

    /// A session with it.
    func session(
        limits: ExternalConnectorLimits = ExternalConnectorLimits(), time: TimeSource = .system, log: any ConnectorLog = SilentLog(),
        testLimit: Duration = .seconds(10),
        transport: @escaping @Sendable (TransportRequest) async throws -> TransportResponse = { _ in TransportResponse(status: 200) }
    ) async throws -> ConnectorSession {
        let registry = try ConnectorRegistry(registrations: [await ExternalConnector.entry(at: path, limits: limits, time: time)])
        // The program's folder is kept for as long as the session exists.
        let lasting = ClosureTransport { [self] request in
            defer { withExtendedLifetime(self) {} }
            return try await transport(request)
        }
        let context = ConnectorContext(
            transport: lasting, addressPolicy: .allowingLoopback, time: time, log: log,
            tenants: TenantRateLimits(pace: nil), connectionTestLimit: testLimit)
        return try registry.connect(
            "scripted", settings: ["serverURL": "https://psa.example.com", "apiKey": SecretMarker.plain], context: context)
    }
}

/// Answers each request with the result of a closure.
struct ClosureTransport: HTTPTransport {
    let answer: @Sendable (TransportRequest) async throws -> TransportResponse

    func send(_ request: TransportRequest) async throws -> TransportResponse { try await answer(request) }
}

extension ConnectorSession {
    /// The first page of companies, as names.
    func companyNames() async throws -> [String] {
        var names: [String] = []
        for try await company in companies() { names.append(company.name) }
        return names
    }

    /// The error of reading companies.
    func companyError() async -> PSAError? { await error { _ = try await $0.companyNames() } }

    /// The error of creating a ticket.
    func createError() async -> PSAError? { await error { _ = try await $0.createTicket(TicketDraft(summary: "Printer on fire")) } }

    private func error(_ work: (ConnectorSession) async throws -> Void) async -> PSAError? {
        do {
            try await work(self)
            return nil
        } catch {
            return error as? PSAError
        }
    }
}

extension PSAError {
    /// What a person reads as evidence.
    var evidence: String { guidance.causes.compactMap(\.evidence).joined(separator: "\n") }
}
