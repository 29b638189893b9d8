import PSACore

/// The words around a failure on a terminal.
enum TerminalMessage: LocalizedMessage, Hashable {
    case settingsToCorrect
    case why
    case whatToDo
    case ifThatWasNotIt
    case whoHasToAct(ResponsibleParty)
    case settingToChange([String])
    case valueToPaste(String)
    case valueToEmpty
    case whatHappensNext(RetryAdvice)
    case guide(String)
    case vendorSaid(vendor: String, words: String)
    case toRequest(String)
    case correlationID(String)
    case seen(String)
    case limited(title: String, detail: String)
    case notUsable(String, stderrTail: [String])

    var values: [String: MessageValue] {
        switch self {
        case .settingsToCorrect, .why, .whatToDo, .ifThatWasNotIt, .valueToEmpty: [:]
        case .whoHasToAct(let actor): ["responsibleParty": .phrase(CoreMessage.responsibleParty(actor))]
        case .settingToChange(let labels): ["settings": .list(labels.map(MessageValue.verbatim))]
        case .valueToPaste(let text), .guide(let text), .toRequest(let text), .correlationID(let text): ["text": .verbatim(text)]
        case .whatHappensNext(let retry): ["retry": .phrase(CoreMessage.retry(retry))]
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
