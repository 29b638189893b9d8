package import PSACore
import PSAEngine
import VectisRules

/// The labels around a failure on a terminal.
package enum TerminalMessage: LocalizedMessage, Hashable {
    case settingsToCorrect
    case why
    case whatToDo
    case ifThatWasNotIt
    case whoHasToAct(ResponsibleParty)
    case settingToChange([String])
    /// A setting and the value that would work in it.
    case valueToPaste(String, String)
    case valueToEmpty(String)
    case whatHappensNext(RetryAdvice)
    case guide(String)
    case vendorSaid(vendor: String, words: String)
    case toRequest(String)
    case correlationID(String)
    case seen(String)
    case limited(title: String, detail: String)
    case notUsable(String, stderrTail: [String])

    package var values: [String: MessageValue] {
        switch self {
        case .settingsToCorrect, .why, .whatToDo, .ifThatWasNotIt: [:]
        case .whoHasToAct(let actor): ["responsibleParty": .phrase(CoreMessage.responsibleParty(actor))]
        case .settingToChange(let labels): ["settings": .list(labels.map(MessageValue.verbatim))]
        case .valueToPaste(let field, let text): ["field": .verbatim(field), "text": .verbatim(text)]
        case .valueToEmpty(let field): ["field": .verbatim(field)]
        case .guide(let text), .toRequest(let text), .correlationID(let text): ["text": .verbatim(text)]
        case .whatHappensNext(let retry): ["retry": .phrase(CoreMessage.retry(retry))]
        case .vendorSaid(let vendor, let words): ["vendor": .verbatim(vendor), "words": .verbatim(words)]
        case .seen(let text): ["text": .verbatim(text)]
        case .notUsable(let reason, let lines):
            ["reason": .verbatim(reason), "lines": .verbatim(lines.joined(separator: " ⏎ "))]
        case .limited(let title, let detail): ["title": .verbatim(title), "detail": .verbatim(detail)]
        }
    }

    package func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension TerminalMessage {
    package var english: String {
        switch self {
        case .settingsToCorrect: "Settings to correct"
        case .why: "Why"
        case .ifThatWasNotIt: "If that was not it"
        case .whatToDo: "What to do"
        case .whoHasToAct: "Who has to act: {responsibleParty}"
        case .settingToChange: "Setting to change: {settings}"
        case .valueToPaste: "Value to paste into {field}: {text}"
        case .valueToEmpty: "Value to paste into {field}: none, leave it empty"
        case .whatHappensNext: "What happens next: {retry}"
        case .guide: "Guide: {text}"
        case .vendorSaid: "{vendor} said: {words}"
        case .toRequest: "Request: {text}"
        case .correlationID: "Correlation id: {text}"
        case .seen: "Seen: {text}"
        case .notUsable(_, let lines): lines.isEmpty ? "not usable: {reason}" : "not usable: {reason} Its last lines: {lines}"
        case .limited: "Limited: {title}. {detail}"
        }
    }
}

extension TerminalMessage {
    package var german: String {
        switch self {
        case .settingsToCorrect: "Zu korrigierende Einstellungen"
        case .why: "Ursachen"
        case .ifThatWasNotIt: "Falls es das nicht war"
        case .whatToDo: "Was zu tun ist"
        case .whoHasToAct: "Zuständig: {responsibleParty}"
        case .settingToChange: "Zu ändernde Einstellung: {settings}"
        case .valueToPaste: "Einzufügender Wert für {field}: {text}"
        case .valueToEmpty: "Einzufügender Wert für {field}: keiner, leer lassen"
        case .whatHappensNext: "Wie es weitergeht: {retry}"
        case .guide: "Anleitung: {text}"
        case .vendorSaid: "Meldung von {vendor}: {words}"
        case .toRequest: "Anfrage: {text}"
        case .correlationID: "Korrelations-ID: {text}"
        case .seen: "Beobachtet: {text}"
        case .notUsable(_, let lines): lines.isEmpty ? "nicht nutzbar: {reason}" : "nicht nutzbar: {reason} Seine letzten Zeilen: {lines}"
        case .limited: "Eingeschränkt: {title}. {detail}"
        }
    }
}
