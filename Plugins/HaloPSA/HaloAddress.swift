import PSACore

/// What the addresses of HaloPSA look like.
enum HaloAddress {
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
