/// Checked settings, read by key and kind.
///
/// Only ``SettingsSchema/validate(_:policy:)`` makes them.
public struct ConnectorSettings: Sendable {
    enum Value: Sendable, Hashable {
        case text(String)
        case secret(Secret)
        case serviceURL(ServiceURL)
        case integer(Int)
        case flag(Bool)
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

    /// The answer to a yes-or-no setting, or nil if none was given.
    public func flag(_ key: SettingKey) -> Bool? {
        guard case .flag(let isOn) = values[key] else { return nil }
        return isOn
    }
}

/// What a person, a file or the environment supplied, before any check.
///
/// Every value is kept as a secret until its field says otherwise.
public struct SettingsInput: Sendable, ExpressibleByDictionaryLiteral {
    private var values: [SettingKey: Secret]

    /// Starts with nothing.
    public init() { values = [:] }

    /// Takes values from a literal; of two with the same key the last counts.
    public init(dictionaryLiteral elements: (SettingKey, String)...) {
        values = Dictionary(elements.map { ($0.0, Secret($0.1)) }, uniquingKeysWith: { $1 })
    }

    /// Takes the values of a form or a file; a key that the connector does not have is an issue of its validation.
    public init(_ values: [SettingKey: String]) { self.values = values.mapValues { Secret($0) } }

    /// Takes the values of a form or a file by the texts of their keys.
    public init(_ values: [String: String]) {
        self.values = Dictionary(uniqueKeysWithValues: values.map { (SettingKey($0), Secret($1)) })
    }

    /// The value given for a key.
    public subscript(key: SettingKey) -> Secret? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The keys that were given.
    public var keys: [SettingKey] { values.keys.sorted() }
}

/// A value that is shown nowhere: not printed, not interpolated, not encoded, not mirrored by a debugger.
///
/// There is one way to it, ``reveal()``, so that a search for that word finds every place where a secret leaves its wrapping.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Wraps a value.
    public init(_ value: String) { self.value = value }

    /// The value in clear, for the one place that sends it to the vendor.
    public func reveal() -> String { value }

    /// Whether there is nothing to hide.
    public var isEmpty: Bool { value.isEmpty }

    /// A placeholder of fixed length.
    public var description: String { "•••••" }
    /// The same placeholder.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
