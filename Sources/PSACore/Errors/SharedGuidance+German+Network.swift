extension SharedErrorCode {
    var germanNetworkWords: GuidanceWords {
        switch self {
        case .networkDNSNotFound:
            GuidanceWords(
                title: "Der Hostname existiert nicht",
                detail: "Zu {host} wurde keine Adresse gefunden.",
                causes: [
                    "Der Hostname ist falsch geschrieben.",
                    "Auf dem Rechner, auf dem dieses Programm läuft, funktioniert die Namensauflösung nicht.",
                ],
                steps: [
                    "{host} mit der Adresse vergleichen, unter der {vendor} im Browser erreichbar ist.", "Die Adresse korrigieren.",
                    Self.testAgainInGerman,
                ])
        case .networkRefused:
            GuidanceWords(
                title: "Der Server hat die Verbindung abgelehnt",
                detail: "{host} wurde gefunden, nimmt aber keine Verbindung an.",
                causes: [
                    "Der Port in der Adresse ist falsch.", "Eine Firewall weist die Verbindung ab.", "{vendor} läuft gerade nicht.",
                ],
                steps: [
                    "Den Port aus der Adresse entfernen, sofern er nicht auch im Browser nötig ist.",
                    "{host} in einem Browser auf dem Rechner öffnen, auf dem dieses Programm läuft.", Self.testAgainInGerman,
                ])
        case .networkTimeout:
            GuidanceWords(
                title: "Der Server hat nicht rechtzeitig geantwortet",
                detail: "{host} hat nicht rechtzeitig geantwortet. Angefragt: {object}.",
                causes: [
                    "{vendor} ist langsam oder wird gerade gewartet.",
                    "{vendor} lässt nur eingetragene Adressen zu, und die dieses Rechners gehört nicht dazu.",
                    "Eine Firewall auf dem Weg verwirft die Pakete.",
                ],
                steps: [
                    "{host} in einem Browser auf dem Rechner öffnen, auf dem dieses Programm läuft.",
                    "Bei der Administration nachfragen, ob {vendor} nur Adressen einer IP-Freigabeliste zulässt.", Self.testAgainInGerman,
                ])
        default:
            GuidanceWords(
                title: "Die Verbindung ist abgebrochen",
                detail: "Die Verbindung zu {host} endete, bevor die Antwort vollständig war. Angefragt: {object}.",
                causes: ["Das Netz oder ein Proxy auf dem Weg hat die Verbindung getrennt.", "{vendor} wurde neu gestartet."],
                steps: ["Eine Minute warten.", Self.testAgainInGerman])
        }
    }

    var germanPathWords: GuidanceWords {
        switch self {
        case .tlsUntrusted:
            GuidanceWords(
                title: "Dem Zertifikat des Servers wird nicht vertraut",
                detail: "Das Zertifikat von {host} stammt nicht von einer Stelle, der dieser Rechner vertraut, "
                    + "oder seine Kette ist unvollständig.",
                causes: [
                    "Der Server sendet sein eigenes Zertifikat ohne die Zwischenzertifikate.",
                    "Das Zertifikat ist selbstsigniert oder stammt von einer firmeneigenen Zertifizierungsstelle.",
                    "Ein Gerät auf dem Weg bricht verschlüsselte Verbindungen mit seinem eigenen Zertifikat auf.",
                ],
                steps: [
                    "Prüfen, ob die Adresse dieselbe ist wie bei der Anmeldung im Browser.",
                    "Die Administration des Servers bitten, die vollständige Zertifikatskette zu installieren.",
                    "Eine firmeneigene Zertifizierungsstelle auf dem Rechner, auf dem dieses Programm läuft, als vertrauenswürdig aufnehmen.",
                    Self.testAgainInGerman,
                ])
        case .tlsExpired:
            GuidanceWords(
                title: "Das Zertifikat des Servers ist abgelaufen",
                detail: "Das Zertifikat von {host} ist heute nicht gültig.",
                causes: [
                    "Das Zertifikat wurde nicht erneuert.", "Die Uhr des Rechners, auf dem dieses Programm läuft, geht falsch.",
                ],
                steps: [
                    "Das Datum dieses Rechners prüfen.", "Die Administration des Servers bitten, das Zertifikat zu erneuern.",
                    Self.testAgainInGerman,
                ])
        case .tlsNameMismatch:
            GuidanceWords(
                title: "Das Zertifikat gehört zu einem anderen Host",
                detail: "Das Zertifikat, das die Gegenstelle für {host} zeigt, gilt für einen anderen Namen.",
                causes: [
                    "Die Adresse ist ein Alias oder eine IP-Adresse statt des Namens, der bei der Anmeldung im Browser steht.",
                    "Der Name führt zum falschen Server.",
                ],
                steps: [
                    "Genau den Hostnamen verwenden, der nach der Anmeldung in der Adresszeile des Browsers steht.", Self.testAgainInGerman,
                ])
        case .proxyHTMLInsteadOfJSON:
            GuidanceWords(
                title: "Statt Daten kam eine Webseite",
                detail: "{host} hat mit einer HTML-Seite geantwortet. Angefragt: {object}.",
                causes: [
                    "Unter der Adresse ist nicht {vendor} zu finden, oder nur die zugehörige Website.",
                    "Ein Proxy oder eine Web Application Firewall hat stattdessen geantwortet.",
                ],
                steps: [
                    "Die Adresse mit der vergleichen, unter der {vendor} im Browser erreichbar ist.",
                    "Bei der Administration des Proxys nachfragen, ob er Anfragen an {host} durchlässt.", Self.testAgainInGerman,
                ])
        default:
            GuidanceWords(
                title: "Die Anfrage wurde auf eine andere Seite umgeleitet",
                detail: "{host} hat mit einer Weiterleitung geantwortet, wie Anmeldeseiten es tun. Angefragt: {object}.",
                causes: [
                    "Eine Single-Sign-on-Seite oder ein Zugangsproxy schirmt {vendor} ab.",
                    "{vendor} ist auf eine andere Adresse umgezogen.",
                ],
                steps: [
                    "{vendor} im Browser öffnen, sich anmelden und die dann angezeigte Adresse vergleichen.",
                    "Im Zugangsproxy eine Ausnahme für die API einrichten lassen.", Self.testAgainInGerman,
                ])
        }
    }
}
