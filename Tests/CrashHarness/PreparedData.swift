import Foundation
import HaloSimulator
import PSACore
import PostgreSQLServer
import TestSupport

/// A data folder with a connection, two active rules and a token, and the database of a server if there is one, made once and copied for
/// each run: a first start costs a password hash.
struct PreparedData: Sendable {
    /// What the host of a run works on.
    struct Stage: Sendable {
        let folder: String
        let ledger: Ledger.Place
        /// The database and its leases; nil for a file.
        var sharing: HostProcess.Sharing?
        /// The name of the database; nil for a file.
        var database: String?

        /// A data folder alone.
        init(folder: String) { (self.folder, ledger) = (folder, .folder(folder)) }

        /// A data folder beside a database.
        init(folder: String, database: String, on server: PostgreSQLServer) {
            let url = server.url(database)
            (self.folder, ledger, self.database) = (folder, .server(url), database)
            // What a killed host held is free after six seconds, in place of a minute.
            sharing = HostProcess.Sharing(options: ["--database", url], environment: ["VECTIS_CRASH_TEST_LEASE": "6"])
        }
    }

    private let stage: Stage
    private let server: PostgreSQLServer?
    /// With which events are sent: two programs' tokens.
    let tokens: [String]

    /// The event type of the rule that makes a ticket of each event.
    static let single = "torture.single"
    /// The event type of the rule that makes notes of all but the first event of a device.
    static let appending = "torture.appending"

    /// Starts a host on the folder, sets everything up with one event that goes through, and stops it.
    ///
    /// - Parameters:
    ///   - folder: The data folder.
    ///   - server: Where its database is; nil for a file.
    ///   - binary: The program.
    ///   - simulator: The PSA of the connection.
    /// - Returns: What is prepared.
    /// - Throws: What starting the host or speaking with it throws.
    static func make(_ folder: String, on server: PostgreSQLServer?, binary: String, simulator: Simulator) async throws -> PreparedData {
        let stage =
            if let server {
                Stage(folder: folder, database: try await Self.create(on: server, "ENCODING 'UTF8'"), on: server)
            } else {
                Stage(folder: folder)
            }
        guard let host = try await HostProcess.start(binary, folder: folder, crash: "none:0", sharing: stage.sharing),
            let password = host.firstPassword
        else {
            throw HostClient.Unexpected(description: "\(binary) did not start")
        }
        let browser = try await HostClient(signingInTo: host.origin, password: password)
        let saved = try await browser.post("/api/v1/connections", simulator.connection, to: host.origin)
        guard let connection = saved.root["id"]?.string else { throw HostClient.Unexpected(description: "no connection") }
        for (type, minutes) in [(single, "0"), (appending, "60")] {
            try await addRule(type, appendMinutes: minutes, connection, browser, host.origin)
        }
        var tokens: [String] = []
        for name in ["torture", "another program"] { tokens.append(try await token(name, browser, host.origin)) }
        let first = TortureEvent("first", type: single, device: "first")
        guard try await HostClient.send(first.json(name: nil), token: tokens[0], to: host.origin) else {
            throw HostClient.Unexpected(description: "the first event was not accepted")
        }
        let ledger = try await stage.ledger.open()
        while try await !ledger.isComplete([first]) { try await Task.sleep(for: .milliseconds(20)) }
        await ledger.close()
        try await host.stop()
        await simulator.clear()
        return PreparedData(stage: stage, server: server, tokens: tokens)
    }

    /// Adds an active rule that makes tickets, or notes, of the events of a type, at most so many in ten minutes.
    static func addRule(
        _ type: String, appendMinutes: String, limit: Int = 100, _ connection: String, _ browser: HostClient, _ origin: ServiceURL
    ) async throws {
        let place = try await browser.submit("/rules/new", rule(type, appendMinutes, limit, connection), to: origin)
        let rule = place.split(separator: "/").last.map { $0.prefix { $0 != "?" } } ?? ""
        _ = try await browser.submit("/rules/\(rule)/mode", ["mode": "active", "revision": "1"], to: origin)
    }

    /// Makes an API key for a program that sends events.
    static func token(_ name: String, _ browser: HostClient, _ origin: ServiceURL) async throws -> String {
        let page = try await browser.submit("/api-keys", ["name": name, "scope": "events:send"], to: origin)
        guard let start = page.firstRange(of: "vectis_") else { throw HostClient.Unexpected(description: "no token") }
        return String(page[start.lowerBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" })
    }

    /// A copy of the folder and the database for a run of its own.
    func copy(to path: String) async throws -> Stage {
        try FileManager.default.copyItem(atPath: stage.folder, toPath: path)
        guard let server, let database = stage.database else { return Stage(folder: path) }
        return Stage(folder: path, database: try await Self.create(on: server, template: database), on: server)
    }

    /// Removes the database of a copy, if it has one.
    func drop(_ copy: Stage) async throws {
        guard let server, let database = copy.database else { return }
        // Connections of a killed host may still be open.
        try await onOwnThread { Result { _ = try server.run("DROP DATABASE \(database) WITH (FORCE)") } }.get()
    }

    private static func create(on server: PostgreSQLServer, template: String? = nil, _ options: String = "") async throws -> String {
        try await onOwnThread { Result { try server.createDatabase(options, template: template ?? "template0") } }.get()
    }

    private static func rule(_ type: String, _ appendMinutes: String, _ limit: Int, _ connection: String) -> [String: String] {
        [
            "name": type, "eventTypes": type, "connection": connection, "summary": "{device}", "details": "{text}",
            "appendMinutes": appendMinutes, "limitCount": String(limit), "limitMinutes": "10", "action": "save",
        ]
    }
}
