import Foundation
import PSACore
import PSACurl
import PSATesting
import RequestTracker
import TestSupport

/// The real RT of `make test-rt`, and a record of what was sent to it.
struct LiveServer: Sendable {
    static let server = RequestTrackerServer(environment: ProcessInfo.processInfo.environment)
    static var isGiven: Bool { server != nil }

    let transport = ObservingTransport(CurlTransport())
    let log = RecordingLog()

    /// A connection with the settings of the environment, and others as given.
    func session(_ changes: [SettingKey: String] = [:]) throws -> ConnectorSession {
        guard var server = Self.server else { throw Missing() }
        for (key, value) in changes { server.settings[key] = Secret(value) }
        let context = ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, log: log, connectionTestLimit: .seconds(120))
        return try server.registry.connect(RequestTrackerServer.connectorName, settings: server.settings, context: context)
    }

    /// The token of a user without any right.
    static var powerlessToken: String { ProcessInfo.processInfo.environment["RT_POWERLESS_TOKEN"] ?? "" }

    /// How many tickets were made before the tests.
    static var seededTickets: Int { Int(ProcessInfo.processInfo.environment["RT_SEEDED_TICKETS"] ?? "") ?? 0 }

    struct Missing: Error {}
}

/// The error of an operation, if it is one of ours.
func failure(of operation: () async throws -> Void) async -> PSAError? {
    do {
        try await operation()
        return nil
    } catch {
        return error as? PSAError
    }
}

extension AsyncSequence {
    /// All elements.
    func collect() async throws -> [Element] {
        var rows: [Element] = []
        for try await row in self { rows.append(row) }
        return rows
    }
}
