import PSACore

/// HaloPSA's own texts, in the words of its menus, which stay English in every language.
///
/// The causes are those that integrators and the vendor have published for each signal; what contradicts itself among them (granting `all` or
/// a narrow scope) is told as a choice.
enum HaloGuidance {
    static let catalogue = GuidanceCatalogue(
        vendorName: "HaloPSA", addressField: .tenantURL,
        overrides: settings.merging(authentication) { $1 }.merging(permissions) { $1 }.merging(requests) { $1 }.merging(tickets) { $1 },
        settings: HaloConnector.settingsSchema, connector: HaloConnector.id)

    private static let applicationsMenu = "Config → Integrations → HaloPSA API → View Applications"

    /// A step at the application in HaloPSA.
    static func atApplication(_ english: String, german: String) -> GuidanceStep {
        GuidanceStep(
            "In HaloPSA open \(applicationsMenu), and the application; \(english)",
            german: "In HaloPSA unter \(applicationsMenu) die Anwendung öffnen; \(german)")
    }

    static func guide(_ heading: String) -> GuideAnchor { GuideAnchor(HaloConnector.guide, heading) }
}
