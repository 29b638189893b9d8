import FoundationEssentials
import PSACore

/// The companies of a PSA as they were at a moment.
struct CompanyList: Sendable {
    /// What the list says to a name or an id.
    enum Finding: Sendable, Equatable {
        case one(CompanyFacts)
        case several
        case unknown
        /// The connection may not read companies.
        case unreadable
    }

    private static let lifetime: TimeInterval = 15 * 60
    private static let mostCompanies = 100_000

    /// Whose companies these are: a connection may come to lead to another tenant.
    let tenant: TenantIdentity
    /// When reading began.
    let readAt: Date
    private var isReadable = true
    private var companies: [Company.ID: CompanyFacts] = [:]
    /// The id of each name, nil where several companies share it.
    private var ids: [String: Company.ID?] = [:]

    private init(tenant: TenantIdentity, readAt: Date) { (self.tenant, self.readAt) = (tenant, readAt) }

    /// Reads the list.
    ///
    /// - Throws: What reading throws, except that the connection may not.
    static func read(_ session: ConnectorSession, of tenant: TenantIdentity, at moment: Date) async throws -> CompanyList {
        var list = CompanyList(tenant: tenant, readAt: moment)
        do {
            for try await company in session.companies() {
                list.add(company)
                if list.companies.count >= mostCompanies { break }
            }
        } catch let error as PSAError where ["permission", "connector"].contains(error.code.area) {
            list.isReadable = false
        }
        return list
    }

    private mutating func add(_ company: Company) {
        let key = Self.key(company.name)
        // The same row can come twice when the list changes while it is read.
        let isKnown = companies.updateValue(CompanyFacts(company), forKey: company.id) != nil
        guard !isKnown || !ids.keys.contains(key) else { return }
        ids.updateValue(ids.keys.contains(key) ? nil : company.id, forKey: key)
    }

    /// Until when it is good.
    var expiresAt: Date { readAt.addingTimeInterval(Self.lifetime) }

    /// Whether it is good; a list from the future was read by a clock that has been set back since.
    func isFresh(at now: Date) -> Bool { (0..<Self.lifetime).contains(now.timeIntervalSince(readAt)) }

    /// The company of an id or, where that is no id, of a name, whatever the case.
    func company(id: String, named name: String) -> Finding {
        guard isReadable else { return .unreadable }
        if let id = Company.ID(id) { return companies[id].map(Finding.one) ?? .unknown }
        guard !Self.key(name).isEmpty, let known = ids[Self.key(name)] else { return .unknown }
        return known.flatMap { companies[$0] }.map(Finding.one) ?? .several
    }

    private static func key(_ name: String) -> String { name.lowercased().trimmingSpaces }
}

extension CompanyFacts {
    fileprivate init(_ company: Company) { self.init(id: company.id, name: company.name, isActive: company.isActive) }
}
