extension APIMessage {
    var german: String {
        switch self {
        case .sentence: "{text}"
        case .notJSON(.text, _, _): "Der Inhalt enthält etwas, das kein Text ist; Zeile {line}, Spalte {column}: {reason}."
        case .notJSON: "Der Inhalt ist kein JSON; Zeile {line}, Spalte {column}: {reason}."
        case .noObject: "Der Inhalt muss ein JSON-Objekt sein."
        case .noJSONType: "Der Inhalt muss JSON sein. Mit „Content-Type: application/json“ senden."
        case .problems(let count): count == 1 ? "Ein Wert muss korrigiert werden." : "{count} Werte müssen korrigiert werden."
        case .wrongCredentials: "Name oder Passwort ist falsch."
        case .tooManyTries: "Es gab zu viele Fehlversuche. {minutes} Minuten warten; bis dahin wird kein Passwort angenommen."
        case .untested:
            "Mit diesen Einstellungen wurde noch keine Verbindung gesehen. Erst testen und den Beleg mitsenden, oder „acceptUntested“ setzen."
        case .otherTenant:
            "Die Verbindung führt zu {old}, diese Einstellungen führen zu {new}. Wenn das gewollt ist, „acceptOtherTenant“ setzen; die Geheimnisse sind neu zu senden."
        case .duplicate:
            "Die Verbindung „{name}“ führt schon zu diesem Mandanten; eine zweite täte alles doppelt. Jene ändern."
        case .stale: "Jemand anderes hat dies inzwischen geändert. Neu lesen und die Änderung wiederholen."
        case .otherContent:
            "Ein Ereignis mit dieser Quelle und ID ist schon gespeichert, und es sagt etwas anderes. Ein neues Ereignis unter einer eigenen ID senden."
        case .unverified:
            "Niemand konnte prüfen, ob es diese IDs gibt. Später erneut versuchen, oder „acceptUnverified“ setzen."
        }
    }
}
