extension SharedErrorCode {
    var germanConfigurationWords: GuidanceWords {
        switch self {
        case .usageInvalid:
            GuidanceWords(
                title: "Die Befehlszeile ist nicht verständlich",
                detail: "{message}",
                causes: ["Ein Wort ist falsch geschrieben, fehlt oder gehört zu einem anderen Befehl."],
                steps: ["Den Befehl mit seiner Hilfe vergleichen: vectis help, oder --help hinter dem Befehl.", "Erneut versuchen."])
        case .configMissingField:
            GuidanceWords(
                title: "Eine erforderliche Einstellung fehlt",
                detail: "Die Verbindung lässt sich noch nicht testen, weil eine Eingabe fehlt: {field}.",
                causes: ["Die Einstellung blieb leer, oder ihre Umgebungsvariable ist nicht gesetzt."],
                steps: ["Fehlende Eingabe nachholen: {field}. Die Anleitung zeigt, wo sie zu finden ist.", Self.testAgainInGerman])
        case .configInvalidField:
            GuidanceWords(
                title: "Der Wert einer Einstellung kann nicht stimmen",
                detail: "Die Verbindung lässt sich noch nicht testen. {message}",
                causes: ["Der Wert wurde abgeschnitten oder zusammen mit etwas anderem kopiert."],
                steps: ["Den Wert dort erneut kopieren, wo die Anleitung ihn zeigt: {field}.", Self.testAgainInGerman])
        case .configUnknownField:
            GuidanceWords(
                title: "Eine Einstellung ist nicht bekannt",
                detail: "Der Konnektor hat keine Einstellung namens „{name}“.",
                causes: ["Der Name ist falsch geschrieben oder gehört zu einem anderen Konnektor oder einer anderen Version."],
                steps: ["Eine der bekannten Einstellungen verwenden: {known}.", Self.testAgainInGerman])
        default:
            GuidanceWords(
                title: "Es gibt keinen Konnektor dieses Namens",
                detail: "Unter „{name}“ ist kein Konnektor registriert.",
                causes: [
                    "Der Name ist falsch geschrieben.",
                    "Der Konnektor wurde nicht in die Registry dieses Host-Programms aufgenommen.",
                ],
                steps: [
                    "Einen der registrierten Namen verwenden: {known}.",
                    "Falls es den Konnektor geben sollte, ihn in die Registry des Host-Programms aufnehmen.",
                ])
        }
    }

    var germanAddressWords: GuidanceWords {
        switch self {
        case .urlMalformed:
            GuidanceWords(
                title: "Die Adresse ist nicht lesbar",
                detail: "{message}",
                causes: ["Die Adresse wurde unvollständig eingegeben oder kopiert, oder mit etwas, das nicht dazugehört."],
                steps: [
                    "{vendor} im Browser öffnen und sich anmelden.",
                    "Die Adresse bis zum ersten einzelnen Schrägstrich kopieren, etwa https://acme.example.com.", Self.testAgainInGerman,
                ])
        case .urlInsecure:
            GuidanceWords(
                title: "Die Adresse muss mit https:// beginnen",
                detail: "{message}",
                causes: ["Die Adresse wurde mit http:// eingegeben."],
                steps: ["In dieser Einstellung http:// durch https:// ersetzen: {field}.", Self.testAgainInGerman])
        case .urlForbiddenAddress:
            GuidanceWords(
                title: "Die Adresse führt in ein privates Netz",
                detail: "{message}",
                causes: [
                    "Die Adresse ist die dieses Rechners oder eines lokalen Netzes, nicht die, unter der {vendor} läuft.",
                    "Der Hostname führt zu einer solchen Adresse.",
                ],
                steps: [
                    "Die öffentliche Adresse verwenden, unter der {vendor} im Browser erreichbar ist.",
                    "Falls {vendor} wirklich im eigenen Netz läuft, private Adressen in der Konfiguration des Host-Programms erlauben.",
                    Self.testAgainInGerman,
                ])
        default:
            GuidanceWords(
                title: "Die Adresse gehört nicht zum PSA-System",
                detail: "{host} antwortet, aber anders als {vendor}.",
                causes: [
                    "Die Adresse gehört zu einem anderen Dienst, einer Website oder einem Portal.",
                    "Ein Proxy oder eine Anmeldeseite schirmt {vendor} ab.",
                ],
                steps: ["Die Adresse verwenden, unter der {vendor} im Browser erreichbar ist.", Self.testAgainInGerman])
        }
    }
}
