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
