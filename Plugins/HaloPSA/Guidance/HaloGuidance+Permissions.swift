import PSACore

extension HaloGuidance {
    static let permissions: [ErrorCode: GuidanceTemplate] = [
        .permissionScopeMissing: GuidanceTemplate(
            title: .init("The HaloPSA application lacks a permission", german: "Der HaloPSA-Anwendung fehlt eine Berechtigung"),
            detail: .init(
                "HaloPSA at {host} did not allow access to {object}; it needs the scope {scope}.",
                german: "HaloPSA auf {host} hat den Zugriff nicht erlaubt: {object}. Nötig ist der Scope {scope}."),
            causes: [
                .vendorReason,
                CauseTemplate(
                    "scope_not_granted", .likely, english: "The application's permissions do not include {scope}.",
                    german: "Die Berechtigungen der Anwendung enthalten dies nicht: {scope}.",
                    evidence: [.grantedScope: .certain, .history: .likely],
                    steps: [
                        atApplication(
                            "on its Permissions tab grant {scope}, or all.",
                            german: "im Reiter Permissions dies erteilen: {scope}, oder all."),
                        .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "scope_setting", .possible, english: "The scope setting asks for less than what is needed.",
                    german: "Die Einstellung Scope fordert weniger an, als nötig ist.", evidence: [.grantedScope: .certain],
                    steps: [
                        .init(
                            "Leave the scope setting empty, or add {scope} to it.",
                            german: "Die Einstellung Scope leer lassen oder dies ergänzen: {scope}.",
                            terminal: .init(
                                "Unset the scope setting HALOPSA_SCOPE, or add {scope} to it.",
                                german: "Die Einstellung HALOPSA_SCOPE weglassen oder dies ergänzen: {scope}.")), .testAgain,
                    ], fields: [.scope], responsibleParty: .you),
                loginType,
            ], guide: guide("403-on-data")),
        .permissionRoleDenied: GuidanceTemplate(
            title: .init("The API agent may not do this in HaloPSA", german: "Der API-Agent darf das in HaloPSA nicht"),
            detail: .init(
                "HaloPSA at {host} did not allow access to {object}, although the token is valid.",
                german: "HaloPSA auf {host} hat den Zugriff trotz gültigem Token nicht erlaubt: {object}."),
            causes: [
                agentDisabled, addressNotListed, .vendorReason, loginType, restricted,
                CauseTemplate(
                    "role", .likely, english: "The role of the agent the application logs in as has no access to {object}.",
                    german: "Der Rolle des Agents, als der sich die Anwendung anmeldet, fehlt der Zugriff: {object}.",
                    evidence: [.grantedScope: .likely, .otherReads: .likely, .vendorWords: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Give that agent's role access to {object} under Config → Teams & Agents → Roles.",
                            german: "Der Rolle dieses Agents unter Config → Teams & Agents → Roles den Zugriff geben: {object}."),
                        .testAgain,
                    ], responsibleParty: .psaAdministrator),
            ], guide: guide("401-on-single-resources")),
        .permissionActionDenied: GuidanceTemplate(
            title: .init("The API agent may not do this to the ticket", german: "Der API-Agent darf dies mit dem Ticket nicht tun"),
            detail: .init(
                "HaloPSA at {host} refused {object}: {message}", german: "HaloPSA auf {host} hat dies abgelehnt ({object}): {message}"),
            causes: [
                CauseTemplate(
                    "action", .likely, english: "The action (outcome) is not available to the agent the application logs in as.",
                    german: "Die Aktion (Outcome) ist für den Agent, als der sich die Anwendung anmeldet, nicht verfügbar.",
                    evidence: [.vendorWords: .likely, .record: .likely],
                    steps: [
                        .init(
                            "Allow the action for that agent in HaloPSA under Config → Tickets → Actions, or choose another outcome in the settings.",
                            german: "Die Aktion in HaloPSA unter Config → Tickets → Actions für diesen Agent erlauben, "
                                + "oder in den Einstellungen ein anderes Outcome wählen."), .tryAgain,
                    ], fields: .concerned, responsibleParty: .psaAdministrator),
                restricted,
                CauseTemplate(
                    "ticket_right", .possible,
                    english: "The agent's role, or the access list of the ticket type, does not let it change this ticket.",
                    german: "Die Rolle des Agents oder die Zugriffsliste des Tickettyps lässt ihn dieses Ticket nicht ändern.",
                    evidence: [.vendorWords: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Give the agent's role the right to change tickets under Config → Teams & Agents → Roles.",
                            german: "Der Rolle des Agents unter Config → Teams & Agents → Roles das Recht geben, Tickets zu ändern."),
                        .init(
                            "Look whether the ticket type has an access list under Config → Tickets → Ticket Types, and add the role to it.",
                            german: "Unter Config → Tickets → Ticket Types nachsehen, ob der Tickettyp eine Zugriffsliste hat, "
                                + "und die Rolle eintragen."), .tryAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "workflow", .possible, english: "The workflow of the ticket does not offer the action in its present step.",
                    german: "Der Workflow des Tickets bietet die Aktion im jetzigen Schritt nicht an.", evidence: [.vendorWords: .likely],
                    steps: [
                        .init(
                            "Open the ticket in HaloPSA, and look which actions it offers.",
                            german: "Das Ticket in HaloPSA öffnen und nachsehen, welche Aktionen es anbietet."), .tryAgain,
                    ], responsibleParty: .you),
            ], guide: guide("9-outcomes-for-notes-and-replies")),
        .permissionNothingVisible: GuidanceTemplate(
            title: .init("The API agent sees too little in HaloPSA", german: "Der API-Agent sieht in HaloPSA zu wenig"),
            detail: .init(
                "HaloPSA at {host} may be hiding {object} from the API agent. {message}",
                german: "HaloPSA auf {host} verbirgt womöglich Einträge vor dem API-Agent ({object}). {message}"),
            causes: [
                CauseTemplate(
                    "restricted", .likely, english: "The teams, departments or customers of the agent hide the rows.",
                    german: "Die Teams, Abteilungen oder Kunden des Agents verbergen die Einträge.",
                    evidence: [.otherReads: .likely, .history: .likely],
                    steps: [
                        .init(
                            "Log in to HaloPSA as that agent and look whether all {object} are visible.",
                            german: "Sich in HaloPSA als dieser Agent anmelden und nachsehen, ob alles zu sehen ist: {object}."),
                        .init(
                            "Let the agent use all customers and teams.", german: "Dem Agent alle Kunden und Teams erlauben."), .testAgain,
                    ], responsibleParty: .psaAdministrator),
                CauseTemplate(
                    "none_there", .possible, english: "There really are no more.", german: "Es gibt wirklich keine weiteren.",
                    steps: [
                        .check(
                            "Look in HaloPSA as an administrator whether there are more; if not, nothing is wrong.",
                            german: "In HaloPSA mit Administratorrechten nachsehen, ob es mehr gibt; wenn nicht, ist alles in Ordnung.")
                    ], responsibleParty: .you),
            ], guide: guide("3-choose-the-login-agent")),
    ]

    private static let restricted = CauseTemplate(
        "restricted", .possible, english: "The agent is restricted to some customers, teams or ticket types.",
        german: "Der Agent ist auf einige Kunden, Teams oder Tickettypen beschränkt.",
        evidence: [.vendorWords: .likely, .operation: .likely],
        steps: [
            .init(
                "Check under Config → Teams & Agents → Agents that the agent may use all customers, teams and ticket types.",
                german: "Unter Config → Teams & Agents → Agents prüfen, ob der Agent alle Kunden, Teams und Tickettypen verwenden darf."),
            .testAgain,
        ], responsibleParty: .psaAdministrator)

    private static let loginType = CauseTemplate(
        "login_type", .possible, english: "The application's login type is not Agent.",
        german: "Der Login Type der Anwendung ist nicht Agent.",
        evidence: [.otherReads: .likely, .vendorWords: .likely],
        steps: [
            atApplication(
                "set the login type to Agent, and choose the agent.", german: "als Login Type Agent einstellen und den Agent wählen."),
            .testAgain,
        ], responsibleParty: .psaAdministrator)
}
