/// What the vendor itself said, cut and without anything secret.
public struct VendorReply: Sendable, Hashable {
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

/// The one error a host sees: a stable code, and all that a person needs to act on it.
///
/// Nothing secret is in it and no payload: only status, vendor code and cut message, method, route template, host and request id ever leave a
/// connector. Cancellation is not a `PSAError`; it stays `CancellationError`.
public struct PSAError: Error, Sendable, CustomStringConvertible {
    /// What happened; everything else depends on it.
    public let code: ErrorCode
    /// What a person reads.
    public var guidance: Guidance
    /// The connector it happened in; filled in by the session.
    public var connector: ConnectorID?
    /// Method, host and route template of the request, if there was one.
    public var request: String?
    /// What the vendor said, if it said anything.
    public var vendor: VendorReply?
    /// Every setting that is wrong, for `config.…` and `url.…` codes.
    public var settingProblems: [SettingProblem]
    /// The name of this occurrence.
    public let correlationID: CorrelationID

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - catalogue: Whose texts to use.
    ///   - values: The values its texts ask for.
    ///   - evidence: What was observed; shown beside the first cause.
    ///   - request: Method, host and route template.
    ///   - vendor: What the vendor said.
    ///   - settingProblems: The settings that are wrong.
    ///   - correlationID: The name of this occurrence.
    public init(
        _ code: ErrorCode, catalogue: GuidanceCatalogue = .shared, values: [GuidanceTemplate.Slot: String] = [:], evidence: String? = nil,
        request: String? = nil, vendor: VendorReply? = nil, settingProblems: [SettingProblem] = [], correlationID: CorrelationID = .init()
    ) {
        self.code = code
        guidance = catalogue.guidance(for: code, values: values, evidence: evidence)
        self.request = request
        self.vendor = vendor
        self.settingProblems = settingProblems
        self.correlationID = correlationID
        if !settingProblems.isEmpty { guidance.fields = settingProblems.map(\.field) }
    }

    /// One line: code and what happened.
    public var description: String { "\(code): \(guidance.detail)" }
}

extension PSAError {
    /// The error for settings that did not pass their check: it takes the code of the first problem and lists all of them.
    ///
    /// - Parameters:
    ///   - problems: What is wrong; must not be empty.
    ///   - descriptor: The connector the settings are for.
    public init(settings problems: [SettingProblem], descriptor: ConnectorDescriptor) {
        // Only those the code is about: “has no value” must not be said of a field with a wrong one.
        let names = problems.filter { $0.code == problems.first?.code }.map { descriptor.settings[$0.field]?.label ?? $0.field.rawValue }
        self.init(
            problems.first?.code ?? .configInvalidField, catalogue: descriptor.guidance,
            values: [
                .field: names.joined(separator: ", "), .message: problems.map(\.message).joined(separator: " "),
                .name: problems.first?.field.rawValue ?? "", .known: descriptor.settings.fields.map(\.key.rawValue).joined(separator: ", "),
            ],
            settingProblems: problems)
        connector = descriptor.id
    }
}
