/// The texts of every code: the shared ones, and a connector's own where it knows better.
public struct GuidanceCatalogue: Sendable {
    private let vendorName: String?
    private let addressField: SettingKey?
    private let overrides: [ErrorCode: GuidanceTemplate]
    private let settingNames: [String: MessageValue]

    /// The shared texts, without a vendor.
    public static let shared = GuidanceCatalogue()

    private init() {
        (vendorName, addressField, overrides, settingNames) = (nil, nil, [:], [:])
    }

    /// Puts a connector's own texts in front of the shared ones.
    ///
    /// - Parameters:
    ///   - vendorName: The vendor's product as a person knows it.
    ///   - addressField: The setting that holds the server's address; failures on the way to the server point at it.
    ///   - overrides: Texts that replace the shared ones, and those of codes of the connector's own.
    ///   - settings: The connector's settings, whose keys may stand in braces in its texts.
    ///   - connector: The connector's name, from which a terminal makes the names of its variables.
    public init(
        vendorName: String, addressField: SettingKey? = nil, overrides: [ErrorCode: GuidanceTemplate], settings: SettingsSchema? = nil,
        connector: ConnectorID? = nil
    ) {
        self.vendorName = vendorName
        self.addressField = addressField
        self.overrides = overrides
        settingNames = Dictionary(
            (settings?.fields ?? []).map { ($0.key.rawValue, $0.name(for: connector)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The codes for which the connector has a text of its own.
    public var ownCodes: [ErrorCode] {
        ErrorCode.allCases.filter { overrides[$0] != nil } + overrides.keys.filter { $0.shared == nil }.sorted { $0.rawValue < $1.rawValue }
    }

    /// The names in braces that mean something in this catalogue's texts.
    public var placeholders: Set<String> { Set(GuidanceTemplate.Slot.allCases.map(\.rawValue)).union(settingNames.keys) }

    /// The template of a code.
    public func template(for code: ErrorCode) -> GuidanceTemplate { overrides[code] ?? code.sharedTemplate }

    /// The settings a cause is fixed in.
    ///
    /// - Parameters:
    ///   - cause: The cause.
    ///   - concerned: Those the occurrence names.
    /// - Returns: The settings, in the order in which they are to be looked at.
    func fields(of cause: CauseTemplate, concerned: [SettingKey]) -> [SettingKey] {
        switch cause.fields {
        case .keys(let keys): keys
        case .address: addressField.map { [$0] } ?? concerned
        case .concerned: concerned
        }
    }

    /// The values of an occurrence, with something for every name a text may ask for.
    func values(_ given: [GuidanceTemplate.Slot: MessageValue]) -> [String: MessageValue] {
        settingNames.merging(
            GuidanceTemplate.Slot.allCases.map { slot in
                let vendor = slot == .vendor ? vendorName.map(MessageValue.verbatim) : nil
                return (slot.rawValue, given[slot] ?? vendor ?? .phrase(CoreMessage.unknown(slot)))
            }
        ) { $1 }
    }
}

extension SettingField {
    /// The setting as a person knows it: its label on a page, its label and variable in a terminal.
    public func name(for connector: ConnectorID?) -> MessageValue {
        .setting(label: label, variable: connector.map { key.environmentVariable(for: $0) })
    }
}
