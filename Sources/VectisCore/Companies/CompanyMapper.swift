package import FoundationEssentials
import PSACore
package import PSAEngine
import VectisRules

/// Why a mapping was not made.
package enum CompanyMappingError: Error, Equatable {
    /// The PSA has no company of this id, or the text can be none.
    case noSuchCompany(String)
    /// Nothing says what is to be mapped.
    case nothingNamed
}

/// Maps companies that senders name to companies of the PSA.
package struct CompanyMapper: Sendable {
    package let storage: any Storage
    package let connections: ConnectionService
    package let companies: CompanyDirectory

    /// Creates a ``CompanyMapper``.
    package init(storage: any Storage, connections: ConnectionService, companies: CompanyDirectory) {
        self.storage = storage
        self.connections = connections
        self.companies = companies
    }

    /// Companies that a search has found.
    package struct Found: Sendable {
        /// The companies.
        package var companies: [CompanyFacts]
        /// Whether the connection may read companies.
        package var isReadable: Bool
        /// The time to which the list is up to date.
        package var readAt: Date
    }

    /// Companies of the PSA whose id is a text, or whose name has all words of it; from the local copy where it is complete and recent.
    ///
    /// - Throws: What reading the companies throws.
    package func search(_ text: String, of connection: StoredConnection, limit: Int) async throws -> Found {
        let list = try await companies.list(of: connection) { try await connections.session(of: connection) }
        guard list.isReadable else { return Found(companies: [], isReadable: false, readAt: list.readAt) }
        var found = list.companies(matching: text, limit: limit)
        if case .one(let company) = list.company(id: text, named: "") {
            found.removeAll { $0.id == company.id }
            found.insert(company, at: 0)
        }
        return Found(companies: found, isReadable: true, readAt: list.readAt)
    }

    /// Stores a mapping to a company, after checking that the PSA has it.
    ///
    /// Where the connection may not read companies, an id that can be one is taken at its word.
    ///
    /// - Parameters:
    ///   - sent: What senders name.
    ///   - company: The id of the company.
    ///   - connection: Whose company it is.
    ///   - author: The account or API key that maps it.
    ///   - timestamp: When.
    ///   - audit: Makes the entry of the audit log out of what the company is called.
    /// - Returns: The mapping as it is kept.
    /// - Throws: ``CompanyMappingError``, what reading the companies throws, or ``StorageError``.
    package func map(
        _ sent: SentCompany, to company: String, of connection: StoredConnection, by author: AuditEntry.Actor, at timestamp: Date,
        audit: (CompanyFacts) -> AuditEntry
    ) async throws -> CompanyMapping {
        guard !sent.isEmpty else { throw CompanyMappingError.nothingNamed }
        let facts = try await facts(company.trimmingSpaces, connection)
        let mapping = NewCompanyMapping(
            connection: connection.id, tenant: connection.tenant, sent: sent, company: facts.id, companyName: facts.name,
            mappedBy: author.text, mappedAt: timestamp)
        return try await storage.add(mapping, audit: audit(facts))
    }

    private func facts(_ text: String, _ connection: StoredConnection) async throws -> CompanyFacts {
        let session: @Sendable () async throws -> ConnectorSession = { try await connections.session(of: connection) }
        var list = try await companies.list(of: connection, session)
        var finding = list.company(id: text, named: "")
        if finding == .unknown {
            // It may be younger than the list.
            list = try await companies.newList(of: connection, session)
            finding = list.company(id: text, named: "")
        }
        if case .one(let company) = finding { return company }
        guard finding != .unknown, let id = Company.ID(text), list.mayBeID(text) else { throw CompanyMappingError.noSuchCompany(text) }
        return CompanyFacts(id: id, name: "", isActive: nil)
    }
}

/// What people decide about companies that were not found, with its audit entries.
package protocol CompanyMappingStore: Sendable {
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
