/// Several observations about one thing, one after the other.
struct SeveralSentences: LocalizedMessage {
    let sentences: [any LocalizedMessage]

    var values: [String: MessageValue] { ["sentences": .sentences(sentences.map(MessageValue.localizedMessage))] }

    func pattern(in language: Language) -> String { "{sentences}" }
}
