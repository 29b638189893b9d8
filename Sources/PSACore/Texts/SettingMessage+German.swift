extension SettingMessage {
    var german: String {
        switch self {
        case .missing: "{label} fehlt."
        case .notANumber(_, let shown, _, _):
            shown == nil
                ? "{label} muss eine ganze Zahl von {lowest} bis {highest} sein."
                : "„{shown}“ ist ungültig: {label} muss eine ganze Zahl von {lowest} bis {highest} sein."
        case .tooLong: "{label} hat {count} Zeichen; höchstens {limit} sind möglich."
        case .controlCharacter: "{label} enthält einen Zeilenumbruch oder ein anderes Steuerzeichen; den Wert erneut kopieren."
        case .unknownKey(_, let nearest, let known):
            switch (nearest != nil, known.isEmpty) {
            case (_, true): "Die Einstellung „{key}“ gibt es nicht; dieser Konnektor hat keine Einstellungen."
            case (true, false): "Die Einstellung „{key}“ gibt es nicht. War „{nearest}“ gemeint? Bekannte Einstellungen: {known}."
            case (false, false): "Die Einstellung „{key}“ gibt es nicht. Bekannte Einstellungen: {known}."
            }
        case .url(let problem): problem.german
        case .secretAmongArguments:
            "{label} ist geheim und darf kein Argument sein, denn Argumente sieht jeder Benutzer dieses Rechners. "
                + "Stattdessen {variable} setzen oder --setting-file {key}=PATH verwenden."
        case .noSuchChoice(_, let known):
            known.isEmpty
                ? "„{name}“ gibt es nicht, und der Anmelde-Agent sieht auch nichts anderes."
                : "„{name}“ gibt es nicht. Der Anmelde-Agent sieht: {known}."
        case .ambiguousChoice: "„{name}“ heißen {count} Einträge; einen davon umbenennen."
        }
    }
}

extension ServiceURL.Problem {
    fileprivate var german: String {
        switch self {
        case .malformed(let reason): reason.german
        case .insecure: "Die Adresse beginnt mit http://; nur https:// hält die Zugangsdaten unterwegs geheim."
        case .forbiddenAddress: "„{address}“ ist eine Adresse eines privaten oder lokalen Netzes; das ist hier nicht erlaubt."
        case .credentials: "Die Adresse enthält vor einem „@“ einen Benutzernamen oder ein Passwort; beides weglassen."
        }
    }
}

extension ServiceURL.Problem.Reason {
    fileprivate var german: String {
        switch self {
        case .empty: "Die Adresse ist nicht verwendbar: Sie ist leer."
        case .tooLong: "Die Adresse ist nicht verwendbar: Sie ist länger als 2048 Zeichen."
        case .forbiddenCharacter:
            "Die Adresse ist nicht verwendbar: Sie enthält ein Leerzeichen, einen umgekehrten Schrägstrich oder ein Steuerzeichen."
        case .otherScheme: "Die Adresse ist nicht verwendbar: Sie beginnt mit „{scheme}://“ statt mit https://."
        case .openBracket: "Die Adresse ist nicht verwendbar: Die Klammer um die IPv6-Adresse ist nicht geschlossen."
        case .textAfterBracket: "Die Adresse ist nicht verwendbar: Auf die IPv6-Adresse folgt noch Text."
        case .noHost: "Die Adresse ist nicht verwendbar: Sie nennt keinen Host."
        case .notAnIPv6Address: "Die Adresse ist nicht verwendbar: „{text}“ ist keine IPv6-Adresse."
        case .foreignLetters:
            "Die Adresse ist nicht verwendbar: Der Host hat Buchstaben außerhalb von a-z; seine „xn--“-Form eingeben, "
                + "wie sie sich aus der Adresszeile des Browsers kopieren lässt."
        case .notAHostName: "Die Adresse ist nicht verwendbar: An der Stelle des Hosts steht kein Hostname."
        case .noDomain:
            "Die Adresse ist nicht verwendbar: Sie hat keine Domain; nötig ist ein vollständiger Host wie acme.example.com."
        case .badPort: "Die Adresse ist nicht verwendbar: Der Port nach dem „:“ ist keine Zahl zwischen 1 und 65535."
        }
    }
}
