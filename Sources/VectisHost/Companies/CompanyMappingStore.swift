import FoundationEssentials
import PSACore
import PSAEngine

/// What people decide about companies that were not found, with its audit entries.
protocol CompanyMappingStore: Sendable {
    /// The companies that were not found, of a connection or of all, the latest first.
    func unmatchedCompanies(of connection: ConnectionID?) async throws -> [UnmatchedCompany]

    /// One of them, or nil if there is none.
    func unmatchedCompany(_ id: UnmatchedCompany.ID) async throws -> UnmatchedCompany?

    /// Records whether a company that was not found needs attention; nil means that it does.
    ///
    /// - Throws: ``StoreError/notFound``.
    func setDismissed(_ time: Date?, _ id: UnmatchedCompany.ID, audit: AuditEntry) async throws

    /// The mappings of a connection or of all, by what was sent.
    func companyMappings(of connection: ConnectionID?) async throws -> [CompanyMapping]

    /// One mapping, or nil if there is none.
    func companyMapping(_ id: CompanyMapping.ID) async throws -> CompanyMapping?

    /// Stores a mapping in place of an earlier one; its company is not listed as not found any more.
    ///
    /// - Throws: ``StoreError/notFound`` if the connection is gone, or ``StoreError/stale`` if it leads to another tenant by now.
    func add(_ mapping: NewCompanyMapping, audit: AuditEntry) async throws -> CompanyMapping

    /// Removes a mapping.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeCompanyMapping(_ id: CompanyMapping.ID, audit: AuditEntry) async throws
}
