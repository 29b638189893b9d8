import PSACore

/// What Desk asks for, and what can be done with it.
enum DeskDescriptor {
    private static let guide = "Docs/ConnectDesk.md"

    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("desk"), displayName: "Desk", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "serverURL", label: "Server URL", help: "The address you log in at.", example: "https://acme.example.com",
                kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "1-find-the-server-url")),
            SettingField(
                "apiKey", label: "API Key", help: "Made for this integration by an administrator.",
                example: "example-key-not-a-real-one", isRequired: true, isSecret: true,
                guideAnchor: GuideAnchor(guide, "2-make-an-api-key")),
        ]),
        capabilities: [.readCompanies],
        guidance: GuidanceCatalogue(vendorName: "Desk", addressField: "serverURL", overrides: [:]), guide: guide)
}
