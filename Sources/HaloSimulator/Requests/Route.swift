import WebServer

/// Where a request goes.
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
    case unknownAPI
    case unknown

    init(_ request: WebRequest) {
        let words = request.segments.map { $0.lowercased() }
        switch words {
        case ["auth", "token"]: self = .token
        case ["auth", "login"], []: self = .loginPage
        case [".well-known", "openid-configuration"], ["auth", ".well-known", "openid-configuration"]: self = .openIDConfiguration
        case ["api", "authinfo"]: self = .authInfo
        case ["api", "instanceinfo"]: self = .instanceInfo
        case ["api", "agent", "me"]: self = .agentMe
        case ["api", "client", "me"]: self = .clientMe
        default:
            guard words.first == "api" else {
                self = .unknown
                return
            }
            guard words.count == 2 || words.count == 3, let resource = Resource(route: words[1]) else {
                self = .unknownAPI
                return
            }
            self = .resource(resource, id: words.count == 3 ? request.segments[2] : nil)
        }
    }

    var isAPI: Bool {
        switch self {
        case .authInfo, .instanceInfo, .agentMe, .clientMe, .resource, .unknownAPI: true
        case .token, .openIDConfiguration, .loginPage, .unknown: false
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

/// The resources of the API, spelt as the vendor's OpenAPI document spells their routes.
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
    case webhook = "Webhook"
    case notification = "Notification"

    var rules: ResourceRules { ResourceRules.all[self] ?? ResourceRules() }

    private static let byRoute = [String: Resource](allCases.map { ($0.rawValue.lowercased(), $0) }) { first, _ in first }

    /// HaloPSA fact: routes are accepted in any case.
    init?(route: String) {
        guard let resource = Self.byRoute[route.lowercased()] else { return nil }
        self = resource
    }

    /// The resources that a person means by a word: a route, a scope (`customers`, `contracts`) or a plural.
    static func named(_ word: String) -> Set<Resource> {
        let word = word.lowercased().filter { $0 != "-" && $0 != "_" }
        if let exact = Resource(route: word) { return [exact] }
        let byScope = allCases.filter { $0.rules.scopes.contains(word) }
        if !byScope.isEmpty { return Set(byScope) }
        let plurals: [String: Resource] = [
            "clients": .client, "companies": .client, "sites": .site, "contacts": .users, "agents": .agent, "notes": .actions,
            "agreements": .clientContract, "clientcontracts": .clientContract, "recurringinvoices": .recurringInvoice,
            "tickettypes": .ticketType, "statuses": .status, "priorities": .priority, "teams": .team, "categories": .category,
            "outcomes": .outcome, "lookups": .lookup, "attachments": .attachment, "webhooks": .webhook, "notifications": .notification,
        ]
        return plurals[word].map { [$0] } ?? []
    }

    /// The words that ``named(_:)`` understands, for a message.
    static let words = (allCases.map { $0.rawValue.lowercased() } + ["customers", "contracts", "invoices"]).sorted().joined(separator: ", ")
}

/// How a resource behaves where resources differ by data alone.
struct ResourceRules: Sendable {
    enum Identifier: Sendable {
        case integer
        /// HaloPSA fact: a malformed GUID is 404, not 400.
        case guid
    }

    /// What a query parameter does to a list.
    enum Filter: Sendable {
        case equals(String)
        /// A comma separated list of ids.
        case anyOf(String)
        case contains([String])
        case since
        case until
        /// Keeps only rows with this truth when the parameter is the word `true`.
        case onlyWhere(String, Bool)
        /// Hides rows whose field is true unless the parameter is the word `true`.
        case revealing(String)
    }

    /// The key of the rows, or nil where the list is a bare array that ignores paging.
    var envelope: StaticString?
    /// Any one of these scopes, without `read:` or `edit:`; empty where any token will do.
    var scopes: [String] = []
    /// Whole scopes, one of which reading needs instead of `read:` and one of ``scopes``.
    var reading: [String] = []
    /// Whole scopes, one of which writing needs instead of `edit:` and one of ``scopes``.
    var writing: [String] = []
    var identifier: Identifier = .integer
    /// HaloPSA fact: some modules answer 401 where others answer 403.
    var deniedStatus = 403
    var isDeletable = false
    var hasDetail = true
    /// Fields that list rows leave out.
    var detailOnly: Set<String> = []
    /// Fields that even the detail has only with `includedetails=true`.
    var includedDetails: Set<String> = ["customfields"]
    var filters: [String: Filter] = [:]

    func permits(_ granted: Set<String>, writes: Bool) -> Bool {
        let whole = writes ? writing : reading
        return whole.isEmpty
            ? scopes.isEmpty || scopes.contains { granted.contains((writes ? "edit:" : "read:") + $0) }
            : !granted.isDisjoint(with: whole)
    }
}

extension ResourceRules {
    private static let changes: [String: Filter] = ["lastupdatefromdate": .since, "lastupdatetodate": .until]

    private static func customers(_ envelope: StaticString, detailOnly: Set<String>, _ filters: [String: Filter]) -> ResourceRules {
        ResourceRules(
            envelope: envelope, scopes: ["customers", "crm"], isDeletable: true, detailOnly: detailOnly.union(["customfields"]),
            filters: filters.merging(changes) { first, _ in first }.merging(["includeinactive": .revealing("inactive")]) { first, _ in first
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
        ResourceRules(writing: ["admin"], isDeletable: deletable, detailOnly: detailOnly, filters: filters)
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
            writing: ["admin"], isDeletable: true, detailOnly: ["claims"],
            filters: [
                "includedisabled": .revealing("isdisabled"), "includeapiagents": .revealing("isapiagent"),
                "includeunassigned": .revealing("~unassigned"), "team_id": .equals("~team_id"),
            ]),
        .tickets: ResourceRules(envelope: "tickets", scopes: ["tickets"], isDeletable: true),
        .actions: ResourceRules(envelope: "actions", scopes: ["tickets"], isDeletable: true),
        .attachment: ResourceRules(envelope: "attachments", scopes: ["tickets"], isDeletable: true),
        .clientContract: billing(
            "contracts", "contracts", deletable: true,
            ["search": .contains(["ref", "client_name"]), "includeinactive": .revealing("~inactive")]),
        .recurringInvoice: billing("invoices", "invoices", deletable: true, invoiceFilters),
        .invoice: billing("invoices", "invoices", deletable: false, invoiceFilters),
        .ticketType: ResourceRules(
            writing: ["admin"], isDeletable: true, includedDetails: ["initial_status", "fields", "allowed_statuses"],
            filters: [
                "can_create_only": .onlyWhere("cancreate", true), "showinactive": .revealing("~inactive"), "group_id": .equals("group_id"),
            ]),
        .status: settings(deletable: true, ["excludeclosed": .onlyWhere("~closed", false)]),
        .priority: ResourceRules(writing: ["admin"], identifier: .guid, filters: ["slaid": .equals("slaid")]),
        .sla: settings(deletable: true, detailOnly: ["priorities"]),
        .team: settings(["includedisabled": .revealing("inactive"), "department_id": .equals("department_id")]),
        .category: settings(["type_id": .equals("type_id")]),
        .outcome: settings(["showhidden": .revealing("hidden")]),
        .lookup: ResourceRules(writing: ["admin"], hasDetail: false, filters: ["lookupid": .equals("lookupid")]),
        .webhook: ResourceRules(
            reading: ["admin:webhooks"], writing: ["admin:webhooks"], identifier: .guid, deniedStatus: 401, isDeletable: true,
            filters: ["type": .equals("type")]),
        .notification: ResourceRules(
            reading: ["admin:webhooks"], writing: ["admin:webhooks"], deniedStatus: 401,
            filters: ["webhook_id": .equals("webhook_id"), "type": .equals("type")]),
    ]
}
