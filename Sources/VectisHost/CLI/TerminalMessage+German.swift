extension TerminalMessage {
    var german: String {
        switch self {
        case .settingsToCorrect: "Zu korrigierende Einstellungen"
        case .why: "Ursachen"
        case .ifThatWasNotIt: "Falls es das nicht war"
        case .whatToDo: "Was zu tun ist"
        case .whoHasToAct: "Zuständig: {actor}"
        case .settingToChange: "Zu ändernde Einstellung: {settings}"
        case .valueToPaste: "Einzufügender Wert: {text}"
        case .valueToEmpty: "Einzufügender Wert: keiner, leer lassen"
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
