import PSACore

/// What the sample PSA asks for, and what can be done with it.
enum SampleDescriptor {
    static let guide = "Docs/WritingAConnector.md"

    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("sample"), aliases: ["sample-psa"], displayName: "Sample PSA", tier: .complete, grade: .platinum,
        settings: schema,
        capabilities: [
            .readCompanies, .readContacts, .readAgents, .readTickets, .readNotes, .readPicklists, .createTickets, .createTestTickets,
            .addNotes,
            .replyToContacts, .changeStatus, .readAttachments, .addAttachments,
        ],
        authentication: .accessToken, ticketFilters: [.company, .newestFirst],
        guidance: guidance, guide: guide)

    private static let schema = SettingsSchema([serverURL, clientID, clientSecret, ticketType])

    private static let serverURL = SettingField(
        "serverURL", label: "Server URL", help: "The address you log in at.", example: "https://acme.example.com", kind: .serviceURL,
        purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "2-settings"))

    private static let clientID = SettingField(
        "clientID", label: "Client ID", help: "Shown under Administration, API, when a client is made.", example: "sample-client",
        isRequired: true, guideAnchor: GuideAnchor(guide, "2-settings"))

    private static let clientSecret = SettingField(
        "clientSecret", label: "Client secret", help: "Shown once, when the client is made.", example: "example-secret-not-real",
        isRequired: true, isSecret: true, guideAnchor: GuideAnchor(guide, "2-settings"))

    private static let ticketType = SettingField(
        "ticketType", label: "Ticket type", help: "The id of the type of new tickets; without one they become incidents.", example: "2",
        kind: .integer(1...1_000_000), purpose: .ticketDefault(.type), guideAnchor: GuideAnchor(guide, "2-settings"))

    private static let guidance = GuidanceCatalogue(
        vendorName: "Sample PSA", addressField: "serverURL",
        overrides: [
            .authInvalidClient: GuidanceTemplate(
                title: "Sample PSA did not accept the credentials", detail: "{host} refused the client ID or its secret.",
                causes: [
                    CauseTemplate(
                        "wrong_pair", .likely, english: "They do not belong together.",
                        steps: [
                            "In Sample PSA open Administration, API, and make a new secret.", "Enter it as {clientSecret}.", .testAgain,
                        ], fields: ["clientID", "clientSecret"], responsibleParty: .you)
                ], guide: GuideAnchor(guide, "3-authentication"))
        ], settings: schema, connector: ConnectorID("sample"))
}
