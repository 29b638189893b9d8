import PSACore

extension HaloGuidance {
    static let germanRequests: [ErrorCode: GuidanceWords] = [
        .requestRejected: GuidanceWords(
            title: "HaloPSA hat die Anfrage zurückgewiesen",
            detail: "HaloPSA auf {host} hat dies nicht angenommen ({object}): {message}",
            causes: [
                "Ein Wert passt nicht, oder der Tickettyp verlangt ein Feld, das nicht gesendet wurde.",
                "HaloPSA nennt immer nur ein Problem; ein weiteres kann folgen.",
            ],
            steps: [
                "Nachlesen, was HaloPSA gemeldet hat, und den Wert korrigieren.",
                "Verlangt es ein Feld, dieses unter Config → Tickets → Ticket Types für den Tickettyp optional machen "
                    + "oder einen anderen Typ wählen.",
                "Erneut versuchen.",
            ]),
        .ticketDefaultInvalid: GuidanceWords(
            title: "Eine Ticketvorgabe ist in HaloPSA ungültig",
            detail: "HaloPSA auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}",
            causes: [
                "Die ID gehört nicht zu diesem HaloPSA oder wurde dort gelöscht.",
                "Status oder Priorität gibt es, aber nicht für diesen Tickettyp: Prioritäten gehören zum SLA des Typs.",
                "Der Agent der Anwendung darf keine Tickets dieses Typs anlegen.",
            ],
            steps: [
                "Auflisten, was es gibt: vectis list ticket-types, statuses oder priorities.",
                "Die IDs in HaloPSA unter Config → Tickets → Ticket Types nachsehen.", "Diesen Wert korrigieren: {field}.",
                "Erneut versuchen.",
            ]),
        .rateLimited: GuidanceWords(
            title: "HaloPSA verlangt eine Pause",
            detail: "HaloPSA auf {host} hatte zu viele Anfragen. Angefragt: {object}.",
            causes: [
                "Alle Integrationen dieses HaloPSA zusammen überschreiten sein Limit von einigen hundert Anfragen in fünf Minuten."
            ],
            steps: [
                "Einige Minuten warten.", "Nachsehen, welche anderen Integrationen HaloPSA abfragen, und sie verlangsamen.",
                "Erneut versuchen.",
            ]),
        .vendorUnavailable: GuidanceWords(
            title: "HaloPSA ist nicht verfügbar",
            detail: "HaloPSA auf {host} hat einen eigenen Fehler gemeldet. Angefragt: {object}.",
            causes: [
                "HaloPSA ist überlastet, in Wartung oder gestört.",
                "Der Tenant-Teil der Tenant URL ist falsch geschrieben: Manche unbekannten Tenants beantwortet HaloPSA mit einem Serverfehler.",
            ],
            steps: [
                "{host} im Browser öffnen: Zeigt HaloPSA dort seine Anmeldeseite, stimmt die Adresse.",
                "Die Statusseite des Herstellers ansehen.", "Einige Minuten warten.", "Verbindung erneut testen.",
            ]),
        .writeOutcomeUnknown: GuidanceWords(
            title: "Unbekannt, ob HaloPSA die Änderung ausgeführt hat",
            detail: "Die Anfrage an {host} wurde gesendet, aber es kam keine brauchbare Antwort zurück. Angefragt: {object}.",
            causes: [
                "HaloPSA oder ein Gateway davor ist ausgefallen, nachdem die Anfrage abgesendet war; die Änderung kann ausgeführt sein."
            ],
            steps: [
                "In HaloPSA nachsehen, ob die Änderung da ist; ein Ticket lässt sich über seine externe Referenz finden.",
                "Nur wiederholen, wenn sie fehlt.",
            ]),
    ]
}
