import PSACore

extension HaloGuidance {
    static let requests: [ErrorCode: GuidanceTemplate] = [
        .requestRejected: GuidanceTemplate(
            title: .init("HaloPSA rejected the request", german: "HaloPSA hat die Anfrage zurückgewiesen"),
            detail: .init(
                "HaloPSA at {host} did not accept {object}: {message}",
                german: "HaloPSA auf {host} hat dies nicht angenommen ({object}): {message}"),
            causes: [
                CauseTemplate(
                    "value", .likely, "A value does not fit, or one is missing; HaloPSA names one problem at a time.",
                    german: "Ein Wert passt nicht oder fehlt; HaloPSA nennt immer nur ein Problem.", evidence: [.vendorWords: .likely],
                    steps: [
                        .init(
                            "Read what HaloPSA said, and correct that value.",
                            german: "Nachlesen, was HaloPSA gemeldet hat, und den Wert korrigieren."), .tryAgain,
                    ], responsibleParty: .you),
                CauseTemplate(
                    "not_configured", .possible, "HaloPSA lacks something in its own configuration: {field}.",
                    german: "In der Konfiguration von HaloPSA fehlt etwas: {field}.", evidence: [.vendorWords: .likely],
                    steps: [.init("Have {field} set up in HaloPSA.", german: "Dies in HaloPSA einrichten lassen: {field}."), .tryAgain],
                    responsibleParty: .psaAdministrator),
                .vendorFault,
            ], guide: guide("400-on-a-new-ticket")),
        .rateLimited: GuidanceTemplate(
            title: .init("HaloPSA asks for a pause", german: "HaloPSA verlangt eine Pause"),
            detail: .init(
                "HaloPSA at {host} had too many requests when asked for {object}.",
                german: "HaloPSA auf {host} hatte zu viele Anfragen. Angefragt: {object}."),
            causes: [
                CauseTemplate(
                    "limit", .likely,
                    "All integrations of this HaloPSA together exceed its limit, which is a few hundred requests in five minutes.",
                    german:
                        "Alle Integrationen dieses HaloPSA zusammen überschreiten sein Limit von einigen hundert Anfragen in fünf Minuten.",
                    steps: [
                        .init("Wait a few minutes.", german: "Einige Minuten warten."),
                        .init(
                            "Look which other integrations poll HaloPSA, and slow them down.",
                            german: "Nachsehen, welche anderen Integrationen HaloPSA abfragen, und sie verlangsamen."), .tryAgain,
                    ], responsibleParty: .vendor)
            ], retry: .afterDelay(.seconds(300)), guide: guide("10-request-limits")),
        .vendorUnavailable: GuidanceTemplate(
            title: .init("HaloPSA is not available", german: "HaloPSA ist nicht verfügbar"),
            detail: .init(
                "HaloPSA at {host} reported a fault of its own when asked for {object}.",
                german: "HaloPSA auf {host} hat einen eigenen Fehler gemeldet. Angefragt: {object}."),
            causes: [
                CauseTemplate(
                    "fault", .likely, "HaloPSA is overloaded, under maintenance or broken.",
                    german: "HaloPSA ist überlastet, in Wartung oder gestört.",
                    evidence: [.history: .likely, .frontDoor: .likely, .otherTenant: .likely],
                    steps: [
                        .init("Wait a few minutes.", german: "Einige Minuten warten."),
                        .init("Look at the vendor's status page.", german: "Die Statusseite des Herstellers ansehen."), .testAgain,
                    ], responsibleParty: .vendor),
                CauseTemplate(
                    "stopped", .possible, "HaloPSA is switched off or not running on its server.",
                    german: "HaloPSA ist auf seinem Server abgeschaltet oder läuft nicht.", evidence: [.frontDoor: .certain],
                    steps: [
                        .init(
                            "Open {host} in a browser; if it is stopped there too, have whoever runs the server start it.",
                            german:
                                "{host} im Browser öffnen; läuft es auch dort nicht, es von denen starten lassen, die den Server betreiben."
                        ),
                        .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "wrong_address", .possible,
                    "The tenant part of the tenant URL is misspelt: HaloPSA answers some unknown tenants with a server error.",
                    german: "Der Tenant-Teil der Tenant URL ist falsch geschrieben: "
                        + "Manche unbekannten Tenants beantwortet HaloPSA mit einem Serverfehler.",
                    evidence: [.otherAddress: .certain],
                    steps: [
                        .init(
                            "Open {host} in a browser: if HaloPSA shows its sign-in page there, the address is right.",
                            german: "{host} im Browser öffnen: Zeigt HaloPSA dort seine Anmeldeseite, stimmt die Adresse."), .testAgain,
                    ], fields: [.tenantURL], responsibleParty: .you),
            ], retry: .afterDelay(.seconds(120)), guide: guide("5-find-the-tenant-url")),
        .writeOutcomeUnknown: GuidanceTemplate(
            title: .init(
                "It is not known whether HaloPSA made the change", german: "Unbekannt, ob HaloPSA die Änderung ausgeführt hat"),
            detail: .init(
                "The request to {host} for {object} was sent, but no usable answer came back.",
                german: "Die Anfrage an {host} wurde gesendet, aber es kam keine brauchbare Antwort zurück. Angefragt: {object}."),
            causes: [
                CauseTemplate(
                    "lost_answer", .likely,
                    "HaloPSA or a gateway in front of it failed after the request had left; the change may have been made.",
                    german: "HaloPSA oder ein Gateway davor ist ausgefallen, nachdem die Anfrage abgesendet war; "
                        + "die Änderung kann ausgeführt sein.",
                    steps: [
                        .init(
                            "Look in HaloPSA whether the change is there; a ticket is found by its external reference.",
                            german:
                                "In HaloPSA nachsehen, ob die Änderung da ist; ein Ticket lässt sich über seine externe Referenz finden."),
                        .check("Repeat it only if it is not.", german: "Nur wiederholen, wenn sie fehlt."),
                    ], responsibleParty: .you)
            ], retry: .unknownOutcome, guide: guide("it-is-not-known-whether-a-ticket-was-created")),
    ]
}
