#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore
import Synchronization

/// Keeps one session per stored connection, so that its access token serves several requests.
public actor ConnectionSessions {
    /// The connectors that connections may name.
    public nonisolated let registry: ConnectorRegistry
    /// Transport, clock, log and address policy of each session.
    public nonisolated let context: ConnectorContext
    private let sealer: (any SecretSealer)?
    private var sessions: [ConnectionID: (revision: Int, workedAt: Date?, createdAt: Date, session: ConnectorSession)] = [:]
    /// The settings of connections whose secrets are not stored, with the revision that they belong to.
    private var unstored: [ConnectionID: (revision: Int, settings: SettingsInput)] = [:]
    /// The names of the tenants whose rate limits the sessions share.
    private var tenants: [ConnectionID: String] = [:]
    /// The removed connections, with the times at which they were created.
    ///
    /// A job that is under way must not bring a session of one back. One that was added later with the same id, perhaps by another process,
    /// is another connection.
    private var removed: [ConnectionID: Date] = [:]

    /// Creates the session cache of one process.
    ///
    /// - Parameters:
    ///   - registry: The connectors.
    ///   - context: Transport, clock, log and address policy for each connection.
    ///   - sealer: Decrypts stored secrets; nil if the store holds none.
    public init(registry: ConnectorRegistry, context: ConnectorContext, sealer: (any SecretSealer)?) {
        self.registry = registry
        self.context = context
        self.sealer = sealer
    }

    /// Returns the session of a stored connection, and opens a new one if its settings have changed, or if a test has passed since: what the
    /// session remembers of a rejection, which another process may have seen repaired, ends with it.
    ///
    /// - Throws: ``/PSACore/PSAError``; `config.secret_unreadable` if its secrets cannot be decrypted, or are not stored and were not passed to
    ///   ``keep(_:of:)`` in this process for these settings.
    public func session(of connection: StoredConnection) throws -> ConnectorSession {
        let workedAt = connection.status.flatMap { $0.outcome == .needsAttention ? nil : $0.checkedAt }
        if let kept = sessions[connection.id], kept.revision == connection.revision,
            workedAt.map({ $0 <= kept.workedAt ?? .distantPast }) ?? true
        {
            return kept.session
        }
        let input = try settings(of: connection)
        let seen = TenantName()
        let session = try TenantRateLimits.$observer.withValue(TenantObserver { seen.note($0) }) {
            try registry.connect(connection.connector.rawValue, settings: input, context: context)
        }
        tenants[connection.id] = seen.name
        if removed[connection.id].map({ connection.createdAt > $0 }) ?? true {
            removed[connection.id] = nil
            sessions[connection.id] = (connection.revision, workedAt, connection.createdAt, session)
        }
        return session
    }

    /// The name of the tenant whose rate limit a connection shares; it opens its session if there is none yet, without a request.
    ///
    /// - Parameter connection: The connection.
    /// - Returns: The name; nil if the session can't be opened, or sends nothing through a limit.
    package func tenant(of connection: StoredConnection) -> String? {
        guard (try? session(of: connection)) != nil else { return nil }
        return tenants[connection.id]
    }

    /// Removes the session of a removed connection from memory, with its secrets and token.
    public func forget(_ id: ConnectionID) {
        removed[id] = sessions[id]?.createdAt ?? context.time.now()
        sessions[id] = nil
        unstored[id] = nil
        tenants[id] = nil
    }

    /// The connections of which something is in memory.
    var known: Set<ConnectionID> { Set(sessions.keys).union(unstored.keys) }

    /// Ends the session, so that the next use opens a new one and fetches a new token; settings that are not stored stay in memory.
    public func renew(_ id: ConnectionID) { sessions[id] = nil }

    /// Takes the settings of a connection; they stay in memory only if secrets are not stored.
    ///
    /// A session of other settings ends; one of the same settings goes on.
    ///
    /// - Returns: Whether this process had the same settings already.
    @discardableResult public func keep(_ settings: SettingsInput, of connection: StoredConnection) -> Bool {
        removed[connection.id] = nil
        guard sealer == nil else { return sessions[connection.id]?.revision == connection.revision }
        let known = unstored[connection.id]
        let isKnown = known?.revision == connection.revision && known?.settings.hasSameValues(as: settings) == true
        if !isKnown { sessions[connection.id] = nil }
        unstored[connection.id] = (connection.revision, settings)
        return isKnown
    }

    private func settings(of connection: StoredConnection) throws -> SettingsInput {
        // Settings of another revision may lead to another tenant, which must not get these secrets.
        if let kept = unstored[connection.id], kept.revision == connection.revision { return kept.settings }
        let descriptor = try registry.descriptor(named: connection.connector.rawValue)
        var input = SettingsInput()
        for (key, value) in connection.settings { input[key] = Secret(value) }
        for (key, sealed) in connection.secrets {
            guard let secret = try? sealer?.open(sealed, of: connection.id, key) else { throw Self.unreadable(descriptor) }
            input[key] = secret
        }
        // Without a sealer the host supplies the secrets at each start; an optional one may have been among them.
        if sealer == nil, descriptor.settings.fields.contains(where: \.isSecret) { throw Self.unreadable(descriptor) }
        return input
    }

    private static func unreadable(_ descriptor: ConnectorDescriptor) -> PSAError {
        var error = PSAError(.configSecretUnreadable, catalogue: descriptor.guidance)
        error.connector = descriptor.id
        return error
    }
}

/// The last tenant whose budget a connector asked for while it was made.
private final class TenantName: Sendable {
    private let seen = Mutex<String?>(nil)

    var name: String? { seen.withLock { $0 } }

    func note(_ tenant: String) { seen.withLock { $0 = tenant } }
}

extension SettingsInput {
    /// Whether every key has the same value in both.
    fileprivate func hasSameValues(as other: SettingsInput) -> Bool {
        keys == other.keys && keys.allSatisfy { self[$0] == other[$0] }
    }
}
