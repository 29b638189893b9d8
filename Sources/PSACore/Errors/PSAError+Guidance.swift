extension PSAError {
    /// What a person reads, in the renderer's language and for its place.
    ///
    /// Causes are ordered by what is known about them: the surest first, and among equals the ones with evidence. The first one decides about
    /// steps, settings and who has to act.
    public func guidance(in renderer: TextRenderer) -> Guidance {
        let template = catalogue.template(for: code)
        let values = catalogue.values(self.values)
        let host = self.values[.host].map { renderer.text($0) }
        func text(_ text: LocalizedText) -> String {
            renderer.fill(text.text(in: renderer.language), values).startingUpperCase(unlessWith: host)
        }
        let causes = rankedCauses(template).map { ranked in
            Cause(
                ranked.template.id, text(ranked.template.text), ranked.confidence, evidence: ranked.evidence.map { renderer.text($0) },
                steps: ranked.template.steps.map { text($0.words(on: renderer.surface)) },
                fields: catalogue.fields(of: ranked.template, concerned: concernedFields),
                responsibleParty: ranked.template.responsibleParty)
        }
        let steps = causes.first?.steps ?? []
        return Guidance(
            title: text(template.title), detail: detail(text(template.detail), isQuoting: template.quotesVendor, renderer), causes: causes,
            steps: steps, otherSteps: Self.further(causes.dropFirst().flatMap(\.steps), after: steps), fields: fields,
            responsibleParty: causes.first?.responsibleParty ?? .us, retry: retry,
            guide: template.guide ?? GuideAnchor("Docs/Errors.md", code.anchor),
            suggestion: suggestion)
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
        guard let first = rankedCauses(catalogue.template(for: code)).first else { return [] }
        return catalogue.fields(of: first.template, concerned: concernedFields)
    }

    private struct RankedCause {
        var template: CauseTemplate
        var confidence: Confidence
        var isFound: Bool
        var evidence: (any LocalizedMessage)?
    }

    private func rankedCauses(_ template: GuidanceTemplate) -> [RankedCause] {
        var causes = template.causes.map(ranked)
        if causes.contains(where: { $0.confidence == .certain }) {
            // Where one is proven, the others are no more than possible, unless something was found for them too.
            for index in causes.indices where causes[index].confidence == .likely && !causes[index].isFound {
                causes[index].confidence = .possible
            }
        }
        // The place in the text decides among equals, so that the order is the same each time.
        var ordered = causes.enumerated().sorted { lhs, rhs in
            if left.element.confidence != right.element.confidence { return left.element.confidence < right.element.confidence }
            if left.element.isFound != right.element.isFound { return left.element.isFound }
            return left.offset < right.offset
        }.map(\.element)
        // What was seen of the failure as such is kept beside whatever comes first.
        if let first = ordered.first, first.evidence == nil { ordered[0].evidence = observation }
        return ordered
    }

    private func ranked(_ cause: CauseTemplate) -> RankedCause {
        let found = findings.filter { $0.cause == cause.id || $0.cause == nil && $0.isForAnyCause && cause.evidence[$0.probe] != nil }
        guard let strongest = found.map(cause.confidence(by:)).min() else {
            return RankedCause(template: cause, confidence: cause.confidence, isFound: false)
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
