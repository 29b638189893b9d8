public import PSACore

/// Goes through everything a catalogue can say: every code, with every combination of findings its evidence rules allow, in every language
/// and for every place.
public struct GuidanceExamination: Sendable {
    /// The catalogue.
    public let catalogue: GuidanceCatalogue
    /// The codes to look at.
    public let codes: [ErrorCode]
    /// The values of an occurrence.
    public let values: [GuidanceTemplate.Slot: MessageValue]

    /// States what to look at.
    public init(
        _ catalogue: GuidanceCatalogue, codes: [ErrorCode] = ErrorCode.allCases, values: [GuidanceTemplate.Slot: MessageValue]
    ) {
        self.catalogue = catalogue
        self.codes = codes
        self.values = values
    }

    /// What is wrong with the templates themselves.
    public var flawsOfTemplates: [String] {
        codes.flatMap { code in
            let template = catalogue.template(for: code)
            var flaws: [String] = []
            func expect(_ holds: Bool, _ flaw: @autoclosure () -> String) {
                if !holds { flaws.append("\(code): \(flaw())") }
            }
            expect(Set(template.causes.map(\.id)).count == template.causes.count, "two causes have one id")
            expect(!template.causes.isEmpty, "no cause")
            for cause in template.causes {
                expect((1...6).contains(cause.steps.count), "\(cause.id) has \(cause.steps.count) steps")
                expect(cause.steps.last?.isCheck == true, "the last step of \(cause.id) does not check")
                expect(Set(cause.steps.map(\.text)).count == cause.steps.count, "\(cause.id) tells a step twice")
                for (probe, confidence) in cause.evidence where confidence == .certain {
                    expect(probe.canProve, "\(cause.id) is certain by \(probe), which proves nothing")
                }
                expect(
                    cause.confidence != .certain || cause.evidence[.settings] == .certain,
                    "\(cause.id) is certain before anything was looked at")
            }
            for text in template.texts {
                expect(text.english.namesInBraces.isSubset(of: catalogue.placeholders), "no such placeholder: \(text.english)")
                for language in Language.allCases {
                    expect(text.isWritten(in: language), "not written in \(language): \(text.english)")
                    expect(
                        text.text(in: language).namesInBraces == text.english.namesInBraces,
                        "other placeholders: \(text.text(in: language))")
                    expect(
                        language == .english || text.text(in: language) != text.english || text.english == "{message}",
                        "not translated: \(text.english)")
                }
            }
            return flaws
        }
    }

    /// What is wrong with what a person reads.
    ///
    /// One reader gets all combinations of findings; every language and place, with values and without, gets each single finding. A text
    /// depends on its own cause alone, so that no text is left out.
    public var flawsOfGuidance: [String] {
        var flaws: Set<String> = []
        for code in codes {
            let template = catalogue.template(for: code)
            let renderers = Language.allCases.flatMap { language in
                Surface.allCases.map { TextRenderer(language, surface: $0) }
            }
            func examine(_ findings: [CauseEvidence], _ renderer: TextRenderer, _ values: [GuidanceTemplate.Slot: MessageValue]) {
                var error = PSAError(code, catalogue: catalogue, values: values)
                error.findings = findings
                for flaw in Self.flaws(error, renderer) { flaws.insert("\(code), \(renderer.language): \(flaw)") }
            }
            for findings in Self.combinations(of: template.causes) { examine(findings, TextRenderer(.english), values) }
            let single = [[]] + template.causes.flatMap { Self.findings(of: $0).map { [$0] } }
            for renderer in renderers {
                for findings in single {
                    for values in [self.values, [:]] { examine(findings, renderer, values) }
                }
            }
        }
        return flaws.sorted()
    }

    /// Every way in which each cause is found by one of its probes, or not.
    private static func combinations(of causes: [CauseTemplate]) -> [[CauseEvidence]] {
        causes.reduce([[]]) { known, cause in
            let own = [[]] + findings(of: cause).map { [$0] }
            return known.flatMap { findings in own.map { findings + $0 } }
        }
    }

    /// What each of its probes can find, and what an answer can.
    private static func findings(of cause: CauseTemplate) -> [CauseEvidence] {
        cause.evidence.keys.map { CauseEvidence(cause.id, by: $0, evidence: CoreMessage.connectionTest) }
            + [CauseEvidence(cause.id, .possible, by: .answer)]
    }

    private static func flaws(_ error: PSAError, _ renderer: TextRenderer) -> [String] {
        let guidance = error.guidance(in: renderer)
        guard let first = guidance.causes.first else { return ["no cause"] }
        var flaws: [String] = []
        func expect(_ holds: Bool, _ flaw: @autoclosure () -> String) {
            if !holds { flaws.append(flaw()) }
        }
        expect(guidance.steps == first.steps, "the steps are not those of \(first.id)")
        expect(guidance.fields == first.fields && error.fields == first.fields, "the settings are not those of \(first.id)")
        expect(guidance.responsibleParty == first.responsibleParty, "who has to act is not who \(first.id) says")
        expect(guidance.causes.map(\.confidence) == guidance.causes.map(\.confidence).sorted(), "the causes are not in order")
        expect(Set(guidance.everyStep).count == guidance.everyStep.count, "a step appears twice")
        expect(
            Set(guidance.causes.flatMap(\.steps)) == Set(guidance.everyStep), "a step of a cause is not told")
        expect((1...60).contains(guidance.title.count) && !guidance.title.hasSuffix("."), "the title is too long: \(guidance.title)")
        expect((1...230).contains(guidance.detail.count), "the detail is too long: \(guidance.detail)")
        for text in [guidance.detail] + guidance.causes.map(\.text) + guidance.everyStep {
            expect(!text.contains("{") && !text.contains("}"), "a placeholder is left: \(text)")
            expect(!text.lowercased().contains(guidance.title.lowercased()), "repeats the title: \(text)")
            expect(!text.contains("  "), "two spaces: \(text)")
        }
        for text in guidance.causes.map(\.text) + guidance.everyStep {
            expect(text.hasSuffix(".") || text.hasSuffix(":"), "no full stop: \(text)")
        }
        return flaws
    }
}

extension TextRenderer {
    /// Marks where each pattern begins and ends, and makes it as much longer as some languages are.
    public static func pseudo(_ language: Language) -> TextRenderer {
        TextRenderer(language) { "⟦" + $0 + String(repeating: "~", count: ($0.count * 2 + 4) / 5) + "⟧" }
    }
}

extension String {
    /// The names in braces of a pattern.
    public var namesInBraces: Set<String> {
        Set(split(separator: "{", omittingEmptySubsequences: false).dropFirst().map { String($0.prefix { $0 != "}" }) })
    }

    /// Whether everything is between the first mark of a pseudo-locale and the one that closes it.
    public var isOnePhrase: Bool {
        var depth = 0
        for (index, character) in zip(indices, self) {
            if character == "⟦" { depth += 1 }
            if character == "⟧" { depth -= 1 }
            if depth == 0 { return character == "⟧" && self.index(after: index) == endIndex }
        }
        return false
    }
}
