import PSACore

/// The scopes HaloPSA is known to have.
enum HaloScopes {
    private static let areas = [
        "tickets", "calendar", "customers", "crm", "contracts", "suppliers", "items", "projects", "sales", "quotes", "sos", "pos",
        "invoices",
        "reporting", "timesheets", "softwarelicensing", "software", "kb", "assets", "distributionlists",
    ]

    /// Every scope that documents and clients name.
    static let known: Set<String> = Set(
        areas.flatMap { ["read:" + $0, "edit:" + $0] } + [
            "all", "all:standard", "all:teams", "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset",
            "read:mailcampaign", "read:events", "openid", "email", "profile", "offline_access", "roles",
        ])

    /// The scope a word most likely stands for: one in other letters' case, with another mark between its halves, or a letter or two away.
    static func nearest(to word: String) -> String? {
        let spelt = word.lowercased().replacing(".", with: ":").replacing("_", with: ":").replacing("/", with: ":")
        if let known = known.first(where: { $0.lowercased() == spelt }) { return known }
        // Words the vendor has none for; the nearest in letters would be another thing.
        guard !["read:users", "read:agents", "read:attachments", "read:clients", "read:status"].contains(spelt) else { return nil }
        return NearestName.of(spelt, in: known.sorted(), edits: 2)
    }
}
