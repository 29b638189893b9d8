extension SharedErrorCode {
    var germanWayWords: GuidanceWords {
        switch self {
        case .tlsSelfSigned:
            GuidanceWords(
                title: "Das Zertifikat des Servers ist selbstsigniert",
                detail: "Das Zertifikat von {host} bürgt nur für sich selbst; keine Zertifizierungsstelle hat es unterschrieben.",
                causes: [
                    "Der Server verwendet noch das Zertifikat, das bei seiner Installation entstand.",
                    "Ein Gerät auf dem Weg bricht verschlüsselte Verbindungen mit seinem eigenen Zertifikat auf.",
                ],
                steps: [
                    "Die Administration des Servers bitten, ein Zertifikat einer Zertifizierungsstelle zu installieren.",
                    "Geht das nicht, dieses Zertifikat auf dem Rechner, auf dem dieses Programm läuft, als vertrauenswürdig aufnehmen.",
                    Self.testAgainInGerman,
                ])
        case .tlsNotYetValid:
            GuidanceWords(
                title: "Das Zertifikat des Servers gilt noch nicht",
                detail: "Nach der Uhr dieses Rechners gilt das Zertifikat von {host} erst später.",
                causes: [
                    "Die Uhr des Rechners, auf dem dieses Programm läuft, geht nach.",
                    "Das Zertifikat wurde für einen späteren Tag ausgestellt.",
                ],
                steps: [
                    "Datum, Uhrzeit und Zeitzone dieses Rechners prüfen.",
                    "Bei der Administration des Servers nachfragen, ab wann das Zertifikat gilt.", Self.testAgainInGerman,
                ])
        case .tlsNotSpoken:
            GuidanceWords(
                title: "Der Server spricht dort kein TLS",
                detail: "{host} antwortet auf diesem Port, aber nicht mit einer verschlüsselten Verbindung.",
                causes: [
                    "Der Port in der Adresse ist für unverschlüsseltes http gedacht.",
                    "Ein Proxy auf dem Weg antwortet anstelle des Servers.",
                ],
                steps: [
                    "Den Port aus der Adresse entfernen oder durch den für https ersetzen; meist ist das 443.",
                    "Bei der Administration des Proxys nachfragen, ob er Anfragen an {host} durchlässt.", Self.testAgainInGerman,
                ])
        case .proxyAuthenticationRequired:
            GuidanceWords(
                title: "Ein Proxy auf dem Weg verlangt eine Anmeldung",
                detail: "Die Anfrage hat {host} nicht erreicht ({object}): Ein Proxy verlangt zuerst Benutzername und Kennwort.",
                causes: ["Der Proxy des eigenen Netzes lässt nur bekannte Benutzer hinaus."],
                steps: [
                    "Beim Betreiber des Proxys eine Ausnahme für {host} oder einen Benutzer für diesen Rechner beantragen.",
                    "Diesen Benutzer auf diesem Rechner in die Variable HTTPS_PROXY eintragen, als http://benutzer:kennwort@proxy:port.",
                    Self.testAgainInGerman,
                ])
        default:
            GuidanceWords(
                title: "Die Anfrage wurde unterwegs blockiert",
                detail: "Eine Firewall oder ein Proxy vor {host} hat die Anfrage abgewiesen. Angefragt: {object}.",
                causes: [
                    "Eine Firewall lässt nur eingetragene Adressen zu, und die dieses Rechners gehört nicht dazu.",
                    "Ein Schutz gegen Bots hat dieses Programm für einen gehalten.",
                ],
                steps: [
                    "Die ausgehende Adresse dieses Rechners in der Firewall vor {host} freigeben lassen.",
                    "Für die Pfade der API eine Ausnahme vom Bot-Schutz einrichten lassen.", Self.testAgainInGerman,
                ])
        }
    }

    var germanRefusalWords: GuidanceWords {
        switch self {
        case .vendorMaintenance:
            GuidanceWords(
                title: "Das PSA-System wird gewartet",
                detail: "{vendor} auf {host} hat eine Wartung gemeldet. Angefragt: {object}.",
                causes: ["{vendor} wird gerade aktualisiert oder gewartet. An den Einstellungen liegt es nicht."],
                steps: [
                    "Das Ende der Wartung abwarten; die Statusseite des Herstellers nennt es.", Self.testAgainInGerman,
                ])
        case .vendorLicense:
            GuidanceWords(
                title: "Die Lizenz des PSA-Systems deckt das nicht ab",
                detail: "{vendor} auf {host} hat dies wegen der Lizenz abgelehnt ({object}): {message}",
                causes: ["Die Lizenz für {vendor} ist abgelaufen oder umfasst das Angefragte nicht."],
                steps: ["Die Lizenz für {vendor} verlängern oder erweitern lassen.", Self.testAgainInGerman])
        default:
            GuidanceWords(
                title: "Es wurde kein Zugriffstoken ausgestellt",
                detail: "{vendor} auf {host} hat kein Token ausgestellt: {message}",
                causes: [
                    "{vendor} hat einen eigenen Grund und nennt ihn in der Antwort.",
                    "Ein Proxy hat die Anfrage unterwegs verändert, sodass ein Teil davon nicht angekommen ist.",
                ],
                steps: [
                    "Nachlesen, was {vendor} gemeldet hat, und es dort beheben lassen.",
                    "Beim Betreiber eines Proxys auf dem Weg nachfragen, ob er Anfragen verändert.", Self.testAgainInGerman,
                ])
        }
    }

    var germanTicketWords: GuidanceWords {
        switch self {
        case .requestCompanyUnusable:
            GuidanceWords(
                title: "Die Firma ist nicht verwendbar",
                detail: "{vendor} auf {host} hat die Firma nicht angenommen ({object}): {message}",
                causes: ["Die Firma ist inaktiv oder wurde gelöscht.", "Die ID ist nicht die einer Firma."],
                steps: ["Die Firma in {vendor} suchen und dort reaktivieren, oder eine andere wählen.", "Erneut versuchen."])
        case .ticketFieldRequired:
            GuidanceWords(
                title: "Dem Ticket fehlt ein Pflichtfeld",
                detail: "{vendor} auf {host} verlangt ein weiteres Feld ({object}, {field}): {message}",
                causes: ["Für Tickets dieser Art ist dies ein Pflichtfeld, es wurde aber nicht gesendet: {field}."],
                steps: ["Dieses Feld mitsenden oder es in {vendor} für Tickets dieser Art optional machen: {field}.", "Erneut versuchen."])
        case .ticketFieldInvalid:
            GuidanceWords(
                title: "Ein Feld des Tickets hat einen unbekannten Wert",
                detail: "{vendor} auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}",
                causes: ["Der Wert gehört nicht zu denen, die {vendor} hat, oder wurde dort gelöscht: {field}."],
                steps: ["Auflisten, welche Werte {vendor} hat, und neu wählen: {field}.", "Erneut versuchen."])
        case .ticketStatusNotAllowed:
            GuidanceWords(
                title: "Der Status lässt sich jetzt nicht setzen",
                detail: "{vendor} auf {host} hat den Status nicht gesetzt ({object}): {message}",
                causes: ["Der Workflow des Tickets lässt diesen Status im jetzigen Schritt nicht zu."],
                steps: [
                    "Das Ticket in {vendor} öffnen und nachsehen, welche Status sein Workflow anbietet.",
                    "Mit einem davon erneut versuchen.",
                ])
        case .ticketNotWritable:
            GuidanceWords(
                title: "Das Ticket lässt sich nicht ändern",
                detail: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}",
                causes: [
                    "Das Ticket ist geschlossen, von jemandem gesperrt, mit einem anderen zusammengeführt oder gelöscht.",
                    "Der Benutzer der Anwendung darf es nicht ändern.",
                ],
                steps: [
                    "Das Ticket in {vendor} öffnen und nachsehen, in welchem Zustand es ist.",
                    "Erneut versuchen, oder das Ticket verwenden, in das es aufgegangen ist.",
                ])
        default:
            GuidanceWords(
                title: "Die Aktion verlangt mehr, als gesendet wurde",
                detail: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}",
                causes: ["Die verwendete Aktion verlangt etwas, das nicht gesendet wurde."],
                steps: ["Eine Aktion wählen, die nichts weiter verlangt, oder diese in {vendor} ändern.", "Erneut versuchen."])
        }
    }
}
