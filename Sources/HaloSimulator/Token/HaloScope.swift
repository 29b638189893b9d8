/// The scopes the token endpoint knows.
enum HaloScope {
    private static let areas = [
        "tickets", "calendar", "customers", "crm", "contracts", "suppliers", "items", "projects", "sales", "quotes", "sos", "pos",
        "invoices",
        "reporting", "timesheets", "softwarelicensing", "software", "kb", "assets", "distributionlists",
    ]

    private static let special = [
        "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset", "read:mailcampaign", "read:events",
    ]

    private static let bundles: Set<String> = ["all", "all:standard", "all:teams"]

    /// HaloPSA fact: these are in every granted list, whatever was asked for.
    static let identity = ["openid", "email", "profile", "offline_access", "roles"]

    private static let standard = areas.flatMap { ["read:\($0)", "edit:\($0)"] }

    /// HaloPSA fact: there is no `read:users`, `read:agents` or `read:attachments`.
    static func isKnown(_ scope: String) -> Bool {
        bundles.contains(scope) || standard.contains(scope) || special.contains(scope) || identity.contains(scope)
    }

    /// The single scopes that a list of scopes and bundles stands for.
    static func expanded(_ scopes: [String]) -> Set<String> {
        Set(
            scopes.flatMap { scope -> [String] in
                switch scope {
                case "all": standard + special
                case "all:standard": standard
                case "all:teams": ["access:chat"]
                default: [scope]
                }
            })
    }

    /// What is granted, in the order in which the reply lists it: identity first, then what application and request share.
    static func granted(requested: [String], application: [String]) -> [String] {
        let shared = expanded(requested).intersection(expanded(application))
        return identity + (standard + special).filter(shared.contains)
    }
}
