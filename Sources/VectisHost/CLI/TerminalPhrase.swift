import PSACore

/// The words around a failure on a terminal.
enum TerminalPhrase: Phrase, Hashable {
    case settingsToCorrect
    case why
    case whatToDo
    case ifThatWasNotIt
    case whoHasToAct(Actor)
    case settingToChange([String])
    case valueToPaste(String)
    case valueToEmpty
    case whatHappensNext(RetryClass)
    case guide(String)
    case vendorSaid(vendor: String, words: String)
    case toRequest(String)
    case correlationID(String)
    case seen(String)
    case limited(title: String, detail: String)
    case notUsable(String, lastLines: [String])

    var values: [String: PhraseValue] {
        switch self {
        case .settingsToCorrect, .why, .whatToDo, .ifThatWasNotIt, .valueToEmpty: [:]
        case .whoHasToAct(let actor): ["actor": .phrase(CorePhrase.actor(actor))]
        case .settingToChange(let labels): ["settings": .list(labels.map(PhraseValue.verbatim))]
        case .valueToPaste(let text), .guide(let text), .toRequest(let text), .correlationID(let text): ["text": .verbatim(text)]
        case .whatHappensNext(let retry): ["retry": .phrase(CorePhrase.retry(retry))]
        case .vendorSaid(let vendor, let words): ["vendor": .verbatim(vendor), "words": .verbatim(words)]
        case .seen(let text): ["text": .verbatim(text)]
        case .notUsable(let reason, let lines):
            ["reason": .verbatim(reason), "lines": .verbatim(lines.joined(separator: " ⏎ "))]
        case .limited(let title, let detail): ["title": .verbatim(title), "detail": .verbatim(detail)]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}
