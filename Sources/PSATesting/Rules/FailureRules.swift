import PSACore
import Synchronization

extension ConformanceRule {
    /// What a person is shown when reading fails.
    static let failures: [ConformanceRule] = [
        answering(
            "failures.unauthorized", "An answer of 401 is reported as a matter of credentials or permission",
            because: "A person would wait for a vendor who waits for them.", [401], areas: [.auth, .permission]),
        answering(
            "failures.forbidden", "An answer of 403 is reported as a matter of permission",
            because: "A person would make new credentials, which changes nothing.", [403], areas: [.permission]),
        answering(
            "failures.throttled", "An answer of 429 is reported as too many requests",
            because: "A person would look for a fault where there is only haste.", [429], areas: [.rate]),
        answering(
            "failures.unavailable",
            "An answer of 502, 503 or 504 is reported as a vendor who is not available, never as a matter of credentials",
            because: "A working secret would be thrown away.", [502, 503, 504], areas: [.vendor]),
        ConformanceRule(
            "failures.refused", .silver,
            "An answer of 400, 409, 422, 500, 501 or 520 is an error, never data, and is not asked for on and on",
            because: "Every company, file or field would seem to be gone while the vendor has a fault, or the fault be made worse.",
            needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for status in [400, 409, 422, 500, 501, 520] {
                violations += try await expectation(subject, .answer(.json(status, [:])), "\(status)", atMost: 30) { _ in true }
            }
            return violations
        },
        ConformanceRule(
            "failures.page", .silver, "A web page in place of data is reported as such",
            because: "A proxy's login page would pass for an empty list.", needs: [.connection, .list]
        ) { subject in
            try await expectation(subject, .answer(.page), "a web page") { $0.code.area == .proxy }
        },
        ConformanceRule(
            "failures.redirect", .silver, "A redirect to a login page is reported as such",
            because: "Credentials would be followed to a foreign server.", needs: [.connection, .list]
        ) { subject in
            let redirect = TransportResponse(status: 302, headers: ["Location": "https://login.example.com/"])
            return try await expectation(subject, .answer(redirect), "a redirect") { $0.code.area == .proxy }
        },
        ConformanceRule(
            "failures.nonsense", .silver, "An answer that is empty, cut off, or of another form is an error, never an empty list",
            because: "Every company would seem to be gone.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for (name, body) in nonsense {
                let answer = TransportResponse(status: 200, headers: ["Content-Type": "application/json"], body: Array(body.utf8))
                violations += try await expectation(subject, .answer(answer), name) { $0.code == .vendorUnexpectedResponse }
            }
            // What such an answer is reported as depends on what the vendor means by it.
            for (name, body) in emptyOrRefusing {
                violations += try await expectation(subject, .answer(.json(200, body)), name) { _ in true }
            }
            return violations
        },
        ConformanceRule(
            "failures.network", .silver, "A request without an answer is reported by its cause",
            because: "A person would ask the vendor about a broken cable.", needs: [.connection, .list]
        ) { subject in
            var violations: [Violation] = []
            for (kind, code) in TransportFault.unreachable + [(.timedOut, .networkTimeout), (.interrupted, .networkInterrupted)] {
                violations += try await expectation(subject, .fail(TransportError(kind, delivery: .maybeSent)), kind.rawValue) {
                    $0.code == code
                }
            }
            return violations
        },
        ConformanceRule(
            "failures.traceable", .silver, "A refusal names the request by method, host and template, and the vendor's status",
            because: "The vendor's support cannot find a request without its name.", needs: [.connection, .list]
        ) { subject in
            let refusal = TransportResponse(status: 403, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
            return try await expectation(subject, .answer(refusal), "a refusal that can be traced") { error in
                error.vendor?.status == 403 && error.request?.isEmpty == false && error.request?.contains("?") == false
            }
        },
    ]

    private static let nonsense = [
        ("an empty answer", ""), ("a cut-off answer", "{\"rows\": [{\"id\": 1, \"na"), ("a bare text", "\"surprise\""),
        ("a bare number", "42"), ("brackets without end", String(repeating: "[", count: 100_000)),
    ]

    private static let emptyOrRefusing: [(String, JSONValue)] = [
        ("an empty object", [:]), ("null", .null), ("a message with status 200", ["message": "An error has occurred."]),
        ("a list of errors with status 200", ["errors": ["An error has occurred."]]),
    ]

    /// The rule that an answer of some statuses is reported as something of some areas.
    private static func answering(
        _ id: ID, _ title: String, because reason: String, _ statuses: [Int], areas: Set<ErrorCode.Area>
    ) -> ConformanceRule {
        ConformanceRule(id, .silver, title, because: reason, needs: [.connection, .list]) { subject in
            var violations: [Violation] = []
            for status in statuses {
                let answer = TransportResponse(status: status, headers: ["Content-Type": "application/json"], body: Array("{}".utf8))
                violations += try await expectation(subject, .answer(answer), "\(status)") { areas.contains($0.code.area) }
            }
            return violations
        }
    }

    /// What falls short when everything is read with a fault in every request but the one for a token; a read may take so many requests.
    private static func expectation(
        _ subject: ConformanceSubject, _ effect: TransportFault.Effect, _ name: String, atMost limit: Int = .max,
        holds: (PSAError) -> Bool
    ) async throws -> [Violation] {
        let fault = TransportFault(effect) { !subject.isTokenRequest($0) }
        let stage = ConformanceStage(subject, faults: [fault])
        let session = try stage.session()
        var violations: [Violation] = []
        let isSuccess: Bool = if case .answer(let answer) = effect { (200..<300).contains(answer.status) } else { false }
        for operation in try await subject.run.reads(of: subject) where !(isSuccess && operation.takesAnyBody) {
            let before = stage.transport.requests.count
            let error = try await failure { try await operation.run(session) }
            let sent = stage.transport.requests.count - before
            violations += .unless(sent <= limit, "When \(operation.name), \(name) was asked for \(sent) times.")
            guard let error else {
                violations.append(Violation("When \(operation.name), \(name) passes for data."))
                continue
            }
            violations += .unless(holds(error), "When \(operation.name), \(name) is reported as \(error).")
        }
        return violations
    }
}

extension ConformanceRule {
    /// What must come out nowhere.
    static let secrecy: [ConformanceRule] = [
        ConformanceRule(
            "secrecy.addresses", .gold, "No secret and no token stands in the address of a request",
            because: "Addresses are written into the logs of every server on the way."
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            _ = try await session.testConnection()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            for operation in try await subject.run.reads(of: subject) { _ = try await failure { try await operation.run(session) } }
            for refusal in Refusal.all(of: subject) { _ = try await failure { try await refusal.run(session) } }
            var requests = stage.transport.requests
            if subject.mayWrite, subject.can(.createTickets) { requests += try await subject.run.writes(of: subject).requests }
            let hidden = subject.secrets + requests.tokens(besides: subject.secrets)
            let found = requests.filter { SecretSpelling.found(hidden, in: $0.urlText) }.map { "\($0.method.rawValue) \($0.route)" }
            return Set(found).sorted().map { Violation("A secret stands in the address of \($0).") }
        },
        ConformanceRule(
            "secrecy.answers", .gold, "No error shows a secret, whatever is refused or fails, and whatever a careless server sends back",
            because: "A secret would stand on the page, in the audit log, and in a ticket to support."
        ) { subject in try await subject.run.secrecy(of: subject).shown },
        ConformanceRule(
            "secrecy.elsewhere", .gold, "No request goes to a server that an answer names",
            because: "Whoever can answer in the vendor's place would be sent the credentials.", needs: [.connection, .list],
            check: elsewhere),
        ConformanceRule(
            "secrecy.log", .gold, "No secret and no token stands in the log", because: "Logs are read by many and kept for long."
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            _ = try await session.testConnection()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            var (lines, requests) = (stage.log.lines, stage.transport.requests)
            if subject.mayWrite, subject.can(.createTickets) {
                let writes = try await subject.run.writes(of: subject)
                lines += writes.log
                requests += writes.requests
            }
            let hidden = subject.secrets + requests.tokens(besides: subject.secrets)
            let found = lines.filter { SecretSpelling.found(hidden, in: $0) }.map { _ in Violation("A secret stands in a line of the log.")
            }
            return try await found + subject.run.secrecy(of: subject).logged
        },
    ]

    private static func elsewhere(_ subject: ConformanceSubject) async throws -> [Violation] {
        let foreign = "elsewhere.example.net"
        let redirects: [TransportFault.Effect] = [301, 302, 307, 308].map {
            .answer(TransportResponse(status: $0, headers: ["Location": "https://\(foreign)/"]))
        }
        let origins = Set(subject.settings.keys.compactMap { subject.settings[$0]?.reveal() }.filter { $0.contains("://") })
        let renamed = TransportFault.Effect.alter { $0.naming("https://" + foreign, inPlaceOf: origins) }
        var violations: [Violation] = []
        func look(_ stage: ConformanceStage) {
            violations += stage.transport.requests.filter { $0.origin.host == foreign }.prefix(1).map { request in
                let what = subject.isTokenRequest(request) ? "a request for a token" : request.method.rawValue
                return Violation("After an answer that names another server, \(what) goes to \(foreign).")
            }
        }
        for effect in redirects + [renamed] {
            let stage = ConformanceStage(subject, faults: [TransportFault(effect) { !subject.isTokenRequest($0) }])
            let session = try stage.session()
            for operation in try await subject.run.reads(of: subject) { _ = try await failure { try await operation.run(session) } }
            _ = try await failure { _ = try await session.testConnection() }
            look(stage)
        }
        for effect in redirects {
            // A connector that fetches no token sends its credentials with every request, as above.
            guard subject.descriptor.authentication == .accessToken else { break }
            let stage = ConformanceStage(subject, faults: [TransportFault(effect, hits: subject.isTokenRequest)])
            let session = try stage.session()
            _ = try await failure { _ = try await session.testConnection() }
            for list in subject.lists.prefix(1) { _ = try await failure { _ = try await list.rows(session, 1) } }
            look(stage)
        }
        let operations = subject.mayWrite && subject.can(.createTickets) ? WriteOperation.all(of: subject) : []
        guard !operations.isEmpty else { return violations }
        let target = try await subject.run.writes(of: subject).target
        for effect in redirects {
            let stage = ConformanceStage(subject, faults: [TransportFault(effect, hits: subject.isWrite)])
            let session = try stage.session()
            for operation in operations { _ = try await failure { _ = try await operation.run(session, target) } }
            look(stage)
        }
        return violations
    }
}

/// What shows a secret, and what logs one, where something is refused or fails.
struct SecrecyFindings: Sendable {
    private(set) var shown: [Violation] = []
    private(set) var logged: [Violation] = []

    /// Plays everything that goes wrong.
    ///
    /// - Throws: Errors of the connector that are no ``/PSACore/PSAError``.
    init(of subject: ConformanceSubject) async throws {
        try await playCarelessServer(subject)
        try await playRefusals(subject)
        try await playFailedWrites(subject)
    }

    private mutating func playCarelessServer(_ subject: ConformanceSubject) async throws {
        for spares in [false, true] {
            let place = spares ? "every answer but the token" : "every answer"
            let hits: @Sendable (TransportRequest) -> Bool = { !spares || !subject.isTokenRequest($0) }
            for status in [400, 401, 403, 500] {
                let stage = ConformanceStage(subject, faults: [TransportFault(.echo(status: status), hits: hits)])
                let session = try stage.session()
                let shown = Shown()
                let report = try await session.testConnection { shown.add($0.json(in: TextRenderer()).encodedText) }
                shown.add(report.json(in: TextRenderer()).encodedText)
                for operation in try await subject.run.reads(of: subject) {
                    if let error = try await failure(of: { try await operation.run(session) }) { shown.add(error) }
                }
                for operation in WriteOperation.all(of: subject) where subject.mayWrite {
                    if let error = try await failure(of: { _ = try await operation.run(session, .none(subject)) }) { shown.add(error) }
                }
                let when = "With \(place) answered \(status) and everything sent"
                self.shown += .unless(!SecretSpelling.found(stage.hidden, in: shown.text), "\(when), a secret is shown.")
                logged += stage.logged(when)
            }
        }
    }

    /// What the vendor, or the connector itself, refuses.
    private mutating func playRefusals(_ subject: ConformanceSubject) async throws {
        let stage = ConformanceStage(subject)
        let session = try stage.session()
        for refusal in Refusal.all(of: subject) {
            let error = try await failure { try await refusal.run(session) }
            shown += stage.secrets(in: error).map { Violation("The error of \(refusal.name) shows \($0).") }
        }
        logged += stage.logged("Where something is refused")
    }

    /// Writes to a ticket that is there: what is read before them succeeds, and the vendor refuses the write itself.
    private mutating func playFailedWrites(_ subject: ConformanceSubject) async throws {
        let operations = subject.mayWrite && subject.can(.createTickets) ? WriteOperation.all(of: subject) : []
        guard !operations.isEmpty else { return }
        let target = try await subject.run.writes(of: subject).target
        let effects: [(String, TransportFault.Effect)] = [
            ("422", .answer(.json(422, [:]))), ("500", .answer(.json(500, [:]))), ("403 and everything sent", .echo(status: 403)),
        ]
        for (name, effect) in effects {
            let stage = ConformanceStage(subject, faults: [TransportFault(effect, hits: subject.isWrite)])
            let session = try stage.session()
            for operation in operations {
                let error = try await failure { _ = try await operation.run(session, target) }
                shown += stage.secrets(in: error).map { Violation("Answered \(name) when \(operation.name), the error shows \($0).") }
            }
            logged += stage.logged("Where writes are answered \(name)")
        }
    }
}

extension ConformanceStage {
    /// The secrets of the settings, and the tokens that were sent.
    fileprivate var hidden: [Secret] { subject.secrets + transport.requests.tokens(besides: subject.secrets) }

    /// What an error shows that must not be shown: “a secret”, or nothing.
    fileprivate func secrets(in error: PSAError?) -> [String] {
        guard let error else { return [] }
        let shown = Shown()
        shown.add(error)
        return SecretSpelling.found(hidden, in: shown.text) ? ["a secret"] : []
    }

    /// What speaks against the log.
    fileprivate func logged(_ when: String) -> [Violation] {
        let hidden = hidden
        return .unless(!log.lines.contains { SecretSpelling.found(hidden, in: $0) }, "\(when), a secret stands in a line of the log.")
    }
}

/// Something that no vendor takes, so that its error can be looked at.
private struct Refusal: Sendable {
    let name: String
    let run: @Sendable (ConnectorSession) async throws -> Void

    private static let absent = 987_654_321

    static func all(of subject: ConformanceSubject) -> [Refusal] {
        var all: [Refusal] = []
        if subject.can(.readTickets) {
            all.append(Refusal(name: "a ticket that does not exist") { _ = try await $0.ticket(RecordID(absent)) })
        }
        guard subject.can(.createTickets) else { return all }
        for (name, draft) in drafts(of: subject) {
            all.append(Refusal(name: name) { try await $0.check(draft) })
            if subject.mayWrite { all.append(Refusal(name: name) { _ = try await $0.createTicket(draft) }) }
        }
        guard subject.mayWrite else { return all }
        let target = WriteTarget(draft: subject.draft, ticket: RecordID(absent), status: RecordID(absent))
        return all
            + WriteOperation.all(of: subject).filter(\.needsTicket).map { operation in
                Refusal(name: "\(operation.name) of a ticket that does not exist") { _ = try await operation.run($0, target) }
            }
    }

    private static func drafts(of subject: ConformanceSubject) -> [(String, TicketDraft)] {
        var (bare, strange) = (Marker().draft(subject), Marker().draft(subject))
        bare.summary = ""
        bare.type = subject.typeWithFields ?? bare.type
        strange.type = TicketType.ID(absent)
        return [("a ticket without a summary", bare), ("a ticket of a type that does not exist", strange)]
    }
}

/// What a host could show.
private final class Shown: Sendable {
    private let texts = Mutex<[String]>([])

    var text: String { texts.withLock { $0.joined(separator: "\n") } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    func add(_ error: PSAError) {
        add(error.problem.encodedText)
        add("\(error)")
    }
}

extension TransportResponse {
    /// The answer with another server wherever it names one of these.
    fileprivate func naming(_ other: String, inPlaceOf origins: Set<String>) -> TransportResponse {
        var response = self
        var text = String(decoding: body, as: UTF8.self)
        var fields = headers.fields
        for origin in origins {
            let origin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
            text = text.replacing(origin, with: other).replacing(origin.replacing("/", with: "\\/"), with: other)
            for index in fields.indices { fields[index].value = fields[index].value.replacing(origin, with: other) }
        }
        response.body = Array(text.utf8)
        response.headers = TransportHeaders()
        for field in fields { response.headers.append(field.name, field.value) }
        return response
    }
}

extension [TransportRequest] {
    /// The tokens that were sent, apart from the settings' own secrets.
    fileprivate func tokens(besides secrets: [Secret]) -> [Secret] {
        Set(compactMap { $0.headers["Authorization"]?.split(separator: " ").last.map(String.init) })
            .map { Secret($0) }.filter { !SecretSpelling.found(secrets, in: $0.reveal()) }
    }
}

extension ConformanceRule {
    /// The bounds that every request keeps.
    static let bounds: [ConformanceRule] = [
        ConformanceRule(
            "bounds.requests", .platinum, "Every request has bounds: five minutes, 64 MiB, and the addresses that the host allows",
            because: "One answer could fill the host's memory, or a redirect lead it into its own network.", needs: [.connection, .list]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            for operation in try await subject.run.reads(of: subject) { _ = try await failure { try await operation.run(session) } }
            _ = try await failure { _ = try await session.testConnection() }
            var requests = stage.transport.requests
            if subject.mayWrite, subject.can(.createTickets) { requests += try await subject.run.writes(of: subject).requests }
            return requests.flatMap { request in
                Violations.unless(request.timeout <= .seconds(300), "\(request) may take \(request.timeout).")
                    + .unless(
                        request.maximumResponseBytes <= 64 << 20, "\(request) takes answers of \(request.maximumResponseBytes) bytes.")
                    + .unless(
                        request.addressPolicy == subject.addressPolicy, "\(request) may reach addresses that the host does not allow.")
            }
        },
        ConformanceRule(
            "bounds.rate_limit", .platinum, "Every request keeps the tenant's rate limit",
            because: "The vendor would lock the tenant out, and with it everybody who works there.", needs: [.connection, .list]
        ) { subject in
            let stage = ConformanceStage(subject, pace: .some(RateLimit(2, per: .seconds(600))))
            let session = try stage.session()
            for list in subject.lists.prefix(3) + subject.lists.prefix(3) {
                // Reaching the retry time limit is as good as waiting: either way nothing more is sent.
                _ = try? await list.rows(session, 1)
            }
            let held = stage.time.waits.count { $0 > .seconds(60) }
            return .unless(
                held > 0 || stage.transport.requests.count <= 2,
                "Of \(stage.transport.requests.count) requests at a rate limit of two in ten minutes, none was delayed.")
        },
    ]

    /// How tokens are spent.
    static let tokens: [ConformanceRule] = [
        ConformanceRule(
            "tokens.shared", .platinum, "Twenty callers at once cause one token request",
            because: "Vendors throttle their token endpoint hardest of all.", needs: [.connection, .list, .accessToken]
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await subject.lists[0].rows(session, 1) } }
                try await group.waitForAll()
            }
            return .unless(stage.requestsWithSecret.count == 1, "\(stage.requestsWithSecret.count) tokens were fetched.")
        },
        ConformanceRule(
            "tokens.refreshed", .platinum, "A token that is refused once is fetched again, and the work goes on",
            because: "A token that was revoked would stop everything until the host is restarted.",
            needs: [.connection, .list, .accessToken]
        ) { subject in
            let refusal = TransportFault(.answer(TransportResponse(status: 401)), times: 1) { !subject.isTokenRequest($0) }
            let stage = ConformanceStage(subject, faults: [refusal])
            let session = try stage.session()
            let error = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless(error == nil, "After one 401 reading ends with \(error?.code.rawValue ?? "").")
        },
        ConformanceRule(
            "tokens.given-up", .platinum, "A fresh token that is refused too is reported after one try, not fetched again and again",
            because: "The account would be locked.", needs: [.connection, .list, .accessToken]
        ) { subject in
            let stage = ConformanceStage(
                subject, faults: [TransportFault(.answer(TransportResponse(status: 401))) { !subject.isTokenRequest($0) }])
            let session = try stage.session()
            _ = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless((1...2).contains(stage.requestsWithSecret.count), "\(stage.requestsWithSecret.count) tokens were fetched.")
        },
        ConformanceRule(
            "tokens.forgiving", .platinum, "A token that could not be fetched once is asked for again after a pause",
            because: "One bad minute of the vendor would stop everything until the host is restarted.",
            needs: [.connection, .list, .accessToken]
        ) { subject in
            let fault = TransportFault(.answer(TransportResponse(status: 400, body: Array("{}".utf8))), times: 1) {
                subject.isTokenRequest($0)
            }
            let stage = ConformanceStage(subject, faults: [fault])
            let session = try stage.session()
            _ = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            try await stage.time.source.sleep(.seconds(900))
            let error = try await failure { _ = try await subject.lists[0].rows(session, 1) }
            return .unless(error == nil, "A quarter of an hour later reading still ends with \(error?.code.rawValue ?? "").")
        },
    ]
}
