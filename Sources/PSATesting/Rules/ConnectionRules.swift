import PSACore
import Synchronization

extension ConformanceRule {
    /// What the test of a connection proves.
    static let connection: [ConformanceRule] = [
        ConformanceRule(
            "connection.works", .bronze, "With good settings the test connects and names the server",
            because: "No connection could be saved."
        ) { subject in
            let report = try await ConformanceStage(subject).session().testConnection()
            if let failure = report.failure {
                guard failure.code.area != .permission else { throw InconclusiveError(TenantPermissions.sentence(about: failure)) }
                return [Violation("The test fails with \(failure)")]
            }
            return Violations.unless(report.isConnected, "No check passed.") + .unless(!report.host.isEmpty, "The report names no server.")
        },
        ConformanceRule(
            "connection.reads", .bronze, "The test reads one row of every list that the connector offers",
            because: "A token alone is not a connection: the permissions would be found wanting only when work is lost."
        ) { subject in
            let report = try await ConformanceStage(subject).session().testConnection()
            let tried = Set(report.checks.compactMap { if case .read(let capability) = $0.subject { capability } else { nil } })
            // Behind a list that the tenant does not let it read, the test may end.
            return (subject.denied.isEmpty ? subject.declaredLists : []).filter { !tried.contains($0.capability) }.map {
                Violation("The test does not read \($0.name).")
            }
        },
        ConformanceRule(
            "connection.credentials", .bronze, "With a wrong secret the test fails, with a code about credentials",
            because: "A connection that can't work would be saved, or a person would look for the fault elsewhere."
        ) { subject in
            try await subject.withEachSecretWrong { field, stage in
                let report = try await stage.session().testConnection()
                return .unless(
                    !report.isConnected && report.failure?.code.area == .auth,
                    "With a wrong “\(field.key)” the test says \(report.failure?.code.rawValue ?? "that it connected").")
            }
        },
        ConformanceRule(
            "connection.answers", .bronze, "The test takes neither an error nor a web page nor an empty answer for a list",
            because: "A connection would be saved that reads nothing.", needs: [.connection, .list], check: answers),
        ConformanceRule(
            "connection.harmless", .bronze, "The test changes nothing at the vendor",
            because: "A test is pressed often, and by people who only want to look.", check: harmless),
        ConformanceRule(
            "connection.progress", .bronze, "Every check of the report is reported once, as it ends",
            because: "A person would stare at a page on which nothing moves.", check: progress),
        ConformanceRule(
            "connection.unreachable", .bronze, "A server that can't be reached is reported by its cause, not thrown",
            because: "“Check your credentials” would be said of a name that does not exist."
        ) { subject in
            var violations: [Violation] = []
            for (kind, code) in TransportFault.unreachable {
                let fault = TransportFault(.fail(TransportError(kind, delivery: .notSent)))
                let report = try await ConformanceStage(subject, faults: [fault]).session().testConnection()
                violations += .unless(
                    report.failure?.code == code, "For \(kind.rawValue) the test says \(report.failure?.code.rawValue ?? "nothing").")
            }
            return violations
        },
        ConformanceRule(
            "connection.time_limit", .silver,
            "No request of the test waits longer than the host allows the test, and none is repeated beyond it",
            because: "A person would wait minutes for a server that does not answer."
        ) { subject in
            let limit = Duration.seconds(10)
            let silence = TransportFault(.fail(TransportError(.timedOut, delivery: .maybeSent)))
            let stage = ConformanceStage(subject, faults: [silence], testLimit: limit)
            let report = try await stage.session().testConnection()
            return Violations.unless(!report.isConnected, "A server that never answered counts as connected.")
                + stage.transport.requests.filter { $0.timeout > limit || $0.retryTimeLimit > limit }
                .map { Violation("\($0) may take \($0.timeout) and be put off for \($0.retryTimeLimit).") }
        },
    ]
}

extension ConformanceRule {
    /// Every request is answered wrongly at once, and then those of one list after another: a test may end at the first list that fails.
    private static func answers(_ subject: ConformanceSubject) async throws -> [Violation] {
        var violations: [Violation] = []
        for (name, answer) in TransportResponse.notData {
            let fault = TransportFault(.answer(answer)) { !subject.isTokenRequest($0) }
            let report = try await ConformanceStage(subject, faults: [fault]).session().testConnection()
            violations += .unless(
                report.allowed.isEmpty,
                "With \(name) in place of data the test says that it could \(report.allowed.sorted().first?.label ?? "").")
        }
        for list in subject.lists {
            let routes = try await Routes(of: list, subject)
            for (name, answer) in TransportResponse.notData {
                let fault = TransportFault(.answer(answer), hits: routes.contains)
                let report = try await ConformanceStage(subject, faults: [fault]).session().testConnection()
                violations += .unless(
                    !report.allowed.contains(list.capability),
                    "With \(name) in place of \(list.name) the test says that it could \(list.capability.label).")
            }
        }
        return violations
    }

    /// A write shows by what the connector says about its requests; one that it calls repeatable shows by a ticket that was not there.
    private static func harmless(_ subject: ConformanceSubject) async throws -> [Violation] {
        let stage = ConformanceStage(subject)
        _ = try await stage.session().testConnection()
        let violations = stage.transport.requests.filter { !$0.isRepeatable }.map { Violation("The test sent \($0).") }
        let unsafe = stage.transport.requests.filter { !$0.method.isSafe && !subject.isTokenRequest($0) }
        guard violations.isEmpty, !unsafe.isEmpty, subject.can(.readTickets) else { return violations }
        let session = try ConformanceStage(subject).session()
        let order: TicketQuery.Order = subject.descriptor.ticketFilters.contains(.newestFirst) ? .newestFirst : .listed
        func tickets() async throws -> Set<Ticket.ID> {
            var ids: Set<Ticket.ID> = []
            for try await ticket in session.tickets(matching: TicketQuery(order: order)).prefix(1_000) { ids.insert(ticket.id) }
            return ids
        }
        let before = try await tickets()
        _ = try await stage.session().testConnection()
        return try await tickets().subtracting(before).prefix(1).map { Violation("With the test, ticket \($0) came into being.") }
    }

    private static func progress(_ subject: ConformanceSubject) async throws -> [Violation] {
        let seen = RecordedChecks()
        let report = try await ConformanceStage(subject).session().testConnection { seen.append($0.subject) }
        // Checks that run at the same time may end in another order than they are reported in.
        let reported = report.checks.map(\.subject)
        let violations = Violations.unless(
            seen.subjects.count == reported.count && Set(seen.subjects) == Set(reported),
            "\(seen.subjects.count) checks were passed to `progress`, \(reported.count) are in the report.")
        // Where the last list hangs, the checks before it have ended.
        let last = subject.lists.last { list in reported.dropFirst().contains { $0 == .read(list.capability) } }
        guard let last else { return violations }
        let routes = try await Routes(of: last, subject)
        let hang = TransportFault(.hang, hits: routes.contains)
        let stage = ConformanceStage(subject, faults: [hang])
        let session = try stage.session()
        let early = RecordedChecks()
        let ended = Signal()
        let test = Task {
            defer { ended.fire() }
            _ = try await session.testConnection { early.append($0.subject) }
        }
        while ended.count == 0, !stage.transport.requests.contains(where: hang.hits) { await Task.yield() }
        // Checks at the same time need a moment; one that is kept for the end never comes.
        for _ in 0..<200 where ended.count == 0 && early.subjects.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        test.cancel()
        _ = await test.result
        return violations
            + .unless(!early.subjects.isEmpty, "While \(last.name) are read, no check that has ended was passed to `progress`.")
    }
}

/// The requests that read the first row of a list, by method and route.
private struct Routes: Sendable {
    private let known: Set<String>

    init(of list: ReadableList, _ subject: ConformanceSubject) async throws {
        let stage = ConformanceStage(subject)
        _ = try await list.rows(stage.session(), 1)
        known = Set(stage.transport.requests.filter { !subject.isTokenRequest($0) }.map(Self.name))
    }

    @Sendable func contains(_ request: TransportRequest) -> Bool { known.contains(Self.name(request)) }

    private static func name(_ request: TransportRequest) -> String { request.method.rawValue + " " + request.route }
}

extension TransportResponse {
    /// Answers that are no data, whatever was asked for.
    static let notData: [(name: String, answer: TransportResponse)] = [
        ("a web page", page), ("an empty answer", TransportResponse(status: 200, headers: ["Content-Type": "application/json"])),
        ("a redirect", TransportResponse(status: 302, headers: ["Location": "https://login.example.com/"])),
        ("403", .json(403, [:])), ("404", .json(404, [:])), ("500", .json(500, [:])),
    ]

    /// A page for people.
    static let page = TransportResponse(
        status: 200, headers: ["Content-Type": "text/html"], body: Array("<!DOCTYPE html><html><title>Sign in</title></html>".utf8))
}

extension TransportFault {
    /// Why a server is out of reach, and what a person must be shown.
    static let unreachable: [(TransportError.Kind, ErrorCode)] = [
        (.nameNotFound, .networkDNSNotFound), (.connectionRefused, .networkRefused), (.certificateUntrusted, .tlsUntrusted),
        (.certificateExpired, .tlsExpired), (.certificateNameMismatch, .tlsNameMismatch), (.certificateSelfSigned, .tlsSelfSigned),
        (.certificateNotYetValid, .tlsNotYetValid), (.tlsNotSpoken, .tlsNotSpoken),
        (.tlsHandshakeRefused, .tlsHandshakeRefused),
    ]
}

extension ConformanceRule {
    /// What happens when the caller gives up.
    static let cancellation: [ConformanceRule] = [
        ConformanceRule(
            "cancellation.reading", .gold, "Reading that is given up ends at once, as cancellation",
            because: "A person who leaves the page would be shown a fault that never was.", needs: [.connection, .list]
        ) { subject in
            var found: [Violation] = []
            for operation in try await subject.run.reads(of: subject) {
                let hang = TransportFault(.hang) { !subject.isTokenRequest($0) }
                let stage = ConformanceStage(subject, faults: [hang])
                let session = try stage.session()
                found += await violations(of: "Given up, \(operation.name)", stage, once: hang) { try await operation.run(session) }
            }
            return found
        },
        ConformanceRule(
            "cancellation.testing", .gold, "A test that is given up ends at once, as cancellation",
            because: "A connection would be marked as broken because a page was closed."
        ) { subject in
            let hang = TransportFault(.hang)
            let stage = ConformanceStage(subject, faults: [hang])
            let session = try stage.session()
            return await violations(of: "The test", stage, once: hang) { _ = try await session.testConnection() }
        },
        ConformanceRule(
            "cancellation.writing", .gold,
            "A write that is given up after it was sent is reported as of unknown outcome, and before that as cancelled",
            because: "A host that takes it for cancelled sends the same ticket again.",
            needs: [.connection, .writing, .capability(.createTickets)]
        ) { subject in
            // Nothing refers to an upload that was given up.
            let operations = WriteOperation.all(of: subject).filter { !$0.isOfFile }
            let target = try await WriteTarget.created(for: subject, operations)
            var violations: [Violation] = []
            for operation in operations {
                let hang = TransportFault(.hang, hits: subject.isWrite)
                let stage = ConformanceStage(subject, faults: [hang])
                let session = try stage.session()
                let sent = await result(of: stage, once: hang) { _ = try await operation.run(session, target) }
                let early = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await operation.run(session, target)
                }
                let unsent = await early.result
                violations +=
                    Violations.unless(
                        (sent.failure as? PSAError)?.mayHaveBeenExecuted == true,
                        "Given up after it was sent, \(operation.name) ended with \(sent).")
                    + .unless(
                        unsent.failure is CancellationError, "Given up before it was sent, \(operation.name) ended with \(unsent).")
            }
            return violations
        },
    ]

    /// Gives up work once a request of it hangs, and says if it did not end as cancelled; work that ends before is not waited for.
    private static func violations(
        of work: String, _ stage: ConformanceStage, once hang: TransportFault, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> [Violation] {
        switch await result(of: stage, once: hang, operation) {
        case .success: return [Violation("\(work) ended as if it had succeeded.")]
        case .failure(is CancellationError): return []
        case .failure(let error): return [Violation("\(work) ended with \(error).")]
        }
    }

    /// How work ends that is given up once a request of it hangs.
    private static func result(
        of stage: ConformanceStage, once hang: TransportFault, _ operation: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        let ended = Signal()
        let task = Task {
            defer { ended.fire() }
            try await operation()
        }
        while ended.count == 0, !stage.transport.requests.contains(where: hang.hits) { await Task.yield() }
        task.cancel()
        return await task.result
    }
}

extension Result {
    /// The error of a failure.
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

/// The checks a connection test reported, in order.
final class RecordedChecks: Sendable {
    private let kept = Mutex<[ConnectionCheck.Subject]>([])

    var subjects: [ConnectionCheck.Subject] { kept.withLock { $0 } }

    func append(_ subject: ConnectionCheck.Subject) { kept.withLock { $0.append(subject) } }
}
