import Foundation
import HaloSimulator
import PSACore

/// A data folder with a connection, two active rules and a token, made once and copied for each run: a first start costs a password hash.
struct PreparedData: Sendable {
    let folder: String
    /// With which events are sent: two programs' tokens.
    let tokens: [String]

    /// The event type of the rule that makes a ticket of each event.
    static let single = "torture.single"
    /// The event type of the rule that makes notes of all but the first event of a device.
    static let appending = "torture.appending"

    /// Starts a host on the folder, sets everything up with one event that goes through, and stops it.
    static func make(_ folder: String, binary: String, simulator: Simulator) async throws -> PreparedData {
        guard let host = try await HostProcess.start(binary, folder: folder, crash: "none:0"), let password = host.firstPassword else {
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
        let ledger = try await Ledger(folder)
        while try await !ledger.isComplete([first]) { try await Task.sleep(for: .milliseconds(20)) }
        await ledger.close()
        try await host.stop()
        await simulator.clear()
        return PreparedData(folder: folder, tokens: tokens)
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

    /// A copy of the folder for a run of its own.
    func copy(to path: String) throws { try FileManager.default.copyItem(atPath: folder, toPath: path) }

    private static func rule(_ type: String, _ appendMinutes: String, _ limit: Int, _ connection: String) -> [String: String] {
        [
            "name": type, "eventTypes": type, "connection": connection, "summary": "{device}", "details": "{text}",
            "appendMinutes": appendMinutes, "limitCount": String(limit), "limitMinutes": "10", "action": "save",
        ]
    }
}
