import PSACore

/// The parts of HaloPSA's API this connector uses: route, envelope key, and the permission each needs.
///
/// Routes and keys are the vendor's (OpenAPI v2, copy of April 2025; envelopes seen live). The scopes are those of its permission table; staff,
/// ticket types, statuses, priorities and outcomes need none of their own (seen live by two clients).
enum HaloResource: String, Sendable, CaseIterable {
    case companies = "Client"
    case contacts = "Users"
    case agents = "Agent"
    case tickets = "Tickets"
    case actions = "Actions"
    case contracts = "ClientContract"
    case recurringInvoices = "RecurringInvoice"
    case ticketTypes = "TicketType"
    case statuses = "Status"
    case priorities = "Priority"
    case outcomes = "Outcome"

    /// The route of the list and of a POST.
    var route: String { "/api/" + rawValue }
    /// The route of one record.
    var recordRoute: String { route + "/{id}" }

    /// The member of the list answer that holds the rows.
    var listKey: String {
        switch self {
        case .companies: "clients"
        case .contacts: "users"
        case .agents: "results"
        case .tickets: "tickets"
        case .actions: "actions"
        case .contracts: "contracts"
        case .recurringInvoices: "invoices"
        case .ticketTypes, .statuses, .priorities, .outcomes: "results"
        }
    }

    /// The word behind `read:` and `edit:`, or nil where no scope of its own is needed.
    var scopeArea: String? {
        switch self {
        case .companies, .contacts: "customers"
        case .tickets, .actions: "tickets"
        case .contracts: "contracts"
        case .recurringInvoices: "invoices"
        case .agents, .ticketTypes, .statuses, .priorities, .outcomes: nil
        }
    }

    /// The scope a request needs.
    func scope(for stage: RequestStage) -> String? { scopeArea.map { (stage == .write ? "edit:" : "read:") + $0 } }
}

extension GrantedScope {
    /// Whether a scope is known to be missing.
    ///
    /// `all` and its relatives stand for every scope; an empty scope, or one that names only other things, grants nothing.
    func lacks(_ scope: String) -> Bool {
        guard !names.contains(where: { $0 == "all" || $0.hasPrefix("all:") || $0 == "admin" }) else { return false }
        return !contains(scope)
    }
}
