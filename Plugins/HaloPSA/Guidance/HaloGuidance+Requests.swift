import PSACore

extension HaloGuidance {
    static let requests: [ErrorCode: GuidanceTemplate] = [
        .requestNotFound: notFound,
        .requestRejected: GuidanceTemplate(
            title: .init("HaloPSA rejected the request", german: "HaloPSA hat die Anfrage zurückgewiesen"),
            detail: .init(
                "HaloPSA at {host} did not accept {object}: {message}",
                german: "HaloPSA auf {host} hat dies nicht angenommen ({object}): {message}"),
            causes: [
                .vendorReasonOfRefusal,
                CauseTemplate(
                    "value", .possible, english: "A value does not fit, or one is missing; HaloPSA names one problem at a time.",
                    german: "Ein Wert passt nicht oder fehlt; HaloPSA nennt immer nur ein Problem.", evidence: [.answer: .likely],
                    steps: [
                        .init(
                            "Read what HaloPSA said, and correct that value.",
                            german: "Nachlesen, was HaloPSA gemeldet hat, und den Wert korrigieren."), .tryAgain,
                    ], responsibleParty: .you),
                CauseTemplate(
                    "not_configured", .possible, english: "HaloPSA lacks something in its own configuration: {field}.",
                    german: "In der Konfiguration von HaloPSA fehlt etwas: {field}.", evidence: [.vendorWords: .likely],
                    needsEvidence: true,
                    steps: [.init("Have {field} set up in HaloPSA.", german: "Dies in HaloPSA einrichten lassen: {field}."), .tryAgain],
                    responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "demands", .possible, english: "HaloPSA wants something else done first: {message}",
                    german: "HaloPSA verlangt zuvor etwas anderes: {message}", evidence: [.vendorWords: .likely],
                    needsEvidence: true,
                    steps: [
                        .init(
                            "Do in HaloPSA what its answer asks for: {message}",
                            german: "In HaloPSA erledigen, was die Antwort verlangt: {message}"),
                        .init(
                            "Or choose another ticket type, if it is a new ticket.",
                            german: "Oder bei einem neuen Ticket einen anderen Tickettyp wählen."), .tryAgain,
                    ], responsibleParty: .you),
                CauseTemplate(
                    "file_size", .possible, english: "The file is larger than HaloPSA, or the web server in front of it, takes.",
                    german: "Die Datei ist größer, als HaloPSA oder der Webserver davor annimmt.",
                    evidence: [.vendorWords: .likely, .answer: .likely], needsEvidence: true,
                    steps: [
                        .init(
                            "Have the limit for attachments raised in HaloPSA and on its web server.",
                            german: "Die Grenze für Anhänge in HaloPSA und auf seinem Webserver erhöhen lassen."),
                        .init("Or send a smaller file, or none.", german: "Oder eine kleinere Datei senden, oder keine."), .tryAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "file_type", .possible, english: "HaloPSA does not take files of this type.",
                    german: "HaloPSA nimmt keine Dateien dieser Art an.", evidence: [.vendorWords: .likely], needsEvidence: true,
                    steps: [
                        .init(
                            "Have the type allowed for attachments in HaloPSA.",
                            german: "Den Dateityp in HaloPSA für Anhänge zulassen."),
                        .init("Or send the file as another type, or none.", german: "Oder die Datei in anderer Form senden, oder keine."),
                        .tryAgain,
                    ], responsibleParty: .psaAdministrator),
                .textTooLong, .vendorFault,
            ], guide: guide("400-on-a-new-ticket")),
        .rateLimited: GuidanceTemplate(
            title: .init("Too many requests to HaloPSA", german: "Zu viele Anfragen an HaloPSA"),
            detail: .init(
                "The limit of {host} is used up for now. Asked for: {object}.",
                german: "Das Limit von {host} ist vorerst ausgeschöpft. Angefragt: {object}."),
            causes: [
                .ownLimit, .namedLimit, .limitInFront,
                CauseTemplate(
                    "limit", .likely,
                    english: "All integrations of this HaloPSA together exceed its limit, which is a few hundred requests in five minutes.",
                    german:
                        "Alle Integrationen dieses HaloPSA zusammen überschreiten sein Limit von einigen hundert Anfragen in fünf Minuten.",
                    steps: [
                        .wait,
                        .init(
                            "Look which other integrations poll HaloPSA, and slow them down.",
                            german: "Nachsehen, welche anderen Integrationen HaloPSA abfragen, und sie verlangsamen."), .tryAgain,
                    ], responsibleParty: .you),
            ], retry: .afterDelay(.seconds(300)), guide: guide("10-request-limits")),
        .vendorUnavailable: GuidanceTemplate(
            title: .init("HaloPSA could not answer", german: "HaloPSA konnte nicht antworten"),
            detail: .init(
                "{host} answered the request for {object} with a fault of the server.",
                german: "{host} hat mit einem Fehler des Servers geantwortet. Angefragt: {object}."),
            causes: [
                .vendorFailureReason, .serverBehind, .serverBehindMisconfigured, .misconfigured,
                CauseTemplate(
                    "fault", .likely, english: "HaloPSA is overloaded, under maintenance or broken.",
                    german: "HaloPSA ist überlastet, in Wartung oder gestört.",
                    evidence: [.history: .likely, .frontDoor: .likely, .otherTenant: .likely, .otherReads: .likely],
                    steps: [.init("Wait a few minutes.", german: "Einige Minuten warten."), .statusPage, .testAgain],
                    responsibleParty: .vendor),
                CauseTemplate(
                    "stopped", .possible, english: "HaloPSA is switched off or not running on its server.",
                    german: "HaloPSA ist auf seinem Server abgeschaltet oder läuft nicht.", evidence: [.frontDoor: .certain],
                    needsEvidence: true,
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
                    english: "The tenant part of the tenant URL is misspelt: HaloPSA answers some unknown tenants with a server error.",
                    german: "Der Tenant-Teil der Tenant URL ist falsch geschrieben: "
                        + "Manche unbekannten Tenants beantwortet HaloPSA mit einem Serverfehler.",
                    evidence: [.otherAddress: .certain], needsEvidence: true,
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
                .answeredWithError, .failedWithReason, .cancelledWrite,
                CauseTemplate(
                    "lost_answer", .likely,
                    english: "HaloPSA or a gateway in front of it failed after the request had left; the change may have been made.",
                    german: "HaloPSA oder ein Gateway davor ist ausgefallen, nachdem die Anfrage abgesendet war; "
                        + "die Änderung kann ausgeführt sein.",
                    steps: [
                        .init(
                            "Look in HaloPSA whether the change is there; a ticket is found by its external reference.",
                            german:
                                "In HaloPSA nachsehen, ob die Änderung da ist; ein Ticket lässt sich über seine externe Referenz finden."),
                        .check("Repeat it only if it is not.", german: "Nur wiederholen, wenn sie fehlt."),
                    ], responsibleParty: .you),
            ], retry: .unknownOutcome, guide: guide("it-is-not-known-whether-a-ticket-was-created")),
    ]
}

extension HaloGuidance {
    private static let notFound = GuidanceTemplate(
        title: .init("HaloPSA does not have what was asked for", german: "HaloPSA hat das Angefragte nicht"),
        detail: .init(
            "HaloPSA at {host} answered that there is nothing at this place: {object}.",
            german: "HaloPSA auf {host} hat geantwortet, dass es das nicht gibt: {object}."),
        causes: [
            .vendorReason,
            CauseTemplate(
                "gone", .likely, english: "The record was deleted in HaloPSA, or its id is wrong.",
                german: "Der Datensatz wurde in HaloPSA gelöscht, oder seine ID ist falsch.", evidence: [.operation: .likely],
                needsEvidence: true,
                steps: [.init("Look for it in HaloPSA by its id.", german: "In HaloPSA nach der ID suchen."), .tryAgain],
                responsibleParty: .you),
            CauseTemplate(
                "invisible", .possible, english: "The agent the application logs in as may not see it.",
                german: "Der Agent, als der sich die Anwendung anmeldet, darf ihn nicht sehen.",
                evidence: [.history: .possible, .operation: .possible], needsEvidence: true,
                steps: [
                    .init("Look for the record in HaloPSA as that agent.", german: "Den Datensatz in HaloPSA als dieser Agent suchen."),
                    .tryAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "older_version", .possible, english: "This version of HaloPSA, or its licence, does not have {name}.",
                german: "Diese Version von HaloPSA oder ihre Lizenz hat dies nicht: {name}.", evidence: [.otherReads: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Look up the version of this HaloPSA, and update it if {name} is needed; the rest works without it.",
                        german: "Die Version dieses HaloPSA nachsehen und es aktualisieren, falls dies nötig ist: {name}. "
                            + "Alles andere geht auch ohne."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "no_route", .possible,
                english: "This HaloPSA has no {name}: its API is not installed or not forwarded at {host}, or is at another address.",
                german:
                    "Dieses HaloPSA hat dies nicht: {name}. Seine API ist auf {host} nicht installiert, wird nicht dorthin weitergeleitet "
                    + "oder hat eine andere Adresse.", evidence: [.operation: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Compare the Resource Server under Config → Integrations → HaloPSA API with {host}: it must be that address followed by /api.",
                        german: "Unter Config → Integrations → HaloPSA API den Resource Server mit {host} vergleichen: "
                            + "Er muss diese Adresse sein, gefolgt von /api."),
                    .init(
                        "On a server of your own, have {name} installed and forwarded; otherwise ask which version has it.",
                        german: "Auf einem eigenen Server dies installieren und weiterleiten lassen, sonst nach der Version fragen, "
                            + "die es hat: {name}."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ], guide: guide("404-on-data"))
}

extension HaloGuidance {
    static let tickets: [ErrorCode: GuidanceTemplate] = [
        .ticketDefaultInvalid: GuidanceTemplate(
            title: .init(
                "A type, status or priority is not valid in HaloPSA", german: "Typ, Status oder Priorität ist in HaloPSA ungültig"),
            detail: .init(
                "HaloPSA at {host} did not accept {field} of {object}: {message}",
                german: "HaloPSA auf {host} hat einen Wert nicht angenommen ({object}, {field}): {message}"),
            causes: [
                CauseTemplate(
                    "no_such_id", .likely, english: "The id is not one of this HaloPSA, or was deleted there.",
                    german: "Die ID gehört nicht zu diesem HaloPSA oder wurde dort gelöscht.",
                    evidence: [.choices: .certain, .vendorWords: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Choose {field} again, from the list HaloPSA has under Config → Tickets.",
                            german: "Neu aus der Liste wählen, die HaloPSA unter Config → Tickets hat: {field}.",
                            page: .init(
                                "Choose {field} again from its list, in the ticket defaults or in the rule.",
                                german: "In den Ticketvorgaben oder in der Regel neu aus der Liste wählen: {field}."),
                            terminal: .init(
                                "List what there is with vectis list ticket-types, ticket-statuses or ticket-priorities, and correct {field}.",
                                german:
                                    "Mit vectis list ticket-types, ticket-statuses oder ticket-priorities auflisten, was es gibt, und korrigieren: "
                                    + "{field}.")), .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "not_for_type", .possible,
                    english: "The status or priority exists, but not for this ticket type: priorities belong to the type's SLA.",
                    german: "Status oder Priorität gibt es, aber nicht für diesen Tickettyp: Prioritäten gehören zum SLA des Typs.",
                    evidence: [.choices: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Choose {field} again, out of those the ticket type has in HaloPSA under Config → Tickets → Ticket Types.",
                            german: "Neu aus dem wählen, was der Tickettyp in HaloPSA unter Config → Tickets → Ticket Types hat: {field}."),
                        .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "not_for_customer", .possible, english: "The ticket type exists, but not for the customer of the ticket.",
                    german: "Den Tickettyp gibt es, aber nicht für den Kunden des Tickets.", evidence: [.vendorWords: .likely],
                    needsEvidence: true,
                    steps: [
                        .init(
                            "Choose another {field} for this customer, or have the type allowed for it under Config → Tickets → Ticket Types.",
                            german: "Für diesen Kunden anders wählen ({field}), oder den Typ für ihn unter Config → Tickets → Ticket Types "
                                + "zulassen lassen."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "inactive", .possible, english: "What is chosen for {field} is no longer active in HaloPSA.",
                    german: "Was hier gewählt ist, ist in HaloPSA nicht mehr aktiv: {field}.", evidence: [.vendorWords: .likely],
                    needsEvidence: true,
                    steps: [
                        .init(
                            "Choose {field} again, or have what was chosen made active under Config → Tickets.",
                            german: "Neu wählen ({field}), oder das Gewählte unter Config → Tickets wieder aktivieren lassen."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "not_creatable", .possible, english: "The application's agent may not create tickets of this type.",
                    german: "Der Agent der Anwendung darf keine Tickets dieses Typs anlegen.",
                    evidence: [.choices: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Allow the type for the agent in HaloPSA under Config → Tickets → Ticket Types, or choose another type.",
                            german:
                                "Den Typ in HaloPSA unter Config → Tickets → Ticket Types für den Agent erlauben, oder einen anderen wählen."
                        ),
                        .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
            ], guide: guide("8-ticket-defaults")),
        .ticketFieldRequired: GuidanceTemplate(
            title: .init("HaloPSA demands another field", german: "HaloPSA verlangt ein weiteres Feld"),
            detail: .init(
                "HaloPSA at {host} did not accept {object} without {field}: {message}",
                german: "HaloPSA auf {host} hat dies nicht angenommen ({object}), weil etwas fehlt ({field}): {message}"),
            causes: [
                CauseTemplate(
                    "mandatory", .likely, english: "This ticket type demands {field}, and nothing was sent for it.",
                    german: "Für diesen Tickettyp ist dies Pflicht, es wurde aber nicht gesendet: {field}.",
                    evidence: [.vendorWords: .likely, .choices: .certain],
                    steps: [
                        .init(
                            "Give {field} a value: on the ticket, in the rule, or in the ticket defaults. Files come with the event or the command.",
                            german:
                                "Dies ausfüllen, am Ticket, in der Regel oder in den Ticketvorgaben: {field}. Dateien kommen mit dem Ereignis oder dem Befehl."
                        ),
                        .init(
                            "Where that is impossible or not wanted, choose another type, or have {field} made optional under Config → Tickets → Ticket Types.",
                            german:
                                "Geht das nicht oder soll es nicht sein: einen anderen Typ wählen, oder unter Config → Tickets → Ticket Types optional "
                                + "machen lassen: {field}."),
                        .tryAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "closure", .possible, english: "{field} must be there before the ticket can have this status.",
                    german: "Bevor das Ticket diesen Status haben kann, ist dies nötig: {field}.",
                    evidence: [.operation: .likely],
                    steps: [
                        .init(
                            "Enter {field} at the ticket in HaloPSA, or make it optional for closure of this ticket type.",
                            german: "Dies am Ticket in HaloPSA eintragen oder für das Schließen dieses Tickettyps optional machen: {field}."
                        ),
                        .tryAgain,
                    ], responsibleParty: .you),
            ], guide: guide("400-on-a-new-ticket")),
        .ticketActionIncomplete: GuidanceTemplate(
            title: .init("HaloPSA's action demands more than was sent", german: "Die Aktion in HaloPSA verlangt mehr Angaben"),
            detail: .init(
                "HaloPSA at {host} refused {object}: {message}", german: "HaloPSA auf {host} hat dies abgelehnt ({object}): {message}"),
            causes: [
                CauseTemplate(
                    "action_demands", .likely, english: "The action (outcome) used for it demands {field}, which was not sent.",
                    german: "Die verwendete Aktion (Outcome) verlangt etwas, das nicht gesendet wurde: {field}.",
                    evidence: [.vendorWords: .likely],
                    steps: [
                        .init(
                            "Choose an outcome whose action does not demand {field}, or make it optional under Config → Tickets → Actions.",
                            german: "Ein Outcome wählen, dessen Aktion dies nicht verlangt, oder es unter Config → Tickets → Actions "
                                + "optional machen: {field}."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "not_configured", .possible, english: "HaloPSA lacks something in its own configuration: {field}.",
                    german: "In der Konfiguration von HaloPSA fehlt etwas: {field}.", evidence: [.vendorWords: .likely],
                    needsEvidence: true,
                    steps: [.init("Have {field} set up in HaloPSA.", german: "Dies in HaloPSA einrichten lassen: {field}."), .tryAgain],
                    responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "no_recipient", .possible, english: "The ticket's user has no e-mail address to write to.",
                    german: "Der Benutzer des Tickets hat keine E-Mail-Adresse, an die geschrieben werden kann.",
                    evidence: [.record: .certain, .vendorWords: .likely],
                    steps: [
                        .init(
                            "Enter an e-mail address for the user in HaloPSA, or add a note instead of a reply.",
                            german: "Für den Benutzer in HaloPSA eine E-Mail-Adresse eintragen, oder statt der Antwort eine Notiz anlegen."),
                        .tryAgain,
                    ], responsibleParty: .you),
            ], guide: guide("9-outcomes-for-notes-and-replies")),
    ]
}
