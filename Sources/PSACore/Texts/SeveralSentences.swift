/// Several observations about one thing, one after the other.
struct SeveralSentences: Phrase {
    let sentences: [any Phrase]

    var values: [String: PhraseValue] { ["sentences": .sentences(sentences.map(PhraseValue.phrase))] }

    func pattern(in language: Language) -> String { "{sentences}" }
}
