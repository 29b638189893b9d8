import PSACore

/// What Autotask PSA asks for: the three values its REST API wants in every request, and a way round the zone lookup.
enum AutotaskDescriptor {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("autotask"), aliases: ["autotask-psa", "datto-autotask"], displayName: "Autotask PSA", tier: .placeholder,
        settings: SettingsSchema([username, secret, integrationCode, zoneURL]), capabilities: [], guidance: guidance, guide: guide)

    private static let guide = "Docs/ConnectAutotaskPSA.md"

    private static let username = SettingField(
        "username", label: "Username (Key)",
        help: "The generated login of the API user, shaped like an e-mail address. It is not the one in the Email Address field.",
        example: "examplekey12345@example.com", purpose: .tenant, isRequired: true,
        guideAnchor: GuideAnchor(guide, "2-generate-the-key-and-the-secret"))

    private static let secret = SettingField(
        "secret", label: "Password (Secret)",
        help: "What Generate Secret made for the API user. Autotask PSA does not show it again once the user is saved.",
        example: "example-secret-not-a-real", isRequired: true, isSecret: true,
        guideAnchor: GuideAnchor(guide, "2-generate-the-key-and-the-secret"))

    private static let integrationCode = SettingField(
        "integrationCode", label: "API Tracking Identifier",
        help: "The identifier that the API user's page generates under Custom (Internal Integration). "
            + "For a listed Integration Vendor, that vendor holds it.",
        example: "EXAMPLETRACKINGIDENTIFIER00", isRequired: true, isSecret: true,
        guideAnchor: GuideAnchor(guide, "3-choose-the-api-tracking-identifier"))

    private static let zoneURL = SettingField(
        "zoneURL", label: "Zone URL",
        help: "Leave it empty: the zone follows from the username. Give the web service's host of your zone only to bypass that lookup.",
        example: "https://webservices5.autotask.net", kind: .serviceURL, guideAnchor: GuideAnchor(guide, "4-the-zone"))

    /// The zone is the only address asked for.
    ///
    /// It is not the one a person logs in at, so the shared advice to copy that one would mislead.
    private static let guidance = GuidanceCatalogue(
        vendorName: "Autotask PSA",
        overrides: [
            .urlMalformed: GuidanceTemplate(
                title: .init("The zone URL can't be read", german: "Die Zone URL ist nicht lesbar"),
                detail: .init("{message}", german: "{message}"),
                causes: [
                    CauseTemplate(
                        "not_a_zone", .likely, english: "Something else than the address of a zone's web service was put into {field}.",
                        german: "Hier wurde etwas anderes als die Adresse des Webservice einer Zone eingetragen: {field}.",
                        steps: [emptyTheZone, nameTheZone, .testAgain], fields: .concerned, responsibleParty: .you)
                ], guide: GuideAnchor(guide, "4-the-zone")),
            .urlForbiddenAddress: GuidanceTemplate(
                title: .init("The zone URL points into a private network", german: "Die Zone URL führt in ein privates Netz"),
                detail: .init("{message}", german: "{message}"),
                causes: [
                    CauseTemplate(
                        "not_a_zone", .likely, english: "The address is not one of Autotask's zones, which are all on the public internet.",
                        german: "Die Adresse gehört zu keiner Autotask-Zone; diese liegen alle im öffentlichen Internet.",
                        steps: [emptyTheZone, nameTheZone, .testAgain], fields: .concerned, responsibleParty: .you)
                ], guide: GuideAnchor(guide, "4-the-zone")),
        ])

    private static let emptyTheZone = GuidanceStep(
        "Leave the zone URL empty: the zone follows from the username.",
        german: "Die Zone URL leer lassen: Die Zone ergibt sich aus dem Username.")

    private static let nameTheZone = GuidanceStep(
        "If you must name a zone, use its web service's host, such as https://webservices5.autotask.net.",
        german: "Muss eine Zone angegeben werden, den Host ihres Webservice verwenden, etwa https://webservices5.autotask.net.")
}
