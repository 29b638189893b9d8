import FoundationEssentials
import PSACore

/// A company that senders named and that was not found in the PSA of a connection: once, however often it is named.
struct UnmatchedCompany: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    struct ID: Sendable, Hashable {
        let rawValue: Int64
    }

    let id: ID
    let connection: ConnectionID
    /// As it was named the last time.
    var sent: SentCompany
    /// Why, at the last time.
    var reason: UnresolvedReason
    var firstSeenAt: Date
    var lastSeenAt: Date
    var count: Int
    /// When a person said that it needs no attention; nil while it does.
    var dismissedAt: Date?
}

/// Which company of the PSA a person said is meant.
struct CompanyMapping: Sendable, Equatable, Identifiable {
    /// Its place, given by the storage.
    struct ID: Sendable, Hashable {
        let rawValue: Int64
    }

    let id: ID
    let connection: ConnectionID
    /// Whose companies it is about: for another tenant the mapping means nothing.
    let tenant: TenantIdentity
    let sent: SentCompany
    let company: Company.ID
    /// The company's name in the PSA when it was mapped.
    let companyName: String
    /// Who said so.
    let mappedBy: AccountName
    let mappedAt: Date
}

/// A mapping that is to be kept.
struct NewCompanyMapping: Sendable {
    var connection: ConnectionID
    var tenant: TenantIdentity
    var sent: SentCompany
    var company: Company.ID
    var companyName: String
    var mappedBy: AccountName
    var mappedAt: Date
}

/// The part of the storage that keeps which companies were not found, and which ones persons said are meant.
protocol CompanyMappingStore: Sendable {
    /// Notes that a company was named and not found; a connection that is gone keeps nothing.
    ///
    /// A connection keeps the latest thousand.
    func noteUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at moment: Date) async throws

    /// The companies that were not found, of a connection or of all, the latest first.
    func unmatchedCompanies(of connection: ConnectionID?) async throws -> [UnmatchedCompany]

    /// One of them, or nil if there is none.
    func unmatchedCompany(_ id: UnmatchedCompany.ID) async throws -> UnmatchedCompany?

    /// Notes whether a company that was not found needs attention.
    ///
    /// - Throws: ``StorageError/notFound``.
    func setDismissed(_ moment: Date?, _ id: UnmatchedCompany.ID, audit: AuditEntry) async throws

    /// The mappings of a connection or of all, by what was sent.
    func companyMappings(of connection: ConnectionID?) async throws -> [CompanyMapping]

    /// One mapping, or nil if there is none.
    func companyMapping(_ id: CompanyMapping.ID) async throws -> CompanyMapping?

    /// The company that a person said is meant; nil if nobody did.
    func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) async throws -> Company.ID?

    /// Keeps a mapping in place of an earlier one; what it was made for is not listed as not found any more.
    ///
    /// - Throws: ``StorageError/notFound`` if the connection is gone, or ``StorageError/stale`` if it leads to another tenant by now.
    func add(_ mapping: NewCompanyMapping, audit: AuditEntry) async throws -> CompanyMapping

    /// Forgets a mapping.
    ///
    /// - Throws: ``StorageError/notFound``.
    func removeCompanyMapping(_ id: CompanyMapping.ID, audit: AuditEntry) async throws
}
