/// What the vendor itself said, cut and without anything secret.
public struct VendorReply: Sendable, Hashable, Codable {
    /// The HTTP status.
    public var status: Int?
    /// The vendor's own code, such as `invalid_client`.
    public var code: String?
    /// The vendor's own words, at most 300 characters.
    public var message: String?
    /// The vendor's id for the request, for its support.
    public var requestID: String?

    /// States a reply.
    public init(status: Int? = nil, code: String? = nil, message: String? = nil, requestID: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}

/// The one error a host sees: a stable code, and all that a person needs to act on it, in any language.
///
/// ```swift
/// do {
///     _ = try await session.createTicket(draft)
/// } catch let error as PSAError {
///     let guidance = error.guidance(in: TextRenderer(.german))
///     print(error.code, guidance.title, guidance.causes.map(\.text), guidance.steps)
///     if error.mayHaveBeenExecuted { print("Look for the ticket before another try.") }
/// }
/// ```
///
/// ```swift
/// do {
///     _ = try await session.createTicket(draft)
/// } catch let error as PSAError {
///     let guidance = error.guidance(in: TextRenderer(.german))
///     print(error.code, guidance.title, guidance.causes.map(\.text), guidance.steps)
///     if error.mayHaveBeenExecuted { print("Look for the ticket before another try.") }
/// }
/// ```
///
/// Nothing secret is in it and no payload: only status, vendor code and cut message, method, route template, host and request id ever leave a
/// connector. Cancellation is not a `PSAError`; it stays `CancellationError`.
public struct PSAError: Error, Sendable, CustomStringConvertible {
    /// What happened; everything else depends on it.
    public let code: ErrorCode
    /// Whose texts it is written in.
    public let catalogue: GuidanceCatalogue
    /// The values its texts ask for.
    public var values: [GuidanceTemplate.Slot: MessageValue]
    /// What is known about its causes.
    public var findings: [CauseEvidence]
    /// The settings the occurrence itself names, such as those with a wrong value; empty if it names none.
    ///
    /// A type, status or priority that the ticket itself named is in ``ticketFieldIssues``, because no setting changes it.
    public var concernedFields: [SettingKey]
    /// The settings that did not count, because the ticket itself named what they stand for.
    var replacedSettings: [SettingKey] = []
    /// Where the guide explains the setting that is wrong; nil for errors that no check of settings found.
    var settingGuide: GuideAnchor?
    /// Whether and when to try again.
    public var retry: RetryAdvice
    /// Whether the vendor may have executed the write that failed; filled in by the session, nil for anything but a write.
    public var execution: WriteExecution?
    /// A value that would have worked, if one was found.
    public var suggestion: Suggestion?
    /// The connector it happened in; filled in by the session.
    public var connector: ConnectorID?
    /// Method, host and route template of the request, if there was one.
    public var request: String?
    /// What the vendor said, if it said anything.
    public var vendor: VendorReply?
    /// Every setting that is wrong, for `config.…` and `url.…` codes.
    public var settingIssues: [SettingIssue]
    /// Every ticket field that is missing or wrong, for `ticket.…` codes.
    public var ticketFieldIssues: [TicketFieldIssue] = []
    /// The name of this occurrence.
    public let correlationID: CorrelationID

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - catalogue: Whose texts to use.
    ///   - values: The values its texts ask for.
    ///   - evidence: What was observed of the failure as such.
    ///   - request: Method, host and route template.
    ///   - vendor: What the vendor said.
    ///   - settingIssues: The settings that are wrong.
    ///   - correlationID: The name of this occurrence.
    public init(
        _ code: ErrorCode, catalogue: GuidanceCatalogue = .shared, values: [GuidanceTemplate.Slot: MessageValue] = [:],
        evidence: (any LocalizedMessage)? = nil, request: String? = nil, vendor: VendorReply? = nil, settingIssues: [SettingIssue] = [],
        correlationID: CorrelationID = .init()
    ) {
        self.code = code
        self.catalogue = catalogue
        self.values = values
        findings = evidence.map { [CauseEvidence(by: .answer, evidence: $0)] } ?? []
        concernedFields = settingIssues.map(\.field)
        retry = catalogue.template(for: code, concerning: settingIssues.map(\.field)).retry
        self.request = request
        self.vendor = vendor
        self.settingIssues = settingIssues
        self.correlationID = correlationID
    }

    /// Whether the same write sent again could do something twice.
    ///
    /// Where the answer is true, look for what may have been written first.
    public var mayHaveBeenExecuted: Bool { execution == .unknown || execution == nil && retry == .unknownOutcome }

    /// The settings to change: those the occurrence names, or those in which the surest cause is fixed.
    public var fields: [SettingKey] { concernedFields.isEmpty ? rankedFields : concernedFields }

    /// What a person reads, in English.
    public var guidance: Guidance { guidance(in: TextRenderer()) }

    /// One line: code and what happened.
    public var description: String { "\(code): \(guidance.detail)" }
}

extension PSAError {
    /// The error for settings that did not pass their check: it takes the code of the first problem and lists all of them.
    ///
    /// - Parameters:
    ///   - issues: What is wrong; must not be empty.
    ///   - descriptor: The connector the settings are for.
    public init(settings issues: [SettingIssue], descriptor: ConnectorDescriptor) {
        // Only those the code is about: “nothing was entered” must not be said of a field with a wrong value.
        let concerned = issues.filter { $0.code == issues.first?.code }
        self.init(
            issues.first?.code ?? .configInvalidField, catalogue: descriptor.guidance,
            values: [
                .field: .list(concerned.map { descriptor.settings[$0.field]?.name(for: descriptor.id) ?? .verbatim($0.field.rawValue) }),
                .message: .sentences(concerned.map { .phrase($0.localizedMessage) }),
                .name: .verbatim(issues.first?.field.rawValue ?? ""),
                .known: .list(descriptor.settings.fields.map { .verbatim($0.key.rawValue) }),
            ],
            settingIssues: issues)
        let causes = Set(concerned.map { $0.cause(in: descriptor.settings) })
        if causes.count == 1, let cause = causes.first ?? nil { findings.append(CauseEvidence(cause, by: .settings)) }
        connector = descriptor.id
        settingGuide = Self.guide(to: issues, of: descriptor)
    }

    /// Where the guide explains the first setting that is wrong.
    static func guide(to issues: [SettingIssue], of descriptor: ConnectorDescriptor?) -> GuideAnchor? {
        issues.first.flatMap { descriptor?.settings[$0.field]?.guideAnchor }
    }
}

extension PSAError {
    /// The error of a new ticket, with each type, status and priority that the draft names taken from the draft and not from the setting that
    /// would otherwise count.
    ///
    /// - Parameters:
    ///   - draft: The ticket that was to be created.
    ///   - descriptor: The connector, whose settings stand for the ticket defaults.
    /// - Returns: The error; it concerns none of the settings that the draft replaced.
    func attributed(to draft: TicketDraft, of descriptor: ConnectorDescriptor) -> PSAError {
        let given = descriptor.settings.fields.compactMap { field in draft.choice(of: field).map { (key: field.key, choice: $0) } }
        guard !given.isEmpty else { return self }
        var error = self
        error.replacedSettings = given.map(\.key)
        let refused = given.filter { concernedFields.contains($0.key) }.map(\.choice)
        guard !refused.isEmpty else { return error }
        error.concernedFields.removeAll { error.replacedSettings.contains($0) }
        let settings = error.concernedFields.compactMap { descriptor.settings[$0]?.name(for: descriptor.id) }
        error.values[.field] = .list(refused.map { MessageValue.phrase($0) } + settings)
        if let words = vendor?.message {
            error.ticketFieldIssues += refused.map { TicketFieldIssue(id: $0.field, label: $0.label, .refused(words)) }
        }
        return error
    }

    /// The error for a draft whose fields don't satisfy its type: `ticket.field_invalid` if a value is wrong, otherwise `ticket.field_required`.
    ///
    /// - Parameters:
    ///   - issues: What is wrong; must not be empty.
    ///   - catalogue: Whose texts to use.
    ///   - object: What the request was about.
    ///   - probe: How it was found: by the type's own definition, or in the vendor's words.
    public init(
        ticketFields issues: [TicketFieldIssue], catalogue: GuidanceCatalogue, object: any LocalizedMessage, probe: Probe = .choices
    ) {
        let isMissing = issues.allSatisfy(\.isMissing)
        self.init(
            isMissing ? .ticketFieldRequired : .ticketFieldInvalid, catalogue: catalogue,
            values: [
                .object: .phrase(object), .field: .list(issues.filter { $0.isMissing == isMissing }.map { .verbatim("“\($0.label)”") }),
                .message: .sentences(issues.map { .phrase($0.sentence) }),
            ])
        // Only the vendor's own words come from an answer to what was sent.
        let seen = probe == .vendorWords ? nil : CoreMessage.notSent
        let finding =
            if isMissing {
                CauseEvidence("mandatory", by: probe, evidence: seen)
            } else if issues.contains(where: \.isOfAnotherCompany) {
                CauseEvidence("other_company", by: .record, evidence: seen)
            } else {
                CauseEvidence(Self.cause(of: issues), by: probe, evidence: seen)
            }
        findings = [finding]
        ticketFieldIssues = issues
    }

    /// The cause that issues with wrong values have in common.
    private static func cause(of issues: [TicketFieldIssue]) -> CauseID {
        let wrong = issues.filter { !$0.isMissing }
        if wrong.allSatisfy(\.isUnknownField) { return "no_such_field" }
        return wrong.contains(where: \.isUnknownChoice) ? "no_such_value" : "wrong_form"
    }

    /// The error for a file that can't be attached.
    public init(attachment problem: AttachmentProblem, catalogue: GuidanceCatalogue, object: any LocalizedMessage) {
        self.init(.requestInvalid, catalogue: catalogue, values: [.object: .phrase(object), .message: .phrase(problem)])
    }
}

extension PSAError {
    /// The error of a write with what its requests prove.
    ///
    /// A diagnosis that rests on a 4xx answer, or on what the vendor stored, stays; where only the way to the vendor failed, the unknown outcome
    /// is what a person has to know first.
    func judged(by evidence: WriteEvidence) -> PSAError {
        let isMute = !evidence.hasRequests && code == .connectorDefect && vendor == nil && retry != .safeNow
        guard evidence.mayHaveBeenExecuted || code == .writeOutcomeUnknown || isMute else {
            var error = self
            error.execution = .notExecuted
            return error
        }
        let isRefusal = evidence.status.map { (400...499).contains($0) } ?? false
        let isAboutTheWay = [.network, .tls, .proxy, .vendor, .rate].contains(code.area)
        var error = isAboutTheWay && !isRefusal ? renamed(.writeOutcomeUnknown) : self
        error.execution = .unknown
        error.retry = .unknownOutcome
        return error
    }

    /// The same for a write whose answer was no longer awaited here: neither the vendor nor anything on the way failed.
    var cancelled: PSAError {
        var error = self
        error.findings = [
            CauseEvidence("cancelled", by: .operation, evidence: CoreMessage.cancelledAfterSending),
            CauseEvidence("lost_answer", .possible, by: .operation),
        ]
        return error
    }

    private func renamed(_ code: ErrorCode) -> PSAError {
        var error = PSAError(
            code, catalogue: catalogue, values: values, request: request, vendor: vendor, settingIssues: settingIssues,
            correlationID: correlationID)
        error.findings = findings.filter { $0.cause == nil }
        error.connector = connector
        return error
    }
}

extension PSAError {
    /// The error as RFC 9457 problem JSON in English, the same for `--json` and the admin API.
    public var problem: JSONValue { problem(in: TextRenderer()) }

    /// The error as RFC 9457 problem JSON in the renderer's language.
    public func problem(in renderer: TextRenderer) -> JSONValue {
        let guidance = guidance(in: renderer)
        return .init(present: [
            ("type", .string(code.problemType)),
            ("code", .string(code.rawValue)),
            ("title", .string(guidance.title)),
            ("detail", .string(guidance.detail)),
            ("connector", connector.map { .string($0.rawValue) }),
            ("causes", .array(guidance.causes.map(\.problem))),
            ("steps", .array(guidance.everyStep.map(JSONValue.string))),
            ("fields", .array(guidance.fields.map { .string($0.rawValue) })),
            ("responsibleParty", .string(guidance.responsibleParty.rawValue)),
            (
                "retry",
                .init(present: [("class", .string(guidance.retry.name)), ("seconds", guidance.retry.delaySeconds.map(JSONValue.integer))])
            ),
            (
                "suggestion",
                guidance.suggestion.map { ["field": .string($0.field.rawValue), "value": .string($0.value)] }
            ),
            ("guide", guidance.guide.map { .string($0.description) }),
            ("request", request.map(JSONValue.string)),
            ("vendor", vendor?.problem),
            ("problems", settingIssues.isEmpty ? nil : .array(settingIssues.map { $0.problem(in: renderer) })),
            ("ticketFields", ticketFieldIssues.isEmpty ? nil : .array(ticketFieldIssues.map { $0.json(in: renderer) })),
            ("execution", execution.map { .string($0.rawValue) }),
            ("correlationID", .string(correlationID.rawValue)),
        ])
    }
}

extension Guidance {
    /// The steps of the first cause, and then those of the others.
    public var everyStep: [String] { steps + otherSteps }
}

extension Cause {
    fileprivate var problem: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("text", .string(text)), ("confidence", .string(confidence.rawValue)),
            ("evidence", evidence.map(JSONValue.string)), ("steps", .array(steps.map(JSONValue.string))),
            ("fields", .array(fields.map { .string($0.rawValue) })), ("responsibleParty", .string(responsibleParty.rawValue)),
        ])
    }
}

extension VendorReply {
    fileprivate var problem: JSONValue {
        .init(present: [
            ("status", status.map(JSONValue.integer)), ("code", code.map(JSONValue.string)), ("message", message.map(JSONValue.string)),
            ("requestID", requestID.map(JSONValue.string)),
        ])
    }
}

extension SettingIssue {
    fileprivate func problem(in renderer: TextRenderer) -> JSONValue {
        ["field": .string(field.rawValue), "code": .string(code.rawValue), "message": .string(renderer.text(localizedMessage))]
    }
}
