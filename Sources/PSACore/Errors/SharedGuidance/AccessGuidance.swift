extension GuidanceTemplate {
    static let authEndpointNotFound = GuidanceTemplate(
        title: .init("The sign-in address was not found", german: "Die Anmeldeadresse wurde nicht gefunden"),
        detail: .init(
            "{host} has no token endpoint where {vendor} has one.",
            german: "{host} hat keinen Token-Endpunkt an der Stelle, an der {vendor} einen hat."),
        causes: [
            CauseTemplate(
                "wrong_address", .likely, english: "The address is wrong, or has a path that does not belong to it.",
                german: "Die Adresse ist falsch oder enthält einen Pfad, der nicht dazugehört.",
                evidence: [.otherAddress: .certain, .discovery: .likely],
                steps: [
                    .init(
                        "Use the address at which you log in, without a path.",
                        german: "Die Adresse der Anmeldung im Browser verwenden, ohne Pfad."), .testAgain,
                ], fields: .address, responsibleParty: .you)
        ])

    static let authInvalidClient = GuidanceTemplate(
        title: .init("The credentials were refused", german: "Die Zugangsdaten wurden abgelehnt"),
        detail: .init(
            "{vendor} at {host} did not accept the credentials.", german: "{vendor} auf {host} hat die Zugangsdaten nicht angenommen."),
        causes: [
            CauseTemplate(
                "wrong_secret", .likely, english: "An id or a secret is wrong, or was replaced after it was entered here.",
                german: "Eine ID oder ein Secret ist falsch oder wurde ersetzt, nachdem es hier eingetragen worden war.",
                evidence: [.vendorCode: .certain, .settingShape: .certain, .history: .likely],
                steps: [
                    .init("Copy the credentials again.", german: "Die Zugangsdaten erneut kopieren."), .testAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "other_installation", .possible, english: "They belong to another installation.",
                german: "Sie gehören zu einer anderen Installation.", evidence: [.discovery: .likely],
                steps: [
                    .init("Check that they were made at {host}.", german: "Prüfen, ob sie auf {host} angelegt wurden."), .testAgain,
                ], fields: .address, responsibleParty: .you),
        ])

    static let authApplicationNotApproved = GuidanceTemplate(
        title: .init("The application is not active or not approved", german: "Die Anwendung ist nicht aktiv oder nicht freigegeben"),
        detail: .init(
            "{vendor} at {host} knows the application but does not let it sign in.",
            german: "{vendor} auf {host} kennt die Anwendung, erlaubt ihr aber keine Anmeldung."),
        causes: [
            CauseTemplate(
                "not_approved", .likely, english: "The application is inactive, or waits for an approval.",
                german: "Die Anwendung ist inaktiv oder wartet auf eine Freigabe.", evidence: [.vendorWords: .likely, .history: .likely],
                steps: [
                    .init(
                        "Ask an administrator of {vendor} to activate and approve the application.",
                        german: "Die Anwendung von jemandem aktivieren und freigeben lassen, der {vendor} verwaltet."), .testAgain,
                ], responsibleParty: .psaAdministrator)
        ])

    static let authWrongGrant = GuidanceTemplate(
        title: .init("The application uses another way to sign in", german: "Die Anwendung nutzt eine andere Art der Anmeldung"),
        detail: .init(
            "{vendor} at {host} does not let this application sign in with an id and a secret alone.",
            german: "{vendor} auf {host} lässt für diese Anwendung keine Anmeldung allein mit ID und Secret zu."),
        causes: [
            CauseTemplate(
                "other_method", .likely, english: "Another authentication method was chosen when the application was created.",
                german: "Beim Anlegen der Anwendung wurde ein anderes Anmeldeverfahren gewählt.", evidence: [.vendorCode: .certain],
                steps: [
                    .init("Change the application's authentication method.", german: "Das Anmeldeverfahren der Anwendung ändern."),
                    .testAgain,
                ], responsibleParty: .psaAdministrator)
        ])

    static let authScopeRejected = GuidanceTemplate(
        title: .init("The requested scope was refused", german: "Der angeforderte Scope wurde abgelehnt"),
        detail: .init(
            "{vendor} at {host} issues no token for the scope “{scope}”.",
            german: "{vendor} auf {host} stellt kein Token für den Scope „{scope}“ aus."),
        causes: [
            CauseTemplate(
                "no_such_scope", .likely, english: "The scope is misspelt, or not known to this version of {vendor}.",
                german: "Der Scope ist falsch geschrieben, oder {vendor} kennt ihn in dieser Version nicht.",
                evidence: [.vendorCode: .likely, .settingShape: .certain],
                steps: [
                    .init("Correct the scope, or leave it empty.", german: "Den Scope korrigieren oder leer lassen."), .testAgain,
                ], fields: .concerned, responsibleParty: .you),
            CauseTemplate(
                "scope_not_granted", .possible, english: "The application may not use this scope.",
                german: "Die Anwendung darf diesen Scope nicht verwenden.", evidence: [.vendorCode: .certain, .history: .likely],
                steps: [
                    .init("Grant the application the scope.", german: "Der Anwendung den Scope erteilen."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let authTenantUnknown = GuidanceTemplate(
        title: .init("The tenant is not known", german: "Der Tenant ist nicht bekannt"),
        detail: .init("{host} does not know the tenant that was named.", german: "{host} kennt den angegebenen Tenant nicht."),
        causes: [
            CauseTemplate(
                "wrong_tenant", .likely, english: "The tenant's name is misspelt, or belongs to another server.",
                german: "Der Name des Tenants ist falsch geschrieben oder gehört zu einem anderen Server.",
                evidence: [.otherTenant: .certain],
                steps: [
                    .init(
                        "Compare the tenant with what {vendor} shows.", german: "Den Tenant mit dem vergleichen, den {vendor} anzeigt."),
                    .testAgain,
                ], fields: .concerned, responsibleParty: .you)
        ])

    static let authTokenRefused = GuidanceTemplate(
        title: .init("No access token was issued", german: "Es wurde kein Zugriffstoken ausgestellt"),
        detail: .init(
            "{vendor} at {host} refused the request for a token: {message}",
            german: "{vendor} auf {host} hat die Anfrage nach einem Token abgelehnt: {message}"),
        causes: [
            .vendorReason,
            CauseTemplate(
                "credentials", .likely, english: "An id or a secret is wrong, or was replaced after it was entered here.",
                german: "Eine ID oder ein Secret ist falsch oder wurde ersetzt, nachdem es hier eingetragen worden war.",
                evidence: [.answer: .likely, .discovery: .likely, .history: .likely],
                steps: [.init("Copy the credentials again.", german: "Die Zugangsdaten erneut kopieren."), .testAgain], fields: .concerned,
                responsibleParty: .you),
            CauseTemplate(
                "inactive", .possible, english: "The application is not active, or waits for an approval.",
                german: "Die Anwendung ist nicht aktiv oder wartet auf eine Freigabe.",
                steps: [
                    .init(
                        "Ask an administrator of {vendor} to activate and approve the application.",
                        german: "Die Anwendung von jemandem aktivieren und freigeben lassen, der {vendor} verwaltet."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            .changedOnTheWay, .plainOnTheWay,
        ])

    static let authTokenRejected = GuidanceTemplate(
        title: .init("The access token was refused", german: "Das Zugriffstoken wurde abgelehnt"),
        detail: .init(
            "{vendor} at {host} did not take a token that it had issued, when asked for {object}.",
            german: "{vendor} auf {host} hat ein dort ausgestelltes Token nicht angenommen. Angefragt: {object}."),
        causes: [
            .tokenEnded, .tokenIssuer, .tokenClocks, .tokenKeys, .vendorReason,
            CauseTemplate(
                "deactivated", .possible, english: "The application was changed or deactivated meanwhile.",
                german: "Die Anwendung wurde inzwischen geändert oder deaktiviert.", evidence: [.history: .likely],
                steps: [
                    .init(
                        "Ask an administrator of {vendor} whether the application is still active.",
                        german: "Von jemandem, der {vendor} verwaltet, prüfen lassen, ob die Anwendung noch aktiv ist."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "clock", .possible, english: "The clocks of the two machines differ.",
                german: "Die Uhren der beiden Rechner weichen voneinander ab.",
                evidence: [.clock: .certain],
                steps: [
                    .init("Check date and time of this machine.", german: "Datum und Uhrzeit dieses Rechners prüfen."), .testAgain,
                ], responsibleParty: .you),
        ])

    static let permissionScopeMissing = GuidanceTemplate(
        title: .init("The application lacks a permission", german: "Der Anwendung fehlt eine Berechtigung"),
        detail: .init(
            "{vendor} at {host} did not allow access to {object}; {scope} is missing.",
            german: "{vendor} auf {host} hat den Zugriff nicht erlaubt: {object}. Es fehlt: {scope}."),
        causes: [
            .vendorReason,
            CauseTemplate(
                "scope_not_granted", .likely, english: "The permissions granted to the application do not include {object}.",
                german: "Die Berechtigungen der Anwendung schließen dies nicht ein: {object}.",
                evidence: [.grantedScope: .certain, .history: .likely],
                steps: [
                    .init("Grant the application {scope}.", german: "Der Anwendung diese Berechtigung erteilen: {scope}."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let permissionRoleDenied = GuidanceTemplate(
        title: .init("The user's role does not allow it", german: "Die Rolle des Benutzers erlaubt das nicht"),
        detail: .init(
            "{vendor} at {host} did not allow access to {object} for the user the application acts as.",
            german: "{vendor} auf {host} hat den Zugriff für den Benutzer der Anwendung nicht erlaubt: {object}."),
        causes: [
            .vendorReason,
            CauseTemplate(
                "role", .likely, english: "The role of that user has no right to {object}.",
                german: "Der Rolle dieses Benutzers fehlt das Recht auf diese Daten: {object}.",
                evidence: [.grantedScope: .likely, .otherReads: .likely, .vendorWords: .likely, .history: .likely],
                steps: [
                    .init("Give the role access to {object}.", german: "Der Rolle den Zugriff erlauben: {object}."), .testAgain,
                ], responsibleParty: .psaAdministrator),
        ])

    static let permissionActionDenied = GuidanceTemplate(
        title: .init("This action is not allowed", german: "Diese Aktion ist nicht erlaubt"),
        detail: .init(
            "{vendor} at {host} refused {object}: {message}", german: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}"),
        causes: [
            CauseTemplate(
                "action", .likely, english: "The user the application acts as may not run it.",
                german: "Der Benutzer der Anwendung darf sie nicht ausführen.", evidence: [.vendorWords: .likely, .history: .likely],
                steps: [
                    .init(
                        "Choose another action, or have this one allowed for the user.",
                        german: "Eine andere Aktion wählen oder diese für den Benutzer erlauben lassen."), .tryAgain,
                ], responsibleParty: .psaAdministrator)
        ])

    static let permissionNothingVisible = GuidanceTemplate(
        title: .init("Nothing is visible", german: "Es ist nichts sichtbar"),
        detail: .init(
            "{vendor} at {host} answered the request for {object} with an empty list.",
            german: "{vendor} auf {host} hat eine leere Liste geliefert. Angefragt: {object}."),
        causes: [
            CauseTemplate(
                "restricted", .likely, english: "The user the application acts as is restricted to rows that do not exist.",
                german: "Der Benutzer der Anwendung ist auf Datensätze beschränkt, die es nicht gibt.",
                evidence: [.otherReads: .likely, .history: .likely],
                steps: [
                    .init(
                        "Log in as that user and look whether {object} are visible.",
                        german: "Sich als dieser Benutzer anmelden und nachsehen, ob das Gesuchte zu sehen ist: {object}."),
                    .init("Widen its restrictions.", german: "Die Beschränkungen dieses Benutzers lockern."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "none_there", .possible, english: "There really are none.", german: "Es gibt wirklich keine.",
                steps: [
                    .check(
                        "Look in {vendor} as an administrator whether there are any; if not, nothing is wrong.",
                        german: "Mit Administratorrechten nachsehen, ob {vendor} welche zeigt; wenn nicht, ist alles in Ordnung.")
                ], responsibleParty: .you),
        ])
}

extension CauseTemplate {
    /// The vendor's own sentence names the reason; it comes before what is only suspected.
    public static let vendorReason = vendorReason(then: .testAgain)

    /// The vendor's own sentence names the reason of a refusal, and nothing more is known of it.
    public static let vendorReasonOfRefusal = vendorReason(then: .tryAgain)

    private static func vendorReason(then last: GuidanceStep) -> CauseTemplate {
        CauseTemplate(
            "vendor_reason", .possible, english: "{vendor} names the reason itself: {message}",
            german: "{vendor} nennt den Grund selbst: {message}", evidence: [.vendorWords: .likely], needsEvidence: true,
            steps: [
                .init(
                    "“{message}”: have that put right in {vendor}.",
                    german: "Was „{message}“ nennt, beheben lassen, wo {vendor} verwaltet wird."),
                last,
            ], responsibleParty: .psaAdministrator)
    }

    /// The token of a write ended before its time; the next request brings a new one.
    public static let tokenEnded = CauseTemplate(
        "token_ended", .possible,
        english: "The token ended before its time: a secret was replaced, for instance, or a server was started again.",
        german: "Das Token ist vor der Zeit abgelaufen, etwa weil ein Secret ersetzt oder ein Server neu gestartet wurde.",
        evidence: [.answer: .likely], needsEvidence: true,
        steps: [
            .lookForChange,
            .check(
                "If it is not, try again: the next request brings a new token.",
                german: "Wenn sie fehlt, erneut versuchen: Die nächste Anfrage verwendet ein neues Token."),
        ], responsibleParty: .you)

    /// The server for data expects tokens of another sign-in server.
    public static let tokenIssuer = CauseTemplate(
        "issuer", .possible,
        english: "The server for data expects tokens of a sign-in server with another address than the one that issued this one.",
        german: "Der Server für die Daten erwartet Token eines Anmeldeservers mit anderer Adresse als dessen, der dieses ausgestellt hat.",
        evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .init(
                "Have the address of the sign-in server that is set for the API of {vendor} corrected: {message}",
                german: "Die Adresse des Anmeldeservers berichtigen lassen, die für die API eingestellt ist ({vendor}): {message}"),
            .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// The clocks of the vendor's own servers differ.
    public static let tokenClocks = CauseTemplate(
        "server_clocks", .possible, english: "The clocks of the sign-in server and of the server for data differ: {message}",
        german: "Die Uhren des Anmeldeservers und des Servers für die Daten weichen voneinander ab: {message}",
        evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .init(
                "Have date, time and time zone of the servers of {vendor} checked and synchronised.",
                german: "Datum, Uhrzeit und Zeitzone der Server prüfen und abgleichen lassen, auf denen {vendor} läuft."),
            .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// The server for data does not know the key of the sign-in server.
    public static let tokenKeys = CauseTemplate(
        "keys", .possible, english: "The server for data does not know the key with which the sign-in server signs its tokens.",
        german: "Der Server für die Daten kennt den Schlüssel nicht, mit dem der Anmeldeserver seine Token unterschreibt.",
        evidence: [.vendorWords: .likely], needsEvidence: true,
        steps: [
            .init(
                "Have the servers of {vendor} use one signing key; where several run side by side, the same certificate on each.",
                german: "Die Server von {vendor} denselben Schlüssel verwenden lassen; laufen mehrere nebeneinander, "
                    + "auf jedem dasselbe Zertifikat."),
            .init(
                "If the key was replaced, have the servers started again.",
                german: "Wurde der Schlüssel ersetzt, die Server neu starten lassen."), .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// A part of the request got lost between here and the vendor.
    public static let changedOnTheWay = CauseTemplate(
        "changed_on_the_way", .possible, english: "A proxy on the way changed the request, so that a part of it did not arrive.",
        german: "Ein Proxy auf dem Weg hat die Anfrage verändert, sodass ein Teil davon nicht angekommen ist.",
        evidence: [.vendorCode: .certain],
        steps: [
            .init(
                "Look for a proxy between this machine and {host}, and ask whoever runs it to pass requests on unchanged.",
                german: "Einen Proxy zwischen diesem Rechner und {host} suchen und erreichen, dass er Anfragen unverändert weitergibt."),
            .testAgain,
        ], responsibleParty: .you)

    /// The server behind its own front door does not know that the connection was encrypted.
    public static let plainOnTheWay = CauseTemplate(
        "plain_on_the_way", .possible,
        english: "The reverse proxy of the server passes requests on without saying that they came by https.",
        german: "Der Reverse-Proxy des Servers gibt Anfragen weiter, ohne zu sagen, dass sie über https kamen.",
        evidence: [.vendorCode: .certain],
        steps: [
            .init(
                "Have the reverse proxy in front of {host} send X-Forwarded-Proto: https.",
                german: "Den Reverse-Proxy vor {host} so einstellen lassen, dass er X-Forwarded-Proto: https sendet."), .testAgain,
        ], responsibleParty: .psaAdministrator)
}
