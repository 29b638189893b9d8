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

    /// The value given for a key.
    public subscript(key: SettingKey) -> Secret? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The keys that were given.
    public var keys: [SettingKey] { values.keys.sorted() }
}
