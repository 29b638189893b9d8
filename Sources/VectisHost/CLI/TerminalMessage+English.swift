extension TerminalMessage {
    var english: String {
        switch self {
        case .settingsToCorrect: "Settings to correct"
        case .why: "Why"
        case .ifThatWasNotIt: "If that was not it"
        case .whatToDo: "What to do"
        case .whoHasToAct: "Who has to act: {actor}"
        case .settingToChange: "Setting to change: {settings}"
        case .valueToPaste: "Value to paste: {text}"
        case .valueToEmpty: "Value to paste: none, leave it empty"
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
