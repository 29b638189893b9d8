extension GuidanceTemplate {
    static let requestInvalid = GuidanceTemplate(
        title: .init("The request can't be sent like this", german: "So kann die Anfrage nicht gesendet werden"),
        detail: .init(
            "Nothing was sent to {vendor} about {object}. {message}", german: "An {vendor} wurde nichts gesendet ({object}). {message}"),
        causes: [
            CauseTemplate(
                "impossible_value", .certain, english: "A value is missing, or is not possible in {vendor}.",
                german: "Ein Wert fehlt oder ist in {vendor} nicht möglich.", evidence: [.settings: .certain],
                steps: [.init("Correct the value.", german: "Den Wert korrigieren."), .tryAgain], responsibleParty: .you)
        ])

    static let requestRejected = GuidanceTemplate(
        title: .init("The PSA rejected the request", german: "Das PSA-System hat die Anfrage zurückgewiesen"),
        detail: .init(
            "{vendor} at {host} did not accept {object}: {message}",
            german: "{vendor} auf {host} hat dies nicht angenommen ({object}): {message}"),
        causes: [
            .vendorReasonOfRefusal,
            CauseTemplate(
                "value", .possible, english: "A value does not fit what {vendor} expects, or one is missing.",
                german: "Ein Wert entspricht nicht dem, was {vendor} erwartet, oder einer fehlt.",
                evidence: [.vendorWords: .likely, .answer: .likely],
                steps: [
                    .init(
                        "Read what {vendor} said, and correct that value.",
                        german: "Nachlesen, was {vendor} gemeldet hat, und den Wert korrigieren."), .tryAgain,
                ], responsibleParty: .you),
            .textTooLong, .vendorFault,
        ])

    static let requestNotFound = GuidanceTemplate(
        title: .init("The PSA does not have what was asked for", german: "Das PSA-System hat das Angefragte nicht"),
        detail: .init(
            "{vendor} at {host} answered that there is nothing at this place: {object}.",
            german: "{vendor} auf {host} hat geantwortet, dass es das nicht gibt: {object}."),
        causes: [
            .vendorReason,
            CauseTemplate(
                "gone", .likely, english: "The record was deleted, or its id is wrong.",
                german: "Der Datensatz wurde gelöscht, oder seine ID ist falsch.", evidence: [.operation: .likely], needsEvidence: true,
                steps: [.init("Check the id.", german: "Die ID prüfen."), .tryAgain], responsibleParty: .you),
            CauseTemplate(
                "invisible", .possible, english: "The user the application acts as may not see it.",
                german: "Der Benutzer der Anwendung darf ihn nicht sehen.", evidence: [.history: .possible, .operation: .possible],
                needsEvidence: true,
                steps: [
                    .init(
                        "Look for the record in {vendor} as that user.",
                        german: "Als dieser Benutzer nachsehen, ob {vendor} den Datensatz zeigt."
                    ), .tryAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "older_version", .possible, english: "This version of {vendor}, or its licence, does not have {name}.",
                german: "Diese Version von {vendor} oder ihre Lizenz hat dies nicht: {name}.", evidence: [.otherReads: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "Compare the version of {vendor} with the one its documentation names for {name}; the rest works without it.",
                        german: "Die Version von {vendor} mit der vergleichen, die die Dokumentation dafür nennt: {name}. "
                            + "Alles andere geht auch ohne."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "no_route", .possible,
                english: "{host} has no {name}: the API is not installed or not forwarded there, or it is at another address.",
                german: "{host} hat dies nicht: {name}. Die API ist dort nicht installiert, wird nicht dorthin weitergeleitet "
                    + "oder hat eine andere Adresse.",
                evidence: [.operation: .likely], needsEvidence: true,
                steps: [
                    .init(
                        "Compare the address with the one that {vendor} names for its API.",
                        german: "Die Adresse mit der vergleichen, die {vendor} für die API nennt."),
                    .init(
                        "Where {vendor} runs on a server of your own, have {name} installed and forwarded there.",
                        german: "Läuft {vendor} auf einem eigenen Server, dies dort installieren und weiterleiten lassen: {name}."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let requestConflict = GuidanceTemplate(
        title: .init("The change conflicts with another one", german: "Die Änderung kollidiert mit einer anderen"),
        detail: .init(
            "{vendor} at {host} refused {object}, because it conflicts with what is stored: {message}",
            german: "{vendor} auf {host} hat dies abgelehnt ({object}), weil es dem gespeicherten Stand widerspricht: {message}"),
        causes: [
            CauseTemplate(
                "exists", .possible, english: "A record of that name exists already.",
                german: "Einen Datensatz dieses Namens gibt es bereits.",
                evidence: [.vendorWords: .likely],
                steps: [.lookAtRecord, .check("Try again with another name.", german: "Mit einem anderen Namen erneut versuchen.")],
                responsibleParty: .you),
            CauseTemplate(
                "changed", .possible, english: "Another user or program is changing the same record.",
                german: "Jemand anders ändert gerade denselben Datensatz.", evidence: [.vendorWords: .likely],
                steps: [
                    .lookAtRecord,
                    .check(
                        "Try again with what is stored there in mind.",
                        german: "Mit Blick auf den gespeicherten Stand erneut versuchen."),
                ], responsibleParty: .you),
        ])

    static let requestCompanyUnusable = GuidanceTemplate(
        title: .init("The company can't be used", german: "Die Firma ist nicht verwendbar"),
        detail: .init(
            "{vendor} at {host} did not take the company of {object}: {message}",
            german: "{vendor} auf {host} hat die Firma nicht angenommen ({object}): {message}"),
        causes: [
            CauseTemplate(
                "inactive", .likely, english: "The company is inactive, or takes no tickets at present.",
                german: "Die Firma ist inaktiv oder nimmt derzeit keine Tickets an.",
                evidence: [.vendorWords: .likely, .choices: .certain],
                steps: [
                    .init(
                        "Look the company up in {vendor}, and reactivate it there or choose another one.",
                        german: "Die Firma in {vendor} suchen und dort reaktivieren, oder eine andere wählen."), .tryAgain,
                ], responsibleParty: .you),
            CauseTemplate(
                "wrong_id", .possible, english: "There is no company with that id, or it was deleted.",
                german: "Eine Firma mit dieser ID gibt es nicht, oder sie wurde gelöscht.",
                evidence: [.vendorWords: .likely, .choices: .certain],
                steps: [
                    .init(
                        "Look the company up again, and use its id.", german: "Die Firma erneut suchen und ihre ID verwenden.",
                        terminal: .init(
                            "List the companies, and use an id from there: vectis list companies.",
                            german: "Die Firmen auflisten und eine ID daraus verwenden: vectis list companies.")), .tryAgain,
                ], responsibleParty: .you),
        ])

    static let rateLimited = GuidanceTemplate(
        title: .init("Too many requests", german: "Zu viele Anfragen"),
        detail: .init(
            "The limit of {vendor} at {host} is used up for now. Asked for: {object}.",
            german: "Das Limit von {vendor} auf {host} ist vorerst ausgeschöpft. Angefragt: {object}."),
        causes: [
            .ownLimit, .namedLimit, .limitInFront,
            CauseTemplate(
                "limit", .likely, english: "All integrations with this tenant together exceeded its request limit.",
                german: "Alle Integrationen dieses Tenants zusammen haben sein Anfragelimit überschritten.",
                steps: [
                    .wait,
                    .check(
                        "If it happens often, lower the request rate of the integrations.",
                        german: "Falls es oft vorkommt, die Anfragerate der Integrationen senken."),
                ], responsibleParty: .you),
        ], retry: .afterDelay(.seconds(60)))

    static let vendorUnavailable = GuidanceTemplate(
        title: .init("The PSA is not available", german: "Das PSA-System ist nicht verfügbar"),
        detail: .init(
            "{vendor} at {host} did not give {object}: a server there answered with a fault.",
            german: "{vendor} auf {host} hat das Angefragte nicht geliefert ({object}): Ein Server dort hat einen Fehler gemeldet."),
        causes: [
            .vendorFailureReason, .serverBehind, .serverBehindMisconfigured, .misconfigured,
            CauseTemplate(
                "fault", .likely, english: "{vendor} is overloaded, under maintenance or broken. The settings are not to blame.",
                german: "{vendor} ist überlastet, in Wartung oder gestört. An den Einstellungen liegt es nicht.",
                evidence: [.history: .likely, .frontDoor: .likely, .otherReads: .likely],
                steps: [.statusPage, .init("Wait a few minutes.", german: "Einige Minuten warten."), .testAgain], responsibleParty: .vendor),
            CauseTemplate(
                "stopped", .possible, english: "{vendor} is switched off or not running on its server.",
                german: "{vendor} ist auf seinem Server abgeschaltet oder läuft nicht.", evidence: [.frontDoor: .certain],
                needsEvidence: true,
                steps: [
                    .init(
                        "Open {host} in a browser; if it is stopped there too, have whoever runs the server start it.",
                        german: "{host} im Browser öffnen; läuft es auch dort nicht, es von denen starten lassen, die den Server betreiben."
                    ),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
        ], retry: .afterDelay(.seconds(120)))

    static let vendorMaintenance = GuidanceTemplate(
        title: .init("The PSA is under maintenance", german: "Das PSA-System wird gewartet"),
        detail: .init(
            "{vendor} at {host} announced maintenance when asked for {object}.",
            german: "{vendor} auf {host} hat eine Wartung gemeldet. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "maintenance", .likely, english: "It is being upgraded or is down for maintenance. The settings are not to blame.",
                german: "Es wird gerade aktualisiert oder gewartet. An den Einstellungen liegt es nicht.", evidence: [.frontDoor: .certain],
                steps: [
                    .init(
                        "Wait until the maintenance is over; the vendor's status page may name its end.",
                        german: "Das Ende der Wartung abwarten; womöglich nennt es die Statusseite des Herstellers."), .testAgain,
                ], responsibleParty: .vendor)
        ], retry: .afterDelay(.seconds(600)))

    static let vendorLicense = GuidanceTemplate(
        title: .init("The PSA's licence does not cover this", german: "Die Lizenz des PSA-Systems deckt das nicht ab"),
        detail: .init(
            "{vendor} at {host} refused {object} because of its licence: {message}",
            german: "{vendor} auf {host} hat dies wegen der Lizenz abgelehnt ({object}): {message}"),
        causes: [
            CauseTemplate(
                "licence", .likely, english: "The licence of this {vendor} has expired, or does not include what was asked for.",
                german: "Die Lizenz für {vendor} ist abgelaufen oder umfasst das Angefragte nicht.",
                evidence: [.vendorWords: .likely, .history: .likely],
                steps: [
                    .init(
                        "Have the licence renewed or extended by whoever orders {vendor}.",
                        german: "Die Lizenz für {vendor} verlängern oder erweitern lassen."), .testAgain,
                ], responsibleParty: .psaAdministrator)
        ])

    static let vendorUnexpectedResponse = GuidanceTemplate(
        title: .init("The answer was not understood", german: "Die Antwort wurde nicht verstanden"),
        detail: .init(
            "{host} answered the request for {object} in a form {vendor} is not known to use.",
            german: "{host} hat in einer Form geantwortet, die für {vendor} nicht bekannt ist. Angefragt: {object}."),
        causes: [
            .cached,
            CauseTemplate(
                "vendor_reason", .possible, english: "{vendor} answered with an error in place of what was asked for: {message}",
                german: "{vendor} hat statt des Angefragten einen Fehler gemeldet: {message}", evidence: [.vendorWords: .likely],
                needsEvidence: true,
                steps: [
                    .init(
                        "“{message}”: have that put right in {vendor}.",
                        german: "Was „{message}“ nennt, beheben lassen, wo {vendor} verwaltet wird."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "damaged", .possible, english: "The answer was cut off or changed on the way.",
                german: "Die Antwort wurde unterwegs abgeschnitten oder verändert.",
                steps: [
                    .init("Try again in a minute.", german: "In einer Minute erneut versuchen."),
                    .check(
                        "If it stays, send us the correlation id and the details below.",
                        german: "Falls es so bleibt, uns die Korrelations-ID und die Angaben unten senden."),
                ], responsibleParty: .us),
            CauseTemplate(
                "new_version", .possible, english: "A new version of {vendor} answers differently.",
                german: "{vendor} antwortet in einer neuen Version anders.", evidence: [.history: .likely],
                steps: [
                    .init(
                        "Send us the correlation id and the details below.",
                        german: "Uns die Korrelations-ID und die Angaben unten senden."),
                    .check("Try again after the next update.", german: "Nach dem nächsten Update erneut versuchen."),
                ], responsibleParty: .us),
        ], retry: .afterDelay(.seconds(60)))

    static let syncListIncomplete = GuidanceTemplate(
        title: .init("Rows are missing from the list", german: "In der Liste fehlen Zeilen"),
        detail: .init(
            "{vendor} counts more rows than it gave. The list of {object} was read to its end and is not whole.",
            german: "{vendor} zählt mehr Zeilen, als es geliefert hat. Die Liste wurde bis zu ihrem Ende gelesen und ist nicht vollständig."
                + " Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "changed_meanwhile", .possible, english: "Rows were added, moved or removed while the list was read.",
                german: "Während des Lesens kamen Zeilen hinzu, wurden verschoben oder entfernt.",
                steps: [.check("Read the list again.", german: "Die Liste erneut lesen.")], responsibleParty: .you),
            CauseTemplate(
                "not_visible", .possible, english: "The user the application acts as may not see every row that is counted.",
                german: "Der Benutzer der Anwendung darf nicht jede gezählte Zeile sehen.",
                steps: [
                    .init(
                        "Compare the count with what that user sees in {vendor}.",
                        german: "Die Zahl mit dem vergleichen, was dieser Benutzer in {vendor} sieht."),
                    .check("Read the list again.", german: "Die Liste erneut lesen."),
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "ended_early", .possible, english: "{vendor} ended the list too early.", german: "{vendor} hat die Liste zu früh beendet.",
                steps: [
                    .init(
                        "Send us the correlation id and the details below.",
                        german: "Uns die Korrelations-ID und die Angaben unten senden."),
                    .check("Read the list again after the next update.", german: "Die Liste nach dem nächsten Update erneut lesen."),
                ], responsibleParty: .us),
        ], retry: .afterDelay(.seconds(60)))

    static let writeOutcomeUnknown = GuidanceTemplate(
        title: .init("It is not known whether the change was made", german: "Unbekannt, ob die Änderung ausgeführt wurde"),
        detail: .init(
            "The request to {host} for {object} was sent, but no usable answer came back.",
            german: "Die Anfrage an {host} wurde gesendet, aber es kam keine brauchbare Antwort zurück. Angefragt: {object}."),
        causes: [
            .answeredWithError, .failedWithReason, .cancelledWrite,
            CauseTemplate(
                "lost_answer", .likely,
                english: "The connection or {vendor} failed after the request had left; the change may have been made.",
                german: "Die Verbindung oder {vendor} ist ausgefallen, nachdem die Anfrage abgesendet war; "
                    + "die Änderung kann ausgeführt sein.",
                steps: [
                    .lookForChange,
                    .check("Repeat it only if it is not.", german: "Nur wiederholen, wenn sie fehlt."),
                ], responsibleParty: .you),
        ], retry: .unknownOutcome)

    static let syncCursorRejected = GuidanceTemplate(
        title: .init("The reading can't be resumed at this place", german: "Das Lesen lässt sich hier nicht fortsetzen"),
        detail: .init(
            "The mark at which reading {object} should go on does not belong to this list, query, tenant or connector.",
            german: "Die Marke zum Weiterlesen gehört nicht zu dieser Liste, Abfrage oder Verbindung. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "foreign_mark", .likely, english: "The mark was stored for something else or by another version, or it was damaged.",
                german: "Die Marke wurde für etwas anderes oder von einer anderen Version gespeichert, oder sie ist beschädigt.",
                steps: [.check("Read from the beginning.", german: "Von vorn lesen.")], responsibleParty: .us)
        ])
}

extension CauseTemplate {
    /// The limit on this side let nothing through: that of the connection, or the share of one person.
    public static let ownLimit = CauseTemplate(
        "own_limit", .possible, english: "The limit that is kept here for this tenant is used up; nothing was sent.",
        german: "Das hier eingehaltene Limit für diesen Tenant ist ausgeschöpft; es wurde nichts gesendet.",
        evidence: [.settings: .certain], needsEvidence: true,
        steps: [
            .init("Wait a few minutes.", german: "Einige Minuten warten."),
            .check(
                "If it happens often, read less at a time, or less often.",
                german: "Falls es oft vorkommt, weniger auf einmal oder seltener lesen."),
        ], responsibleParty: .you)

    /// The vendor says which of its limits is used up.
    public static let namedLimit = CauseTemplate(
        "vendor_reason", .possible, english: "{vendor} names the limit itself: {message}",
        german: "{vendor} nennt das Limit selbst: {message}", evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .wait,
            .check(
                "If it happens often, slow down the integrations, or have the limit raised in {vendor}: {message}",
                german: "Falls es oft vorkommt, die Integrationen verlangsamen oder das Limit erhöhen lassen ({vendor}): {message}"),
        ], responsibleParty: .you)

    /// A device in front of the vendor limits requests, by its own rule.
    public static let limitInFront = CauseTemplate(
        "limit_in_front", .possible, english: "The limit is not that of {vendor}: it is set in {device}, in front of it.",
        german: "Das Limit ist keines von {vendor}; gesetzt hat es {device}.", evidence: [.frontDoor: .likely], needsEvidence: true,
        steps: [
            .wait,
            .check(
                "If it happens often, ask whoever runs {device} in front of {host} to raise its limit for {source}; tell them {reference}.",
                german: "Falls es oft vorkommt: Wer vor {host} zuständig ist für {device}, soll das Limit für diese Adresse erhöhen: "
                    + "{source}. Dabei angeben: {reference}."),
        ], responsibleParty: .you)

    /// What came back is an error with a success status, so the write may have been executed.
    public static let answeredWithError = CauseTemplate(
        "vendor_reason", .possible, english: "{vendor} answered with an error, but as if it had succeeded: {message}",
        german: "{vendor} hat einen Fehler gemeldet, aber als wäre es gelungen: {message}", evidence: [.vendorWords: .likely],
        needsEvidence: true,
        steps: [
            .lookForChange,
            .check(
                "If it is not, put right what the answer names, and repeat it: {message}",
                german: "Wenn sie fehlt, beheben, was die Antwort nennt, und wiederholen: {message}"),
        ], responsibleParty: .you)

    /// The vendor's server failed over a write and says why; the write may have been executed before.
    public static let failedWithReason = CauseTemplate(
        "failure_reason", .possible, english: "{vendor} failed, and said: {message}",
        german: "{vendor} ist gescheitert und hat gemeldet: {message}", evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .lookForChange,
            .check(
                "If it is not, repeat it; if that fails too, send the answer to whoever runs the server: {message}",
                german: "Wenn sie fehlt, wiederholen; scheitert auch das, die Antwort an die Stelle senden, die den Server betreibt: "
                    + "{message}"),
        ], responsibleParty: .you)

    /// The answer was no longer awaited here, because a person or a program ended the request.
    public static let cancelledWrite = CauseTemplate(
        "cancelled", .possible, english: "The request was cancelled here before its answer arrived; the change may have been made.",
        german: "Die Anfrage wurde hier abgebrochen, bevor die Antwort da war; die Änderung kann ausgeführt sein.",
        evidence: [.operation: .likely], needsEvidence: true,
        steps: [
            .lookForChange,
            .check("Repeat it only if it is not.", german: "Nur wiederholen, wenn sie fehlt."),
        ], responsibleParty: .you)

    /// The vendor's own sentence names the reason of its failure.
    public static let vendorFailureReason = CauseTemplate(
        "vendor_reason", .possible, english: "{vendor} names the reason itself: {message}",
        german: "{vendor} nennt den Grund selbst: {message}", evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .init(
                "Send this to whoever runs the server of {vendor}: {message}",
                german: "Dies an die Stelle senden, die den Server betreibt ({vendor}): {message}"),
            .init("Wait a few minutes.", german: "Einige Minuten warten."), .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// A content network or proxy works, and the server behind it does not.
    public static let serverBehind = CauseTemplate(
        "server_behind", .possible, english: "{device} gets no usable answer from the server behind it, which may be down or overloaded.",
        german: "Der Server dahinter ist womöglich ausgefallen oder überlastet; keine brauchbare Antwort bekommt {device}.",
        evidence: [.frontDoor: .likely], needsEvidence: true,
        steps: [.statusPage, .init("Wait a few minutes.", german: "Einige Minuten warten."), .testAgain], responsibleParty: .vendor)

    /// A content network can't use the server behind it because of how that is set up.
    public static let serverBehindMisconfigured = CauseTemplate(
        "server_behind_setup", .possible,
        english: "{device} can't use the server behind it: its certificate, its name or its tunnel is not in order.",
        german: "Zertifikat, Name oder Tunnel des Servers dahinter ist nicht in Ordnung; nicht verwenden kann ihn {device}.",
        evidence: [.frontDoor: .likely], needsEvidence: true,
        steps: [
            .init(
                "Ask whoever runs the server behind {device} to put that right; tell them {reference}.",
                german: "Wer den Server betreibt, soll das beheben; davor steht {device}. Dabei angeben: {reference}."), .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// A text does not fit into the vendor's database.
    public static let textTooLong = CauseTemplate(
        "too_long", .possible, english: "One of the texts is longer than {vendor} stores.",
        german: "Einer der Texte ist länger, als {vendor} ihn speichert.", evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .init(
                "Shorten the texts that were sent; the answer of {vendor} may name the one.",
                german: "Die gesendeten Texte kürzen; die Antwort nennt womöglich, welcher zu lang ist ({vendor})."), .tryAgain,
        ], responsibleParty: .you)

    /// The web server that the vendor's product runs on can't read its own configuration.
    public static let misconfigured = CauseTemplate(
        "misconfigured", .possible, english: "The web server of {vendor} can't use its own configuration file.",
        german: "Der Webserver von {vendor} kann seine eigene Konfigurationsdatei nicht verwenden.", evidence: [.frontDoor: .certain],
        needsEvidence: true,
        steps: [
            .init(
                "Ask whoever runs the web server of {host} to correct its configuration, such as the file web.config; its page names the place.",
                german: "Wer den Webserver von {host} betreibt, soll dessen Konfiguration berichtigen, etwa die Datei web.config; "
                    + "seine Seite nennt die Stelle."),
            .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// A cache on the way gave the answer to another request.
    public static let cached = CauseTemplate(
        "cached", .possible, english: "A cache or proxy on the way answered that nothing has changed, which was not asked.",
        german: "Ein Cache oder Proxy auf dem Weg hat geantwortet, es habe sich nichts geändert; danach war nicht gefragt.",
        evidence: [.answer: .likely], needsEvidence: true,
        steps: [
            .init(
                "Ask whoever runs the proxy or cache in front of {host} not to store answers of /api and /auth.",
                german: "Beim Betreiber des Proxys oder Caches vor {host} erreichen, dass er Antworten von /api und /auth nicht speichert."),
            .testAgain,
        ], responsibleParty: .you)

    /// The vendor's own software failed over the request.
    public static let vendorFault = CauseTemplate(
        "vendor_fault", .possible, english: "{vendor} has a fault of its own, in its program or its database.",
        german: "{vendor} hat selbst einen Fehler, im Programm oder in der Datenbank.", evidence: [.vendorWords: .likely],
        steps: [
            .init(
                "Send the details below to an administrator of {vendor}, who can pass them to its support.",
                german: "Die Angaben unten an die Administration weitergeben, die sie dem Support von {vendor} schicken kann."),
            .tryAgain,
        ], responsibleParty: .psaAdministrator)
}

extension GuidanceStep {
    /// Whom to ask about a server that fails.
    public static let statusPage = GuidanceStep(
        "Look at the vendor's status page; if {vendor} runs on a server of your own, ask whoever runs that.",
        german: "Die Statusseite des Herstellers ansehen; läuft {vendor} auf einem eigenen Server, dort nachfragen.")

    /// As long as the vendor says; “a few minutes” if it does not, or if it is no longer than that.
    public static let wait = GuidanceStep("Wait {wait}.", german: "{wait} warten.")

    /// Tells whether a write was executed.
    static let lookForChange = GuidanceStep(
        "Look in {vendor} whether the change is there.", german: "Nachsehen, ob {vendor} die Änderung zeigt.")

    /// Comes before a write is made again that may have been executed.
    static let lookBeforeRepeating = GuidanceStep(
        "Look in {vendor} whether the change is there, and go on only if it is not.",
        german: "Nachsehen, ob {vendor} die Änderung zeigt, und nur fortfahren, wenn sie fehlt.")

    fileprivate static let lookAtRecord = GuidanceStep(
        "Look at the record in {vendor}.", german: "Den Datensatz so ansehen, wie {vendor} ihn jetzt zeigt.")
}
