import Foundation
import Glibc
import PSACore
import PSACurl
import TestSupport

/// `vectis serve` in a process of its own, on a free port, until it is killed.
final class ServedHost: Sendable {
    /// Where it listens.
    let origin: ServiceURL
    /// The password of `admin`, if this was its first start.
    let firstPassword: String?
    private let process: Process
    /// Its standard input; it ends by itself if the tests do.
    private let lifeline: Pipe

    struct NotStarted: Error { let output: String }

    private init(origin: ServiceURL, firstPassword: String?, process: Process, lifeline: Pipe) {
        self.origin = origin
        self.firstPassword = firstPassword
        self.process = process
        self.lifeline = lifeline
    }

    /// Starts it on a data folder, with its log in the same.
    ///
    /// - Parameters:
    ///   - folder: Where data and log are.
    ///   - options: Further words of the command line.
    ///   - syncs: Whether it reads local copies, with requests of their own.
    ///   - launcher: A shell script that starts the program with the arguments it gets; the program itself, if there is none.
    /// - Returns: The host, once it listens.
    /// - Throws: ``NotStarted``, or what the system throws that can't start a program.
    static func start(in folder: TemporaryFolder, options: [String] = [], syncs: Bool = false, launcher: String? = nil)
        async throws -> ServedHost
    {
        let process = Process()
        let words = [
            "serve", "--data", folder.file("data"), "--log", folder.file("log"), "--port", "0", "--check-every", "0", "--json",
            "--until-input-ends",
        ]
        process.executableURL = launcher == nil ? VectisRun.program : URL(fileURLWithPath: "/bin/sh")
        let sync = syncs ? [] : ["--no-sync"]
        process.arguments = (launcher.map { ["-c", $0, VectisRun.program.path] } ?? []) + words + sync + options
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = await onOwnThread {
            var line: [UInt8] = []
            while !line.contains(UInt8(ascii: "\n")), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
                line += more
            }
            return line
        }
        guard let facts = try? JSONDocument(line).root, let url = facts["url"]?.string else {
            throw NotStarted(output: String(decoding: line, as: UTF8.self))
        }
        return ServedHost(
            origin: try ServiceURL(typed: url, policy: .allowingLoopback), firstPassword: facts["password"]?.string, process: process,
            lifeline: input)
    }

    /// Sends a command to its launcher.
    func say(_ word: String) throws { try lifeline.fileHandleForWriting.write(contentsOf: Data((word + "\n").utf8)) }

    /// Ends it as a person would, by closing its input, and waits until it is gone.
    func stop() async throws {
        try lifeline.fileHandleForWriting.close()
        let process = process
        await onOwnThread { process.waitForExit() }
    }

    /// Ends it with SIGKILL, at once and whatever it is doing, and waits until it is gone.
    func kill() async {
        Glibc.kill(process.processIdentifier, SIGKILL)
        let process = process
        await onOwnThread { process.waitForExit() }
    }

    /// Whether it was killed and did not exit by itself.
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL }
}

/// A browser that is signed in to a host: it has a cookie and knows the token that forms carry.
struct SignedInBrowser: Sendable {
    private let cookie: String
    private let formToken: String
    private static let transport = CurlTransport(maximumConnectionsPerHost: 16)

    struct Unexpected: Error { let answer: String }

    /// Signs in with the form.
    init(_ host: ServedHost, name: String, password: String) async throws {
        let signIn = try await Self.send(.post, "/sign-in", to: host, ["name": name, "password": password], cookie: nil)
        guard signIn.status == 303, let cookie = signIn.headers["Set-Cookie"]?.prefix(while: { $0 != ";" }) else {
            throw Unexpected(answer: "sign-in: \(signIn.status)")
        }
        let page = try await Self.send(.get, "/integrations/new/halopsa", to: host, [:], cookie: String(cookie))
        let text = String(decoding: page.body, as: UTF8.self)
        guard let start = text.firstRange(of: "name=\"form_token\" value=\"")?.upperBound else { throw Unexpected(answer: text) }
        self.cookie = String(cookie)
        formToken = String(text[start...].prefix { $0 != "\"" })
    }

    /// Sends a form; it survives a new start of the host.
    func submit(_ path: String, _ fields: [String: String], to host: ServedHost) async throws -> TransportResponse {
        try await Self.send(.post, path, to: host, fields.merging(["form_token": formToken]) { $1 }, cookie: cookie)
    }

    /// Opens a page.
    func open(_ path: String, at host: ServedHost) async throws -> TransportResponse {
        try await Self.send(.get, path, to: host, [:], cookie: cookie)
    }

    /// Sends an event with a token.
    static func send(event: JSONValue, token: String, to host: ServedHost) async throws -> TransportResponse {
        let headers: TransportHeaders = ["Content-Type": "application/json", "Authorization": "Bearer \(token)"]
        var request = TransportRequest(
            .post, host.origin, route: "/api/v1/events", headers: headers, body: event.encoded, addressPolicy: .allowingLoopback)
        request.timeout = .seconds(30)
        return try await transport.send(request)
    }

    /// Sends a monitoring request.
    static func get(_ path: String, from host: ServedHost) async throws -> TransportResponse {
        try await send(.get, path, to: host, [:], cookie: nil)
    }

    private static func send(
        _ method: TransportMethod, _ path: String, to host: ServedHost, _ fields: [String: String], cookie: String?
    ) async throws -> TransportResponse {
        var headers: TransportHeaders = [:]
        if let cookie { headers["Cookie"] = cookie }
        var body: [UInt8]?
        if method == .post {
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = Array(PercentEncoding.form(fields.map { QueryItem($0.key, $0.value) }).utf8)
        }
        var request = TransportRequest(method, host.origin, route: path, headers: headers, body: body, addressPolicy: .allowingLoopback)
        request.timeout = .seconds(30)
        return try await transport.send(request)
    }
}

/// The built program as a user starts it, run to its end.
struct VectisRun: Sendable {
    let status: Int32
    /// What it printed, results and messages.
    let output: String

    /// It lies beside the tests' own executable.
    static var program: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("vectis")
    }

    /// Starts it and waits for its end.
    static func run(_ arguments: [String]) async throws -> VectisRun { try await run(program, arguments) }

    /// Runs a line of a shell in which `$0` is the program.
    static func shell(_ line: String) async throws -> VectisRun {
        try await run(URL(fileURLWithPath: "/bin/sh"), ["-c", line, program.path])
    }

    private static func run(_ executable: URL, _ arguments: [String]) async throws -> VectisRun {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return await onOwnThread {
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitForExit()
            return VectisRun(status: process.terminationStatus, output: output)
        }
    }
}
