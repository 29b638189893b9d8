import PSACore
import PSAEngine

/// Settings on their way to becoming a connection: what was typed, what is kept from before, and what is wrong with it.
struct ConnectionDraft: Sendable {
    let descriptor: ConnectorDescriptor
    /// The saved connection that is being changed; nil for a new one.
    let base: StoredConnection?
    /// What people will call it; empty means the host's name.
    let name: String
    /// Every setting that counts, secrets included.
    let input: SettingsInput
    /// The checked settings, and every problem.
    let validation: SettingsValidation
    /// Whether stored secrets are left out, because the settings lead to another tenant than the one they were entered for.
    let requiresSecretReentry: Bool

    init(
        descriptor: ConnectorDescriptor, base: StoredConnection?, name: String, input: SettingsInput, policy: AddressPolicy,
        requiresSecretReentry: Bool = false
    ) {
        self.descriptor = descriptor
        self.base = base
        self.name = String(name.prefix(Self.maxNameLength).filter { !$0.isNewline })
        self.input = input
        self.requiresSecretReentry = requiresSecretReentry
        validation = descriptor.settings.validate(input, policy: policy)
    }

    /// The most characters a connection's name may have.
    static let maxNameLength = 80

    /// Which tenant the settings lead to, or nil while they have problems.
    var tenant: TenantIdentity? {
        guard let settings = validation.settings else { return nil }
        return TenantIdentity(settings, of: descriptor)
    }

    /// What the connection is called: the typed name, or the tenant.
    var effectiveName: String {
        let typed = name.split(separator: " ").joined(separator: " ")
        return typed.isEmpty ? tenant?.rawValue ?? descriptor.displayName : typed
    }

    /// Whether the settings lead to another tenant than the saved connection does.
    var changesTenant: Bool {
        guard let base, let tenant else { return false }
        return base.tenant != tenant
    }

    /// The settings to store in clear, in the form in which they are used.
    var plainSettings: [SettingKey: String] {
        let plain = descriptor.settings.fields.filter { !$0.isSecret }.compactMap { field -> (SettingKey, String)? in
            guard let typed = input[field.key]?.reveal(), !typed.isEmpty else { return nil }
            // An address is stored tidied up: what a person sees later is what was tested.
            return (field.key, validation.settings?.serviceURL(field.key)?.text ?? typed)
        }
        return Dictionary(plain, uniquingKeysWith: { first, _ in first })
    }

    /// The secrets to seal.
    var secrets: [SettingKey: Secret] {
        let secrets = descriptor.settings.fields.filter(\.isSecret).compactMap { field in
            input[field.key].flatMap { $0.isEmpty ? nil : (field.key, $0) }
        }
        return Dictionary(secrets, uniquingKeysWith: { first, _ in first })
    }
}
