import FoundationEssentials
import PSACore

/// A saved way into one tenant of one vendor.
struct StoredConnection: Sendable, Equatable {
    /// By which links, audit and other records know it; it stays when settings change.
    let id: ConnectionID
    /// The connector, by name.
    let connector: ConnectorID
    /// What people call it; by default the host.
    var name: String
    /// Which tenant it leads to; unique among the connections of one connector.
    var tenant: TenantIdentity
    /// The settings that may be shown.
    var settings: [SettingKey: String]
    /// The settings that are shown nowhere.
    var secrets: [SettingKey: SealedSecret]
    /// Counts changes of the settings, so that two people can't overwrite one another unawares.
    var revision: Int
    /// When it was first saved.
    var createdAt: Date
    /// When its settings last changed.
    var changedAt: Date
    /// What its last test found; nil if these settings were never tested.
    var status: ConnectionStatus?
}

/// A connection's name in links: twelve characters without meaning.
struct ConnectionID: Sendable, Hashable, CustomStringConvertible {
    let rawValue: String

    /// Draws a new one.
    init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a link or the storage: 1 to 40 of `a-z` and `0-9`.
    init?(_ text: String) {
        let isUsable =
            (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isUsable else { return nil }
        rawValue = text
    }

    var description: String { rawValue }
}

/// A secret in the only form in which it is stored.
struct SealedSecret: Sendable, Hashable {
    let bytes: [UInt8]
}

/// What a test of a saved connection found, as far as the overview shows it.
struct ConnectionStatus: Sendable, Equatable {
    enum Outcome: String, Sendable, CaseIterable {
        /// It works.
        case connected
        /// It works, but not fully.
        case limited
        /// Somebody has to do something.
        case needsAttention = "needs_attention"
    }

    var outcome: Outcome
    /// `Connected to acme.halopsa.com`, or the title of the guidance.
    var headline: String
    /// What is wrong; nil if nothing is.
    var code: ErrorCode?
    /// By which log and audit know the occurrence.
    var correlationID: String?
    /// When the test ended.
    var checkedAt: Date
}

/// Which tenant a connection leads to, however it is spelled: the values of the settings that say so.
struct TenantIdentity: Sendable, Hashable {
    /// Comparable text, such as `acme.halopsa.com` or `eu.myconnectwise.net acme`.
    let rawValue: String
}
