package import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisCore
import VectisRules

/// Everything that helps to understand a connection from afar, without secrets.
///
/// Secrets are not read for it, except to search for them: whatever reached a log line or a report in spite of all is taken out as well.
package struct ConnectionDiagnostics: Sendable {
    private let services: HostServices

    /// How many of the latest log lines are in it.
    package static let maxLogLines = 200

    /// Creates a ``ConnectionDiagnostics``.
    package init(_ services: HostServices) { self.services = services }

    /// The diagnostics of a connection.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - now: The present.
    /// - Returns: A JSON object.
    /// - Throws: Errors of the storage.
    package func json(of connection: StoredConnection, at now: Date) async throws -> JSONValue {
        let overview = try await services.connections.overview(of: connection)
        let descriptor = try? services.registry.descriptor(named: connection.connector.rawValue)
        let value: JSONValue = .init(present: [
            ("generatedAt", .string(now.formatted(.iso8601))),
            ("versions", ["api": "1", "database": .string(services.storage.schemaVersion)]),
            ("connector", descriptor.map { Self.json($0) } ?? ["id": .string(connection.connector.rawValue)]),
            ("connection", Self.settings(connection)), ("overview", overview.json(at: now, services)),
            ("tests", .array(overview.tests.map { $0.json(withReport: true) })), ("log", .array(try await log(of: overview))),
        ])
        return value.cleaned(by: redactor(connection))
    }

    private static func json(_ descriptor: ConnectorDescriptor) -> JSONValue {
        [
            "id": .string(descriptor.id.rawValue), "name": .string(descriptor.displayName), "tier": .string(descriptor.tier.rawValue),
            "capabilities": .array(descriptor.capabilities.sorted().map { .string($0.rawValue) }),
        ]
    }

    /// The settings that are not secret, and of the secrets only which ones are stored.
    private static func settings(_ connection: StoredConnection) -> JSONValue {
        [
            "id": .string(connection.id.rawValue), "name": .string(connection.name), "tenant": .string(connection.tenant.rawValue),
            "revision": .integer(connection.revision), "createdAt": .string(connection.createdAt.formatted(.iso8601)),
            "changedAt": .string(connection.changedAt.formatted(.iso8601)),
            "settings": .init(present: connection.settings.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .string($0.value)) }),
            "storedSecrets": .array(connection.secrets.keys.sorted().map { .string($0.rawValue) }),
        ]
    }

    /// The log lines of this process about the connection: those with its id, its server, or a correlation id that is known of it.
    private func log(of overview: ConnectionOverview) async throws -> [JSONValue] {
        let connection = overview.connection
        var words = [connection.id.rawValue] + [connection.status?.correlationID].compactMap { $0 }
        words += connection.tenant.rawValue.split { $0 == " " || $0 == "/" }.map(String.init).filter { $0.contains(".") }
        let problems =
            overview.issues.compactMap(\.problem) + overview.tests.map(\.report)
            + overview.resources.compactMap(\.progress.failure?.problem)
        for problem in problems {
            guard let root = (try? JSONDocument(Array(problem.utf8)))?.root else { continue }
            words += [root, root["problem"]].compactMap { $0?["correlationID"]?.string }
        }
        var filter = TicketJob.Filter()
        filter.connection = connection.id
        let jobs = try await services.storage.jobs(filter, before: nil, limit: 50)
        words += jobs.map { "\"job\":\($0.id.rawValue)," }
        let needles = Set(words.filter { $0.count > 4 })
        let lines = services.log.recent.all.filter { line in needles.contains { line.contains($0) } }
        return lines.suffix(Self.maxLogLines).map { line in
            (try? JSONDocument(Array(line.utf8))).map { JSONValue($0.root) } ?? .string(line)
        }
    }

    /// Knows the secrets of the connection, as far as they can be read.
    private func redactor(_ connection: StoredConnection) -> Redactor {
        Redactor(connection.secrets.compactMap { try? services.vault.open($0.value, of: connection.id, $0.key) })
    }
}

extension JSONValue {
    /// The value with each text cleaned.
    fileprivate func cleaned(by redactor: Redactor) -> JSONValue {
        switch self {
        case .string(let text): .string(redactor.clean(text, maximumLength: 4_000))
        case .array(let elements): .array(elements.map { $0.cleaned(by: redactor) })
        case .object(let members): .object(members.map { Member(name: $0.name, value: $0.value.cleaned(by: redactor)) })
        case .null, .bool, .integer, .double: self
        }
    }
}

// MARK: JSON

extension ConnectionState {
    /// The state for programs.
    package var json: JSONValue {
        .init(present: [
            ("kind", .string(kind.rawValue)), ("since", .string(since.formatted(.iso8601))), ("code", code.map { .string($0.rawValue) }),
        ])
    }
}

extension ConnectionIssue {
    /// The issue for programs, with the guidance of its last occurrence.
    ///
    /// - Parameter descriptor: The connector; nil if it is missing.
    /// - Returns: A JSON object.
    package func json(_ descriptor: ConnectorDescriptor?) -> JSONValue {
        let problem = TranslatedJSON.read(guidance(descriptor)).map { JSONValue($0) }
        return .init(present: [
            ("connection", .string(connection.rawValue)), ("code", .string(code.rawValue)),
            ("stopsConnection", .bool(code.stopsConnection)), ("firstSeenAt", .string(firstSeenAt.formatted(.iso8601))),
            ("lastSeenAt", .string(lastSeenAt.formatted(.iso8601))), ("count", .integer(count)),
            ("resolvedAt", resolvedAt.map { .string($0.formatted(.iso8601)) }), ("guidance", problem),
        ])
    }
}

extension ConnectionTestReport {
    /// The test for programs.
    ///
    /// - Parameter withReport: Whether every check and the guidance are in it.
    /// - Returns: A JSON object.
    package func json(withReport: Bool) -> JSONValue {
        let root = TranslatedJSON.read(report).map { JSONValue($0) }
        return .init(present: [
            ("id", .integer(Int(id))), ("at", .string(at.formatted(.iso8601))), ("outcome", .string(outcome.rawValue)),
            ("startedBy", .string(startedBy)), ("headline", .string(root?["headline"]?.string ?? "")), ("report", withReport ? root : nil),
        ])
    }
}

extension RateLimitUse {
    /// The use for programs.
    package var json: JSONValue {
        .init(present: [
            ("limit", limit.map { .integer($0.requests) }), ("windowSeconds", limit.map { .integer(Int($0.window.components.seconds)) }),
            ("used", limit.map { _ in .integer(used) }),
            (
                "intervals",
                .array(
                    intervals.map {
                        [
                            "beginsAt": .string($0.beginsAt.formatted(.iso8601)), "requests": .integer($0.usage.requests),
                            "refusals": .integer($0.usage.refusals),
                        ]
                    })
            ),
        ])
    }
}

extension ConnectionOverview {
    /// The overview for programs; the reports of tests have addresses of their own.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - services: What the host works with.
    /// - Returns: A JSON object.
    package func json(at now: Date, _ services: HostServices) -> JSONValue {
        let descriptor = try? services.registry.descriptor(named: connection.connector.rawValue)
        let jobs = TicketJob.State.Name.allCases.map { ($0.rawValue, JSONValue.integer(counts[$0])) }
        return [
            "connection": .string(connection.id.rawValue), "name": .string(connection.name), "state": state.json,
            "issues": .array(issues.map { $0.json(descriptor) }),
            "resources": .array(resources.map { $0.json(at: now, services.sync.policy) }), "rateLimit": rateLimit.json,
            "rules": .array(
                rules.prefix(100).map { ["id": .string($0.id.rawValue), "name": .string($0.name), "mode": .string($0.mode.rawValue)] }),
            "jobs": .init(present: jobs), "tickets": .array(written.map(\.ticketJSON)),
            "tests": .array(tests.map { $0.json(withReport: false) }),
        ]
    }
}

extension TicketJob {
    /// What was written, for programs.
    fileprivate var ticketJSON: JSONValue {
        .init(present: [
            ("job", .integer(Int(id.rawValue))), ("ticket", state.ticket.map { .string($0.id) }),
            ("number", state.ticket.map { .string($0.number) }), ("summary", .string(payload.summary)),
            ("at", .string(changedAt.formatted(.iso8601))),
        ])
    }
}
