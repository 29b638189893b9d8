public import FoundationEssentials

/// The own messages of the core beside the guidance: objects, observations, titles.
@nonexhaustive
public enum CoreMessage: LocalizedMessage, Hashable {
    // What a request is about.
    case capability(Capability)
    case connectionTest
    case itsSettings
    case nextPage
    /// What stands in for a value an occurrence does not have.
    case unknown(GuidanceTemplate.Slot)

    // What was observed.
    case answered(status: Int, shape: BodyShape, code: String?)
    case unanswered(TransportError.Kind)
    case nearestName(String)
    case notBuilt
    case escaped(type: String)
    case unreadablePages(Int)
    case placeholderContactsNothing
    case cancelledAfterSending
    case workedUntil(Date, now: Date)
    /// What happened, and the vendor's own sentence about it.
    case quoting(detail: String, vendor: String, words: String)

    // What a report consists of.
    case check(ConnectionCheck.Subject)
    case outcome(ConnectionCheck.Outcome)
    case confidence(Confidence)
    case connected(host: String)
    case nothingTested
    case responsibleParty(ResponsibleParty)
    case retry(RetryAdvice)

    /// The values of the case.
    public var values: [String: MessageValue] {
        switch self {
        case .answered(let status, _, let code): ["status": .verbatim(String(status)), "code": .verbatim(code ?? "")]
        case .nearestName(let name): ["name": .verbatim(name)]
        case .workedUntil(let moment, let now): ["moment": .moment(moment, now: now)]
        case .quoting(let detail, let vendor, let words):
            ["detail": .verbatim(detail), "vendor": .verbatim(vendor), "words": .verbatim(words)]
        case .escaped(let type): ["type": .verbatim(type)]
        case .unreadablePages(let count): ["count": .verbatim(String(count))]
        case .check(.read(let capability)): ["object": .phrase(CoreMessage.capability(capability))]
        case .connected(let host): ["host": .verbatim(host)]
        case .retry(let retry): ["seconds": .verbatim(String(retry.delaySeconds ?? 0))]
        default: [:]
        }
    }

    /// The pattern of the case.
    public func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
