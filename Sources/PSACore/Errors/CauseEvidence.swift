/// What a probe found out: which cause it speaks for, how strongly, and what was seen.
public struct CauseEvidence: Sendable {
    /// What was looked at.
    public var probe: Probe
    /// The cause; nil for what was seen of the failure as such, and for what any cause may take that has the probe in its rule.
    public var cause: CauseID?
    /// How sure it is; nil takes what the cause's rule says of the probe.
    public var confidence: Confidence?
    /// What was observed, and no more than that.
    public var evidence: (any LocalizedMessage)?

    /// States a finding.
    public init(_ cause: CauseID? = nil, _ confidence: Confidence? = nil, by probe: Probe, evidence: (any LocalizedMessage)? = nil) {
        self.probe = probe
        self.cause = cause
        self.confidence = confidence
        self.evidence = evidence
    }
}

/// What was looked at to learn something about the causes of a failure.
///
/// The ones every connector can have are static members; a connector may have probes of its own.
public struct Probe: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The probe's name, such as `other_tenant`.
    public let rawValue: String
    /// Whether what it sees can prove a cause, so that the cause is certain; words and habits only make it likely.
    public let canProve: Bool

    /// Names a probe.
    public init(_ rawValue: String, canProve: Bool) {
        self.rawValue = rawValue
        self.canProve = canProve
    }

    /// The name.
    public var description: String { rawValue }

    /// The settings, looked at on this machine before anything is sent.
    public static let settings = Probe("settings", canProve: true)
    /// The form of a setting's value: its length, its characters, what it resembles.
    public static let settingShape = Probe("setting_shape", canProve: true)
    /// The failed answer's status and the looks of its body.
    public static let answer = Probe("answer", canProve: false)
    /// The vendor's own machine-readable code in the failed answer.
    public static let vendorCode = Probe("vendor_code", canProve: true)
    /// The vendor's sentence in the failed answer.
    public static let vendorWords = Probe("vendor_words", canProve: false)
    /// Which operation failed.
    public static let operation = Probe("operation", canProve: false)
    /// Why no answer came.
    public static let transport = Probe("transport", canProve: false)
    /// An endpoint that needs no credentials.
    public static let discovery = Probe("discovery", canProve: true)
    /// The same request at another address.
    public static let otherAddress = Probe("other_address", canProve: true)
    /// The same request for another tenant, or without one.
    public static let otherTenant = Probe("other_tenant", canProve: true)
    /// What the token was granted.
    public static let grantedScope = Probe("granted_scope", canProve: true)
    /// What came of reading other data with the same token.
    public static let otherReads = Probe("other_reads", canProve: false)
    /// The vendor's list of what can be chosen.
    public static let choices = Probe("choices", canProve: true)
    /// The record as it is after the change.
    public static let record = Probe("record", canProve: true)
    /// The certificate the server shows.
    public static let certificate = Probe("certificate", canProve: true)
    /// This machine's clock beside the server's.
    public static let clock = Probe("clock", canProve: true)
    /// Headers and page of what is in front of the server.
    public static let frontDoor = Probe("front_door", canProve: true)
    /// When it worked last.
    public static let history = Probe("history", canProve: false)
}
