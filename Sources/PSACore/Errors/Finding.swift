/// What a diagnosis found out about one cause: how sure it is now, and what was seen.
public struct Finding: Sendable {
    /// The cause; nil for the first one of the code.
    public var cause: CauseID?
    /// How sure it is; nil leaves it as the text has it.
    public var confidence: Confidence?
    /// What was observed.
    public var evidence: (any Phrase)?

    /// States a finding.
    public init(_ cause: CauseID? = nil, _ confidence: Confidence? = nil, evidence: (any Phrase)? = nil) {
        self.cause = cause
        self.confidence = confidence
        self.evidence = evidence
    }
}
