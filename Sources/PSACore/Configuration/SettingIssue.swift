/// What is wrong with one setting.
public struct SettingIssue: Error, Sendable, Equatable {
    /// The setting.
    public let field: SettingKey
    /// The kind of issue: a `config.…` or `url.…` code.
    public let code: ErrorCode
    /// What is wrong and what to do; never the value of a secret.
    public let localizedMessage: SettingMessage

    /// States an issue; connectors do for what only the vendor can tell them.
    public init(field: SettingKey, code: ErrorCode, localizedMessage: SettingMessage) {
        self.field = field
        self.code = code
        self.localizedMessage = localizedMessage
    }

    /// What is wrong and what to do, in English.
    public var message: String { TextRenderer().text(localizedMessage) }

    static func missing(_ field: SettingField) -> SettingIssue {
        SettingIssue(field: field.key, code: .configMissingField, localizedMessage: .missing(label: field.label, help: field.help))
    }

    static func invalid(_ field: SettingField, _ message: SettingMessage) -> SettingIssue {
        SettingIssue(field: field.key, code: .configInvalidField, localizedMessage: message)
    }

    static func unknown(_ key: SettingKey, known: [SettingKey]) -> SettingIssue {
        let names = known.map(\.rawValue)
        return SettingIssue(
            field: key, code: .configUnknownField,
            localizedMessage: .unknownKey(String(key.rawValue.prefix(60)), nearest: NearestName.of(key.rawValue, in: names), known: names))
    }
}

/// The answer for all fields of a schema.
public struct SettingsValidation: Sendable {
    fileprivate let checked: ConnectorSettings
    /// Every issue found, in form order, unknown keys last.
    public let issues: [SettingIssue]

    init(settings: ConnectorSettings, issues: [SettingIssue]) {
        checked = settings
        self.issues = issues
    }

    /// The settings, if no field has an issue.
    public var settings: ConnectorSettings? { issues.isEmpty ? checked : nil }
}
