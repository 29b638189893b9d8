import WebServer

/// The route of a request.
enum Route: Sendable, Hashable {
    case token
    case openIDConfiguration
    case authInfo
    case instanceInfo
    case loginPage
    case agentMe
    /// HaloPSA fact: `/Client/me` is 401 even with a good token.
    case clientMe
    case resource(Resource, id: String?)
    /// The link to the content of an attachment, which needs no token.
    case file(token: String)
    case unknownAPI
    case unknown

    init(_ request: WebRequest) {
        let segments = request.segments.map { $0.lowercased() }
        switch segments {
        case ["auth", "token"]: self = .token
        case ["auth", "login"], []: self = .loginPage
        case [".well-known", "openid-configuration"], ["auth", ".well-known", "openid-configuration"]: self = .openIDConfiguration
        case ["api", "authinfo"]: self = .authInfo
        case ["api", "instanceinfo"]: self = .instanceInfo
        case ["api", "agent", "me"]: self = .agentMe
        case ["api", "client", "me"]: self = .clientMe
        case ["attachment-content", segments.last]: self = .file(token: segments.last ?? "")
        default:
            guard segments.first == "api" else {
                self = .unknown
                return
            }
            guard segments.count == 2 || segments.count == 3, let resource = Resource(route: segments[1]) else {
                self = .unknownAPI
                return
            }
            self = .resource(resource, id: segments.count == 3 ? request.segments[2] : nil)
        }
    }

    var isAPI: Bool {
        switch self {
        case .authInfo, .instanceInfo, .agentMe, .clientMe, .resource, .unknownAPI: true
        case .token, .openIDConfiguration, .loginPage, .file, .unknown: false
        }
    }

    var resource: Resource? {
        switch self {
        case .resource(let resource, _): resource
        case .agentMe: .agent
        case .clientMe: .client
        default: nil
        }
    }
}

/// The resources of the API, with the route names of the vendor's OpenAPI document.
enum Resource: String, Sendable, Hashable, CaseIterable {
    case client = "Client"
    case site = "Site"
    case users = "Users"
    case agent = "Agent"
    case tickets = "Tickets"
    case actions = "Actions"
    case clientContract = "ClientContract"
    case recurringInvoice = "RecurringInvoice"
    case invoice = "Invoice"
    case ticketType = "TicketType"
    case status = "Status"
    case priority = "Priority"
    case sla = "SLA"
    case team = "Team"
    case category = "Category"
    case outcome = "Outcome"
    case lookup = "Lookup"
    case attachment = "Attachment"
    case asset = "Asset"
    case fieldInfo = "FieldInfo"
    case webhook = "Webhook"
    case notification = "Notification"

    var rules: ResourceRules { ResourceRules.all[self] ?? ResourceRules() }

    private static let byRoute = [String: Resource](allCases.map { ($0.rawValue.lowercased(), $0) }) { first, _ in first }

    /// HaloPSA fact: route names are case-insensitive.
    init?(route: String) {
        guard let resource = Self.byRoute[route.lowercased()] else { return nil }
        self = resource
    }

    /// Returns the resources for a name given by a user: a route, a scope (`customers`, `contracts`) or a plural.
    static func named(_ word: String) -> Set<Resource> {
        let word = word.lowercased().filter { $0 != "-" && $0 != "_" }
        if let exact = Resource(route: word) { return [exact] }
        let byScope = allCases.filter { $0.rules.scopes.contains(word) }
        if !byScope.isEmpty { return Set(byScope) }
        let plurals: [String: Resource] = [
            "clients": .client, "companies": .client, "sites": .site, "contacts": .users, "agents": .agent, "notes": .actions,
            "agreements": .clientContract, "clientcontracts": .clientContract, "recurringinvoices": .recurringInvoice,
            "tickettypes": .ticketType, "statuses": .status, "priorities": .priority, "teams": .team, "categories": .category,
            "outcomes": .outcome, "lookups": .lookup, "attachments": .attachment, "fields": .fieldInfo, "webhooks": .webhook,
            "notifications": .notification,
        ]
        return plurals[word].map { [$0] } ?? []
    }

    /// The names that ``named(_:)`` accepts, for error messages.
    static let names = (allCases.map { $0.rawValue.lowercased() } + ["customers", "contracts", "invoices"]).sorted().joined(separator: ", ")
}

/// The behaviour of a resource that differs from other resources only by data.
struct ResourceRules: Sendable {
    enum Identifier: Sendable {
        case integer
        /// HaloPSA fact: a malformed GUID is 404, not 400.
        case guid
    }

    /// The effect of a query parameter on a list.
    enum Filter: Sendable {
        case equals(String)
        /// Hides rows whose field has another value; rows without the field belong to every value.
        case unlessOther(String)
        /// A comma-separated list of ids.
        case anyOf(String)
        case contains([String])
        case since
        case until
        /// Returns only rows whose field has this value if the parameter is `true`.
        case onlyWhere(String, Bool)
        /// Hides rows whose field is true unless the parameter is `true`.
        case includesHidden(String)
    }

    /// The key of the rows, or nil if the list is a bare array that ignores paging.
    var envelope: StaticString?
    /// The scopes, without `read:` or `edit:`, any of which suffices; empty if any token suffices.
    var scopes: [String] = []
    /// Complete scopes, any of which allows reading; if not empty, they replace ``scopes``.
    var readScopes: [String] = []
    /// Complete scopes, any of which allows writing; if not empty, they replace ``scopes``.
    var writeScopes: [String] = []
    var identifier: Identifier = .integer
    /// HaloPSA fact: some resources answer 401 where others answer 403.
    var deniedStatus = 403
    var isDeletable = false
    var hasDetail = true
    /// Fields that list rows omit.
    var detailOnly: Set<String> = []
    /// Fields that the detail has only with `includedetails=true`.
    var includedDetails: Set<String> = ["customfields"]
    var filters: [String: Filter] = [:]

    func permits(_ granted: Set<String>, writes: Bool) -> Bool {
        let completeScopes = writes ? writeScopes : readScopes
        return completeScopes.isEmpty
            ? scopes.isEmpty || scopes.contains { granted.contains((writes ? "edit:" : "read:") + $0) }
            : !granted.isDisjoint(with: completeScopes)
    }
}

extension ResourceRules {
    private static let changes: [String: Filter] = ["lastupdatefromdate": .since, "lastupdatetodate": .until]

    private static func customers(_ envelope: StaticString, detailOnly: Set<String>, _ filters: [String: Filter]) -> ResourceRules {
        ResourceRules(
            envelope: envelope, scopes: ["customers", "crm"], isDeletable: true, detailOnly: detailOnly.union(["customfields"]),
            filters: filters.merging(changes) { first, _ in first }.merging(["includeinactive": .includesHidden("inactive")]) { first, _ in
                first
            })
    }

    private static func billing(_ envelope: StaticString, _ scope: String, deletable: Bool, _ filters: [String: Filter]) -> ResourceRules {
        ResourceRules(
            envelope: envelope, scopes: [scope], isDeletable: deletable,
            detailOnly: [
                "lines", "customfields", "prepay_periods", "contract_periods", "contract_prepay_balance", "billing_period_string",
            ],
            filters: filters.merging(["client_id": .equals("client_id"), "site_id": .equals("site_id")]) { first, _ in first })
    }

    private static func settings(deletable: Bool = false, detailOnly: Set<String> = [], _ filters: [String: Filter] = [:]) -> ResourceRules
    {
        ResourceRules(writeScopes: ["admin"], isDeletable: deletable, detailOnly: detailOnly, filters: filters)
    }

    private static let invoiceFilters: [String: Filter] = [
        "client_ids": .anyOf("client_id"), "contract_id": .equals("contract_id"), "search": .contains(["client_name", "reference"]),
        "recurringinvoice_id": .equals("recurring_invoice_id"), "postedonly": .onlyWhere("posted", true),
        "notpostedonly": .onlyWhere("posted", false),
    ]

    static let all: [Resource: ResourceRules] = [
        .client: customers(
            "clients", detailOnly: ["notes", "main_site_id", "main_site_name", "main_phonenumber", "datecreated", "alastupdate"],
            ["search": .contains(["name", "ref"]), "search_name_only": .contains(["name"]), "toplevel_id": .equals("toplevel_id")]),
        .site: customers(
            "sites", detailOnly: ["notes"],
            ["client_id": .equals("client_id"), "search": .contains(["name", "clientsite_name"]), "toplevel_id": .equals("toplevel_id")]),
        .users: customers(
            "users", detailOnly: ["notes"],
            [
                "client_id": .equals("client_id"), "site_id": .equals("site_id"), "search": .contains(["name", "emailaddress"]),
                "exclude_generaluser": .onlyWhere("isgeneraluser", false),
            ]),
        .agent: ResourceRules(
            writeScopes: ["admin"], isDeletable: true, detailOnly: ["claims"],
            filters: [
                "includedisabled": .includesHidden("isdisabled"), "includeapiagents": .includesHidden("isapiagent"),
                "includeunassigned": .includesHidden("~unassigned"), "team_id": .equals("~team_id"),
            ]),
        .tickets: ResourceRules(envelope: "tickets", scopes: ["tickets"], isDeletable: true),
        .actions: ResourceRules(envelope: "actions", scopes: ["tickets"], isDeletable: true),
        .attachment: ResourceRules(envelope: "attachments", scopes: ["tickets"], isDeletable: true),
        .clientContract: billing(
            "contracts", "contracts", deletable: true,
            ["search": .contains(["ref", "client_name"]), "includeinactive": .includesHidden("~inactive")]),
        .recurringInvoice: billing("invoices", "invoices", deletable: true, invoiceFilters),
        .invoice: billing("invoices", "invoices", deletable: false, invoiceFilters),
        .ticketType: ResourceRules(
            writeScopes: ["admin"], isDeletable: true,
            includedDetails: [
                "initial_status", "fields", "allowed_statuses", "allowed_status", "allowed_teams", "allowall_team", "allowall_status",
                "allowall_category1", "allowall_category2", "minattachments", "default_impact", "default_category_1",
                "mustclosechildbeforeclosurebool",
            ],
            filters: [
                "can_create_only": .onlyWhere("cancreate", true), "showinactive": .includesHidden("~inactive"),
                "group_id": .equals("group_id"),
            ]),
        .status: settings(deletable: true, ["excludeclosed": .onlyWhere("~closed", false)]),
        .priority: ResourceRules(writeScopes: ["admin"], identifier: .guid, filters: ["slaid": .equals("slaid")]),
        .sla: settings(deletable: true, detailOnly: ["priorities"]),
        .team: settings(["includedisabled": .includesHidden("inactive"), "department_id": .equals("department_id")]),
        .category: settings(["type_id": .equals("type_id")]),
        .outcome: settings(
            detailOnly: ["mustaddnote", "newstatus"],
            [
                "showhidden": .includesHidden("hidden"), "tickettype_id": .unlessOther("~type"), "status": .unlessOther("~status"),
                "workflow_id": .unlessOther("workflow_id"), "workflow_step": .unlessOther("workflow_step_id"),
            ]),
        .asset: ResourceRules(
            envelope: "assets", scopes: ["assets"], isDeletable: true, detailOnly: ["dlastupdate", "third_party_id_string"],
            filters: changes.merging([
                "client_id": .equals("client_id"), "site_id": .equals("site_id"), "assettype_id": .equals("assettype_id"),
                "inventory_number": .equals("inventory_number"), "includeinactive": .includesHidden("inactive"),
                "search": .contains(["inventory_number", "key_field", "key_field2", "key_field3"]),
            ]) { first, _ in first }),
        .fieldInfo: ResourceRules(writeScopes: ["admin"]),
        .lookup: ResourceRules(writeScopes: ["admin"], hasDetail: false, filters: ["lookupid": .equals("lookupid")]),
        .webhook: ResourceRules(
            readScopes: ["admin:webhooks"], writeScopes: ["admin:webhooks"], identifier: .guid, deniedStatus: 401, isDeletable: true,
            filters: ["type": .equals("type")]),
        .notification: ResourceRules(
            readScopes: ["admin:webhooks"], writeScopes: ["admin:webhooks"], deniedStatus: 401,
            filters: ["webhook_id": .equals("webhook_id"), "type": .equals("type")]),
    ]
}
