public import FoundationEssentials
public import PSACore

/// A saved way into one tenant of one vendor.
public struct StoredConnection: Sendable, Equatable {
    /// By which links, audit and other records know it; it stays when settings change.
    public let id: ConnectionID
    /// The connector, by name.
    public let connector: ConnectorID
    /// What people call it; by default the host.
    public var name: String
    /// Which tenant it leads to; unique among the connections of one connector.
    public var tenant: TenantIdentity
    /// The settings that may be shown.
    public var settings: [SettingKey: String]
    /// The settings that are shown nowhere.
    public var secrets: [SettingKey: SealedSecret]
    /// Counts changes of the settings, so that two people can't overwrite one another unawares.
    public var revision: Int
    /// When it was first saved.
    public var createdAt: Date
    /// When its settings last changed.
    public var changedAt: Date
    /// What its last test found; nil if these settings were never tested.
    public var status: ConnectionStatus?

    /// Creates a ``StoredConnection``.
    public init(
        id: ConnectionID, connector: ConnectorID, name: String, tenant: TenantIdentity, settings: [SettingKey: String],
        secrets: [SettingKey: SealedSecret], revision: Int, createdAt: Date, changedAt: Date, status: ConnectionStatus? = nil
    ) {
        self.id = id
        self.connector = connector
        self.name = name
        self.tenant = tenant
        self.settings = settings
        self.secrets = secrets
        self.revision = revision
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.status = status
    }

}

/// A connection's name in links: twelve characters without meaning.
public struct ConnectionID: Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String

    /// Draws a new one.
    public init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a link or the storage: 1 to 40 of `a-z` and `0-9`.
    public init?(_ text: String) {
        let isUsable =
            (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isUsable else { return nil }
        rawValue = text
    }

    public var description: String { rawValue }
}

/// A secret in the only form in which it is stored.
public struct SealedSecret: Sendable, Hashable {
    public let bytes: [UInt8]

    /// Creates a ``SealedSecret``.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

}

/// What a test of a saved connection found, as far as the overview shows it.
public struct ConnectionStatus: Sendable, Equatable {
    public enum Outcome: String, Sendable, CaseIterable {
        /// It works.
        case connected
        /// It works, but not fully.
        case limited
        /// Somebody has to do something.
        case needsAttention = "needs_attention"
    }

    public var outcome: Outcome
    /// `Connected to acme.halopsa.com`, or the title of the guidance.
    public var headline: String
    /// What is wrong; nil if nothing is.
    public var code: ErrorCode?
    /// By which log and audit know the occurrence.
    public var correlationID: String?
    /// When the test ended.
    public var checkedAt: Date

    /// Creates a ``ConnectionStatus``.
    public init(outcome: Outcome, headline: String, code: ErrorCode? = nil, correlationID: String? = nil, checkedAt: Date) {
        self.outcome = outcome
        self.headline = headline
        self.code = code
        self.correlationID = correlationID
        self.checkedAt = checkedAt
    }

}

/// Which tenant a connection leads to, however it is spelled: the values of the settings that say so.
public struct TenantIdentity: Sendable, Hashable {
    /// Comparable text, such as `acme.halopsa.com` or `eu.myconnectwise.net acme`.
    public let rawValue: String

    /// Creates a ``TenantIdentity``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

}

extension ConnectionStatus {
    /// What remains of a report.
    public init(_ report: ConnectionReport, at time: Date) {
        let warning = report.warnings.first?.error
        let failure = report.failure
        self.init(
            outcome: !report.isConnected ? .needsAttention : warning == nil ? .connected : .limited,
            headline: report.headline, code: (failure ?? warning)?.code, correlationID: (failure ?? warning)?.correlationID.rawValue,
            checkedAt: time)
    }
}

/// Encrypts the secrets of connections before they are stored.
public protocol SecretSealer: Sendable {
    /// Encrypts a secret for one setting of one connection.
    func seal(_ secret: Secret, of connection: ConnectionID, _ key: SettingKey) throws -> SealedSecret
    /// Decrypts a secret of one setting of one connection.
    ///
    /// - Throws: Whatever says that it cannot be decrypted.
    func open(_ sealed: SealedSecret, of connection: ConnectionID, _ key: SettingKey) throws -> Secret
}
