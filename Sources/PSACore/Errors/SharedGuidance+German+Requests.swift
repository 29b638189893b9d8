extension SharedErrorCode {
    var germanRequestWords: GuidanceWords {
        switch self {
        case .requestInvalid:
            GuidanceWords(
                title: "So kann die Anfrage nicht gesendet werden",
                detail: "An {vendor} wurde nichts gesendet ({object}). {message}",
                causes: ["Ein Wert fehlt oder kann keiner von {vendor} sein."],
                steps: ["Den Wert korrigieren.", "Erneut versuchen."])
        case .requestRejected:
            GuidanceWords(
                title: "Das PSA-System hat die Anfrage zurückgewiesen",
                detail: "{vendor} auf {host} hat dies nicht angenommen ({object}): {message}",
                causes: [
                    "Ein Wert entspricht nicht dem, was {vendor} erwartet.", "{vendor} verlangt ein Feld, das nicht gesendet wurde.",
                ],
                steps: ["Nachlesen, was {vendor} gemeldet hat, und den Wert korrigieren.", "Erneut versuchen."])
        case .requestNotFound:
            GuidanceWords(
                title: "Der Datensatz wurde nicht gefunden",
                detail: "{vendor} auf {host} hat diesen Datensatz nicht: {object}.",
                causes: [
                    "Er wurde gelöscht, oder seine ID ist falsch.", "Der Benutzer der Anwendung darf ihn nicht sehen.",
                ],
                steps: [
                    "Die ID prüfen.", "Als dieser Benutzer nachsehen, ob {vendor} den Datensatz zeigt.", "Erneut versuchen.",
                ])
        case .requestConflict:
            GuidanceWords(
                title: "Die Änderung kollidiert mit einer anderen",
                detail: "{vendor} auf {host} hat dies abgelehnt ({object}), weil es dem gespeicherten Stand widerspricht: {message}",
                causes: ["Einen Datensatz dieses Namens gibt es bereits.", "Jemand anders ändert gerade denselben Datensatz."],
                steps: [
                    "Den Datensatz so ansehen, wie {vendor} ihn jetzt zeigt.", "Mit Blick auf den gespeicherten Stand erneut versuchen.",
                ])
        case .ticketDefaultInvalid:
            GuidanceWords(
                title: "Eine Ticketvorgabe ist ungültig",
                detail: "{vendor} auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}",
                causes: [
                    "Der gewählte Typ oder Status oder die gewählte Priorität wurde gelöscht oder neu nummeriert.",
                    "Den Wert gibt es, aber nicht für Tickets dieses Typs.",
                ],
                steps: [
                    "Die Listen der Typen, Status und Prioritäten neu lesen.", "In den Ticketvorgaben neu wählen: {field}.",
                    "Erneut versuchen.",
                ])
        default:
            GuidanceWords(
                title: "Das Lesen lässt sich hier nicht fortsetzen",
                detail: "Die Marke zum Weiterlesen stammt nicht von diesem Konnektor oder nicht von dieser Version. Angefragt: {object}.",
                causes: ["Die Marke wurde von einer anderen Version oder einem anderen Konnektor gespeichert, oder sie ist beschädigt."],
                steps: ["Von vorn lesen."])
        }
    }

    var germanVendorWords: GuidanceWords {
        switch self {
        case .rateLimited:
            GuidanceWords(
                title: "Zu viele Anfragen",
                detail: "{vendor} auf {host} verlangt eine Pause vor der nächsten Antwort. Angefragt: {object}.",
                causes: ["Alle Integrationen dieses Tenants zusammen haben mehr Anfragen gestellt, als er zulässt."],
                steps: [
                    "Einige Minuten warten.", "Falls es oft vorkommt, die Anfragerate der Integrationen senken.",
                ])
        case .vendorUnavailable:
            GuidanceWords(
                title: "Das PSA-System ist nicht verfügbar",
                detail: "{vendor} auf {host} hat einen eigenen Fehler gemeldet. Angefragt: {object}.",
                causes: ["{vendor} ist überlastet, in Wartung oder gestört. An den Einstellungen liegt es nicht."],
                steps: ["Auf der Statusseite des Herstellers nachsehen.", "Einige Minuten warten.", Self.testAgainInGerman])
        case .vendorUnexpectedResponse:
            GuidanceWords(
                title: "Die Antwort wurde nicht verstanden",
                detail: "{host} hat in einer Form geantwortet, die für {vendor} nicht bekannt ist. Angefragt: {object}.",
                causes: [
                    "Die Antwort wurde unterwegs abgeschnitten oder verändert.", "{vendor} antwortet in einer neuen Version anders.",
                ],
                steps: [
                    "In einer Minute erneut versuchen.", "Falls es so bleibt, uns die Korrelations-ID und die Angaben unten senden.",
                ])
        default:
            GuidanceWords(
                title: "Unbekannt, ob die Änderung ausgeführt wurde",
                detail: "Die Anfrage an {host} wurde gesendet, aber es kam keine brauchbare Antwort zurück. Angefragt: {object}.",
                causes: ["Die Verbindung oder {vendor} ist ausgefallen, nachdem die Anfrage abgesendet war."],
                steps: ["Nachsehen, ob {vendor} die Änderung zeigt.", "Nur wiederholen, wenn sie fehlt."])
        }
    }

    var germanConnectorWords: GuidanceWords {
        switch self {
        case .connectorPlaceholder:
            GuidanceWords(
                title: "Dieser Konnektor ist noch nicht verfügbar",
                detail: "Der Konnektor für {vendor} ist ein Platzhalter: "
                    + "Seine Einstellungen lassen sich anzeigen und prüfen, aber er stellt keine Verbindung her.",
                causes: ["Diesen Konnektor hat noch niemand gebaut."],
                steps: [
                    "Einen Konnektor der Stufe „complete“ verwenden.",
                    "Um diesen zu bauen, mit den Dateien in seinem Plugin-Ordner beginnen.",
                ])
        case .connectorUnsupported:
            GuidanceWords(
                title: "Dieser Konnektor kann das nicht",
                detail: "Der Konnektor für {vendor} bietet dies nicht: {object}.",
                causes: ["Die Fähigkeit gehört nicht zu denen, die der Konnektor angibt."],
                steps: ["Die Fähigkeiten des Konnektors abfragen, bevor eine Aktion angeboten wird.", "Einen anderen Weg wählen."])
        default:
            GuidanceWords(
                title: "Der Konnektor hat einen Fehler",
                detail: "Im Konnektor für {vendor} ist etwas schiefgegangen. Angefragt: {object}.",
                causes: ["Der Fehler liegt im Konnektor, nicht an den Einstellungen."],
                steps: ["Uns die Korrelations-ID und die Angaben unten senden."])
        }
    }
}
