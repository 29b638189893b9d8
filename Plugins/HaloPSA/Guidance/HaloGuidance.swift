import PSACore

/// HaloPSA's own texts, in the words of its menus, which stay English in every language.
///
/// The causes are those that integrators and the vendor have published for each signal; what contradicts itself among them (granting `all` or
/// a narrow scope) is offered as a choice.
enum HaloGuidance {
    static let catalogue = GuidanceCatalogue(
        vendorName: "HaloPSA", addressField: .tenantURL,
        overrides: settings.merging(authentication) { $1 }.merging(permissions) { $1 }.merging(requests) { $1 }.merging(tickets) { $1 },
        fieldOverrides: [
            .ticketTypeID: [.configInvalidField: number("ticket-types")], .ticketStatusID: [.configInvalidField: number("ticket-statuses")],
            .ticketPriorityID: [.configInvalidField: number("ticket-priorities")],
        ],
        settings: HaloConnector.settingsSchema, connector: HaloConnector.id)

    private static let applicationsMenu = "Config → Integrations → HaloPSA API → View Applications"

    /// A step at the application in HaloPSA.
    static func atApplication(_ english: String, german: String) -> GuidanceStep {
        GuidanceStep(
            "In HaloPSA open \(applicationsMenu), and the application; \(english)",
            german: "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen; \(german)")
    }

    static func guide(_ heading: String) -> GuideAnchor { GuideAnchor(HaloConnector.guide, heading) }
}

extension HaloGuidance {
    static let settings: [ErrorCode: GuidanceTemplate] = [
        .configInvalidField: GuidanceTemplate(
            title: .init("A setting has a value that can't be right", german: "Der Wert einer Einstellung kann nicht stimmen"),
            detail: .init("The connection can't be used yet. {message}", german: "Die Verbindung lässt sich noch nicht nutzen. {message}"),
            causes: [
                .outOfRange, .secretAsArgument,
                CauseTemplate(
                    "copied_wrongly", .likely, english: "The value was cut off, or copied together with something else.",
                    german: "Der Wert wurde abgeschnitten oder zusammen mit etwas anderem kopiert.", evidence: [.settingShape: .certain],
                    steps: [
                        .init(
                            "Copy the value of {field} again from the place the guide shows.",
                            german: "Den Wert dort erneut kopieren, wo die Anleitung ihn zeigt: {field}."), .testAgain,
                    ], fields: .concerned, responsibleParty: .you),
                CauseTemplate(
                    "no_such_outcome", .possible,
                    english: "HaloPSA has no action with exactly that outcome name; the names can be changed there.",
                    german: "HaloPSA hat keine Aktion, deren Outcome genau so heißt; die Namen lassen sich dort ändern.",
                    evidence: [.choices: .certain], needsEvidence: true,
                    steps: [
                        .init(
                            "Enter one of the outcome names that HaloPSA has: {field}.",
                            german: "Einen der Outcome-Namen eintragen, die HaloPSA hat: {field}."), .testAgain,
                    ], fields: .concerned, responsibleParty: .you),
            ], guide: guide("9-outcomes-for-notes-and-replies"))
    ]

    /// A ticket default that is not a number; the vendor's lists show each name with its number.
    private static func number(_ list: String) -> GuidanceTemplate {
        GuidanceTemplate(
            title: .init("A ticket default is not a number", german: "Eine Ticketvorgabe ist keine Zahl"),
            detail: .init("The connection can't be used yet. {message}", german: "Die Verbindung lässt sich noch nicht nutzen. {message}"),
            causes: [
                CauseTemplate(
                    "not_a_number", .likely, english: "{field} takes the number of what is meant, not its name or another id.",
                    german: "Hier ist die Nummer des Gemeinten nötig, nicht sein Name oder eine andere ID: {field}.",
                    evidence: [.settingShape: .certain],
                    steps: [
                        .init(
                            "Enter its number as {field}; vectis list \(list) shows it.",
                            german: "Hier die Nummer eintragen: {field}. Sie steht in vectis list \(list).",
                            page: .init(
                                "Choose {field} from its list in the ticket defaults.",
                                german: "In den Ticketvorgaben aus der Liste wählen: {field}."),
                            terminal: .init(
                                "Enter its number as {field}: vectis list \(list) --connector halopsa shows it.",
                                german: "Hier die Nummer eintragen: {field}. Sie steht in vectis list \(list) --connector halopsa.")),
                        .testAgain,
                    ], fields: .concerned, responsibleParty: .you)
            ], guide: guide("8-ticket-defaults"))
    }

    static let scopeRejected = GuidanceTemplate(
        title: .init("HaloPSA refused the requested scope", german: "HaloPSA hat den angeforderten Scope abgelehnt"),
        detail: .init(
            "HaloPSA at {host} issues no token for the scope “{scope}”.",
            german: "HaloPSA auf {host} stellt kein Token für den Scope „{scope}“ aus."),
        causes: [
            CauseTemplate(
                "no_such_scope", .likely, english: "The scope is misspelt; there is no read:users or read:agents, for instance.",
                german: "Der Scope ist falsch geschrieben; read:users oder read:agents etwa gibt es nicht.",
                evidence: [.vendorCode: .likely, .settingShape: .likely],
                steps: [
                    .init(
                        "Correct the scope setting, or leave it empty to ask for all that the application has.",
                        german: "Die Einstellung Scope korrigieren oder leer lassen, um alles anzufordern, was die Anwendung hat.",
                        terminal: .init(
                            "Correct the scope setting HALOPSA_SCOPE, or unset it to ask for all that the application has.",
                            german: "Die Einstellung HALOPSA_SCOPE korrigieren oder weglassen, um alles anzufordern, was die Anwendung hat."
                        )),
                    .testAgain,
                ], fields: [.scope], responsibleParty: .you),
            CauseTemplate(
                "separators", .possible, english: "The scopes are separated by commas or semicolons instead of spaces.",
                german: "Die Scopes sind durch Kommas oder Semikolons statt durch Leerzeichen getrennt.",
                evidence: [.settingShape: .certain],
                steps: [
                    .init(
                        "Separate the scopes with spaces instead of commas.",
                        german: "Die Scopes durch Leerzeichen trennen statt durch Kommas."),
                    .testAgain,
                ], fields: [.scope], responsibleParty: .you),
            CauseTemplate(
                "scope_not_granted", .possible, english: "The scope exists, but is not granted to the application.",
                german: "Den Scope gibt es, aber der Anwendung ist er nicht erteilt.",
                evidence: [.vendorCode: .certain, .history: .likely],
                steps: [
                    atApplication(
                        "grant the scope on its Permissions tab.", german: "den Scope im Reiter Permissions erteilen."),
                    .init(
                        "Or take what is not granted out of the scope setting.",
                        german: "Oder aus der Einstellung Scope entfernen, was nicht erteilt ist."), .testAgain,
                ], responsibleParty: .psaAdministrator),
            CauseTemplate(
                "offline_access", .possible,
                english: "The scope offline_access asks for a refresh token, which is neither needed nor given.",
                german: "Der Scope offline_access fordert ein Refresh-Token an; das ist weder nötig, noch wird es ausgestellt.",
                evidence: [.vendorCode: .certain], needsEvidence: true,
                steps: [
                    .init(
                        "Take offline_access out of the scope setting.", german: "In der Einstellung Scope offline_access entfernen."),
                    .testAgain,
                ], fields: [.scope], responsibleParty: .you),
            CauseTemplate(
                "older_version", .possible, english: "This version of HaloPSA does not have it.",
                german: "Diese Version von HaloPSA hat ihn nicht.",
                steps: [
                    .init(
                        "Compare the scope setting with the Permissions tab of the application.",
                        german: "Die Einstellung Scope mit dem Reiter Permissions der Anwendung vergleichen."), .testAgain,
                ], fields: [.scope], responsibleParty: .you),
        ], guide: guide("2-grant-permissions"))

    static let tenantUnknown = GuidanceTemplate(
        title: .init("HaloPSA does not know this tenant", german: "HaloPSA kennt diesen Tenant nicht"),
        detail: .init(
            "{host} failed when a token was requested for the tenant that is set.",
            german: "{host} ist gescheitert, als ein Token für den eingestellten Tenant angefordert wurde."),
        causes: [
            CauseTemplate(
                "wrong_tenant", .likely,
                english: "The tenant name is wrong; HaloPSA is known to answer some wrong names with a server error.",
                german: "Der Name des Tenants ist falsch; HaloPSA antwortet darauf manchmal mit einem Serverfehler.",
                evidence: [.otherTenant: .certain, .vendorWords: .likely],
                steps: [
                    .init(
                        "Leave the field Tenant empty; on an address of your own such as acme.halopsa.com it is not needed.",
                        german: "Das Feld Tenant leer lassen; bei einer eigenen Adresse wie acme.halopsa.com ist es nicht nötig.",
                        terminal: .init(
                            "Unset {tenant}; on an address of your own such as acme.halopsa.com it is not needed.",
                            german:
                                "Diese Variable weglassen: {tenant}. Bei einer eigenen Adresse wie acme.halopsa.com ist sie nicht nötig.")),
                    .init(
                        "Otherwise copy it from Config → Integrations → HaloPSA API.",
                        german: "Sonst den Tenant unter Config → Integrations → HaloPSA API kopieren."), .testAgain,
                ], fields: [.tenant], responsibleParty: .you),
            CauseTemplate(
                "tenant_needed", .possible, english: "This server serves several tenants and needs the name of yours.",
                german: "Dieser Server bedient mehrere Tenants und braucht den Namen des richtigen.", evidence: [.otherTenant: .certain],
                steps: [
                    .init(
                        "Enter the tenant name that the server gives, or copy it from Config → Integrations → HaloPSA API: {tenant}.",
                        german: "Den Namen des Tenants eintragen, den der Server nennt, oder ihn unter Config → Integrations → HaloPSA API "
                            + "kopieren: {tenant}."), .testAgain,
                ], fields: [.tenant], responsibleParty: .you),
            CauseTemplate(
                "vendor_fault", .possible, english: "HaloPSA has a fault of its own.", german: "HaloPSA hat selbst eine Störung.",
                evidence: [.history: .likely],
                steps: [
                    .init("Wait a few minutes.", german: "Einige Minuten warten."), .testAgain,
                ], responsibleParty: .vendor),
        ], guide: guide("6-find-the-tenant-name"))
}
