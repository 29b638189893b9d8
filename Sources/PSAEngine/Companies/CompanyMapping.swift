public import FoundationEssentials
public import PSACore

/// A company that senders named and that was not found in the PSA of a connection: once, however often it is named.
public struct UnmatchedCompany: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    public struct ID: Sendable, Hashable {
        public let rawValue: Int64

        /// Creates a ``ID``.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

    }

    public let id: ID
    public let connection: ConnectionID
    /// As it was named the last time.
    public var sent: SentCompany
    /// Why, at the last time.
    public var reason: UnresolvedReason
    public var firstSeenAt: Date
    public var lastSeenAt: Date
    public var count: Int
    /// When a person said that it needs no attention; nil while it does.
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

/// Which company of the PSA a person said is meant.
public struct CompanyMapping: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    public struct ID: Sendable, Hashable {
        public let rawValue: Int64

        /// Creates a ``ID``.
        public init(rawValue: Int64) {
            self.rawValue = rawValue
        }

    }

    public let id: ID
    public let connection: ConnectionID
    /// Whose companies it is about: for another tenant the mapping means nothing.
    public let tenant: TenantIdentity
    public let sent: SentCompany
    public let company: Company.ID
    /// The company's name in the PSA when it was mapped.
    public let companyName: String
    /// Who said so.
    public let mappedBy: String
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

/// A mapping that is to be kept.
public struct NewCompanyMapping: Sendable {
    public var connection: ConnectionID
    public var tenant: TenantIdentity
    public var sent: SentCompany
    public var company: Company.ID
    public var companyName: String
    public var mappedBy: String
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

/// Which company of the PSA an event is about.
public enum CompanyResolution: Sendable, Equatable {
    /// The event names no company.
    case notNamed
    /// The one company that is meant.
    case resolved(Company.ID)
    /// A company is named, and nobody but a person can say which one it is in the PSA.
    case unresolved(UnresolvedReason)
}

extension CompanyResolution {
    /// Why the company was not found; nil if it was, or if none was named.
    public var reason: UnresolvedReason? {
        if case .unresolved(let reason) = self { reason } else { nil }
    }
}

/// Why a company that is named can't be told.
public enum UnresolvedReason: String, Sendable, Equatable, CaseIterable {
    /// The PSA has no company of this id or name.
    case notFound = "not_found"
    /// Several companies of the PSA have the name.
    case ambiguous
    /// The connection may not read companies.
    case unreadable
    /// The list of companies came with gaps, and what came has no such company.
    case incomplete
}

/// A company as a sender named it.
public struct SentCompany: Sendable, Equatable {
    /// The id that the sender gave, without spaces around it; empty if none.
    public let id: String
    /// The name that the sender gave, as it came; empty if none.
    public let name: String

    public init(id: String, name: String) {
        self.id = id.trimmingSpaces
        self.name = name
    }

    /// Whether nothing that can be seen was given.
    public var isEmpty: Bool { id.isEmpty && CompanyName.key(of: name).isEmpty }

    /// What is the same for all spellings of it.
    ///
    /// The id is part of it: some senders use one id, such as 0, for all companies.
    public var key: CompanyKey { CompanyKey(rawValue: id + "\u{1F}" + CompanyName.key(of: name)) }

    /// The same without the id.
    public var named: SentCompany { SentCompany(id: "", name: name) }
}

/// By which companies that senders name are told apart.
public struct CompanyKey: Sendable, Hashable {
    public let rawValue: String

    /// Creates a ``CompanyKey``.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

}
extension UnresolvedReason {
    /// Why, for a person.
    public var sentence: String {
        switch self {
        case .notFound: "The PSA has no company of this id or name."
        case .ambiguous: "Several companies in the PSA have this name."
        case .unreadable: "The connection may not read companies."
        case .incomplete: "The PSA gave an incomplete list of companies, and this one is not in it."
        }
    }
}
