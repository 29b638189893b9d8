import PSACore

extension HaloGuidance {
    static let germanPermissions: [ErrorCode: GuidanceWords] = [
        .permissionScopeMissing: GuidanceWords(
            title: "Der HaloPSA-Anwendung fehlt eine Berechtigung",
            detail: "HaloPSA auf {host} hat den Zugriff nicht erlaubt: {object}. Nötig ist der Scope {scope}.",
            causes: [
                "Die Berechtigungen der Anwendung enthalten dies nicht: {scope}.",
                "Die Einstellung Scope fordert weniger an, als die Anwendung hat.",
                "Der Login Type der Anwendung ist nicht Agent.",
            ],
            steps: [
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen, dann den Reiter Permissions.",
                "Dies erteilen: {scope}; wo Daten geändert werden, edit neben read. Oder all erteilen.",
                "Die Einstellung Scope leer lassen oder dies ergänzen: {scope}.", testAgainInGerman,
            ]),
        .permissionRoleDenied: GuidanceWords(
            title: "Der Anmelde-Agent darf das in HaloPSA nicht",
            detail: "HaloPSA auf {host} hat den Zugriff trotz gültigem Token nicht erlaubt: {object}.",
            causes: [
                "Der Rolle des Agent, als der sich die Anwendung anmeldet, fehlt der Zugriff: {object}.",
                "Der Login Type der Anwendung ist nicht Agent.",
                "Der Agent ist auf einige Kunden oder Tickettypen beschränkt.",
            ],
            steps: [
                "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen und prüfen, ob der Login Type Agent ist und welcher Agent es ist.",
                "Der Rolle dieses Agent unter Config → Teams & Agents → Roles den Zugriff geben: {object}.",
                "Prüfen, ob der Agent alle Kunden und Tickettypen verwenden darf.", testAgainInGerman,
            ]),
        .permissionActionDenied: GuidanceWords(
            title: "Der Anmelde-Agent darf diese Aktion nicht verwenden",
            detail: "HaloPSA auf {host} hat dies abgelehnt ({object}): {message}",
            causes: [
                "Die Aktion (Outcome) ist für den Agent, als der sich die Anwendung anmeldet, nicht verfügbar.",
                "Der Workflow des Tickets bietet die Aktion im jetzigen Schritt nicht an.",
            ],
            steps: [
                "In den Einstellungen ein anderes Outcome wählen.",
                "Oder die Aktion in HaloPSA unter Config → Tickets → Actions für diesen Agent erlauben.",
                "Erneut versuchen.",
            ]),
        .permissionNothingVisible: GuidanceWords(
            title: "Der Anmelde-Agent sieht in HaloPSA nichts",
            detail: "HaloPSA auf {host} hat mit einer leeren Liste geantwortet. Angefragt: {object}.",
            causes: [
                "Die Teams, Abteilungen oder Kunden des Anmelde-Agent verbergen die Einträge.",
                "Es gibt wirklich keine.",
            ],
            steps: [
                "Sich in HaloPSA als dieser Agent anmelden und nachsehen, ob das Gesuchte sichtbar ist: {object}.",
                "Dem Agent alle Kunden und Teams erlauben.", testAgainInGerman,
            ]),
    ]
}
