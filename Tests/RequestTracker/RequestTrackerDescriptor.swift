public import PSACore

extension SettingKey {
    static let serverURL: SettingKey = "serverURL"
    static let webPath: SettingKey = "webPath"
    static let token: SettingKey = "token"
    static let customerField: SettingKey = "customerField"
    static let referenceField: SettingKey = "referenceField"
    static let queueID: SettingKey = "queueID"
}

extension RequestTrackerConnector {
    static let guide = "Tests/RequestTracker/README.md"

    /// The connector's name, settings, capabilities and texts.
    ///
    /// RT has neither agreements nor recurring invoices.
    public static let descriptor = ConnectorDescriptor(
        id: ConnectorID("request-tracker"), aliases: ["rt"], displayName: "Request Tracker", tier: .complete, grade: .platinum,
        settings: SettingsSchema(accessFields + fieldNames + [queueField]),
        capabilities: Set(Capability.allCases).subtracting([.readAgreements, .readRecurringInvoices]),
        guidance: RTGuidance.catalogue, guide: guide)

    private static let accessFields = [
        SettingField(
            .serverURL, label: "Server URL", help: "The address at which you log in to RT.", example: "https://rt.acme.example",
            kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: GuideAnchor(guide, "1-the-address")),
        SettingField(
            .webPath, label: "Web path", help: "The path behind the server's name, if RT has one, such as /rt.", example: "/rt",
            kind: .text(maximumLength: 100), purpose: .tenant, guideAnchor: GuideAnchor(guide, "1-the-address")),
        SettingField(
            .token, label: "Authentication token", help: "RT shows it once, when it is created: Logged in as … → Settings → Auth Tokens.",
            example: "1-14-0123456789abcdef0123456789abcdef", kind: .text(maximumLength: 200), isRequired: true, isSecret: true,
            guideAnchor: GuideAnchor(guide, "2-the-user-and-its-token")),
    ]

    private static let fieldNames = [
        SettingField(
            .customerField, label: "Customer field", help: "The ticket custom field whose values are your customers.", example: "Customer",
            kind: .text(maximumLength: 200), purpose: .behaviour, defaultValue: "Customer",
            guideAnchor: GuideAnchor(guide, "4-the-two-custom-fields")),
        SettingField(
            .referenceField, label: "Reference field", help: "The ticket custom field that holds the reference of another system.",
            example: "PSA reference", kind: .text(maximumLength: 200), purpose: .behaviour, defaultValue: "PSA reference",
            guideAnchor: GuideAnchor(guide, "4-the-two-custom-fields")),
    ]

    private static let queueField = SettingField(
        .queueID, label: "Queue ID", help: "The queue of new tickets. Admin → Queues → Select shows the number.", example: "1",
        kind: .integer(1...Int(Int32.max)), purpose: .ticketDefault(.type), guideAnchor: GuideAnchor(guide, "5-the-queue-of-new-tickets"))
}
