import FoundationEssentials
import PSACore
import PSAEngine

/// What a person has agreed to when saving.
struct SaveConfirmation: Sendable {
    /// The proof that these settings were tested.
    var receipt: TestProof?
    /// Save although they were not seen to work.
    var acceptsUntested = false
    /// Let the saved connection lead to another tenant from now on.
    var acceptsOtherTenant = false
}

/// Why a connection was not saved.
enum SaveError: Error, Sendable {
    /// The settings have problems.
    case invalid(PSAError)
    /// They were not seen to work, and nobody has said that this is all right.
    case untested
    /// They lead to another tenant than the saved connection, and nobody has said that this is meant.
    case otherTenant(old: TenantIdentity, new: TenantIdentity)
    /// Another connection leads to this tenant already.
    case duplicate(StoredConnection)
    /// Somebody changed the connection after this form was opened.
    case stale
    /// The connector is a placeholder.
    case placeholder(PSAError)
}

extension ConnectionService {
    /// Stores a draft as a new connection, or as the new state of the one it changes.
    ///
    /// - Throws: ``SaveError``, or an error of the storage.
    func save(_ draft: ConnectionDraft, _ consent: SaveConfirmation, audit: AuditEntry) async throws -> StoredConnection {
        if draft.descriptor.tier == .placeholder {
            throw SaveError.placeholder(PSAError(.connectorPlaceholder, catalogue: draft.descriptor.guidance))
        }
        guard let tenant = draft.tenant else {
            throw SaveError.invalid(PSAError(settings: draft.validation.problems, descriptor: draft.descriptor))
        }
        try await refuseDuplicate(of: tenant, draft)
        if let base = draft.base, draft.changesTenant, !consent.acceptsOtherTenant {
            throw SaveError.otherTenant(old: base.tenant, new: tenant)
        }
        let status = consent.receipt.flatMap { vault.status(provenBy: $0, for: draft) }
        guard status != nil || consent.acceptsUntested else { throw SaveError.untested }
        let connection = try connection(draft, tenant, status)
        do {
            if draft.base == nil {
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
            let areas: Set<String> = [ErrorCode.configSecretUnreadable.area]
            try await storage.resolveIssues(of: connection.id, areas: areas, at: context.time.now())
            wake()
        }
        if draft.base != nil { try await goOn(connection, because: "The connection was changed.", audit) }
        return connection
    }

    private func connection(_ draft: ConnectionDraft, _ tenant: TenantIdentity, _ status: ConnectionStatus?) throws -> StoredConnection {
        let now = context.time.now()
        let id = draft.base?.id ?? ConnectionID()
        var sealed: [SettingKey: SealedSecret] = [:]
        for (key, secret) in draft.secrets { sealed[key] = try vault.seal(secret, of: id, key) }
        return StoredConnection(
            id: id, connector: draft.descriptor.id, name: draft.effectiveName, tenant: tenant, settings: draft.plainSettings,
            secrets: sealed, revision: (draft.base?.revision ?? 0) + 1, createdAt: draft.base?.createdAt ?? now, changedAt: now,
            status: status)
    }

    private func refuseDuplicate(of tenant: TenantIdentity, _ draft: ConnectionDraft) async throws {
        let others = try await storage.connections().filter { $0.connector == draft.descriptor.id && $0.id != draft.base?.id }
        if let other = others.first(where: { $0.tenant == tenant }) { throw SaveError.duplicate(other) }
    }

    /// Removes a connection with its secrets; what the audit log says of it stays.
    func remove(_ connection: StoredConnection, audit: AuditEntry) async throws {
        try await storage.removeConnection(connection.id, audit: audit)
        await sessions.forget(connection.id)
        wake()
    }
}

extension ConnectionDraft {
    /// The server as a person knows it.
    var host: String {
        let keys = descriptor.settings.fields.filter { $0.purpose == .tenant }.map(\.key)
        return keys.lazy.compactMap { validation.settings?.serviceURL($0)?.authority }.first ?? tenant?.rawValue ?? descriptor.displayName
    }
}
