import FoundationEssentials
import PSACore
import PSAEngine

/// Lets persons say which company of the PSA is meant.
struct CompanyMapper: Sendable {
    /// Why a mapping was not made.
    enum Refusal: Error, Equatable {
        /// The PSA has no company of this id, or the text can be none.
        case noSuchCompany(String)
        /// Nothing says what is to be mapped.
        case nothingNamed
    }

    let storage: any Storage
    let connections: ConnectionService
    let companies: CompanyDirectory

    /// Companies of the PSA whose id is a text, or whose name has all words of it.
    ///
    /// - Throws: What reading the companies throws.
    func search(_ text: String, of connection: StoredConnection, limit: Int) async throws -> (found: [CompanyFacts], isReadable: Bool) {
        let list = try await companies.list(of: connection) { try await connections.session(of: connection) }
        guard list.isReadable else { return ([], false) }
        var found = list.companies(matching: text, limit: limit)
        if case .one(let company) = list.company(id: text, named: "") {
            found.removeAll { $0.id == company.id }
            found.insert(company, at: 0)
        }
        return (found, true)
    }

    /// Keeps that a company is meant, after looking whether the PSA has it.
    ///
    /// Where the connection may not read companies, an id that can be one is taken at its word.
    ///
    /// - Parameters:
    ///   - sent: What senders name.
    ///   - company: The id of the company.
    ///   - connection: Whose company it is.
    ///   - account: Who says so.
    ///   - moment: When.
    ///   - audit: Makes the entry of the audit log out of what the company is called.
    /// - Returns: The mapping as it is kept.
    /// - Throws: ``Refusal``, what reading the companies throws, or ``StorageError``.
    func map(
        _ sent: SentCompany, to company: String, of connection: StoredConnection, by account: AccountName, at moment: Date,
        audit: (CompanyFacts) -> AuditEntry
    ) async throws -> CompanyMapping {
        guard !sent.isEmpty else { throw Refusal.nothingNamed }
        let facts = try await facts(company.trimmingSpaces, connection)
        let mapping = NewCompanyMapping(
            connection: connection.id, tenant: connection.tenant, sent: sent, company: facts.id, companyName: facts.name,
            mappedBy: account.rawValue,
            mappedAt: moment)
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
        guard finding != .unknown, let id = Company.ID(text), list.mayBeID(text) else { throw Refusal.noSuchCompany(text) }
        return CompanyFacts(id: id, name: "", isActive: nil)
    }
}
