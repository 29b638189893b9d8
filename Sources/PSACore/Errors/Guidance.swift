/// How sure a stated cause is.
public enum Confidence: String, Sendable, Comparable, CaseIterable {
    /// A check proves it.
    case certain
    /// The evidence points at it.
    case likely
    /// It produces the same signal.
    case possible

    /// Orders the surest first.
    public static func < (lhs: Confidence, rhs: Confidence) -> Bool { lhs.rank < rhs.rank }
    private var rank: Int { self == .certain ? 0 : self == .likely ? 1 : 2 }
}

/// One reason a failure may have, and what follows from it.
public struct Cause: Sendable, Hashable {
    /// By which a diagnosis finds it.
    public var id: CauseID
    /// The reason in a sentence.
    public var text: String
    /// How sure it is.
    public var confidence: Confidence
    /// What was observed that speaks for it.
    public var evidence: String?
    /// What to do about it: at most six steps, the last says how to see that it worked.
    public var steps: [String]
    /// The settings to change; empty if the remedy lies elsewhere.
    public var fields: [SettingKey]
    /// Who has to act.
    public var responsibleParty: ResponsibleParty

    /// States a reason.
    public init(
        _ id: CauseID, _ text: String, _ confidence: Confidence, evidence: String? = nil, steps: [String] = [],
        fields: [SettingKey] = [], responsibleParty: ResponsibleParty
    ) {
        self.id = id
        self.text = text
        self.confidence = confidence
        self.evidence = evidence
        self.steps = steps
        self.fields = fields
        self.responsibleParty = responsibleParty
    }
}

/// The name of a cause among those of its code, such as `wrong_secret`.
public struct CauseID: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as text.
    public let rawValue: String
    /// Names a cause.
    public init(stringLiteral value: String) { rawValue = value }
    /// Names a cause from a text.
    public init(_ text: String) { rawValue = text }
    /// The name as text.
    public var description: String { rawValue }
}

/// A value for a setting that would have worked, to be pasted as it is.
public struct Suggestion: Sendable, Hashable {
    /// The setting.
    public var field: SettingKey
    /// The value.
    public var value: String

    /// Suggests a value.
    public init(field: SettingKey, value: String) {
        self.field = field
        self.value = value
    }
}

/// Who has to do something before the same request can succeed.
@nonexhaustive
public enum ResponsibleParty: String, Sendable, CaseIterable {
    /// Whoever fills in the form.
    case you
    /// An administrator of the PSA.
    case psaAdministrator = "psa_administrator"
    /// The PSA's vendor, or time.
    case vendor
    /// The makers of the host or the connector.
    case us
}

/// Whether and when the same request may be made again.
@nonexhaustive
public enum RetryAdvice: Sendable, Hashable {
    /// It will fail the same way.
    case never
    /// After a person has changed something.
    case afterFix
    /// After this long.
    case afterDelay(Duration)
    /// At once, without harm.
    case safeNow
    /// It may already have been executed: look before repeating it.
    case unknownOutcome

    /// The class as the wire form spells it.
    public var name: String {
        switch self {
        case .never: "never"
        case .afterFix: "afterFix"
        case .afterDelay: "afterDelay"
        case .safeNow: "safeNow"
        case .unknownOutcome: "unknownOutcome"
        }
    }

    /// The wait in whole seconds, if the class has one.
    public var delaySeconds: Int? {
        guard case .afterDelay(let wait) = self else { return nil }
        return Int(wait.components.seconds)
    }
}

/// Everything a person reads about one failure, ready to show.
public struct Guidance: Sendable, Hashable {
    /// At most 60 characters, the same each time the code occurs.
    public var title: String
    /// What happened, with host and object.
    public var detail: String
    /// Reasons, the surest first; the first decides about ``steps``, ``fields`` and ``responsibleParty``.
    public var causes: [Cause]
    /// What to do about the first cause; the last step says how to see that it worked.
    public var steps: [String]
    /// What to do if that was not it: the steps of the other causes in their order, without those shown already.
    public var otherSteps: [String]
    /// The settings to change; empty if the remedy lies elsewhere.
    public var fields: [SettingKey]
    /// Who has to act.
    public var responsibleParty: ResponsibleParty
    /// Whether and when to try again.
    public var retry: RetryAdvice
    /// Where the guide explains it.
    public var guide: GuideAnchor?
    /// A value that would have worked, if one was found.
    public var suggestion: Suggestion?
}
