import PSACore

/// One input of a settings page.
struct FormField: Equatable {
    var key: String
    var label: String
    var help: String
    var isSecret: Bool
    var problem: String?
}

/// The settings page of any connector: its inputs, and what is wrong with what was typed.
struct SettingsForm {
    let connector: ConnectorDescriptor

    /// The inputs of an empty form, or those of a submitted one with their problems beside them.
    func fields(submitted values: [String: String]? = nil) -> [FormField] {
        let issues = values.map { connector.settings.validate(Self.input($0)).issues } ?? []
        return connector.settings.fields.map { field in
            FormField(
                key: field.key.rawValue, label: field.label, help: field.help, isSecret: field.isSecret,
                problem: issues.first { $0.field == field.key }?.message)
        }
    }

    /// What a registry takes.
    static func input(_ values: [String: String]) -> SettingsInput {
        var input = SettingsInput()
        for (key, value) in values { input[SettingKey(key)] = Secret(value) }
        return input
    }
}
