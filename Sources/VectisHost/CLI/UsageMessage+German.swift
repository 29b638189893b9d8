extension UsageMessage {
    var german: String {
        switch self {
        case .unknownWord: "„{word}“ ist hier nicht bekannt. Bekannt: {known}."
        case .missingWord: "{word} fehlt."
        case .invalid(_, let problem): problem.german
        }
    }
}

extension UsageMessage.Problem {
    fileprivate var german: String {
        switch self {
        case .givenTwice: "{word}: Zweimal angegeben."
        case .takesNoValue: "{word}: Nimmt keinen Wert an."
        case .notAnID: "{word}: Eine ID hat 1 bis 200 Zeichen, keine Zeilenumbrüche und keine Leerzeichen am Rand."
        case .notANumber: "{word}: „{text}“ ist keine ganze Zahl von {lowest} bis {highest}."
        case .notAPair: "{word}: Eine Einstellung wird in der Form {text} angegeben."
        case .unreadableFile: "{word}: „{text}“ ist nicht lesbar oder größer als 64 KiB."
        case .goesOnlyWith: "{word}: Nur möglich mit {kinds}."
        case .notATime: "{word}: „{text}“ ist weder ein Zeitpunkt wie 2026-11-01T08:00:00Z noch ein Tag wie 2026-11-01."
        case .cannotListen: "{word}: Dort können keine Verbindungen angenommen werden; vielleicht ist der Port belegt."
        case .notLoopback:
            "{word}: „{text}“ ist von anderen Rechnern erreichbar. Wenn das gewollt ist, --allow-remote angeben und TLS davorsetzen."
        case .unusableFolder: "{word}: Der Ordner „{text}“ kann nicht angelegt oder benutzt werden."
        case .unusableFile: "{word}: {text}"
        case .noSuchAccount: "{word}: Ein Konto „{text}“ gibt es nicht."
        case .notANetwork:
            "{word}: „{text}“ ist kein Netz wie 10.0.0.0/8, 192.168.7.20/32 oder fd00::/8; hinter der Netzlänge müssen alle Bits null sein."
        case .notAFault: "{word}: {text} „--fault list“ zeigt alle."
        }
    }
}
