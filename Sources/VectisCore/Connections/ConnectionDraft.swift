package import FoundationEssentials
package import PSACore
package import PSAEngine
import VectisRules

/// Settings on their way to becoming a connection: what was typed, what is kept from before, and what is wrong with it.
package struct ConnectionDraft: Sendable {
    package let descriptor: ConnectorDescriptor
    /// The saved connection that is being changed; nil for a new one.
    package let existing: StoredConnection?
    /// What people will call it; empty means the host's name.
    package let name: String
    /// Every setting that counts, secrets included.
    package let input: SettingsInput
    /// The checked settings, and every problem.
    package let validation: SettingsValidation
    /// Whether stored secrets are left out, because the settings lead to another tenant than the one they were entered for.
    package let requiresSecretReentry: Bool

    package init(
        descriptor: ConnectorDescriptor, existing: StoredConnection?, name: String, input: SettingsInput, policy: AddressPolicy,
        requiresSecretReentry: Bool = false
    ) {
        self.descriptor = descriptor
        self.existing = existing
        self.name = name.filter { !$0.isNewline }
        self.input = input
        self.requiresSecretReentry = requiresSecretReentry
        validation = descriptor.settings.validate(input, policy: policy)
    }

    /// The most characters a connection's name may have.
    package static let maxNameLength = 80

    /// What is wrong with a name that is too long.
    package static let nameRule = "A name has at most \(maxNameLength) characters."

    /// Whether the name is not too long.
    package var hasAcceptableName: Bool { name.count <= Self.maxNameLength }

    /// Which tenant the settings lead to, or nil while they have problems.
    package var tenant: TenantIdentity? {
        guard let settings = validation.settings else { return nil }
        return TenantIdentity(settings, of: descriptor)
    }

    /// What the connection is called: the typed name, or the tenant.
    package var effectiveName: String {
        let typed = name.split(separator: " ").joined(separator: " ")
        return typed.isEmpty ? tenant?.rawValue ?? descriptor.displayName : String(typed.prefix(Self.maxNameLength))
    }

    /// Whether the settings lead to another tenant than the saved connection does.
    package var changesTenant: Bool {
        guard let existing, let tenant else { return false }
        return existing.tenant != tenant
    }

    /// The settings to store in clear, in the form in which they are used.
    package var plainSettings: [SettingKey: String] {
        descriptor.settings.plainSettings(of: input, validated: validation.settings)
    }

    /// The secrets to seal.
    package var secrets: [SettingKey: Secret] {
        let secrets = descriptor.settings.fields.filter(\.isSecret).compactMap { field in
            input[field.key].flatMap { $0.isEmpty ? nil : (field.key, $0) }
        }
        return Dictionary(secrets, uniquingKeysWith: { first, _ in first })
    }
}

extension ConnectionDraft {
    /// One sentence for the audit log on what is saved; of secrets, only which are new.
    package func sentence(about submission: SettingsSubmission, _ confirmation: SaveConfirmation) -> String {
        var sentence = "Leads to \(tenant?.rawValue ?? "nowhere")."
        let secrets = descriptor.settings.fields.filter { $0.isSecret && !(submission.values[$0.key]?.isEmpty ?? true) }
        if !secrets.isEmpty { sentence += " New: \(secrets.map(\.label).joined(separator: ", "))." }
        if confirmation.acceptsUntested { sentence += " Saved without a successful test." }
        if changesTenant { sentence += " Led to another tenant before." }
        return sentence
    }
}

/// The values that a form or an API call submits for one connection.
package struct SettingsSubmission: Sendable {
    /// What people will call it.
    package var name = ""
    /// The settings that came; one that did not come keeps its stored value.
    package var values: [SettingKey: Secret] = [:]

    /// Creates a ``SettingsSubmission``.
    package init(name: String = "", values: [SettingKey: Secret] = [:]) {
        self.name = name
        self.values = values
    }

    /// The settings that count: those that came, and for the rest what is stored.
    ///
    /// An empty secret keeps the stored one, because a form never shows it and so can't send it back. The stored one is not kept where the
    /// settings lead to another tenant: a secret goes only to the server it was entered for.
    package func merged(
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

/// The proof that certain settings were seen to work, handed to the browser and checked when they are saved.
///
/// What was found is sealed in it, bound to a digest of connector and settings: nothing can be read from it, it fits no other settings, and
/// it can't be forged without the host's key.
package struct TestProof: Sendable, Hashable {
    package let rawValue: String

    /// Creates a ``TestProof``.
    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// How long a test counts.
    package static let lifetime: TimeInterval = 30 * 60
}

extension ConnectionDraft {
    /// All that the test depended on, unambiguously, for a keyed digest.
    package var canonicalBytes: [UInt8] {
        let settings = descriptor.settings.fields.map { field -> JSONValue in
            [field.key.rawValue: .string(input[field.key]?.reveal() ?? "")]
        }
        return JSONValue.array([.string(descriptor.id.rawValue)] + settings).encoded
    }
}

/// What a person has agreed to when saving.
package struct SaveConfirmation: Sendable {
    /// The proof that these settings were tested.
    package var proof: TestProof?
    /// Save although they were not seen to work.
    package var acceptsUntested = false
    /// Let the saved connection lead to another tenant from now on.
    package var acceptsOtherTenant = false

    /// Creates a ``SaveConfirmation``.
    package init(proof: TestProof? = nil, acceptsUntested: Bool = false, acceptsOtherTenant: Bool = false) {
        self.proof = proof
        self.acceptsUntested = acceptsUntested
        self.acceptsOtherTenant = acceptsOtherTenant
    }

}

/// Why a connection was not saved.
package enum SaveError: Error, Sendable {
    /// The settings have problems.
    case invalid(PSAError)
    /// The name is too long.
    case nameTooLong
    /// Not tested successfully, and the user has not confirmed saving anyway.
    case untested
    /// They point to another tenant than the saved connection, and the user has not confirmed this.
    ///
    /// Its open jobs, those in review among them, would not be sent to the other tenant unless a person releases them.
    case otherTenant(old: TenantIdentity, new: TenantIdentity, openJobs: Int)
    /// Another connection leads to this tenant already.
    case duplicate(StoredConnection)
    /// The connection was changed after this form was opened.
    case stale
    /// The connector is a placeholder.
    case placeholder(PSAError)
}

extension ConnectionService {
    /// Stores a draft as a new connection, or as the new state of the one it changes.
    ///
    /// - Throws: ``SaveError``, or an error of the storage.
    package func save(_ draft: ConnectionDraft, _ confirmation: SaveConfirmation, audit: AuditEntry) async throws -> StoredConnection {
        if draft.descriptor.tier == .placeholder {
            throw SaveError.placeholder(PSAError(.connectorPlaceholder, catalogue: draft.descriptor.guidance))
        }
        guard let tenant = draft.tenant else {
            throw SaveError.invalid(PSAError(settings: draft.validation.issues, descriptor: draft.descriptor))
        }
        guard draft.hasAcceptableName else { throw SaveError.nameTooLong }
        try await refuseDuplicate(of: tenant, draft)
        if let existing = draft.existing, draft.changesTenant, !confirmation.acceptsOtherTenant {
            let jobs = try await storage.engine.jobCounts(TicketJob.Filter(connection: existing.id))
            throw SaveError.otherTenant(old: existing.tenant, new: tenant, openJobs: jobs.open + jobs[.needsReview])
        }
        // What was tested stays tested while only the name is another.
        let unchanged = draft.existing.flatMap { hasStoredSettings(draft, of: $0) ? $0 : nil }
        let status = confirmation.proof.flatMap { vault.status(provenBy: $0, for: draft) } ?? unchanged?.status
        guard status != nil || confirmation.acceptsUntested else { throw SaveError.untested }
        let connection = try connection(draft, tenant, status, unchangedSince: unchanged?.changedAt)
        do {
            if draft.existing == nil {
                try await storage.add(connection, audit: audit)
            } else {
                try await storage.replace(connection, audit: audit)
            }
        } catch StoreError.duplicateTenant {
            try await refuseDuplicate(of: tenant, draft)
            throw SaveError.stale
        } catch StoreError.stale {
            throw SaveError.stale
        }
        // Its secrets are sealed with the key of today now.
        let unreadable = try await storage.issues(of: connection.id).contains { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        if unreadable {
            try await storage.resolveIssues(of: connection.id, areas: [.config], at: context.time.now())
            wake()
        }
        if draft.existing != nil { try await goOn(connection, because: "The connection was changed.", audit) }
        return connection
    }

    private func connection(
        _ draft: ConnectionDraft, _ tenant: TenantIdentity, _ status: ConnectionStatus?, unchangedSince time: Date?
    ) throws -> StoredConnection {
        let now = context.time.now()
        let id = draft.existing?.id ?? ConnectionID()
        var sealed: [SettingKey: SealedSecret] = [:]
        for (key, secret) in draft.secrets { sealed[key] = try vault.seal(secret, of: id, key) }
        return StoredConnection(
            id: id, connector: draft.descriptor.id, name: draft.effectiveName, tenant: tenant, settings: draft.plainSettings,
            secrets: sealed, revision: (draft.existing?.revision ?? 0) + 1, createdAt: draft.existing?.createdAt ?? now,
            changedAt: time ?? now, status: status, ticketFieldDefaults: draft.existing?.ticketFieldDefaults ?? TicketFieldDefaults())
    }

    private static let copyRemoved = "The local copy of its data is removed with it."

    private func refuseDuplicate(of tenant: TenantIdentity, _ draft: ConnectionDraft) async throws {
        let others = try await storage.connections().filter { $0.connector == draft.descriptor.id && $0.id != draft.existing?.id }
        if let other = others.first(where: { $0.tenant == tenant }) { throw SaveError.duplicate(other) }
    }

    /// Removes a connection with its secrets and its local copy; what the audit log says of it stays.
    ///
    /// - Throws: ``StoreError/notFound``, or an error of the storage.
    package func remove(_ connection: StoredConnection, audit: AuditEntry) async throws {
        var entry = audit
        entry.detail += entry.detail.isEmpty || entry.detail.hasSuffix(".") ? "" : "."
        entry.detail += entry.detail.isEmpty ? Self.copyRemoved : " \(Self.copyRemoved)"
        try await storage.removeConnection(connection.id, audit: entry)
        await sessions.forget(connection.id)
        // A copy that cannot be removed now is removed by the engine, which keeps none without a connection.
        try? await sync.removeCopy(of: connection.id)
        wake()
    }
}

extension ConnectionDraft {
    /// The server's name for display.
    package var host: String {
        let keys = descriptor.settings.fields.filter { $0.purpose == .tenant }.map(\.key)
        return keys.lazy.compactMap { validation.settings?.serviceURL($0)?.authority }.first ?? tenant?.rawValue ?? descriptor.displayName
    }
}
