import PSACore

/// HaloPSA's own texts, in the words of its menus.
///
/// The causes are those that integrators and the vendor have published for each signal; what contradicts itself among them (granting `all` or
/// a narrow scope) is told as a choice.
enum HaloGuidance {
    static let catalogue = GuidanceCatalogue(
        vendorName: "HaloPSA", addressField: .tenantURL,
        overrides: authentication.merging(permissions) { $1 }.merging(requests) { $1 },
        translations: [.german: german])

    static let testAgain = "Test the connection again."
    static let viewApplications = "In HaloPSA open Config → Integrations → HaloPSA API → View Applications, and the application"

    static func guide(_ heading: String) -> GuideAnchor { GuideAnchor(HaloConnector.guide, heading) }
}
