public import PSACore

/// A connector under examination, and the tenant it is examined at.
///
/// The tenant must work with the settings given. For the rules about paging it needs more rows than one page holds.
public struct ConformanceSubject: Sendable {
    /// The connector.
    public var entry: ConnectorRegistration
    /// Settings with which it connects.
    public var settings: SettingsInput
    /// What leads to the tenant; faults are put in front of it.
    public var transport: any HTTPTransport
    /// Which addresses may be reached.
    public var addressPolicy: AddressPolicy
    /// What its author says about the rules.
    public var profile: ConformanceProfile
    /// Whether tickets may be created at the tenant; they are left there.
    public var mayWrite: Bool
    /// What a ticket must have at this tenant beside a summary, such as a type.
    public var draft: TicketDraft
    /// The anchors of the headings of the connector's guide; nil if the document is not at hand.
    public var guideHeadings: Set<String>?

    /// Describes what is examined.
    ///
    /// - Parameters:
    ///   - entry: The connector.
    ///   - settings: Settings with which it connects.
    ///   - transport: What leads to the tenant.
    ///   - addressPolicy: Which addresses may be reached.
    ///   - profile: What its author says about the rules.
    ///   - mayWrite: Whether tickets may be created at the tenant.
    ///   - draft: What a ticket must have at this tenant.
    ///   - guideHeadings: The anchors of the guide's headings.
    public init(
        _ entry: ConnectorRegistration, settings: SettingsInput, transport: any HTTPTransport, addressPolicy: AddressPolicy = .publicOnly,
        profile: ConformanceProfile, mayWrite: Bool, draft: TicketDraft = TicketDraft(summary: "Conformance"),
        guideHeadings: Set<String>? = nil
    ) {
        self.entry = entry
        self.settings = settings
        self.transport = transport
        self.addressPolicy = addressPolicy
        self.profile = profile
        self.mayWrite = mayWrite
        self.draft = draft
        self.guideHeadings = guideHeadings
    }

    var descriptor: ConnectorDescriptor { entry.descriptor }

    /// The values of secret settings, in clear: what must come out nowhere.
    var secrets: [Secret] { descriptor.settings.fields.filter(\.isSecret).compactMap { settings[$0.key] } }

    /// Lists that the connector declares.
    var lists: [ReadableList] { ReadableList.all.filter { descriptor.capabilities.contains($0.capability) } }

    /// Whether a request fetches an access token: with such connectors only it carries a secret.
    func isTokenRequest(_ request: HTTPRequest) -> Bool { profile.authentication == .accessToken && request.carries(secrets) }
}
