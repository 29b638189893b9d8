import PSACore

/// The values a form or an API call brings for one connection.
struct SettingsSubmission: Sendable {
    /// What people will call it.
    var name = ""
    /// The settings that came; one that did not come keeps its stored value.
    var values: [SettingKey: Secret] = [:]

    /// The settings that count: those that came, and for the rest what is stored.
    ///
    /// An empty secret keeps the stored one, because a form never shows it and so can't send it back. The stored one is not kept where the
    /// settings lead to another tenant: a secret goes only to the server it was entered for.
    func merged(
        into stored: SettingsInput, for descriptor: ConnectorDescriptor, keepsSecrets: Bool
    ) -> SettingsInput {
        var input = SettingsInput()
        for field in descriptor.settings.fields {
            let old = field.isSecret && !keepsSecrets ? nil : stored[field.key]
            switch values[field.key] {
            case nil: input[field.key] = old
            case let new? where field.isSecret && new.isEmpty: input[field.key] = old
            case let new?: input[field.key] = new
            }
        }
        for key in values.keys where descriptor.settings[key] == nil { input[key] = values[key] }
        return input
    }
}
