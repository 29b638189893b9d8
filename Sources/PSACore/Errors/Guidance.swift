/// How sure a stated cause is.
public enum Confidence: String, Sendable, Codable, Comparable, CaseIterable {
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
public struct Cause: Sendable, Hashable, Codable {
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
        _ id: CauseID, text: String, confidence: Confidence, evidence: String? = nil, steps: [String] = [],
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
public struct CauseID: RawRepresentable, Sendable, Hashable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as text.
    public let rawValue: String
    /// Names a cause.
    public init(stringLiteral value: String) { rawValue = value }
    /// Names a cause from a text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Names a cause from a text.
    public init(_ text: String) { rawValue = text }
    /// The name as text.
    public var description: String { rawValue }
}

/// A value for a setting that would have worked, to be pasted as it is.
public struct Suggestion: Sendable, Hashable, Codable {
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
public enum ResponsibleParty: String, Sendable, Codable, CaseIterable {
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
public enum RetryAdvice: Sendable, Hashable, Codable {
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
public struct Guidance: Sendable, Hashable, Codable {
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

extension PSAError {
    /// What a person reads, in the renderer's language and for its place.
    ///
    /// Causes are ordered by what is known about them: the surest first, and among equals the ones with evidence. The first one decides about
    /// steps, settings and who has to act.
    public func guidance(in renderer: TextRenderer) -> Guidance {
        let template = catalogue.template(for: code, concerning: concernedFields)
        let values = catalogue.values(self.values)
        let host = self.values[.host].map { renderer.text($0) }
        func text(_ text: LocalizedText) -> String {
            renderer.fill(text.text(in: renderer.language), values).startingUpperCase(unlessWith: host)
        }
        let causes = rankedCauses(template).map { ranked in
            Cause(
                ranked.template.id, text: text(ranked.template.text), confidence: ranked.confidence,
                evidence: ranked.evidence.map { renderer.text($0) },
                steps: advice(on: ranked.template).map { text($0.words(on: renderer.surface)) },
                fields: fields(of: ranked.template),
                responsibleParty: ranked.template.responsibleParty)
        }
        let steps = causes.first?.steps ?? []
        return Guidance(
            title: text(template.title), detail: detail(text(template.detail).trimmingSpaces, isQuoting: template.quotesVendor, renderer),
            causes: causes,
            steps: steps, otherSteps: Self.further(causes.dropFirst().flatMap(\.steps), after: steps), fields: fields,
            responsibleParty: causes.first?.responsibleParty ?? .us, retry: retry,
            guide: settingGuide ?? template.guide ?? GuideAnchor("Docs/Errors.md", code.anchor),
            suggestion: suggestion)
    }

    /// What to do about a cause; before a write is repeated that may have been executed, one has to look for it.
    private func advice(on cause: CauseTemplate) -> [GuidanceStep] {
        let isNoted = code == .writeOutcomeUnknown || cause.steps.contains(.lookForChange)
        guard mayHaveBeenExecuted, !isNoted, let last = cause.steps.last else { return cause.steps }
        return cause.steps.dropLast() + [.lookBeforeRepeating, last]
    }

    /// What happened, with the vendor's own sentence; it is nowhere left out.
    private func detail(_ text: String, isQuoting: Bool, _ renderer: TextRenderer) -> String {
        guard !isQuoting, let words = vendor?.message, !words.isEmpty, !text.contains(words) else { return text }
        let vendor = catalogue.values(values)["vendor"].map { renderer.text($0) } ?? ""
        return renderer.text(CoreMessage.quoting(detail: text, vendor: vendor.startingUpperCase(unlessWith: nil), words: words))
    }

    /// The steps that were not shown yet, each once.
    private static func further(_ steps: [String], after told: [String]) -> [String] {
        var known = Set(told)
        return steps.filter { known.insert($0).inserted }
    }

    /// The settings to change: those the occurrence names, or those of the first cause.
    var rankedFields: [SettingKey] {
        guard let first = rankedCauses(catalogue.template(for: code, concerning: concernedFields)).first else { return [] }
        return fields(of: first.template)
    }

    /// The settings a cause is fixed in, without those that the ticket itself replaced.
    private func fields(of cause: CauseTemplate) -> [SettingKey] {
        catalogue.fields(of: cause, concerned: concernedFields).filter { !replacedSettings.contains($0) }
    }

    private struct RankedCause {
        var template: CauseTemplate
        var confidence: Confidence
        var isFound: Bool
        /// Whether anything speaks for it, however weakly.
        var isSuspected = true
        var evidence: (any LocalizedMessage)?
    }

    private func rankedCauses(_ template: GuidanceTemplate) -> [RankedCause] {
        let all = template.causes.map(ranked)
        let named = all.filter { $0.isSuspected || !$0.template.needsEvidence }
        // Where nothing speaks for any, the most frequent one is named.
        var causes = named.isEmpty ? Array(all.prefix(1)) : named
        let spoken = findings.filter { $0.probe == .vendorWords }.compactMap(\.cause)
        let isNamed = causes.contains { $0.isFound && spoken.contains($0.template.id) }
        if isNamed || causes.contains(where: { $0.confidence == .certain }) {
            // Where one is proven or named, the others are no more than possible, unless something was found for them too.
            for index in causes.indices where causes[index].confidence == .likely && !causes[index].isFound {
                causes[index].confidence = .possible
            }
        }
        // The place in the text decides among equals, so that the order is the same each time.
        var ordered = causes.enumerated().sorted { lhs, rhs in
            if lhs.element.confidence != rhs.element.confidence { return lhs.element.confidence < rhs.element.confidence }
            if lhs.element.isFound != rhs.element.isFound { return lhs.element.isFound }
            return lhs.offset < rhs.offset
        }.map(\.element)
        // What was seen of the failure as such is kept beside whatever comes first.
        if let first = ordered.first, first.evidence == nil { ordered[0].evidence = observation }
        return ordered
    }

    private func ranked(_ cause: CauseTemplate) -> RankedCause {
        let found = findings.filter { $0.cause == cause.id || $0.cause == nil && $0.isForAnyCause && cause.evidence[$0.probe] != nil }
        guard let strongest = found.map(cause.confidence(by:)).min() else {
            return RankedCause(template: cause, confidence: cause.confidence, isFound: false, isSuspected: false)
        }
        // Something that speaks for a cause never makes it less likely; being named “possible” does, unless the cause is proven.
        let isDoubted = strongest != .certain && found.contains { $0.confidence == .possible }
        let confidence = isDoubted ? .possible : min(strongest, cause.confidence)
        let evidence = found.compactMap(\.evidence)
        return RankedCause(
            template: cause, confidence: confidence, isFound: confidence != .possible,
            evidence: evidence.count > 1 ? SeveralSentences(sentences: evidence) : evidence.first)
    }

    /// What was seen of the failure as such.
    public var observation: (any LocalizedMessage)? { findings.first { $0.cause == nil && !$0.isForAnyCause }?.evidence }
}

extension CauseEvidence {
    /// Whether any cause may take it whose rule names the probe.
    fileprivate var isForAnyCause: Bool { probe == .history }
}

extension GuidanceTemplate {
    /// Whether what happened is stated in the vendor's words already.
    fileprivate var quotesVendor: Bool { detail.english.contains("{message}") }
}

extension String {
    /// A filled-in value can stand at the start of a sentence; a host name keeps its case there.
    fileprivate func startingUpperCase(unlessWith name: String?) -> String {
        if let name, hasPrefix(name) { return self }
        return prefix(1).uppercased() + dropFirst()
    }
}
