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
                title: "The zone URL can't be read", detail: "{message}",
                causes: [Cause("Something else than the address of a zone's web service was put into {field}.", .likely)],
                steps: [emptyTheZone, nameTheZone, "Test the connection again."],
                actor: .you, guide: GuideAnchor(guide, "4-the-zone")),
            .urlForbiddenAddress: GuidanceTemplate(
                title: "The zone URL points into a private network", detail: "{message}",
                causes: [Cause("The address is not one of Autotask's zones, which are all on the public internet.", .likely)],
                steps: [emptyTheZone, nameTheZone, "Test the connection again."],
                actor: .you, guide: GuideAnchor(guide, "4-the-zone")),
        ],
        translations: [
            .german: [
                .urlMalformed: GuidanceWords(
                    title: "Die Zone URL ist nicht lesbar", detail: "{message}",
                    causes: ["Hier wurde etwas anderes als die Adresse des Webservice einer Zone eingetragen: {field}."],
                    steps: [emptyTheZoneInGerman, nameTheZoneInGerman, "Verbindung erneut testen."]),
                .urlForbiddenAddress: GuidanceWords(
                    title: "Die Zone URL führt in ein privates Netz", detail: "{message}",
                    causes: ["Die Adresse gehört zu keiner Autotask-Zone; diese liegen alle im öffentlichen Internet."],
                    steps: [emptyTheZoneInGerman, nameTheZoneInGerman, "Verbindung erneut testen."]),
            ]
        ])

    private static let emptyTheZone = "Leave the zone URL empty: the zone follows from the username."
    private static let nameTheZone = "If you must name a zone, use its web service's host, such as https://webservices5.autotask.net."

    private static let emptyTheZoneInGerman = "Die Zone URL leer lassen: Die Zone ergibt sich aus dem Username."
    private static let nameTheZoneInGerman =
        "Muss eine Zone angegeben werden, den Host ihres Webservice verwenden, etwa https://webservices5.autotask.net."
}
