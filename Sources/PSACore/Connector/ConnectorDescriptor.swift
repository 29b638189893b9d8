/// What a connector says about itself before it is connected to anything.
public struct ConnectorDescriptor: Sendable {
    /// The contract this version of the core speaks; a connector for another one is refused.
    public static let currentContractVersion = 2

    /// The name a host picks it by.
    public let id: ConnectorID
    /// Other names it answers to, such as `halo`.
    public let aliases: [String]
    /// The product's name as people know it.
    public let displayName: String
    /// How far it has got.
    public let tier: ConnectorTier
    /// How far it has been proven, as its own conformance test holds; nil for a placeholder, and for one that was not graded.
    public let grade: ConnectorGrade?
    /// The contract it was written for.
    public let contractVersion: Int
    /// The settings it asks for.
    public let settings: SettingsSchema
    /// What it can do; each capability is matched by a protocol it conforms to.
    public let capabilities: Set<Capability>
    /// Which answers to a write prove that it was not executed.
    public let nonExecutionRules: [NonExecutionRule]
    /// How the vendor's ids of companies look.
    public let companyIDs: IdentifierForm
    /// Its texts.
    public let guidance: GuidanceCatalogue
    /// The document that leads a person through connecting.
    public let guide: String

    /// Describes a connector.
    public init(
        id: ConnectorID, aliases: [String] = [], displayName: String, tier: ConnectorTier, grade: ConnectorGrade? = nil,
        contractVersion: Int = ConnectorDescriptor.currentContractVersion, settings: SettingsSchema, capabilities: Set<Capability>,
        companyIDs: IdentifierForm = .text, nonExecutionRules: [NonExecutionRule] = NonExecutionRule.standard,
        guidance: GuidanceCatalogue, guide: String
    ) {
        self.id = id
        self.aliases = aliases
        self.displayName = displayName
        self.tier = tier
        self.grade = grade
        self.contractVersion = contractVersion
        self.settings = settings
        self.capabilities = capabilities
        self.nonExecutionRules = nonExecutionRules
        self.companyIDs = companyIDs
        self.guidance = guidance
        self.guide = guide
    }
}
