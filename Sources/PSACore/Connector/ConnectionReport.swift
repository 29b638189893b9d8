#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
import Synchronization

/// One step of a connection test, with what was seen.
public struct ConnectionCheck: Sendable {
    /// What a step looks at.
    @nonexhaustive
    public enum Subject: Sendable, Hashable {
        /// Whether the settings name a usable server.
        case address
        /// Whether the host's name leads to an address.
        case nameResolution
        /// Whether a connection can be made.
        case connection
        /// Whether the server's certificate is in order.
        case certificate
        /// Whether the vendor's product answers there.
        case reachable
        /// Whether the credentials are accepted.
        case credentials
        /// Whether the granted permissions suffice.
        case scope
        /// Whether one resource can be read.
        case read(Capability)
        /// Whether what new tickets start with exists and fits together.
        case ticketDefaults
        /// Whether a ticket can be created and taken away again.
        case write
    }

    /// How a step ended.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// All is in order.
        case passed
        /// The connection works, but not fully.
        case warning
        /// The connection does not work.
        case failed
        /// It was not looked at, because an earlier step failed or nothing asks for it.
        case skipped
    }

    /// What it looked at.
    public var subject: Subject
    /// How it ended.
    public var outcome: Outcome
    /// What was seen, without anything secret.
    public var evidence: any LocalizedMessage
    /// How long it took; nil if it was skipped.
    public var duration: Duration?
    /// What is wrong, unless it passed or was skipped.
    public var error: PSAError?

    /// States a step's result.
    public init(_ subject: Subject, _ outcome: Outcome, evidence: any LocalizedMessage, duration: Duration? = nil, error: PSAError? = nil) {
        self.subject = subject
        self.outcome = outcome
        self.evidence = evidence
        self.duration = duration
        self.error = error
    }
}

/// What a connection test found.
public struct ConnectionReport: Sendable, Codable {
    /// The connector that was tested.
    public var connector: ConnectorID
    /// The server as a person knows it: `acme.halopsa.com`.
    public var host: String
    /// Every step in order.
    public var checks: [ConnectionCheck]

    /// Collects steps; connectors do.
    public init(connector: ConnectorID, host: String, checks: [ConnectionCheck]) {
        self.connector = connector
        self.host = host
        self.checks = checks
    }

    /// The first thing that must be fixed, or nil if the connection works.
    public var failure: PSAError? { checks.first { $0.outcome == .failed }?.error }

    /// Whether the connection works, perhaps with warnings.
    public var isConnected: Bool { !checks.contains { $0.outcome == .failed } && checks.contains { $0.outcome == .passed } }

    /// What works, but not fully.
    public var warnings: [ConnectionCheck] { checks.filter { $0.outcome == .warning } }

    /// What this connection was seen to be allowed, apart from what the connector can do.
    public var allowed: Set<Capability> {
        Set(
            checks.compactMap { check in
                guard check.outcome == .passed, case .read(let capability) = check.subject else { return nil }
                return capability
            })
    }

    /// `Connected to acme.halopsa.com`, or the title of what is wrong, in English.
    public var headline: String { headline(in: TextRenderer()) }

    /// `Connected to acme.halopsa.com`, or the title of what is wrong.
    public func headline(in renderer: TextRenderer) -> String {
        if isConnected { return renderer.text(CoreMessage.connected(host: host)) }
        return failure?.guidance(in: renderer).title ?? renderer.text(CoreMessage.nothingTested)
    }

    /// The report as JSON.
    public func json(in renderer: TextRenderer) -> JSONValue {
        .init(present: [
            ("connector", .string(connector.rawValue)), ("host", .string(host)), ("connected", .bool(isConnected)),
            ("headline", .string(headline(in: renderer))), ("checks", .array(checks.map { $0.json(in: renderer) })),
            ("allowed", .array(allowed.sorted().map { .string($0.rawValue) })), ("problem", failure?.problem(in: renderer)),
            (
                "warnings",
                isConnected && warnings.contains { $0.error != nil } ? .array(warnings.compactMap { $0.warning(in: renderer) }) : nil
            ),
        ])
    }
}

extension ConnectionCheck {
    /// The step as JSON.
    public func json(in renderer: TextRenderer) -> JSONValue {
        .init(present: [
            ("id", .string(subject.rawValue)), ("check", .string(renderer.text(CoreMessage.check(subject)))),
            ("outcome", .string(outcome.rawValue)),
            ("evidence", .string(renderer.text(evidence))), ("milliseconds", duration.map { .integer($0.wholeMilliseconds) }),
            ("code", error.map { .string($0.code.rawValue) }),
        ])
    }

    /// What is limited, as a problem with the step that found it.
    fileprivate func warning(in renderer: TextRenderer) -> JSONValue? {
        error?.problem(in: renderer).adding(
            ("checkID", .string(subject.rawValue)), ("check", .string(renderer.text(CoreMessage.check(subject)))))
    }
}

extension ConnectionCheck.Subject: RawRepresentable, Codable {
    /// The stable id of the check: `credentials`, `read.tickets`; titles are for people and change with the language.
    public var rawValue: String {
        switch self {
        case .address: "address"
        case .nameResolution: "name_resolution"
        case .connection: "connection"
        case .certificate: "certificate"
        case .reachable: "reachable"
        case .credentials: "credentials"
        case .scope: "scope"
        case .read(let capability): capability.rawValue
        case .ticketDefaults: "ticket_defaults"
        case .write: "write"
        }
    }

    /// The check of an id; nil if there is none.
    public init?(rawValue: String) {
        let others: [Self] = [
            .address, .nameResolution, .connection, .certificate, .reachable, .credentials, .scope, .ticketDefaults, .write,
        ]
        guard let subject = others.first(where: { $0.rawValue == rawValue }) ?? Capability(rawValue: rawValue).map(Self.read) else {
            return nil
        }
        self = subject
    }
}

/// What a host knows about how a connection, or one operation of it, went before.
public struct ConnectionHistory: Sendable, Hashable, Codable {
    /// When it worked last with the same settings; nil if it never did, as far as is known.
    public var lastSuccess: Date?

    /// States a history.
    public init(lastSuccess: Date?) { self.lastSuccess = lastSuccess }
}

extension PSAError {
    /// Takes what worked before as evidence: where it did, something was changed since, and causes of that kind come first.
    ///
    /// - Parameters:
    ///   - history: How it went before.
    ///   - now: The present.
    public mutating func learn(from history: ConnectionHistory, now: Date) {
        guard let lastSuccess = history.lastSuccess, lastSuccess <= now, !findings.contains(where: { $0.probe == .history }) else { return }
        findings.append(CauseEvidence(by: .history, evidence: CoreMessage.workedUntil(lastSuccess, now: now)))
    }
}

/// Holds a connection test to its limit, whatever its parts add up to: a token that is fetched again in the middle, a budget that is spent.
public enum ConnectionTestDeadline {
    /// Runs a test; what is not finished in time is cancelled and is in the report as one failed check.
    ///
    /// - Parameters:
    ///   - limit: How long the test may take.
    ///   - time: By which it is measured.
    ///   - progress: Called with each check as it ends, the late one included.
    ///   - work: The test; it reports its checks as they end and returns all of them in order.
    ///   - whenLate: The check that says the limit was reached.
    /// - Returns: The checks of the test, or those that ended in time and the late one.
    /// - Throws: What the test throws, or `CancellationError`.
    public static func run(
        _ limit: Duration, time: TimeSource, progress: @escaping @Sendable (ConnectionCheck) -> Void,
        work: @escaping @Sendable (@Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck],
        whenLate: @escaping @Sendable () -> ConnectionCheck
    ) async throws -> [ConnectionCheck] {
        let finished = FinishedChecks()
        return try await withThrowingTaskGroup(of: [ConnectionCheck]?.self) { group in
            group.addTask {
                try await work { check in
                    finished.append(check)
                    progress(check)
                }
            }
            group.addTask {
                try await time.sleep(limit)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            let late = whenLate()
            progress(late)
            return finished.checks + [late]
        }
    }
}

/// The checks that ended so far.
private final class FinishedChecks: Sendable {
    private let kept = Mutex<[ConnectionCheck]>([])

    var checks: [ConnectionCheck] { kept.withLock { $0 } }

    func append(_ check: ConnectionCheck) { kept.withLock { $0.append(check) } }
}
