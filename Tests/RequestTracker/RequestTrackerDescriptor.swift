public import PSACore

extension SettingKey {
    static let serverURL: SettingKey = "serverURL"
    static let webPath: SettingKey = "webPath"
    static let token: SettingKey = "token"
    static let customerField: SettingKey = "customerField"
    static let referenceField: SettingKey = "referenceField"
    static let staffGroup: SettingKey = "staffGroup"
    static let queueID: SettingKey = "queueID"
}

extension RequestTrackerConnector {
    static let guide = "Tests/RequestTracker/README.md"

    /// The connector's name, settings, capabilities and texts.
    ///
    /// RT has neither agreements nor recurring invoices, and removes no ticket, so that a test ticket would stay.
    public static let descriptor = ConnectorDescriptor(
        id: ConnectorID("request-tracker"), aliases: ["rt"], displayName: "Request Tracker", tier: .complete, grade: .platinum,
        settings: SettingsSchema(accessFields + fieldNames + [queueField]),
        capabilities: Set(Capability.allCases).subtracting([.readAgreements, .readRecurringInvoices, .createTestTickets]),
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
        SettingField(
            .staffGroup, label: "Staff group", help: "The group whose members are your staff; current versions of RT need one of yours.",
            example: "Staff", kind: .text(maximumLength: 200), purpose: .behaviour, defaultValue: "Privileged",
            guideAnchor: GuideAnchor(guide, "3-its-rights-and-the-staff-group")),
    ]

    private static let queueField = SettingField(
        .queueID, label: "Queue ID", help: "The queue of new tickets. Admin → Queues → Select shows the number.", example: "1",
        kind: .integer(1...Int(Int32.max)), purpose: .ticketDefault(.type), guideAnchor: GuideAnchor(guide, "5-the-queue-of-new-tickets"))
}

/// The checked settings by name and type.
struct RTSettings: Sendable {
    let serverURL: ServiceURL
    /// The path of RT on its server, percent-encoded: empty, or a slash and what follows it, without one at the end.
    let webPath: String
    let token: Secret
    let customerField: String
    let referenceField: String
    let staffGroup: String
    let queue: TicketType.ID?
    let policy: AddressPolicy

    /// Reads them; the schema has made sure that the required ones are there, so a gap is a defect of the connector.
    init(_ settings: ConnectorSettings) throws {
        guard let url = settings.serviceURL(.serverURL), let token = settings.secret(.token),
            let customer = settings.text(.customerField), let reference = settings.text(.referenceField),
            let staff = settings.text(.staffGroup)
        else {
            throw PSAError(.connectorDefect, catalogue: RTGuidance.catalogue, values: [.object: .phrase(CoreMessage.itsSettings)])
        }
        serverURL = url
        webPath = (settings.text(.webPath) ?? "").split(separator: "/").map { "/" + PercentEncoding.component(String($0)) }.joined()
        self.token = token
        customerField = customer
        referenceField = reference
        staffGroup = staff
        queue = settings.integer(.queueID).map { TicketType.ID($0) }
        policy = settings.policy
    }

    /// RT's own scheme for its tokens.
    var authentication: VendorAuthentication {
        .headers([(name: "Authorization", value: Secret("token " + token.reveal()))], secrets: [token])
    }

    /// The page at which a person opens a ticket.
    func page(ofTicket number: String) -> String { "\(serverURL.text)\(webPath)/Ticket/Display.html?id=\(number)" }
}

/// A running RT and what is needed to connect to it: for tests and conformance runs.
///
/// `make test-rt` starts one and names it in the environment.
public struct RequestTrackerServer: Sendable {
    /// The connector's name in the registry.
    public static let connectorName = "request-tracker"

    /// The settings of the connection: address, token, and a queue for new tickets.
    public var settings: SettingsInput
    /// The registry that knows the connector.
    public let registry: ConnectorRegistry

    /// The server that `RT_SERVER_URL`, `RT_TOKEN` and, optionally, `RT_QUEUE_ID` and `RT_STAFF_GROUP` name; nil if one of the
    /// first two is missing.
    ///
    /// It is reached over plain http on this machine, so the context needs the address policy `allowingLoopback`.
    public init?(environment: [String: String]) {
        guard let address = environment["RT_SERVER_URL"], let token = environment["RT_TOKEN"],
            let registry = try? ConnectorRegistry([RequestTrackerConnector.self])
        else { return nil }
        settings = [
            "serverURL": address, "token": token, "queueID": environment["RT_QUEUE_ID"] ?? "1",
            "staffGroup": environment["RT_STAFF_GROUP"] ?? "Privileged",
        ]
        self.registry = registry
    }
}
