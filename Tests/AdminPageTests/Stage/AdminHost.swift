import PSACore

/// `vectis serve --demo` in a process of its own, with a session of its administrator.
final class AdminHost: Sendable {
    let url: String
    let name: String
    let password: String
    let tenant: HaloSimulatorProcess
    /// Sends requests as the administrator.
    let admin: HTTPFace
    private let process: VectisProcess

    private init(_ process: VectisProcess) async throws {
        self.process = process
        url = process.facts["url"]?.string ?? ""
        name = process.facts["account"]?.string ?? ""
        password = process.facts["password"]?.string ?? ""
        tenant = HaloSimulatorProcess(url: process.facts["demoTenant"]?.string ?? "")
        admin = try await Self.signedIn(at: url, name, password)
    }

    /// Starts a host with an empty data folder, whose outbox waits shortly before it looks for a write of unknown outcome.
    ///
    /// - Parameter syncs: Whether it reads local copies, with requests of their own.
    /// - Returns: The host, with a signed-in administrator.
    /// - Throws: What starting the process or signing in throws.
    static func start(syncs: Bool = false) async throws -> AdminHost {
        let arguments = ["serve", "--demo", "--port", "0", "--check-every", "0"] + (syncs ? [] : ["--no-sync"])
        return try await AdminHost(VectisProcess.start(arguments, environment: ["VECTIS_CRASH_TEST": "none:0"]))
    }

    /// Removes all rules, connections and faults.
    func clear() async throws {
        try await tenant.show()
        try await removeRules()
        for connection in try await admin.send(.get, "/api/v1/connections").json()["connections"]?.elements ?? [] {
            try await admin.send(.delete, "/api/v1/connections/\(connection["id"]?.string ?? "")")
        }
    }

    /// Signs in past the browser.
    static func signedIn(at url: String, _ name: String, _ password: String) async throws -> HTTPFace {
        var face = HTTPFace(origin: url)
        let answer = try await face.send(.post, "/api/v1/session", ["name": .string(name), "password": .string(password)])
        face.headers["Cookie"] = answer.headers["Set-Cookie"]?.split(separator: ";").first.map(String.init)
        face.headers["X-Form-Token"] = try answer.json()["formToken"]?.string
        return face
    }

    /// The value of a session's cookie.
    static func cookie(of face: HTTPFace) -> String { String(face.headers["Cookie"]?.split(separator: "=", maxSplits: 1).last ?? "") }

    /// Saves a connection, tested before if it is to count as connected.
    ///
    /// - Returns: Its id.
    @discardableResult
    func connect(_ name: String = "", to tenant: HaloSimulatorProcess? = nil, tested: Bool = true, changing: [String: String] = [:])
        async throws
        -> String
    {
        // All tests use one tenant, which takes more requests than a real one.
        let settings = (tenant ?? self.tenant).settings.merging(["requestsPerFiveMinutes": "20000"]) { $1 }.merging(changing) { $1 }
        var body: JSONValue = ["connector": "halopsa", "settings": settings.reduce([:]) { $0.adding(($1.key, .string($1.value))) }]
        if tested {
            let report = try await admin.send(.post, "/api/v1/connection-tests", body).json()
            body = body.adding(("receipt", report["receipt"] ?? .null))
        } else {
            body = body.adding(("acceptUntested", true))
        }
        let answer = try await admin.send(.post, "/api/v1/connections", body.adding(("name", .string(name))))
        guard answer.status == 201, let id = try answer.json()["id"]?.string else { throw HaloSimulatorProcess.Refused(words: answer.text) }
        return id
    }
}

/// One host for the tests of a suite, which take turns.
///
/// Not for all suites together: the host keeps to the tenant's request limit, which so many tests would reach.
final class SharedHost: Sendable {
    private let host: Task<AdminHost, any Error>

    /// Starts a host.
    ///
    /// - Parameter syncs: Whether it reads local copies, with requests of their own.
    init(syncs: Bool = false) { host = Task { try await AdminHost.start(syncs: syncs) } }

    /// The host with no rule, no connection and a healthy tenant.
    func clean() async throws -> AdminHost {
        let host = try await host.value
        try await host.clear()
        return host
    }
}
