public import PSACore

extension SettingKey {
    static let tenantURL: SettingKey = "tenantURL"
    static let clientID: SettingKey = "clientID"
    static let clientSecret: SettingKey = "clientSecret"
    static let tenant: SettingKey = "tenant"
    static let scope: SettingKey = "scope"
    static let ticketTypeID: SettingKey = "ticketTypeID"
    static let ticketStatusID: SettingKey = "ticketStatusID"
    static let ticketPriorityID: SettingKey = "ticketPriorityID"
    static let privateNoteOutcome: SettingKey = "privateNoteOutcome"
    static let replyOutcome: SettingKey = "replyOutcome"
    static let requestsPerFiveMinutes: SettingKey = "requestsPerFiveMinutes"
    static let runTicketRules: SettingKey = "runTicketRules"
    static let createDespiteMissingFields: SettingKey = "createDespiteMissingFields"
}

extension HaloConnector {
    static let guide = "Docs/ConnectHaloPSA.md"

    /// The connector's name, settings, capabilities and texts.
    public static let descriptor = ConnectorDescriptor(
        id: id,
        aliases: ["halo", "haloitsm", "haloservicedesk"],
        displayName: "HaloPSA",
        tier: .complete, grade: .platinum,
        settings: settingsSchema,
        capabilities: Set(Capability.allCases), authentication: .accessToken,
        companyIDs: .wholeNumbers(1...Int(Int32.max)), ticketFilters: Set(TicketQuery.Filter.allCases),
        nonExecutionRules: HaloErrorRules.nonExecution,
        guidance: HaloGuidance.catalogue,
        guide: guide)

    static let id: ConnectorID = ConnectorID("halopsa")
    static let settingsSchema: SettingsSchema = SettingsSchema(
        credentialFields + ticketDefaultFields + outcomeFields + writingFields + [paceField])

    private static let credentialFields = [
        SettingField(
            .tenantURL, label: "Tenant URL", help: "The address at which you log in to HaloPSA.", example: "https://acme.halopsa.com",
            kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "5-find-the-tenant-url"),
            installation: HaloAddress.installation),
        SettingField(
            .clientID, label: "Client ID", help: "HaloPSA shows it on the application; copy it after saving, because saving can change it.",
            example: "8a1f2c3d-0000-4000-8000-000000000000", kind: .text(maximumLength: 100), isRequired: true,
            guideAnchor: GuideAnchor(guide, "4-copy-the-client-id-and-secret")),
        SettingField(
            .clientSecret, label: "Client Secret", help: "HaloPSA shows it once, when the application is saved.",
            example: "two GUIDs joined by a hyphen", kind: .text(maximumLength: 500), isRequired: true, isSecret: true,
            guideAnchor: GuideAnchor(guide, "4-copy-the-client-id-and-secret")),
        SettingField(
            .tenant, label: "Tenant", help: "Only for hosted HaloPSA, and seldom needed: the tenant name on the HaloPSA API page.",
            example: "acme", kind: .text(maximumLength: 100), purpose: .tenant, guideAnchor: GuideAnchor(guide, "6-find-the-tenant-name")),
        SettingField(
            .scope, label: "Scope", help: "The permissions to ask for, separated by spaces. Leave empty for all that the application has.",
            example: "read:tickets edit:tickets read:customers read:contracts", kind: .text(maximumLength: 1000), defaultValue: "all",
            guideAnchor: GuideAnchor(guide, "2-grant-permissions")),
    ]

    private static let ticketDefaultFields = [
        SettingField(
            .ticketTypeID, label: "Ticket Type ID", help: "The type of new tickets; HaloPSA requires one. Config → Tickets → Ticket Types.",
            example: "1", kind: .integer(1...Int(Int32.max)), purpose: .ticketDefault(.type),
            guideAnchor: GuideAnchor(guide, "8-ticket-defaults")),
        SettingField(
            .ticketStatusID, label: "Status ID", help: "The status of new tickets. Leave empty for the one the ticket type starts with.",
            example: "1", kind: .integer(1...Int(Int32.max)), purpose: .ticketDefault(.status),
            guideAnchor: GuideAnchor(guide, "8-ticket-defaults")),
        SettingField(
            .ticketPriorityID, label: "Priority ID", help: "The priority of new tickets, out of those of the ticket type's SLA.",
            example: "3", kind: .integer(1...Int(Int32.max)), purpose: .ticketDefault(.priority),
            guideAnchor: GuideAnchor(guide, "8-ticket-defaults")),
    ]

    // 500 is the strictest of the paces that the vendor and integrators have published: 500 in 3 minutes, 700 in 5, 500 in 5.
    private static let paceField = SettingField(
        .requestsPerFiveMinutes, label: "Requests in 5 minutes",
        help: "How many API requests all connections to this HaloPSA may make together in five minutes.", example: "500",
        kind: .integer(10...100_000), purpose: .behaviour, defaultValue: "500", guideAnchor: GuideAnchor(guide, "10-request-limits"))

    private static let writingFields = [
        SettingField(
            .runTicketRules, label: "Run ticket rules",
            help: "Whether HaloPSA's own ticket rules run on new tickets. They can change what was sent.", example: "yes", kind: .flag,
            purpose: .behaviour, defaultValue: "yes", guideAnchor: GuideAnchor(guide, "8-ticket-defaults")),
        SettingField(
            .createDespiteMissingFields, label: "Create in spite of missing fields",
            help:
                "Whether HaloPSA creates tickets although mandatory fields are empty. Such tickets skip the checks that your team has set up.",
            example: "no", kind: .flag, purpose: .behaviour, defaultValue: "no", guideAnchor: GuideAnchor(guide, "8-ticket-defaults")),
    ]

    private static let outcomeFields = [
        SettingField(
            .privateNoteOutcome, label: "Outcome of private notes", help: "The name of the action with which private notes are added.",
            example: "Internal Note", kind: .text(maximumLength: 100), purpose: .behaviour, defaultValue: "Internal Note",
            guideAnchor: GuideAnchor(guide, "9-outcomes-for-notes-and-replies")),
        SettingField(
            .replyOutcome, label: "Outcome of replies", help: "The name of the action with which the end user is written to.",
            example: "Email User", kind: .text(maximumLength: 100), purpose: .behaviour, defaultValue: "Email User",
            guideAnchor: GuideAnchor(guide, "9-outcomes-for-notes-and-replies")),
    ]
}

/// The checked settings by name and type.
struct HaloSettings: Sendable {
    let tenantURL: ServiceURL
    let credentials: ClientCredentialsGrant
    let tenant: String?
    let ticketType: TicketType.ID?
    let ticketStatus: TicketStatus.ID?
    let ticketPriority: TicketPriority.ID?
    let privateNoteOutcome: String
    let replyOutcome: String
    /// How many requests the tenant takes in five minutes.
    let rateLimit: RateLimit
    /// Whether HaloPSA's ticket rules run on new tickets.
    let runsTicketRules: Bool
    /// Whether HaloPSA skips its check of mandatory fields.
    let createsDespiteMissingFields: Bool
    let policy: AddressPolicy

    /// Reads them; the schema has made sure that the required ones are there, so a gap is a defect of the connector.
    init(_ settings: ConnectorSettings) throws {
        guard let url = settings.serviceURL(.tenantURL), let id = settings.text(.clientID), let secret = settings.secret(.clientSecret),
            let scope = settings.text(.scope), let note = settings.text(.privateNoteOutcome), let reply = settings.text(.replyOutcome),
            let requests = settings.integer(.requestsPerFiveMinutes)
        else {
            throw PSAError(.connectorDefect, catalogue: HaloGuidance.catalogue, values: [.object: .phrase(CoreMessage.itsSettings)])
        }
        tenantURL = url
        credentials = ClientCredentialsGrant(clientID: id, clientSecret: secret, scope: scope)
        tenant = settings.text(.tenant)
        ticketType = settings.integer(.ticketTypeID).map { TicketType.ID($0) }
        ticketStatus = settings.integer(.ticketStatusID).map { TicketStatus.ID($0) }
        ticketPriority = settings.integer(.ticketPriorityID).map { TicketPriority.ID($0) }
        privateNoteOutcome = note
        replyOutcome = reply
        rateLimit = RateLimit(requests, per: .seconds(300))
        runsTicketRules = settings.flag(.runTicketRules) ?? true
        createsDespiteMissingFields = settings.flag(.createDespiteMissingFields) ?? false
        policy = settings.policy
    }

    /// A draft with the ticket defaults for what it leaves open.
    ///
    /// Defaults belong together: a status or priority chosen for one type may mean something else, or nothing, for another.
    func withDefaults(_ draft: TicketDraft) -> TicketDraft {
        var draft = draft
        draft.type = draft.type ?? ticketType
        guard draft.type == ticketType else { return draft }
        draft.status = draft.status ?? ticketStatus
        draft.priority = draft.priority ?? ticketPriority
        return draft
    }
}

/// What the addresses of HaloPSA look like.
enum HaloAddress {
    /// The paths under which own installations usually lie; IIS does not tell upper from lower case.
    static let usualPaths = ["/halo", "/halopsa", "/haloitsm", "/itsm"]

    /// An own installation may lie under a path; what follows a page of the web app, the API or the sign-in is not part of it.
    static let installation = InstallationPath(
        pages: [
            "api", "apidoc", "auth", "login", "logout", "account", "home", "dashboard", "dashboards", "ticket", "tickets", "mytickets",
            "newticket",
            "customer", "customers", "client", "clients", "site", "sites", "user", "users", "agent", "agents", "team", "teams", "asset",
            "assets",
            "config", "configuration", "calendar", "report", "reports", "reporting", "kb", "knowledgebase", "article", "opportunity",
            "opportunities", "project", "projects", "contract", "contracts", "agreement", "agreements", "supplier", "suppliers", "invoice",
            "invoices", "quote", "quotes", "quotation", "salesorder", "salesorders", "purchaseorder", "purchaseorders", "item", "items",
            "product", "products", "software", "service", "services", "servicecatalogue", "approval", "approvals", "timesheet",
            "timesheets",
            "feed", "chat", "mailbox", "portal", "selfservice", "search", "settings", "integrations", "distributionlists", "crm", "swagger",
            "signin-oidc", ".well-known",
        ],
        hostedDomains: ["halopsa.com", "haloitsm.com", "haloservicedesk.com", "halocrm.io", "usehalo.com"])
}
