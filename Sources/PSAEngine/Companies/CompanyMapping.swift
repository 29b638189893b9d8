#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// A company that senders named and that was not found in the PSA; recorded once per connection.
public struct UnmatchedCompany: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    public struct ID: Sendable, Hashable {
        /// The value as stored.
        public let rawValue: Int64

        /// Creates an ``ID``.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

    }

    /// The id, unique within a store.
    public let id: ID
    /// The connection.
    public let connection: ConnectionID
    /// The company as it was named last.
    public var sent: SentCompany
    /// Why it was not found last.
    public var reason: UnresolvedReason
    /// When it was first named.
    public var firstSeenAt: Date
    /// When it was last named.
    public var lastSeenAt: Date
    /// How often it was named.
    public var count: Int
    /// When a person dismissed it; nil if it needs attention.
    public var dismissedAt: Date?

    /// Creates a ``UnmatchedCompany``.
    public init(
        id: ID, connection: ConnectionID, sent: SentCompany, reason: UnresolvedReason, firstSeenAt: Date, lastSeenAt: Date, count: Int,
        dismissedAt: Date? = nil
    ) {
        self.id = id
        self.connection = connection
        self.sent = sent
        self.reason = reason
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.count = count
        self.dismissedAt = dismissedAt
    }

}

/// The company of the PSA to which a person mapped a sent company.
public struct CompanyMapping: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    public struct ID: Sendable, Hashable {
        /// The value as stored.
        public let rawValue: Int64

        /// Creates an ``ID``.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

    }

    /// The id, unique within a store.
    public let id: ID
    /// The connection.
    public let connection: ConnectionID
    /// The tenant for which the mapping is valid.
    public let tenant: TenantIdentity
    /// The company as it was sent.
    public let sent: SentCompany
    /// The company in the PSA.
    public let company: Company.ID
    /// The company's name in the PSA when it was mapped.
    public let companyName: String
    /// The person who mapped it.
    public let mappedBy: String
    /// When it was mapped.
    public let mappedAt: Date

    /// Creates a ``CompanyMapping``.
    public init(
        id: ID, connection: ConnectionID, tenant: TenantIdentity, sent: SentCompany, company: Company.ID, companyName: String,
        mappedBy: String, mappedAt: Date
    ) {
        self.id = id
        self.connection = connection
        self.tenant = tenant
        self.sent = sent
        self.company = company
        self.companyName = companyName
        self.mappedBy = mappedBy
        self.mappedAt = mappedAt
    }

}

/// A mapping to store.
public struct NewCompanyMapping: Sendable {
    /// The connection.
    public var connection: ConnectionID
    /// The tenant for which the mapping is valid.
    public var tenant: TenantIdentity
    /// The company as it was sent.
    public var sent: SentCompany
    /// The company in the PSA.
    public var company: Company.ID
    /// The company's name in the PSA when it was mapped.
    public var companyName: String
    /// The person who mapped it.
    public var mappedBy: String
    /// When it was mapped.
    public var mappedAt: Date

    /// Creates a ``NewCompanyMapping``.
    public init(
        connection: ConnectionID, tenant: TenantIdentity, sent: SentCompany, company: Company.ID, companyName: String, mappedBy: String,
        mappedAt: Date
    ) {
        self.connection = connection
        self.tenant = tenant
        self.sent = sent
        self.company = company
        self.companyName = companyName
        self.mappedBy = mappedBy
        self.mappedAt = mappedAt
    }

}

/// The company of the PSA that an event concerns.
public enum CompanyResolution: Sendable, Equatable {
    /// The event names no company.
    case notNamed
    /// The company was found.
    case resolved(Company.ID)
    /// A company is named and was not found; a person can map it.
    case unresolved(UnresolvedReason)
}

extension CompanyResolution {
    /// Why the company was not found; nil if it was, or if none was named.
    public var reason: UnresolvedReason? {
        if case .unresolved(let reason) = self { reason } else { nil }
    }
}

/// Why a named company was not found.
public enum UnresolvedReason: String, Sendable, Equatable, CaseIterable {
    /// The PSA has no company of this id or name.
    case notFound = "not_found"
    /// Several companies of the PSA have the name.
    case ambiguous
    /// The PSA has the id for a company of another name.
    case contradictory
    /// The connection may not read companies.
    case unreadable
    /// The list of companies is incomplete and does not contain the company.
    case incomplete
}

/// A company as a sender named it.
public struct SentCompany: Sendable, Equatable {
    /// The id that the sender gave, without spaces around it; empty if none.
    public let id: String
    /// The name that the sender gave, unchanged; empty if none.
    public let name: String

    /// Creates a ``SentCompany``.
    public init(id: String, name: String) {
        self.id = id.trimmingSpaces
        self.name = name
    }

    /// Whether neither id nor name has a visible character.
    public var isEmpty: Bool { id.isEmpty && CompanyName.key(of: name).isEmpty }

    /// The key that is equal for all spellings of the company.
    ///
    /// Id and name are both part of it, because some senders use one id, such as 0, for all companies.
    public var key: CompanyKey { CompanyKey(rawValue: id + "\u{1F}" + CompanyName.key(of: name)) }

    /// The company without its id.
    public var named: SentCompany { SentCompany(id: "", name: name) }
}

/// The key by which sent companies are compared.
public struct CompanyKey: Sendable, Hashable {
    /// The value as stored.
    public let rawValue: String

    /// Creates a ``CompanyKey``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

}
extension UnresolvedReason {
    /// The reason as an English sentence.
    public var sentence: String {
        switch self {
        case .notFound: "The PSA has no company of this id or name."
        case .ambiguous: "Several companies in the PSA have this name."
        case .contradictory: "The company of this id has another name in the PSA."
        case .unreadable: "The connection may not read companies."
        case .incomplete: "The PSA gave an incomplete list of companies, and this one is not in it."
        }
    }
}
