/// What answers at an address, as seen without credentials.
public enum ServerProbe<Identity: Sendable>: Sendable {
    /// The vendor, with what its answer says of itself.
    case vendor(Identity)
    /// Something else, and perhaps it redirects to another address.
    case otherService(PSAError, redirect: ServiceURL?)
    /// Nothing.
    case unreachable(PSAError)

    /// Whether the vendor answers.
    public var isVendor: Bool {
        if case .vendor = self { true } else { false }
    }

    /// Whether nothing answers.
    public var isUnreachable: Bool {
        if case .unreachable = self { true } else { false }
    }

    /// What is wrong, unless the vendor answers.
    public var error: PSAError? {
        switch self {
        case .vendor: nil
        case .otherService(let error, _), .unreachable(let error): error
        }
    }
}

extension VendorClient {
    /// Runs a connection test within the host's time limit, and returns its report.
    ///
    /// What is not finished in time is cancelled, and the report has one failed check for it.
    ///
    /// - Parameters:
    ///   - object: What is said to have taken too long.
    ///   - progress: Receives each check as it ends.
    ///   - work: The test; it reports its checks as they end and returns all of them in order.
    /// - Returns: The report.
    /// - Throws: What the test throws, or `CancellationError`.
    public func connectionTest(
        about object: Message?, progress: @escaping @Sendable (ConnectionCheck) -> Void,
        _ work: @escaping @Sendable (@Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck]
    ) async throws -> ConnectionReport {
        let checks = try await ConnectionTestDeadline.run(connectionTestLimit, time: time, progress: progress, work: work) {
            ConnectionCheck(
                .reachable, .failed, evidence: CoreMessage.unanswered(.timedOut), error: lateError(about: object))
        }
        return ConnectionReport(connector: declaration.descriptor.id, host: declaration.origin.location, checks: checks)
    }

    /// Asks an address, without credentials, whether the vendor answers there.
    ///
    /// It may be an address that was not typed; the address policy holds.
    ///
    /// - Parameters:
    ///   - route: A route that needs no credentials, or whose refusal tells the vendor.
    ///   - origin: The address; nil for the declared one.
    ///   - object: What is asked for, for errors.
    ///   - identify: What the answer says of the vendor; nil if it is not the vendor's.
    /// - Returns: What answered.
    /// - Throws: `CancellationError`.
    public func probe<Identity: Sendable>(
        _ route: String, at origin: ServiceURL? = nil, about object: Message?, identify: (TransportResponse) -> Identity?
    ) async throws -> ServerProbe<Identity> {
        let (request, answer) = try await openAnswer(at: origin ?? declaration.origin, route: route, about: object)
        switch answer {
        case .failure(let error): return .unreachable(error)
        case .success(let response):
            if let identity = identify(response) { return .vendor(identity) }
            let location = response.headers["Location"].flatMap { $0.contains("://") ? address($0) : nil }
            return .otherService(discoveryError(response, to: request, about: object), redirect: location)
        }
    }

    /// The server of an address that the vendor or a redirect names; nil if it may not be reached.
    public func address(_ text: String) -> ServiceURL? {
        try? ServiceURL(typed: text, policy: declaration.addressPolicy, installation: declaration.installation)
    }

    /// The first check: the address is well formed and allowed.
    public var addressCheck: ConnectionCheck {
        ConnectionCheck(.address, .passed, evidence: VendorClientMessage.wellFormed(declaration.origin.text), duration: .zero)
    }

    /// The checks of the way to the server: name resolution, connection, certificate, and whether the vendor answers.
    ///
    /// - Parameters:
    ///   - probe: What answers there.
    ///   - answered: What was seen where the vendor answers.
    ///   - duration: How long the probe took.
    ///   - isRequired: Whether the connection can't work without; otherwise a failure is a warning.
    /// - Returns: The checks in order.
    public func serverChecks<Identity>(
        _ probe: ServerProbe<Identity>, answered: Message, took duration: Duration, isRequired: Bool
    ) -> [ConnectionCheck] {
        let steps: [(subject: ConnectionCheck.Subject, evidence: any LocalizedMessage)] = [
            (.nameResolution, VendorClientMessage.nameResolved), (.connection, VendorClientMessage.connectionMade),
            (.certificate, VendorClientMessage.certificateValid), (.reachable, answered),
        ]
        let failing: Int? =
            switch probe {
            case .vendor: nil
            case .otherService: 3
            case .unreachable(let error): Self.step(of: error.code)
            }
        return steps.enumerated().map { index, step in
            if let failing, index > failing { return ConnectionCheck(skipped: step.subject) }
            if index == failing, let error = probe.error {
                return ConnectionCheck(step.subject, isRequired ? .failed : .warning, error: error, duration: duration)
            }
            // A proxy looks the name up itself; if it was not passed, no one did.
            if step.subject == .nameResolution, failing == 1, probe.error?.code.area == .proxy {
                return ConnectionCheck(skipped: step.subject)
            }
            if step.subject == .certificate, declaration.origin.scheme == "http" {
                return ConnectionCheck(.certificate, .skipped, evidence: VendorClientMessage.plainHTTP)
            }
            return ConnectionCheck(step.subject, .passed, evidence: step.evidence, duration: index == 3 ? duration : nil)
        }
    }

    /// The check of a token that was issued.
    public func tokenCheck(took duration: Duration) -> ConnectionCheck {
        ConnectionCheck(
            .credentials, .passed, evidence: VendorClientMessage.tokenIssued(vendor: declaration.descriptor.displayName), duration: duration
        )
    }

    /// Does something and measures how long it takes.
    ///
    /// - Throws: What `work` throws.
    public func measured<Value: Sendable>(_ work: () async throws -> Value) async rethrows -> (value: Value, duration: Duration) {
        let start = time.instant()
        let value = try await work()
        return (value, time.instant() - start)
    }

    /// Runs one check of a connection test, and measures how long it takes.
    ///
    /// - Parameters:
    ///   - subject: What is checked.
    ///   - isEssential: Whether the connection can't work without; otherwise a failure is a warning.
    ///   - work: Tries it, and returns what was observed; with a warning if it works with a limitation.
    /// - Returns: The check: passed, with a warning, or failed with the error that was thrown.
    /// - Throws: What `work` throws, unless it is a ``PSAError``.
    public func check(
        _ subject: ConnectionCheck.Subject, isEssential: Bool = true, _ work: () async throws -> (observed: Message, warning: PSAError?)
    ) async throws -> ConnectionCheck {
        try await observedCheck(subject, isEssential: isEssential) { try await work() }
    }

    private func observedCheck(
        _ subject: ConnectionCheck.Subject, isEssential: Bool,
        _ work: () async throws -> (observed: any LocalizedMessage, warning: PSAError?)
    ) async throws -> ConnectionCheck {
        var (check, duration) = try await measured {
            do {
                let result = try await work()
                return ConnectionCheck(
                    subject, result.warning == nil ? .passed : .warning, evidence: result.observed, error: result.warning)
            } catch let error as PSAError {
                return ConnectionCheck(subject, isEssential ? .failed : .warning, error: error)
            }
        }
        check.duration = duration
        return check
    }

    /// Runs one check of a connection test that reads a little of a list.
    ///
    /// - Parameters:
    ///   - capability: What is read.
    ///   - isEssential: Whether the connection can't work without; otherwise a failure is a warning.
    ///   - object: What is read, for the warning.
    ///   - read: Reads it.
    /// - Returns: The check: passed with the number of rows, with a warning of `permission.nothing_visible` if there is none, or failed.
    /// - Throws: What `read` throws, unless it is a ``PSAError``.
    public func readCheck<Element>(
        _ capability: Capability, isEssential: Bool = true, about object: Message? = nil, _ read: () async throws -> Page<Element>
    ) async throws -> ConnectionCheck {
        try await observedCheck(.read(capability), isEssential: isEssential) {
            let page = try await read()
            let count = page.total ?? page.items.count
            guard count == 0 else { return (VendorClientMessage.rowsSeen(count), nil) }
            let warning = errors.error(.permissionNothingVisible, about: object, request: nil, evidence: VendorClientMessage.noRows)
            return (VendorClientMessage.noRows, warning)
        }
    }

    /// Runs checks at the same time.
    ///
    /// - Parameters:
    ///   - steps: What is checked, such as the lists that are read.
    ///   - progress: Receives each check as it ends.
    ///   - check: Checks one step.
    /// - Returns: The checks in the order of the steps.
    /// - Throws: What the first check that throws does, such as `CancellationError`; the others are cancelled.
    public func concurrentChecks<Step: Sendable>(
        of steps: [Step], progress: @Sendable (ConnectionCheck) -> Void, _ check: @escaping @Sendable (Step) async throws -> ConnectionCheck
    ) async throws -> [ConnectionCheck] {
        try await withThrowingTaskGroup(of: (Int, ConnectionCheck).self) { group in
            for (index, step) in steps.enumerated() {
                group.addTask { (index, try await check(step)) }
            }
            var results = [ConnectionCheck?](repeating: nil, count: steps.count)
            for try await (index, check) in group {
                progress(check)
                results[index] = check
            }
            return results.compactMap { $0 }
        }
    }

    /// Runs checks one after the other; the first that fails is the last.
    ///
    /// - Parameters:
    ///   - steps: What is checked, such as the lists that are read.
    ///   - progress: Receives each check as it ends.
    ///   - check: Checks one step.
    /// - Returns: The checks that ran.
    /// - Throws: What a check throws, such as `CancellationError`.
    public func sequentialChecks<Step: Sendable>(
        of steps: [Step], progress: @Sendable (ConnectionCheck) -> Void, _ check: @Sendable (Step) async throws -> ConnectionCheck
    ) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        for step in steps where checks.last?.outcome != .failed {
            let result = try await check(step)
            progress(result)
            checks.append(result)
        }
        return checks
    }

    private static func step(of code: ErrorCode) -> Int {
        switch code {
        case .networkDNSNotFound, .urlForbiddenAddress: 0
        case .networkRefused, .networkTimeout, .networkInterrupted, .proxyAuthenticationRequired, .proxyBlocked: 1
        case .tlsUntrusted, .tlsSelfSigned, .tlsExpired, .tlsNotYetValid, .tlsNameMismatch, .tlsNotSpoken, .tlsHandshakeRefused:
            2
        default: 3
        }
    }
}

extension ConnectionCheck {
    /// A step that went wrong; what was observed of the error is its evidence.
    public init(_ subject: Subject, _ outcome: Outcome, error: PSAError, duration: Duration? = nil) {
        // When something was found is no evidence of what is wrong.
        let observed = error.observation ?? error.findings.lazy.compactMap(\.evidence).first { ($0 as? CoreMessage)?.isNotSent != true }
        self.init(subject, outcome, evidence: observed ?? ErrorTitle(error: error), duration: duration, error: error)
    }

    /// A step that was not tried, because an earlier one failed.
    public init(skipped subject: Subject) { self.init(subject, .skipped, evidence: VendorClientMessage.notTried) }
}

/// The title of an error as a sentence, for a step of which nothing else was observed.
private struct ErrorTitle: LocalizedMessage {
    let error: PSAError

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String { error.guidance(in: TextRenderer(language)).title + "." }
}

/// What a vendor client says of what it observed.
enum VendorClientMessage: LocalizedMessage, Hashable {
    case wellFormed(String)
    case nameResolved
    case connectionMade
    case certificateValid
    case plainHTTP
    case notTried
    case tokenIssued(vendor: String)
    case noList
    case noRecord
    /// How many rows of a list were seen.
    case rowsSeen(Int)
    case noRows
    /// An id that is not a whole number, where the vendor's are.
    case notANumber(String)
    /// A page with more rows than are taken.
    case tooManyRows(Int, limit: Int)
    /// A list that has more pages than are read.
    case tooManyPages(Int)
    /// The port that the address names.
    case portNamed(Int)
    /// A route that was not found and names no record.
    case namesNoRecord(String)
    /// The host a redirect names.
    case redirectTarget(String)
    /// The code of the error with which a record could not be read after it was written.
    case notReadBack(String)

    var values: [String: MessageValue] {
        switch self {
        case .wellFormed(let text), .tokenIssued(let text), .redirectTarget(let text), .notANumber(let text),
            .notReadBack(let text), .namesNoRecord(let text):
            ["name": .verbatim(text)]
        case .portNamed(let port): ["name": .verbatim(String(port))]
        case .tooManyRows(let count, let limit): ["count": .verbatim(String(count)), "limit": .verbatim(String(limit))]
        case .rowsSeen(let count), .tooManyPages(let count): ["count": .verbatim(String(count))]
        case .nameResolved, .connectionMade, .certificateValid, .plainHTTP, .notTried, .noList, .noRecord, .noRows: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .wellFormed: "{name} is well formed and allowed."
        case .nameResolved: "The host name leads to an address."
        case .connectionMade: "A connection was made."
        case .certificateValid: "The certificate is valid and for this host."
        case .plainHTTP: "Plain http has no certificate."
        case .notTried: "Not tried, because another step failed."
        case .tokenIssued: "{name} issued an access token."
        case .notANumber: "“{name}” is not an id of this PSA: its ids are whole numbers."
        case .noList: "The answer is JSON, but not the list that was asked for."
        case .noRecord: "The answer is JSON, but not the record that was asked for."
        case .rowsSeen: "It can be read; {count} seen."
        case .noRows: "It can be read, and is empty."
        case .tooManyRows: "The answer has {count} rows in one page; at most {limit} are accepted."
        case .tooManyPages: "The list goes on after {count} pages, which is more than is read of it."
        case .portNamed: "The address names port {name}."
        case .namesNoRecord: "{name} names no record, so it is not one that is missing."
        case .redirectTarget: "The redirect leads to {name}."
        case .notReadBack: "It was written, but could not be read afterwards: {name}."
        }
    }

    private var german: String {
        switch self {
        case .wellFormed: "{name} ist richtig aufgebaut und erlaubt."
        case .nameResolved: "Der Hostname führt zu einer Adresse."
        case .connectionMade: "Eine Verbindung kam zustande."
        case .certificateValid: "Das Zertifikat ist gültig und gilt für diesen Host."
        case .plainHTTP: "Einfaches http hat kein Zertifikat."
        case .notTried: "Nicht versucht, weil ein anderer Schritt gescheitert ist."
        case .tokenIssued: "{name} hat ein Zugriffstoken ausgestellt."
        case .notANumber: "„{name}“ ist keine ID dieses PSA-Systems: Seine IDs sind ganze Zahlen."
        case .noList: "Die Antwort ist JSON, aber nicht die Liste, nach der gefragt wurde."
        case .noRecord: "Die Antwort ist JSON, aber nicht der Datensatz, nach dem gefragt wurde."
        case .rowsSeen: "Lesen ist möglich; {count} gesehen."
        case .noRows: "Lesen ist möglich, und es ist nichts da."
        case .tooManyRows: "Die Antwort hat {count} Zeilen auf einer Seite; höchstens {limit} werden angenommen."
        case .tooManyPages: "Die Liste geht nach {count} Seiten weiter; mehr wird von ihr nicht gelesen."
        case .portNamed: "Die Adresse nennt den Port {name}."
        case .namesNoRecord: "{name} nennt keinen Datensatz; es fehlt also nicht bloß einer."
        case .redirectTarget: "Die Weiterleitung führt zu {name}."
        case .notReadBack: "Es wurde geschrieben, ließ sich danach aber nicht lesen: {name}."
        }
    }
}
