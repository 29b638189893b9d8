public import FoundationEssentials
public import PSACore

/// The companies of a PSA as they were at a moment.
public struct CompanyList: Sendable {
    /// What the list says to a name or an id.
    public enum Match: Sendable, Equatable {
        case one(CompanyFacts)
        case several
        case unknown
        /// It is not among what came, and the list came with gaps: it may exist all the same.
        case notKnown
        /// The connection may not read companies.
        case unreadable
    }

    private static let lifetime: TimeInterval = 15 * 60
    private static let maxCompanies = 100_000

    /// Whose companies these are: a connection may come to lead to another tenant.
    public let tenant: TenantIdentity
    /// When reading began.
    public let readAt: Date
    /// How the vendor's ids of companies look.
    public let idForm: IdentifierForm
    public private(set) var isReadable = true
    /// Whether the list came without gaps.
    public private(set) var isComplete = true
    private var companies: [Company.ID: CompanyFacts] = [:]
    /// The companies of each name, in the order of the list.
    private var exact: [String: [Company.ID]] = [:]
    /// The same by the words of the name.
    private var alike: [String: [Alike]] = [:]

    /// A company whose name has the same words as another.
    private struct Alike: Hashable {
        let id: Company.ID
        let legalForm: String
    }

    private init(tenant: TenantIdentity, readAt: Date, idForm: IdentifierForm) {
        (self.tenant, self.readAt, self.idForm) = (tenant, readAt, idForm)
    }

    /// Reads the list.
    ///
    /// - Throws: What reading throws, except that the connection may not.
    public static func read(_ session: ConnectorSession, of tenant: TenantIdentity, at moment: Date) async throws -> CompanyList {
        var list = CompanyList(tenant: tenant, readAt: moment, idForm: session.descriptor.companyIDs)
        do {
            reading: for try await page in session.companies().pages {
                for company in page.rows {
                    if list.companies.count >= maxCompanies, list.companies[company.id] == nil {
                        list.isComplete = false
                        break reading
                    }
                    list.add(company)
                }
                list.isComplete = page.completeness.isComplete
            }
        } catch let error as PSAError where ["permission", "connector"].contains(error.code.area) {
            list.isReadable = false
        }
        list.index()
        return list
    }

    /// The same row can come twice when the list changes while it is read; the later one counts.
    private mutating func add(_ company: Company) { companies[company.id] = CompanyFacts(company) }

    private mutating func index() {
        for company in companies.values.filter({ idForm.accepts($0.id.rawValue) }).sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
            let name = CompanyName(company.name)
            guard !name.key.isEmpty else { continue }
            exact[name.key, default: []].append(company.id)
            for core in name.cores { alike[core, default: []].append(Alike(id: company.id, legalForm: name.legalForm)) }
        }
    }

    /// Until when it is good.
    public var expiresAt: Date { readAt.addingTimeInterval(Self.lifetime) }

    /// Whether it is good; a list from the future was read by a clock that has been set back since.
    public func isFresh(at now: Date) -> Bool { (0..<Self.lifetime).contains(now.timeIntervalSince(readAt)) }

    /// The company of an id or, where there is none of it, of a name.
    public func company(id: String, named name: String) -> Match {
        guard isReadable else { return .unreadable }
        let id = id.trimmingSpaces
        if let company = Company.ID(id).flatMap({ companies[$0] }) { return .one(company) }
        // In what is missing may be the very company that was named by its id.
        if !id.isEmpty, !isComplete, mayBeID(id) { return .notKnown }
        return company(named: name)
    }

    /// Whether a text may be the id of a company.
    public func mayBeID(_ id: String) -> Bool { idForm.accepts(id) }

    /// The company of a name: the one of exactly that name or, where there is none, the one that differs in nothing but accents, punctuation
    /// and how its legal form is written, if it is the only candidate.
    public func company(named name: String) -> Match {
        guard isReadable else { return .unreadable }
        let name = CompanyName(name)
        guard !name.key.isEmpty else { return .unknown }
        if let same = exact[name.key] { return choice(of: same) }
        // What differs may be told apart by a company that is missing.
        guard isComplete else { return .notKnown }
        let candidates = Set(name.cores.flatMap { alike[$0] ?? [] })
        let equal = candidates.filter { $0.legalForm == name.legalForm }
        if !equal.isEmpty { return choice(of: equal.map(\.id)) }
        guard let form = candidates.first?.legalForm else { return .unknown }
        // Only the legal form is left: where both state one, they state different ones.
        guard name.legalForm.isEmpty || form.isEmpty || candidates.count > 1 else { return .unknown }
        return Set(candidates.map(\.legalForm)).count == 1 ? choice(of: candidates.map(\.id)) : .several
    }

    /// The one company among those of the same name; of several the one that is in use, if it is the only one.
    private func choice(of ids: [Company.ID]) -> Match {
        let found = ids.compactMap { companies[$0] }
        if found.count == 1 { return .one(found[0]) }
        let active = found.filter { $0.isActive != false }
        return active.count == 1 ? .one(active[0]) : .several
    }

    /// Companies in whose name all words of a text occur, by name, for a person to choose from.
    public func companies(matching text: String, limit: Int) -> [CompanyFacts] {
        let words = CompanyName.key(of: text).split(separator: " ")
        let found = companies.values.filter { company in
            let key = CompanyName.key(of: company.name)
            return words.allSatisfy { key.contains($0) }
        }
        return Array(found.sorted { ($0.name.lowercased(), $0.id.rawValue) < ($1.name.lowercased(), $1.id.rawValue) }.prefix(limit))
    }
}

/// What is known of a company of the PSA.
///
/// Only what lists of companies carry: HaloPSA's leave out the main site and the telephone, and a value that is left out must not be taken
/// for an empty one.
public struct CompanyFacts: Sendable, Equatable {
    public var id: Company.ID
    public var name: String
    /// Nil if the PSA does not say.
    public var isActive: Bool?

    /// Creates a ``CompanyFacts``.
    public init(id: Company.ID, name: String, isActive: Bool? = nil) {
        self.id = id
        self.name = name
        self.isActive = isActive
    }

}

extension CompanyFacts {
    fileprivate init(_ company: Company) { self.init(id: company.id, name: company.name, isActive: company.isActive) }
}
