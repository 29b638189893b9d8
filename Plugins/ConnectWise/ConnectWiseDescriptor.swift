import PSACore

/// What ConnectWise PSA asks for: the values its developer guide puts into every request.
enum ConnectWiseDescriptor {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("connectwise"), aliases: ["connectwise-psa", "manage"], displayName: "ConnectWise PSA", tier: .placeholder,
        settings: SettingsSchema([site, companyID, publicKey, privateKey, clientID]), capabilities: [],
        guidance: GuidanceCatalogue(vendorName: "ConnectWise PSA", overrides: [:]), guide: guide)

    private static let guide = "Docs/ConnectConnectWisePSA.md"

    private static let site = SettingField(
        "site", label: "Site",
        help: "The host in the browser's address bar when you are logged in to ConnectWise PSA: "
            + "a regional one, or your own if you host it yourself.",
        example: "https://na.myconnectwise.net", kind: .serviceURL, purpose: .tenant, isRequired: true,
        guideAnchor: GuideAnchor(guide, "1-find-the-site"))

    private static let companyID = SettingField(
        "companyID", label: "Company ID",
        help: "What you type into the Company box when you log in: neither the name on your documents nor a number. "
            + "Upper and lower case matter.",
        example: "example_c", kind: .text(maximumLength: 100), purpose: .tenant, isRequired: true,
        guideAnchor: GuideAnchor(guide, "2-find-the-company-id"))

    // A public key is half of a key pair that is used as user name and password, so it is kept from outputs as well.
    private static let publicKey = SettingField(
        "publicKey", label: "Public Key", help: "The first half of the key pair on the API Keys tab of the API member.",
        example: "examplePublicKey", isRequired: true, isSecret: true, guideAnchor: GuideAnchor(guide, "4-create-the-key-pair"))

    private static let privateKey = SettingField(
        "privateKey", label: "Private Key",
        help: "The second half of the key pair. ConnectWise PSA shows it once, right after Save; if it is lost, create another pair.",
        example: "examplePrivateKey", isRequired: true, isSecret: true, guideAnchor: GuideAnchor(guide, "4-create-the-key-pair"))

    // ConnectWise fact: a product ships its own clientId and must not ask customers for one, and a request without it is refused. It is
    // required here because settings are the only way by which a host can hand it over.
    private static let clientID = SettingField(
        "clientID", label: "Client ID",
        help: "Belongs to the integration, not to your company: normally the host application supplies it. Only whoever builds an "
            + "integration of their own registers one with ConnectWise.",
        example: "00000000-0000-0000-0000-000000000000", kind: .text(maximumLength: 100), isRequired: true,
        guideAnchor: GuideAnchor(guide, "5-the-client-id"))
}
