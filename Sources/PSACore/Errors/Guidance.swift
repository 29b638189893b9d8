/// How sure a stated cause is.
public enum Confidence: String, Sendable, Comparable, CaseIterable {
    /// A check proves it.
    case certain
    /// The evidence points at it.
    case likely
    /// It produces the same signal.
    case possible

    /// Orders the surest first.
    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }
    private var rank: Int { self == .certain ? 0 : self == .likely ? 1 : 2 }
}

/// One reason a failure may have.
public struct Cause: Sendable, Hashable {
    /// The reason in a sentence.
    public var text: String
    /// How sure it is.
    public var confidence: Confidence
    /// What was observed that speaks for it.
    public var evidence: String?

    /// States a reason.
    public init(_ text: String, _ confidence: Confidence, evidence: String? = nil) {
        self.text = text
        self.confidence = confidence
        self.evidence = evidence
    }
}

/// Who has to do something before the same request can succeed.
public enum Actor: String, Sendable, CaseIterable {
    /// Whoever fills in the form.
    case you
    /// An administrator of the PSA.
    case psaAdministrator = "psa_administrator"
    /// The PSA's vendor, or time.
    case vendor
    /// The makers of the host or the connector.
    case us

    /// The actor in plain words.
    public var label: String {
        switch self {
        case .you: "you"
        case .psaAdministrator: "an administrator of the PSA"
        case .vendor: "the vendor of the PSA"
        case .us: "the makers of this software"
        }
    }
}

/// Whether and when the same request may be made again.
public enum RetryClass: Sendable, Hashable {
    /// It will fail the same way.
    case never
    /// Once somebody has changed something.
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

    /// What happens next, in a sentence.
    public var explanation: String {
        switch self {
        case .never: "Repeating the same request will fail the same way."
        case .afterFix: "Nothing is repeated by itself; try again after the change."
        case .afterDelay: "The same request may be made again after \(delaySeconds ?? 0) seconds."
        case .safeNow: "The same request may be made again at once."
        case .unknownOutcome: "Nothing is repeated by itself, because the change may already have been made."
        }
    }
}

/// Everything a person reads about one failure, ready to show.
public struct Guidance: Sendable, Hashable {
    /// At most 60 characters, the same each time the code occurs.
    public var title: String
    /// What happened, with host and object.
    public var detail: String
    /// Reasons, the surest first.
    public var causes: [Cause]
    /// At most six steps, the cheapest first, the last is to test again.
    public var steps: [String]
    /// The settings to change; empty if the remedy lies elsewhere.
    public var fields: [SettingKey]
    /// Who has to act.
    public var actor: Actor
    /// Whether and when to try again.
    public var retry: RetryClass
    /// Where the guide explains it.
    public var guide: GuideAnchor?
}
