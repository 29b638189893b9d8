import PSACore

extension HaloGuidance {
    static let authentication: [ErrorCode: GuidanceTemplate] = [
        .authInvalidClient: GuidanceTemplate(
            title: .init("HaloPSA refused the client ID or secret", german: "HaloPSA hat Client ID oder Secret abgelehnt"),
            detail: .init(
                "HaloPSA at {host} did not accept the client ID and secret when a token was requested.",
                german: "HaloPSA auf {host} hat Client ID und Secret nicht angenommen, als ein Token angefordert wurde."),
            causes: [
                CauseTemplate(
                    "wrong_secret", .likely, english: "The client secret is wrong, or was rotated in HaloPSA after it was entered here.",
                    german: "Das Client Secret ist falsch, oder es wurde in HaloPSA ersetzt, nachdem es hier eingetragen worden war.",
                    evidence: [.vendorCode: .certain, .discovery: .likely, .settingShape: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Copy the client secret again from where it was kept, and enter it as {clientSecret}.",
                            german: "Das Client Secret erneut von dort kopieren, wo es aufbewahrt wird, und hier eintragen: {clientSecret}."
                        ),
                        atApplication(
                            "if the secret was lost or replaced, generate a new one there and enter that; HaloPSA shows it once.",
                            german: "ist das Secret verloren oder wurde es ersetzt, dort ein neues erzeugen und eintragen; "
                                + "HaloPSA zeigt es nur einmal."), .testAgain,
                    ], fields: [.clientSecret], responsibleParty: .you),
                CauseTemplate(
                    "secret_expired", .possible, english: "The client secret has expired.",
                    german: "Das Client Secret ist abgelaufen.", evidence: [.vendorWords: .likely], needsEvidence: true,
                    steps: [
                        atApplication(
                            "generate a new client secret, and enter it as {clientSecret}; HaloPSA shows it once.",
                            german: "ein neues Client Secret erzeugen und hier eintragen: {clientSecret}. HaloPSA zeigt es nur einmal."),
                        .testAgain,
                    ], fields: [.clientSecret], responsibleParty: .you),
                CauseTemplate(
                    "wrong_client_id", .likely, english: "The client ID is wrong, or changed when the application was last saved.",
                    german: "Die Client ID ist falsch oder hat sich geändert, als die Anwendung zuletzt gespeichert wurde.",
                    evidence: [.vendorCode: .certain, .settingShape: .likely],
                    steps: [
                        atApplication(
                            "copy the client ID again, and enter it as {clientID}.",
                            german: "die Client ID erneut kopieren und hier eintragen: {clientID}."), .testAgain,
                    ], fields: [.clientID], responsibleParty: .you),
                CauseTemplate(
                    "other_installation", .possible,
                    english: "The tenant URL is that of another HaloPSA than the one the application was made in.",
                    german: "Die Tenant URL gehört zu einem anderen HaloPSA als dem, in dem die Anwendung angelegt wurde.",
                    evidence: [.discovery: .likely, .otherAddress: .likely],
                    steps: [
                        .init(
                            "Compare {tenantURL} with the address at which you log in to HaloPSA.",
                            german:
                                "Diese Einstellung mit der Adresse vergleichen, unter der die Anmeldung in HaloPSA erfolgt: {tenantURL}."),
                        .testAgain,
                    ], fields: [.tenantURL], responsibleParty: .you),
                CauseTemplate(
                    "cut_off", .possible,
                    english: "The client secret was cut off when it was copied, or copied together with something else.",
                    german: "Das Client Secret wurde beim Kopieren abgeschnitten oder zusammen mit etwas anderem kopiert.",
                    evidence: [.settingShape: .certain],
                    steps: [
                        .init(
                            "Copy the whole client secret, from its first to its last character, and enter it as {clientSecret}.",
                            german:
                                "Das ganze Client Secret kopieren, vom ersten bis zum letzten Zeichen, und hier eintragen: {clientSecret}."),
                        .testAgain,
                    ], fields: [.clientSecret], responsibleParty: .you),
                CauseTemplate(
                    "swapped", .possible, english: "Client ID and client secret stand in each other's place.",
                    german: "Client ID und Client Secret sind vertauscht.", evidence: [.settingShape: .certain],
                    steps: [
                        .init(
                            "Enter the client secret as {clientSecret}, and the client ID as {clientID}.",
                            german: "Das Client Secret hier eintragen: {clientSecret}. Die Client ID hier: {clientID}."), .testAgain,
                    ], fields: [.clientID, .clientSecret], responsibleParty: .you),
                CauseTemplate(
                    "not_approved", .possible, english: "The application is not active, or waits for an approval.",
                    german: "Die Anwendung ist nicht aktiv oder wartet auf eine Freigabe.", evidence: [.vendorWords: .likely],
                    steps: [
                        atApplication(
                            "check that it is active and approved.", german: "prüfen, ob sie aktiv und freigegeben ist."), .testAgain,
                    ], responsibleParty: .psaAdministrator),
            ], guide: guide("400-or-401-when-a-token-is-requested")),
        .authEndpointNotFound: GuidanceTemplate(
            title: .init(
                "There is no HaloPSA sign-in at this address", german: "Unter dieser Adresse gibt es keine HaloPSA-Anmeldung"),
            detail: .init(
                "{host} has no /auth/token, where every HaloPSA issues its tokens.",
                german: "{host} hat kein /auth/token, wo jedes HaloPSA seine Token ausstellt."),
            causes: [
                CauseTemplate(
                    "wrong_address", .likely, english: "The tenant URL is not the one you log in at.",
                    german: "Die Tenant URL ist nicht die, unter der die Anmeldung im Browser erfolgt.",
                    evidence: [.otherAddress: .certain, .discovery: .likely],
                    steps: [
                        .init(
                            "Log in to HaloPSA in the browser and copy the host from the address bar, such as https://acme.halopsa.com; if every page there begins with a path such as /halo, copy that too.",
                            german: "Sich im Browser bei HaloPSA anmelden und den Host aus der Adresszeile kopieren, "
                                + "etwa https://acme.halopsa.com; beginnt dort jede Seite mit einem Pfad wie /halo, auch diesen."),
                        .init(
                            "Enter it as {tenantURL}: no /api, no /auth, no slash at the end.",
                            german: "Ihn ohne /api, ohne /auth und ohne Schrägstrich am Ende hier eintragen: {tenantURL}."), .testAgain,
                    ], fields: [.tenantURL], responsibleParty: .you),
                CauseTemplate(
                    "auth_not_forwarded", .possible,
                    english: "HaloPSA is at this address, but its sign-in under /auth is not installed or not forwarded there.",
                    german: "HaloPSA ist unter dieser Adresse zu finden, aber die Anmeldung unter /auth ist dort nicht installiert "
                        + "oder wird nicht dorthin weitergeleitet.", evidence: [.discovery: .likely], needsEvidence: true,
                    steps: [
                        .init(
                            "Compare the Authorisation Server under Config → Integrations → HaloPSA API with {host}: it must be that address followed by /auth.",
                            german: "Unter Config → Integrations → HaloPSA API den Authorisation Server mit {host} vergleichen: "
                                + "Er muss diese Adresse sein, gefolgt von /auth."),
                        .init(
                            "On a server of your own, have /auth installed and forwarded like /api.",
                            german: "Auf einem eigenen Server /auth installieren und wie /api weiterleiten lassen."), .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "not_halo", .possible, english: "The address belongs to a portal, a website or a proxy in front of HaloPSA.",
                    german: "Die Adresse gehört zu einem Portal, einer Website oder einem Proxy vor HaloPSA.",
                    evidence: [.frontDoor: .certain],
                    steps: [
                        .init(
                            "Open {host} in a browser, and look whether the agents of HaloPSA log in there.",
                            german: "{host} im Browser öffnen und nachsehen, ob sich dort die Agents von HaloPSA anmelden."), .testAgain,
                    ], fields: [.tenantURL], responsibleParty: .you),
            ], guide: guide("404-on-authtoken")),
        .authApplicationNotApproved: GuidanceTemplate(
            title: .init(
                "The HaloPSA application may not sign in yet", german: "Die HaloPSA-Anwendung darf sich noch nicht anmelden"),
            detail: .init(
                "HaloPSA at {host} knows the application but does not issue a token to it.",
                german: "HaloPSA auf {host} kennt die Anwendung, stellt ihr aber kein Token aus."),
            causes: [
                CauseTemplate(
                    "inactive", .likely, english: "The application is not active.", german: "Die Anwendung ist nicht aktiv.",
                    evidence: [.vendorWords: .likely, .history: .likely],
                    steps: [
                        atApplication("tick Active.", german: "Active ankreuzen."), .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "not_approved", .likely,
                    english: "“Agent approval required” is set in HaloPSA and the application has not been approved.",
                    german: "In HaloPSA ist „Agent approval required“ gesetzt, und niemand hat die Anwendung freigegeben.",
                    evidence: [.vendorWords: .likely],
                    steps: [
                        .init(
                            "Ask a HaloPSA administrator to approve the application under Config → Integrations → HaloPSA API.",
                            german: "Die Anwendung unter Config → Integrations → HaloPSA API durch einen Administrator freigeben lassen."),
                        .testAgain,
                    ], responsibleParty: .psaAdministrator),
                otherMethod(.possible),
            ], guide: guide("1-create-the-application")),
        .authWrongGrant: GuidanceTemplate(
            title: .init("The application uses another authentication method", german: "Die Anwendung nutzt ein anderes Anmeldeverfahren"),
            detail: .init(
                "HaloPSA at {host} does not let this application sign in with a client ID and secret.",
                german: "HaloPSA auf {host} lässt für diese Anwendung keine Anmeldung mit Client ID und Secret zu."),
            causes: [otherMethod(.likely)], guide: guide("1-create-the-application")),
        .authTokenRefused: tokenRefused,
        .authScopeRejected: scopeRejected,
        .authTenantUnknown: tenantUnknown,
        .authTokenRejected: GuidanceTemplate(
            title: .init("HaloPSA refused its own access token", german: "HaloPSA hat sein eigenes Zugriffstoken abgelehnt"),
            detail: .init(
                "HaloPSA at {host} issued a token and then refused it for {object}.",
                german: "HaloPSA auf {host} hat ein Token ausgestellt und dann abgelehnt. Angefragt: {object}."),
            causes: [
                .tokenEnded, .tokenIssuer, .tokenClocks, .tokenKeys, .vendorReason,
                CauseTemplate(
                    "deactivated", .possible, english: "The application was deactivated, or its agent disabled, meanwhile.",
                    german: "Inzwischen wurde die Anwendung deaktiviert oder ihr Agent gesperrt.", evidence: [.history: .likely],
                    steps: [
                        atApplication(
                            "check that it is active, and that its agent is enabled.",
                            german: "prüfen, ob sie aktiv und ihr API-Agent nicht gesperrt ist."), .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "other_installation", .possible, english: "The tenant URL leads to another installation than the token's.",
                    german: "Die Tenant URL führt zu einer anderen Installation als der des Tokens.", evidence: [.otherAddress: .certain],
                    steps: [
                        .init(
                            "Compare {tenantURL} with the address at which you log in to HaloPSA.",
                            german:
                                "Diese Einstellung mit der Adresse vergleichen, unter der die Anmeldung in HaloPSA erfolgt: {tenantURL}."),
                        .testAgain,
                    ], fields: [.tenantURL], responsibleParty: .you),
                CauseTemplate(
                    "clock", .possible, english: "The clock of the machine this runs on is wrong.",
                    german: "Die Uhr des Rechners, auf dem dieses Programm läuft, geht falsch.", evidence: [.clock: .certain],
                    steps: [
                        .init(
                            "Check date, time and time zone of that machine.",
                            german: "Datum, Uhrzeit und Zeitzone dieses Rechners prüfen."), .testAgain,
                    ], responsibleParty: .you),
            ], guide: guide("3-choose-the-login-agent")),
    ]

    private static let tokenRefused = GuidanceTemplate(
        title: .init("HaloPSA issued no access token", german: "HaloPSA hat kein Zugriffstoken ausgestellt"),
        detail: .init(
            "{host} refused the request for a token: {message}", german: "{host} hat die Anfrage nach einem Token abgelehnt: {message}"),
        causes: [
            agentDisabled, addressNotListed, .vendorReason,
            CauseTemplate(
                "credentials", .possible, english: "The client ID or the client secret is wrong, or was replaced in HaloPSA.",
                german: "Client ID oder Client Secret ist falsch, oder es wurde in HaloPSA ersetzt.",
                evidence: [.answer: .likely, .discovery: .likely, .settingShape: .certain, .history: .likely],
                steps: [
                    .init(
                        "Copy the client ID and the client secret again, and enter them as {clientID} and {clientSecret}.",
                        german: "Client ID und Client Secret erneut kopieren und hier eintragen: {clientID}, {clientSecret}."),
                    atApplication(
                        "if the secret was lost, generate a new one there and enter that; HaloPSA shows it once.",
                        german: "ist das Secret verloren, dort ein neues erzeugen und eintragen; HaloPSA zeigt es nur einmal."), .testAgain,
                ], fields: [.clientID, .clientSecret], responsibleParty: .you),
            CauseTemplate(
                "inactive", .possible, english: "The application is not active, or waits for an approval.",
                german: "Die Anwendung ist nicht aktiv oder wartet auf eine Freigabe.", evidence: [.vendorWords: .likely],
                steps: [
                    atApplication("check that it is active and approved.", german: "prüfen, ob sie aktiv und freigegeben ist."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            .changedOnTheWay, .plainOnTheWay,
        ], guide: guide("400-or-401-when-a-token-is-requested"))

    /// The agent that the application logs in as.
    static let agentDisabled = CauseTemplate(
        "agent_disabled", .possible, english: "The agent the application logs in as is disabled in HaloPSA.",
        german: "Der Agent, als der sich die Anwendung anmeldet, ist in HaloPSA gesperrt.", evidence: [.vendorWords: .likely],
        needsEvidence: true,
        steps: [
            .init(
                "Enable that agent again in HaloPSA under Config → Teams & Agents → Agents.",
                german: "Diesen Agent in HaloPSA unter Config → Teams & Agents → Agents wieder freigeben."),
            atApplication("or choose another agent to log in as.", german: "oder einen anderen Agent für die Anmeldung wählen."),
            .testAgain,
        ], responsibleParty: .psaAdministrator)

    /// An allow-list of HaloPSA itself.
    static let addressNotListed = CauseTemplate(
        "address_not_listed", .possible, english: "HaloPSA admits only certain IP addresses, and this machine's is not one of them.",
        german: "HaloPSA lässt nur bestimmte IP-Adressen zu, und die dieses Rechners gehört nicht dazu.", evidence: [.vendorWords: .likely],
        needsEvidence: true,
        steps: [
            .init(
                "Ask a HaloPSA administrator to add the IP address that HaloPSA sees, which is {source}, to the allowed ones.",
                german: "Die IP-Adresse, die HaloPSA sieht, in HaloPSA zu den erlaubten hinzufügen lassen: {source}."), .testAgain,
        ], responsibleParty: .psaAdministrator)

    private static func otherMethod(_ confidence: Confidence) -> CauseTemplate {
        CauseTemplate(
            "other_method", confidence, english: "The application's authentication method is not “Client ID and Secret (Services)”.",
            german: "Die Authentication Method der Anwendung ist nicht „Client ID and Secret (Services)“.",
            evidence: [.vendorCode: .certain],
            steps: [
                atApplication(
                    "set its authentication method to “Client ID and Secret (Services)”, and save.",
                    german: "als Authentication Method „Client ID and Secret (Services)“ wählen und speichern."),
                .init(
                    "Copy the client ID again, because saving can change it.",
                    german: "Die Client ID erneut kopieren, denn das Speichern kann sie ändern."), .testAgain,
            ], responsibleParty: .psaAdministrator)
    }
}
