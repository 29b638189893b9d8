import PSACore

extension HaloGuidance {
    static let germanAuthentication: [ErrorCode: GuidanceWords] = [
        .authInvalidClient: GuidanceWords(
            title: "HaloPSA hat Client ID oder Secret abgelehnt",
            detail: "HaloPSA auf {host} hat Client ID und Secret abgelehnt, als ein Token angefordert wurde.",
            causes: [
                "Client ID oder Client Secret ist falsch oder wurde beim Kopieren abgeschnitten.",
                "Die Tenant URL gehört zu einem anderen HaloPSA als dem, in dem die Anwendung angelegt wurde.",
                "Die Anwendung ist nicht aktiv oder wartet auf die Freigabe durch einen Agent.",
                "Ihre Authentication Method ist nicht „Client ID and Secret (Services)“.",
                "Die Client ID hat sich geändert, als die Anwendung zuletzt gespeichert wurde.",
            ],
            steps: [
                "Die Tenant URL mit der Adresse vergleichen, unter der die Anmeldung in HaloPSA erfolgt.",
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen und die Client ID erneut kopieren.",
                "Dort prüfen, ob die Anwendung aktiv und freigegeben ist und „Client ID and Secret (Services)“ verwendet.",
                "Ist das Secret verloren, dort ein neues erzeugen und einfügen; HaloPSA zeigt es nur einmal.", testAgainInGerman,
            ]),
        .authEndpointNotFound: GuidanceWords(
            title: "Unter dieser Adresse gibt es keine HaloPSA-Anmeldung",
            detail: "{host} hat kein /auth/token, wo jedes HaloPSA seine Token ausstellt.",
            causes: [
                "Die Tenant URL ist nicht die, unter der die Anmeldung im Browser erfolgt.",
                "Die Adresse gehört zu einem Portal, einer Website oder einem Proxy vor HaloPSA.",
            ],
            steps: [
                "Sich im Browser bei HaloPSA anmelden und den Host aus der Adresszeile kopieren, etwa https://acme.halopsa.com.",
                "Ihn als Tenant URL einfügen: ohne /api, ohne /auth, ohne Schrägstrich am Ende.", testAgainInGerman,
            ]),
        .authApplicationNotApproved: GuidanceWords(
            title: "Die HaloPSA-Anwendung darf sich noch nicht anmelden",
            detail: "HaloPSA auf {host} kennt die Anwendung, stellt ihr aber kein Token aus.",
            causes: [
                "Die Anwendung ist nicht aktiv.",
                "In HaloPSA ist „Agent approval required“ gesetzt, und niemand hat die Anwendung freigegeben.",
                "Ihre Authentication Method ist nicht „Client ID and Secret (Services)“.",
            ],
            steps: [
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen und Active ankreuzen.",
                "Die Anwendung von der HaloPSA-Administration freigeben lassen.",
                "Prüfen, ob ihre Authentication Method „Client ID and Secret (Services)“ ist.", testAgainInGerman,
            ]),
        .authWrongGrant: GuidanceWords(
            title: "Die Anwendung nutzt ein anderes Anmeldeverfahren",
            detail: "HaloPSA auf {host} lässt für diese Anwendung keine Anmeldung mit Client ID und Secret zu.",
            causes: ["Die Authentication Method ist nicht „Client ID and Secret (Services)“."],
            steps: [
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen und als Authentication Method "
                    + "„Client ID and Secret (Services)“ wählen.",
                "Speichern und die Client ID erneut kopieren.", testAgainInGerman,
            ]),
        .authScopeRejected: GuidanceWords(
            title: "HaloPSA kennt den angeforderten Scope nicht",
            detail: "HaloPSA auf {host} hat den Scope „{scope}“ abgelehnt.",
            causes: [
                "Der Scope ist falsch geschrieben; read:users oder read:agents etwa gibt es nicht.",
                "Diese Version von HaloPSA hat ihn nicht.",
            ],
            steps: [
                "Den Scope leer lassen, um alles anzufordern, was die Anwendung hat.",
                "Oder Scopes aus dem Reiter Permissions der Anwendung angeben, durch Leerzeichen getrennt.", testAgainInGerman,
            ]),
        .authTenantUnknown: GuidanceWords(
            title: "HaloPSA kennt diesen Tenant nicht",
            detail: "{host} ist gescheitert, als ein Token für den eingestellten Tenant angefordert wurde.",
            causes: [
                "Der Name des Tenants ist falsch; HaloPSA antwortet darauf bekanntlich mit einem Serverfehler.",
                "HaloPSA hat selbst eine Störung.",
            ],
            steps: [
                "Den Tenant leeren; bei einer eigenen Adresse wie acme.halopsa.com ist er nicht nötig.",
                "Sonst den Tenant unter Config → Integrations → HaloPSA API kopieren.", testAgainInGerman,
            ]),
        .authTokenRejected: GuidanceWords(
            title: "HaloPSA hat sein eigenes Zugriffstoken abgelehnt",
            detail: "HaloPSA auf {host} hat zweimal ein Token ausgestellt und dann abgelehnt. Angefragt: {object}.",
            causes: [
                "Inzwischen wurde die Anwendung deaktiviert oder ihr Agent gesperrt.",
                "Die Tenant URL führt zu einer anderen Installation als der des Tokens.",
            ],
            steps: [
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen und prüfen, ob sie aktiv ist.",
                "Prüfen, ob ihr Anmelde-Agent nicht gesperrt ist.", testAgainInGerman,
            ]),
    ]
}
