import PSACore

extension SettingKey {
    /// The setting as a person knows it.
    var haloName: MessageValue { HaloConnector.settingsSchema[self]?.name(for: HaloConnector.id) ?? .verbatim(rawValue) }
}
