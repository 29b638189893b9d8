extension SharedErrorCode {
    var germanAuthenticationWords: GuidanceWords {
        switch self {
        case .authEndpointNotFound:
            GuidanceWords(
                title: "Die Anmeldeadresse wurde nicht gefunden",
                detail: "{host} hat keinen Token-Endpunkt an der Stelle, an der {vendor} einen hat.",
                causes: ["Die Adresse ist falsch oder enthält einen Pfad, der nicht dazugehört."],
                steps: ["Die Adresse der Anmeldung im Browser verwenden, ohne Pfad.", Self.testAgainInGerman])
        case .authInvalidClient:
            GuidanceWords(
                title: "Die Zugangsdaten wurden abgelehnt",
                detail: "{vendor} auf {host} hat die Zugangsdaten nicht angenommen.",
                causes: ["Eine ID oder ein Secret ist falsch.", "Die Zugangsdaten gehören zu einer anderen Installation."],
                steps: ["Die Zugangsdaten erneut kopieren.", "Prüfen, ob sie auf {host} angelegt wurden.", Self.testAgainInGerman])
        case .authApplicationNotApproved:
            GuidanceWords(
                title: "Die Anwendung ist nicht aktiv oder nicht freigegeben",
                detail: "{vendor} auf {host} kennt die Anwendung, erlaubt ihr aber keine Anmeldung.",
                causes: ["Die Anwendung ist inaktiv oder wartet auf eine Freigabe."],
                steps: ["Die Anwendung von jemandem aktivieren und freigeben lassen, der {vendor} verwaltet.", Self.testAgainInGerman])
        case .authWrongGrant:
            GuidanceWords(
                title: "Die Anwendung nutzt eine andere Art der Anmeldung",
                detail: "{vendor} auf {host} lässt für diese Anwendung keine Anmeldung allein mit ID und Secret zu.",
                causes: ["Beim Anlegen der Anwendung wurde ein anderes Anmeldeverfahren gewählt."],
                steps: ["Das Anmeldeverfahren der Anwendung ändern.", Self.testAgainInGerman])
        case .authScopeRejected:
            GuidanceWords(
                title: "Den angeforderten Scope gibt es nicht",
                detail: "{vendor} auf {host} hat den Scope „{scope}“ abgelehnt.",
                causes: ["Der Scope ist falsch geschrieben, oder {vendor} kennt ihn in dieser Version nicht."],
                steps: ["Den Scope leer lassen oder korrigieren.", Self.testAgainInGerman])
        case .authTenantUnknown:
            GuidanceWords(
                title: "Der Tenant ist nicht bekannt",
                detail: "{host} kennt den angegebenen Tenant nicht.",
                causes: ["Der Name des Tenants ist falsch geschrieben oder gehört zu einem anderen Server."],
                steps: ["Den Tenant mit dem vergleichen, den {vendor} anzeigt.", Self.testAgainInGerman])
        default:
            GuidanceWords(
                title: "Das Zugriffstoken wurde abgelehnt",
                detail: "{vendor} auf {host} hat ein eben ausgestelltes Token abgelehnt. Angefragt: {object}.",
                causes: [
                    "Die Anwendung wurde inzwischen geändert oder deaktiviert.", "Die Uhren der beiden Rechner weichen voneinander ab.",
                ],
                steps: ["Prüfen, ob die Anwendung noch aktiv ist.", Self.testAgainInGerman])
        }
    }

    var germanPermissionWords: GuidanceWords {
        switch self {
        case .permissionScopeMissing:
            GuidanceWords(
                title: "Der Anwendung fehlt eine Berechtigung",
                detail: "{vendor} auf {host} hat den Zugriff nicht erlaubt: {object}. Es fehlt: {scope}.",
                causes: ["Die Berechtigungen der Anwendung schließen dies nicht ein: {object}."],
                steps: ["Der Anwendung diese Berechtigung erteilen: {scope}.", Self.testAgainInGerman])
        case .permissionRoleDenied:
            GuidanceWords(
                title: "Die Rolle des Benutzers erlaubt das nicht",
                detail: "{vendor} auf {host} hat den Zugriff für den Benutzer der Anwendung nicht erlaubt: {object}.",
                causes: ["Der Rolle dieses Benutzers fehlt das Recht auf diese Daten: {object}."],
                steps: ["Der Rolle den Zugriff erlauben: {object}.", Self.testAgainInGerman])
        case .permissionActionDenied:
            GuidanceWords(
                title: "Diese Aktion ist nicht erlaubt",
                detail: "{vendor} auf {host} hat dies abgelehnt ({object}): {message}",
                causes: ["Der Benutzer der Anwendung darf diese Aktion nicht ausführen."],
                steps: ["Eine andere Aktion wählen oder diese für den Benutzer erlauben.", "Erneut versuchen."])
        default:
            GuidanceWords(
                title: "Es ist nichts sichtbar",
                detail: "{vendor} auf {host} hat eine leere Liste geliefert. Angefragt: {object}.",
                causes: [
                    "Der Benutzer der Anwendung ist auf Datensätze beschränkt, die es nicht gibt.", "Es gibt wirklich keine.",
                ],
                steps: [
                    "Sich als dieser Benutzer anmelden und nachsehen, ob das Gesuchte sichtbar ist: {object}.",
                    "Die Beschränkungen des Benutzers lockern.", Self.testAgainInGerman,
                ])
        }
    }
}
