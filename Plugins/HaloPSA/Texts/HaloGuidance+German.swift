import PSACore

extension HaloGuidance {
    /// The connector's own texts in German, by code; causes and steps stand in the order of the English ones.
    static let german: [ErrorCode: GuidanceWords] =
        germanAuthentication.merging(germanPermissions) { $1 }.merging(germanRequests) { $1 }

    static let testAgainInGerman = "Verbindung erneut testen."
    /// The way through HaloPSA's menus, whose words stay English.
    static let applicationsMenu = "Config → Integrations → HaloPSA API → View Applications"
}
