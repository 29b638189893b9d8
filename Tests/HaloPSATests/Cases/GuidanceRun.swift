import Foundation
import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import TestSupport
import Testing
import WebServer

/// One broken set-up of an MSP's life, as data: what the other side answers, the command, and the expected diagnosis.
struct GuidanceCase: Sendable {
    /// An answer that replaces the other side's own.
    struct Rule: Sendable {
        var method: String?
        var path: String?
        var body: String?
        /// How often it answers; nil for always.
        var times: Int?
        var answer: Answer
    }

    /// What a rule answers.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        var headers: [(name: String, value: String)]
        /// The seconds it takes.
        var delay: Double
        /// Whether the connection ends without an answer.
        var drops: Bool
        /// Whether the request is executed all the same.
        var commits: Bool
    }

    /// The expected diagnosis.
    struct Expectation: Sendable {
        var codes: [String]
        var topCause: String
        var firstStep: String
        /// Acceptable settings to change; nil for any.
        var fields: [[String]]?
        var actors: [String]
    }

    let name: String
    let command: [String]
    let rules: [Rule]
    /// Resources that are refused, by name or by name and method, with the status.
    let deny: [String: Int]
    /// What the application was granted; nil for everything.
    let granted: String?
    /// How the creation of a ticket fails.
    let createMode: String?
    /// Whether a web page stands in front of the API alone.
    let hidesAPI: Bool
    /// The path the installation has; empty for none.
    let prefix: String
    let certificate: String?
    /// Whether the authority that signed the certificate is trusted.
    let isTrusted: Bool
    let speaksTLSToPlainPort: Bool
    let url: String?
    let urlSuffix: String
    /// Whether this machine may be reached.
    let allowsLoopback: Bool
    /// Settings by environment variable; an empty one is taken away.
    let variables: [String: String]
    let expected: Expectation

    /// The cases of the file beside this one.
    static func all() throws -> [GuidanceCase] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("guidance.json")
        return try JSONDocument(Array(Data(contentsOf: file))).root.elements.map(GuidanceCase.init)
    }
}

extension GuidanceCase {
    private init(_ view: JSONView) {
        let control = view["control"]
        name = view["name"]?.string ?? ""
        command = view["command"]?.elements.compactMap(\.string) ?? []
        rules = control?["rules"]?.elements.map(Rule.init) ?? []
        deny = Dictionary(uniqueKeysWithValues: (control?["deny"]?.members ?? []).map { ($0.name, $0.value.integer ?? 403) })
        granted = control?["granted"]?.string
        createMode = control?["create_mode"]?.string
        hidesAPI = control?["api_html"]?.bool ?? false
        prefix = control?["prefix"]?.string ?? ""
        certificate = view["tls"]?.string
        isTrusted = view["trust"]?.bool ?? false
        speaksTLSToPlainPort = view["https_to_http"]?.bool ?? false
        url = view["url"]?.string
        urlSuffix = view["url_suffix"]?.string ?? ""
        allowsLoopback = view["loopback"]?.bool ?? true
        var variables: [String: String] = [:]
        for (key, variable) in [
            ("tenant", "HALOPSA_TENANT"), ("scope", "HALOPSA_SCOPE"), ("client", "HALOPSA_CLIENT_ID"), ("secret", "HALOPSA_CLIENT_SECRET"),
            ("https_proxy", "https_proxy"),
        ] { variables[variable] = view[key]?.string }
        for (key, value) in view["settings"]?.members ?? [] {
            variables[SettingKey(key).environmentVariable(for: ConnectorID("halopsa"))] = value.text
        }
        for name in view["drop_env"]?.elements.compactMap(\.string) ?? [] { variables[name] = "" }
        self.variables = variables
        let expect = view["expect"]
        expected = Expectation(
            codes: expect?["codes"]?.elements.compactMap(\.string) ?? [], topCause: expect?["topCause"]?.string ?? "",
            firstStep: expect?["firstStep"]?.string ?? "",
            fields: expect?["fields"].map { $0.elements.map { $0.elements.compactMap(\.string) } },
            actors: expect?["actors"]?.elements.compactMap(\.string) ?? [])
    }
}

extension GuidanceCase.Rule {
    fileprivate init(_ view: JSONView) {
        method = view["m"]?.string
        path = view["path"]?.string
        body = view["body"]?.string
        times = view["times"]?.integer
        answer = GuidanceCase.Answer(view["do"])
    }
}

extension GuidanceCase.Answer {
    fileprivate init(_ view: JSONView?) {
        let type = view?["ctype"]?.string
        // A page or a plain text goes out as it is; any other text is the JSON string that HaloPSA answers with.
        let text = view?["body"]?.string
        let isPage = text?.hasPrefix("<") ?? false
        let isRaw = isPage || type != nil || text?.isEmpty ?? false
        body = isRaw ? Array((text ?? "").utf8) : view?["body"].map { Array($0.bytes) } ?? []
        status = view?["status"]?.integer ?? 200
        headers = [("Content-Type", type ?? (isPage ? "text/html; charset=utf-8" : "application/json; charset=utf-8"))]
        for pair in view?["headers"]?.elements.map(\.elements) ?? [] where pair.count == 2 {
            headers.append((pair[0].string ?? "", pair[1].string ?? ""))
        }
        delay = view?["delay"]?.double ?? 0
        drops = view?["drop"]?.bool ?? false
        commits = view?["commit"]?.bool ?? false
    }
}

/// The other side of a case: a HaloPSA simulator with the answers of the case in front of it.
final class GuidancePeer: Sendable {
    private let left: Mutex<[Int]>
    private let simulator: HaloSimulator
    private let setUp: GuidanceCase

    static let secret = "5ec7e700-aaaa-4bbb-8ccc-000000000001-5ec7e700-dddd-4eee-8fff-000000000002"
    static let client = HaloSimulator.Configuration.demoClientID

    private init(_ setUp: GuidanceCase) {
        var configuration = HaloSimulator.Configuration()
        configuration.clientSecret = Self.secret
        configuration.ticketCount = 40
        if let granted = setUp.granted { configuration.applicationScopes = granted.split(separator: " ").map(String.init) }
        simulator = HaloSimulator(configuration)
        self.setUp = setUp
        left = Mutex(setUp.rules.map { $0.times ?? .max })
    }

    /// Runs something while the other side listens on a port of this machine.
    static func serving<Value: Sendable>(_ setUp: GuidanceCase, _ body: (UInt16) async throws -> Value) async throws -> Value {
        let peer = GuidancePeer(setUp)
        let server = try WebServer.start(.test) { request in await peer.answer(request) }
        do {
            let value = try await body(server.port)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    private func answer(_ request: WebRequest) async -> WebResponse {
        var request = request
        if !setUp.prefix.isEmpty {
            guard request.path.hasPrefix(setUp.prefix + "/") else { return WebResponse(status: 404) }
            request = WebRequest(
                method: request.method, path: String(request.path.dropFirst(setUp.prefix.count)), query: request.query,
                headers: request.headers, body: request.body)
        }
        if let answer = rule(for: request) {
            if answer.commits { _ = await simulator.respond(to: request) }
            if answer.delay > 0 { try? await Task.sleep(for: .seconds(answer.delay)) }
            if answer.drops { return WebResponse(status: 200, body: .hangUp) }
            return WebResponse(status: answer.status, headers: WebHeaders(answer.headers), body: .bytes(answer.body))
        }
        let resource = request.segments.count > 1 && request.segments[0] == "api" ? request.segments[1] : ""
        if let status = setUp.deny[resource] ?? setUp.deny["\(resource):\(request.method)"] { return WebResponse(status: status) }
        let isOpen = ["", "authinfo", "instanceinfo"].contains(resource.lowercased())
        if setUp.hidesAPI, !isOpen { return Self.page }
        if request.method == "POST", resource == "Tickets", setUp.createMode == "commit_then_504" {
            _ = await simulator.respond(to: request)
            return WebResponse(status: 504, headers: ["Content-Type": "text/html"], body: .bytes(Array("<html>504</html>".utf8)))
        }
        if request.method == "GET", let record = Self.records[request.path] { return record }
        return await simulator.respond(to: request)
    }

    /// The first rule that fits and is not used up.
    private func rule(for request: WebRequest) -> GuidanceCase.Answer? {
        let query = PercentEncoding.form(request.query.map { QueryItem($0.name, $0.value) })
        let target = request.path + (query.isEmpty ? "" : "?" + query)
        let body = String(decoding: request.body, as: UTF8.self)
        return left.withLock { left in
            for (index, rule) in setUp.rules.enumerated() where left[index] > 0 {
                guard rule.method.map({ $0 == request.method }) ?? true, Self.matches(rule.path, target), Self.matches(rule.body, body)
                else { continue }
                left[index] -= 1
                return rule.answer
            }
            return nil
        }
    }

    private static func matches(_ pattern: String?, _ text: String) -> Bool {
        guard let pattern else { return true }
        guard let expression = try? Regex(pattern) else { return false }
        return text.contains(expression)
    }

    private static let page = WebResponse(
        status: 200, headers: ["Content-Type": "text/html"],
        body: .bytes(Array("<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>".utf8)))

    /// The records that the cases name.
    private static let records: [String: WebResponse] = [
        "/api/Tickets/5": json(
            #"{"id":5,"summary":"Ticket 5","status_id":2,"tickettype_id":1,"client_id":4,"user_id":500,"site_id":101}"#),
        "/api/Users/500": json(#"{"id":500,"name":"User 0","client_id":4,"site_id":101.0,"emailaddress":"u0@c.example"}"#),
        "/api/Client/4": json(#"{"id":4,"name":"Customer 4"}"#),
    ]

    private static func json(_ text: String) -> WebResponse {
        WebResponse(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
    }
}

/// What the command said about a case, and how that compares with the expected diagnosis.
struct GuidanceRun: Sendable {
    /// One thing that is graded.
    enum Point: String, CaseIterable, Sendable {
        case code, cause, step, fields, responsibleParty
    }

    let name: String
    /// The code, or `ok`.
    var code = ""
    var causes: [String] = []
    var steps: [String] = []
    var fields: [String] = []
    var responsibleParty = ""
    /// What did not come out as expected.
    var misses: Set<Point> = []
    /// All that was printed.
    var output = ""

    /// Plays a case over real sockets with the built command, as its user would.
    static func of(_ setUp: GuidanceCase, certificates: CertificateServer) async throws -> GuidanceRun {
        if setUp.speaksTLSToPlainPort {
            // Reads the whole greeting, answers in plain http and waits until the other side hangs up: a server that closes with unread bytes resets
            // the connection, and its answer may be lost.
            let plain = try RawServer { connection in
                guard connection.read() != nil else { return }
                connection.write(RawConnection.response("400 Bad Request"))
                while connection.read() != nil {}
            }
            defer { withExtendedLifetime(plain) {} }
            return GuidanceRun(setUp, try await run(words(setUp), environment(setUp, port: UInt16(plain.port), certificates)))
        }
        return try await GuidancePeer.serving(setUp) { port in
            let output = try await run(words(setUp), environment(setUp, port: port, certificates))
            return GuidanceRun(setUp, output)
        }
    }

    private static func words(_ setUp: GuidanceCase) -> [String] {
        let connector = setUp.command == ["test"] ? ["halopsa"] : ["--connector", "halopsa"]
        return setUp.command + connector + ["--json"] + (setUp.allowsLoopback ? ["--allow-loopback"] : [])
    }

    private static func environment(_ setUp: GuidanceCase, port: UInt16, _ certificates: CertificateServer) throws -> [String: String] {
        var address = setUp.url ?? "http://127.0.0.1:\(port)"
        if let certificate = setUp.certificate {
            let kind: CertificateServer.Certificate = certificate == "future" ? .notYetValid : certificate == "zscaler" ? .inspected : .good
            address = "https://localhost:\(try #require(certificates.port(kind)))"
        }
        if setUp.speaksTLSToPlainPort { address = "https://127.0.0.1:\(port)" }
        var environment = [
            "PATH": "/usr/bin:/bin", "LANG": "C", "HALOPSA_TENANT_URL": address + setUp.prefix + setUp.urlSuffix,
            "HALOPSA_CLIENT_ID": GuidancePeer.client, "HALOPSA_CLIENT_SECRET": GuidancePeer.secret, "HALOPSA_TICKET_TYPE_ID": "1",
        ]
        if setUp.isTrusted { environment["VECTIS_CA_FILE"] = certificates.authorityFile }
        for (name, value) in setUp.variables { environment[name] = value.isEmpty ? nil : value }
        return environment
    }

    private static func run(_ words: [String], _ environment: [String: String]) async throws -> String {
        let process = Process()
        // The tests' own executable lies beside the program.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("vectis")
        process.arguments = words
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return await onOwnThread {
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitForExit()
            return text
        }
    }
}

extension GuidanceRun {
    private init(_ setUp: GuidanceCase, _ output: String) {
        name = setUp.name
        self.output = output
        let last = output.split(separator: "\n").last.map { Array($0.utf8) } ?? []
        let answer = try? JSONDocument(last).root
        // A warning is graded like a failure: a limitation is reported in the same form.
        let warning = answer?["checks"]?.elements.first { $0["outcome"]?.string == "warning" }
        let problem = answer?["connected"]?.bool == true ? answer?["warnings"]?.elements.first ?? warning?["problem"] : answer
        code = problem?["code"]?.string ?? warning?["code"]?.string ?? (answer == nil ? "" : "ok")
        causes = problem?["causes"]?.elements.compactMap { $0["text"]?.string } ?? []
        steps = problem?["causes"]?.elements.first?["steps"]?.elements.compactMap(\.string) ?? []
        if steps.isEmpty { steps = problem?["steps"]?.elements.compactMap { $0.string ?? $0["text"]?.string } ?? [] }
        fields = problem?["fields"]?.elements.compactMap(\.string) ?? []
        responsibleParty = problem?["responsibleParty"]?.string ?? ""
        let isConnected = answer?["connected"]?.bool == true
        if isConnected, setUp.expected.codes.contains("ok") { code = "ok" }
        misses = Set(Point.allCases.filter { !isRight($0, setUp.expected) })
    }

    private func isRight(_ point: Point, _ expected: GuidanceCase.Expectation) -> Bool {
        if code == "ok", expected.codes.contains("ok") { return true }
        switch point {
        case .code: return expected.codes.contains(code)
        case .cause: return Self.matches(expected.topCause, causes.first)
        case .step: return Self.matches(expected.firstStep, steps.first)
        case .fields: return expected.fields.map { $0.contains(fields) } ?? true
        case .responsibleParty: return expected.actors.contains(responsibleParty)
        }
    }

    private static func matches(_ pattern: String, _ text: String?) -> Bool {
        guard let text else { return false }
        guard let expression = try? Regex(pattern).ignoresCase() else { return false }
        return text.contains(expression)
    }

    /// The case as a line of the table of misses.
    var row: String {
        """
        \(name): \(Point.allCases.filter(misses.contains).map(\.rawValue).joined(separator: ", "))
            code \(code), fields \(fields), responsibleParty \(responsibleParty)
            cause: \(causes.first ?? "-")
            step:  \(steps.first ?? "-")
        """
    }
}
