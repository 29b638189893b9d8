import PSACore

/// What a connection form brings, apart from which button was pressed.
struct ConnectionForm: Sendable {
    enum Button: Sendable, Equatable {
        case test
        case save
        /// Puts a suggested value into its field.
        case suggest(SettingKey, String)
    }

    let submission: SettingsSubmission
    let button: Button
    let consent: SaveConfirmation
    /// The revision of the connection that the form was made for.
    let revision: Int?
    /// Secrets that were typed, sealed for the page that comes back.
    let carried: [SettingKey: String]

    /// The prefix of the fields that carry sealed secrets.
    static let carriedPrefix = "carried."

    init(_ form: SubmittedForm, _ descriptor: ConnectorDescriptor, for user: SignedInUser, _ vault: Vault) throws {
        var submission = SettingsSubmission(name: form.text("connection-name"))
        var carried: [SettingKey: String] = [:]
        for field in descriptor.settings.fields {
            guard let typed = form[field.key.rawValue] else { continue }
            submission.values[field.key] = Secret(typed)
            guard field.isSecret else { continue }
            if !typed.isEmpty {
                carried[field.key] = try vault.carry(Secret(typed), for: user, field.key)
            } else if let kept = form[Self.carriedPrefix + field.key.rawValue], let secret = vault.carried(kept, for: user, field.key) {
                submission.values[field.key] = secret
                carried[field.key] = kept
            }
        }
        button = Self.button(form)
        if case .suggest(let key, let value) = button { submission.values[key] = Secret(value) }
        self.submission = submission
        self.carried = carried
        consent = SaveConfirmation(
            receipt: form["receipt"].map(TestProof.init(rawValue:)), acceptsUntested: form.has("accept-untested"),
            acceptsOtherTenant: form.has("accept-other-tenant"))
        revision = form["revision"].flatMap { Int($0) }
    }

    private static func button(_ form: SubmittedForm) -> Button {
        if let suggestion = form["suggest"] {
            let parts = suggestion.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { return .suggest(SettingKey(parts[0]), parts[1]) }
        }
        return form.text("action") == "save" ? .save : .test
    }
}
