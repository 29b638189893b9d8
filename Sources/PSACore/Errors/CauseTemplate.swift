/// One possible reason of a code's failures, with everything that depends on it: what speaks for it, what to do, where, and who.
public struct CauseTemplate: Sendable {
    /// Which settings a cause is fixed in.
    @nonexhaustive
    public enum Fields: Sendable, Hashable, ExpressibleByArrayLiteral {
        /// These.
        case keys([SettingKey])
        /// The one that holds the server's address.
        case address
        /// Those the occurrence names.
        case concerned

        /// Names settings; none for a cause that is fixed elsewhere.
        public init(arrayLiteral keys: SettingKey...) { self = .keys(keys) }
    }

    /// By which a diagnosis finds it.
    public let id: CauseID
    /// How sure it is as long as nothing was found out.
    public let confidence: Confidence
    /// The reason in a sentence.
    public let text: LocalizedText
    /// The evidence rule: which probes may speak for it, and how sure each may make it at most.
    public let evidence: [Probe: Confidence]
    /// What to do about it: at most six steps, the cheapest first, the last says how to see that it worked.
    public let steps: [GuidanceStep]
    /// The settings to change.
    public let fields: Fields
    /// Who has to act.
    public let responsibleParty: ResponsibleParty

    /// States a cause.
    ///
    /// - Parameters:
    ///   - id: By which a diagnosis finds it.
    ///   - confidence: How sure it is as long as nothing was found out.
    ///   - english: The reason in a sentence.
    ///   - german: The same in German.
    ///   - evidence: Which probes may speak for it, and how sure each may make it.
    ///   - steps: What to do about it.
    ///   - fields: The settings to change.
    ///   - responsibleParty: Who has to act.
    public init(
        _ id: CauseID, _ confidence: Confidence, _ english: String, german: String? = nil, evidence: [Probe: Confidence] = [:],
        steps: [GuidanceStep], fields: Fields = [], responsibleParty: ResponsibleParty
    ) {
        self.id = id
        self.confidence = confidence
        text = LocalizedText(english, german: german)
        self.evidence = evidence
        self.steps = steps
        self.fields = fields
        self.responsibleParty = responsibleParty
    }

    /// How sure a finding makes the cause: never surer than the rule allows its probe, and only likely for a probe the rule does not name.
    func confidence(by finding: CauseEvidence) -> Confidence {
        let limit = evidence[finding.probe] ?? .likely
        return max(finding.confidence ?? limit, limit)
    }
}
