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
