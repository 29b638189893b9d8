/// What is wrong with one setting.
public struct SettingIssue: Error, Sendable, Equatable {
    /// The setting.
    public let field: SettingKey
    /// The kind of problem: a `config.…` or `url.…` code.
    public let code: ErrorCode
    /// What is wrong and what to do; never the value of a secret.
    public let phrase: SettingMessage

    /// States a problem; connectors do for what only the vendor can tell them.
    public init(field: SettingKey, code: ErrorCode, phrase: SettingMessage) {
        self.field = field
        self.code = code
        self.phrase = phrase
    }

    /// What is wrong and what to do, in English.
    public var message: String { TextRenderer().text(phrase) }

    static func missing(_ field: SettingField) -> SettingIssue {
        SettingIssue(field: field.key, code: .configMissingField, phrase: .missing(label: field.label, help: field.help))
    }

    static func invalid(_ field: SettingField, _ phrase: SettingMessage) -> SettingIssue {
        SettingIssue(field: field.key, code: .configInvalidField, phrase: phrase)
    }

    static func unknown(_ key: SettingKey, known: [SettingKey]) -> SettingIssue {
        let names = known.map(\.rawValue)
        return SettingIssue(
            field: key, code: .configUnknownField,
            phrase: .unknownKey(String(key.rawValue.prefix(60)), nearest: NearestName.of(key.rawValue, in: names), known: names))
    }
}

/// The answer for all fields of a schema.
public struct SettingsValidation: Sendable {
    fileprivate let checked: ConnectorSettings
    /// Every problem found, in form order, unknown keys last.
    public let problems: [SettingIssue]

    init(settings: ConnectorSettings, problems: [SettingIssue]) {
        checked = settings
        self.problems = problems
    }

    /// The settings, if no field has a problem.
    public var settings: ConnectorSettings? { problems.isEmpty ? checked : nil }
}
