/// Checked settings, read by key and kind.
///
/// Only ``SettingsSchema/validate(_:policy:)`` makes them.
public struct ConnectorSettings: Sendable {
    enum Value: Sendable, Hashable {
        case text(String)
        case secret(Secret)
        case serviceURL(ServiceURL)
        case integer(Int)
    }

    let values: [SettingKey: Value]
    /// The address policy the settings were checked under.
    public let policy: AddressPolicy

    /// The text of a setting, or nil if none was given.
    public func text(_ key: SettingKey) -> String? {
        guard case .text(let text) = values[key] else { return nil }
        return text
    }

    /// The secret of a setting, or nil if none was given.
    public func secret(_ key: SettingKey) -> Secret? {
        guard case .secret(let secret) = values[key] else { return nil }
        return secret
    }

    /// The server of a setting, or nil if none was given.
    public func serviceURL(_ key: SettingKey) -> ServiceURL? {
        guard case .serviceURL(let url) = values[key] else { return nil }
        return url
    }

    /// The number of a setting, or nil if none was given.
    public func integer(_ key: SettingKey) -> Int? {
        guard case .integer(let number) = values[key] else { return nil }
        return number
    }
}
