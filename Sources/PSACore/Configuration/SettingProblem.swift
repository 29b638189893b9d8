/// What is wrong with one setting.
public struct SettingProblem: Error, Sendable, Equatable {
    /// The setting.
    public let field: SettingKey
    /// The kind of problem: a `config.…` or `url.…` code.
    public let code: ErrorCode
    /// One sentence for a person that says what is wrong and what to do; never the value of a secret.
    public let message: String

    /// States a problem; connectors do for what only the vendor can tell them.
    public init(field: SettingKey, code: ErrorCode, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }

    static func missing(_ field: SettingField) -> SettingProblem {
        SettingProblem(field: field.key, code: .configMissingField, message: "\(field.label) is needed. \(field.help)")
    }

    static func invalid(_ field: SettingField, _ message: String) -> SettingProblem {
        SettingProblem(field: field.key, code: .configInvalidField, message: message)
    }

    static func unknown(_ key: SettingKey, known: [SettingKey]) -> SettingProblem {
        let near = NearestName.of(key.rawValue, in: known.map(\.rawValue)).map { " Did you mean “\($0)”?" } ?? ""
        let names = known.map(\.rawValue).joined(separator: ", ")
        return SettingProblem(
            field: key, code: .configUnknownField,
            message: "There is no setting “\(key.rawValue.prefix(60))”.\(near) Known settings: \(names.isEmpty ? "none" : names).")
    }
}

/// The answer for all fields of a schema.
public struct SettingsValidation: Sendable {
    fileprivate let checked: ConnectorSettings
    /// Every problem found, in form order, unknown keys last.
    public let problems: [SettingProblem]

    init(settings: ConnectorSettings, problems: [SettingProblem]) {
        checked = settings
        self.problems = problems
    }

    /// The settings, if no field has a problem.
    public var settings: ConnectorSettings? { problems.isEmpty ? checked : nil }
}
