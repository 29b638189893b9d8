extension PSAError {
    /// What a person reads, in the renderer's language.
    ///
    /// Causes are ordered by what is known about them: the surest first, and among equals the ones with evidence.
    public func guidance(in renderer: TextRenderer) -> Guidance {
        let template = catalogue.template(for: code)
        let words = catalogue.words(for: code, in: renderer.language)
        let values = catalogue.values(self.values)
        let host = self.values[.host].map { renderer.text($0) }
        func text(_ pattern: String) -> String { renderer.fill(pattern, values).startingUpperCase(unlessWith: host) }
        return Guidance(
            title: text(words.title),
            detail: text(words.detail),
            causes: causes(template, words, renderer, text),
            steps: words.steps.map(text),
            fields: fields, actor: template.actor, retry: retry,
            guide: template.guide ?? GuideAnchor("Docs/Errors.md", code.anchor),
            suggestion: suggestion)
    }

    private func causes(
        _ template: GuidanceTemplate, _ words: GuidanceWords, _ renderer: TextRenderer, _ text: (String) -> String
    ) -> [Cause] {
        let causes = zip(template.causes, words.causes).enumerated().map { index, pair in
            var cause = Cause(text(pair.1), pair.0.confidence, id: pair.0.id)
            for finding in findings where finding.cause == nil ? index == 0 : finding.cause == pair.0.id {
                cause.confidence = finding.confidence ?? cause.confidence
                cause.evidence = finding.evidence.map { renderer.text($0) } ?? cause.evidence
            }
            return (index: index, cause: cause)
        }
        // The place in the text decides among equals, so that the order is the same each time.
        return causes.sorted { left, right in
            if left.cause.confidence != right.cause.confidence { return left.cause.confidence < right.cause.confidence }
            if (left.cause.evidence == nil) != (right.cause.evidence == nil) { return left.cause.evidence != nil }
            return left.index < right.index
        }.map(\.cause)
    }
}

extension String {
    /// A filled-in value can stand at the start of a sentence; a host name keeps its case there.
    fileprivate func startingUpperCase(unlessWith name: String?) -> String {
        if let name, hasPrefix(name) { return self }
        return prefix(1).uppercased() + dropFirst()
    }
}
