#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A connection to one tenant of one vendor, as stored.
public struct StoredConnection: Sendable, Equatable {
    /// The id, used in links and records; it never changes.
    public let id: ConnectionID
    /// The connector, by name.
    public let connector: ConnectorID
    /// The name shown to people; by default the tenant.
    public var name: String
    /// The tenant; unique among the connections of one connector.
    public var tenant: TenantIdentity
    /// The settings that are not secret.
    public var settings: [SettingKey: String]
    /// The secret settings, encrypted; empty if the engine has no ``SecretSealer``.
    public var secrets: [SettingKey: SealedSecret]
    /// The number of changes of the settings, for detecting concurrent changes.
    public var revision: Int
    /// When it was first saved.
    public var createdAt: Date
    /// When its settings last changed.
    public var changedAt: Date
    /// The result of the last test of these settings; nil if they were never tested.
    public var status: ConnectionStatus?
    /// The values that new tickets of one type start with.
    public var ticketFieldDefaults: TicketFieldDefaults
    /// The latest job that was made before the connection led to its present tenant; nil for none.
    ///
    /// Only the store sets it, see ``EngineStore/save(_:)``.
    public var lastJobOfFormerTenant: TicketJob.ID?

    /// Creates a ``StoredConnection``.
    public init(
        id: ConnectionID, connector: ConnectorID, name: String, tenant: TenantIdentity, settings: [SettingKey: String],
        secrets: [SettingKey: SealedSecret], revision: Int, createdAt: Date, changedAt: Date, status: ConnectionStatus? = nil,
        ticketFieldDefaults: TicketFieldDefaults = TicketFieldDefaults(), lastJobOfFormerTenant: TicketJob.ID? = nil
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
        self.ticketFieldDefaults = ticketFieldDefaults
        self.lastJobOfFormerTenant = lastJobOfFormerTenant
    }

    /// Whether a job of the connection was made before it led to its present tenant.
    public func isOfFormerTenant(_ job: TicketJob.ID) -> Bool { lastJobOfFormerTenant.map { job <= $0 } ?? false }

    /// Whether another version leads to the same tenant.
    public func leadsToTenant(of other: StoredConnection) -> Bool { connector == other.connector && tenant == other.tenant }
}

/// The values that new tickets of one type start with.
public struct TicketFieldDefaults: Sendable, Hashable {
    /// The type that the values are for; nil if they are for tickets without a type.
    ///
    /// For a ticket of another type they do not count, because its fields may mean something else.
    public var type: TicketType.ID?
    /// The values of further fields, by the connector's ids.
    public var values: [TicketField.ID: TicketFieldValue]
    /// The ``/PSACore/TicketForm/fingerprint`` of the type when the values were chosen; nil if it is not known.
    public var formFingerprint: String?

    /// Creates a ``TicketFieldDefaults``.
    public init(
        type: TicketType.ID? = nil, values: [TicketField.ID: TicketFieldValue] = [:], formFingerprint: String? = nil
    ) {
        self.type = type
        self.values = values
        self.formFingerprint = formFingerprint
    }
}

extension StoredConnection {
    /// The values for a new ticket: the given ones, and for the others the connection's, if they are for this type.
    ///
    /// - Parameters:
    ///   - values: The given values.
    ///   - type: The type that the ticket names; nil for the default of the connection.
    ///   - schema: The settings of the connector, which name the default type.
    /// - Returns: The values to send.
    public func ticketFields(
        _ values: [TicketField.ID: TicketFieldValue], for type: TicketType.ID?, schema: SettingsSchema
    ) -> [TicketField.ID: TicketFieldValue] {
        guard ticketFieldDefaults.type == type ?? schema.defaultTicketType(in: settings) else { return values }
        return ticketFieldDefaults.values.merging(values) { $1 }
    }
}

extension SettingsSchema {
    /// The ticket type that the settings of a connection state as default; nil if they state none.
    public func defaultTicketType(in settings: [SettingKey: String]) -> TicketType.ID? {
        fields.first { $0.purpose == .ticketDefault(.type) }.flatMap { settings[$0.key] ?? $0.defaultValue }.flatMap { TicketType.ID($0) }
    }
}

/// The id of a connection: 1 to 40 of `a-z` and `0-9`.
public struct ConnectionID: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The value as stored.
    public let rawValue: String

    /// Creates a random id of twelve characters.
    public init() { rawValue = CorrelationID().rawValue }

    /// Takes an id of the host, a link or a store; nil unless it is 1 to 40 of `a-z` and `0-9`.
    public init?(_ text: String) {
        let isUsable =
            (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isUsable else { return nil }
        rawValue = text
    }

    /// Takes an id, as the initializer without a label does.
    public init?(rawValue: String) { self.init(rawValue) }

    /// The value as text.
    public var description: String { rawValue }
}

/// An encrypted secret, the only form in which secrets are stored.
public struct SealedSecret: Sendable, Hashable {
    /// The encrypted bytes.
    public let bytes: [UInt8]

    /// Creates a ``SealedSecret``.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

}

/// The result of a connection test, in short.
public struct ConnectionStatus: Sendable, Equatable {
    /// How a connection test ended.
    public enum Outcome: String, Sendable, CaseIterable {
        /// It works.
        case connected
        /// It works with limitations.
        case limited
        /// It does not work.
        case needsAttention = "needs_attention"
    }

    /// How the test ended.
    public var outcome: Outcome
    /// `Connected to acme.halopsa.com`, or the title of the guidance.
    public var headline: String
    /// The error; nil for none.
    public var code: ErrorCode?
    /// The id of the occurrence in log and audit.
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

/// The tenant of a connection in normalized form, from the values of its tenant settings.
public struct TenantIdentity: Sendable, Hashable {
    /// Comparable text, such as `acme.halopsa.com` or `eu.myconnectwise.net acme`.
    public let rawValue: String

    /// Creates a ``TenantIdentity``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

}

extension ConnectionStatus {
    /// Summarizes a report.
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
    ///
    /// - Throws: Any error if it cannot be encrypted; then nothing is stored.
    func seal(_ secret: Secret, of connection: ConnectionID, _ key: SettingKey) throws -> SealedSecret
    /// Decrypts a secret of one setting of one connection.
    ///
    /// - Throws: Any error if it cannot be decrypted; the caller reports `config.secret_unreadable`.
    func open(_ sealed: SealedSecret, of connection: ConnectionID, _ key: SettingKey) throws -> Secret
}

extension SettingsSchema {
    /// Returns the settings that are stored in plain text.
    ///
    /// A server address is stored in its normal form, so that the address that people see is the address that is used.
    ///
    /// - Parameters:
    ///   - input: The settings as they were entered.
    ///   - settings: The validated settings; nil if they are invalid.
    /// - Returns: The values of all fields that are not secret and not empty.
    public func plainSettings(of input: SettingsInput, validated settings: ConnectorSettings?) -> [SettingKey: String] {
        var plain: [SettingKey: String] = [:]
        for field in fields where !field.isSecret {
            guard let value = input[field.key]?.reveal(), !value.isEmpty else { continue }
            plain[field.key] = settings?.serviceURL(field.key)?.text ?? value
        }
        return plain
    }
}
