import HaloSimulator
import PSACore

extension FaultCase {
    private static let role = "The role of the agent the application logs in as has no access to "
    private static let applications = "In HaloPSA open Config"

    private static func denied(
        _ fault: String, _ object: String, _ subject: ConnectionCheck.Subject, _ outcome: ConnectionCheck.Outcome = .failed,
        settings: [SettingKey: String] = [:]
    ) -> FaultCase {
        FaultCase(
            name: "\(fault): only \(object) are refused", peer: .simulator([fault]), settings: settings,
            told: Told(
                code: .permissionRoleDenied, cause: role + object, confidence: .likely, step: "Give that agent's role access to \(object)",
                check: (subject, outcome),
                detail: object))
    }

    static let permissions: [FaultCase] =
        [
            denied("deny:Client", "companies", .read(.readCompanies)),
            denied("deny:Users", "contacts", .read(.readContacts)),
            denied("deny:Tickets", "tickets", .read(.readTickets)),
            denied("deny:TicketType", "ticket types", .read(.readPicklists)),
            denied("deny:ClientContract", "agreements", .read(.readAgreements)),
            denied("deny:RecurringInvoice", "recurring invoices", .read(.readRecurringInvoices), .warning),
            denied("deny:Agent", "agents", .read(.readAgents), .warning),
            denied("deny:Status", "statuses", .ticketDefaults, .warning, settings: ["ticketStatusID": "1"]),
            denied("deny:Priority", "priorities", .ticketDefaults, .warning, settings: ["ticketPriorityID": "3"]),
            denied("deny:Outcome", "outcomes", .ticketDefaults, .warning),
            denied("deny-401:ClientContract", "agreements", .read(.readAgreements)),
            denied("deny-401:Tickets", "tickets", .read(.readTickets)),
        ]
        + ["deny", "deny-401"].map { fault in
            FaultCase(
                name: "\(fault): every resource is refused",
                peer: .simulator(
                    ["Client", "Users", "Tickets", "TicketType", "ClientContract", "RecurringInvoice", "Agent"].map { "\(fault):\($0)" }),
                told: Told(
                    code: .permissionRoleDenied, cause: "The application's login type is not Agent", confidence: .likely,
                    step: applications, check: (.read(.readTickets), .failed)))
        }

    static let refusals: [FaultCase] = [
        FaultCase(
            name: "an application without the permission for agreements",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "edit:tickets", "read:customers", "read:invoices"] },
            told: Told(
                code: .permissionScopeMissing, cause: "The application's permissions do not include read:contracts",
                confidence: .certain, step: applications, check: (.read(.readAgreements), .failed), detail: "read:contracts")),
        FaultCase(
            name: "an application without the permission for recurring invoices",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts"] },
            told: Told(
                code: .permissionScopeMissing, cause: "The application's permissions do not include read:invoices",
                confidence: .certain, step: applications, check: (.read(.readRecurringInvoices), .warning), detail: "read:invoices")),
        FaultCase(
            name: "a scope setting that asks for less than the application has", peer: .simulator([]),
            settings: ["scope": "read:tickets edit:tickets read:contracts"],
            told: Told(
                code: .permissionScopeMissing, cause: "The scope setting asks for less than what is needed", confidence: .certain,
                step: "Leave the scope setting empty", field: "scope", check: (.read(.readCompanies), .failed), detail: "read:customers")),
        FaultCase(
            name: "an application that may read tickets and not create them",
            peer: .simulator { $0.applicationScopes = ["read:tickets", "read:customers", "read:contracts", "read:invoices"] },
            operation: .createTicket(type: nil),
            told: Told(
                code: .permissionScopeMissing, cause: "The application's permissions do not include edit:tickets", confidence: .certain,
                step: applications, detail: "edit:tickets")),
        FaultCase(
            name: "a login agent who sees one company only", peer: .simulator(["restricted-rows"]),
            told: Told(
                code: .permissionNothingVisible, cause: "The teams, departments or customers of the agent hide the rows",
                confidence: .likely, step: "Log in to HaloPSA as that agent", check: (.read(.readCompanies), .warning))),
        visible("Client", .readCompanies), visible("Users", .readContacts), visible("Tickets", .readTickets),
        visible("ClientContract", .readAgreements),
        FaultCase(name: "no recurring invoices at all are nothing to worry about", peer: .simulator(["empty:RecurringInvoice"]), told: nil),
    ]

    private static func visible(_ resource: String, _ capability: Capability) -> FaultCase {
        FaultCase(
            name: "an empty list of \(resource)", peer: .simulator(["empty:\(resource)"]),
            told: Told(
                code: .permissionNothingVisible, cause: "The teams, departments or customers of the agent hide the rows",
                confidence: .likely, step: "Log in to HaloPSA as that agent", check: (.read(capability), .warning)))
    }
}
