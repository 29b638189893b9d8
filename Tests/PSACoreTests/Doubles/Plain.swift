import PSACore

/// A phrase that reads the same in every language.
struct Plain: LocalizedMessage, Equatable {
    let text: String

    init(_ text: String) { self.text = text }

    var values: [String: MessageValue] { [:] }
    func pattern(in language: Language) -> String { text }
}

extension GuidanceCatalogue {
    /// The guidance of an occurrence with values that are the same in every language.
    func guidance(for code: ErrorCode, values: [GuidanceTemplate.Slot: String] = [:], evidence: String? = nil) -> Guidance {
        PSAError(code, catalogue: self, values: values.mapValues(MessageValue.verbatim), evidence: evidence.map(Plain.init)).guidance
    }
}
