import Dispatch
import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing

/// What the command said about a case, and how that compares with what a person must be told.
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
                connection.write(answer("400 Bad Request"))
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
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "child process").async {
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: text)
            }
        }
    }
}

extension GuidanceRun {
    private init(_ setUp: GuidanceCase, _ output: String) {
        name = setUp.name
        self.output = output
        let last = output.split(separator: "\n").last.map { Array($0.utf8) } ?? []
        let answer = try? JSONDocument(last).root
        // A warning is graded like a failure: what limits a connection is told in the same form.
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
