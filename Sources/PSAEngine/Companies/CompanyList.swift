#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The companies of a PSA at the time of reading.
public struct CompanyList: Sendable {
    /// The result of a search in the list.
    public enum Match: Sendable, Equatable {
        /// Exactly one company matches.
        case one(CompanyFacts)
        /// Several companies match.
        case several
        /// The company of the id has a name that is not the one searched for.
        case contradictory
        /// No company matches.
        case unknown
        /// No company matches, and the list is incomplete: the company may exist.
        case notKnown
        /// The connection may not read companies.
        case unreadable
    }

    private static let lifetime: TimeInterval = 15 * 60
    private static let lifetimeOfNone: TimeInterval = 60
    private static let maxCompanies = 100_000

    /// The tenant of the companies; a connection can be changed to another tenant.
    public let tenant: TenantIdentity
    /// When reading began.
    public private(set) var readAt: Date
    /// The form of the vendor's company ids.
    public let idForm: IdentifierForm
    /// Whether the connection may read companies.
    public private(set) var isReadable = true
    /// Whether the list has no gaps.
    public private(set) var isComplete = true
    /// Whether it was taken from a local copy, which keeps removed companies for a while.
    let isCopy: Bool
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

    /// Makes a list of companies that were read before.
    init(_ companies: [CompanyFacts], of tenant: TenantIdentity, readAt: Date, idForm: IdentifierForm, isComplete: Bool) {
        self.init(tenant: tenant, readAt: readAt, idForm: idForm, isCopy: true)
        for company in companies { self.companies[company.id] = company }
        self.isComplete = isComplete
        index()
    }

    /// The same companies, read at another time.
    func read(at time: Date) -> CompanyList {
        var list = self
        list.readAt = time
        return list
    }

    private init(tenant: TenantIdentity, readAt: Date, idForm: IdentifierForm, isCopy: Bool) {
        (self.tenant, self.readAt, self.idForm, self.isCopy) = (tenant, readAt, idForm, isCopy)
    }

    /// Reads the list.
    ///
    /// - Throws: Errors of reading, except a missing permission.
    public static func read(_ session: ConnectorSession, of tenant: TenantIdentity, at time: Date) async throws -> CompanyList {
        var list = CompanyList(tenant: tenant, readAt: time, idForm: session.descriptor.companyIDs, isCopy: false)
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
        } catch let error as PSAError where [.permission, .connector].contains(error.code.area) {
            list.isReadable = false
        }
        // A PSA that shows no company at all hides them: a permission or a view was changed.
        if list.companies.isEmpty { list.isComplete = false }
        list.index()
        return list
    }

    /// A list that changes while it is read can contain a row twice; the later one counts.
    private mutating func add(_ company: Company) { companies[company.id] = CompanyFacts(company) }

    private mutating func index() {
        for company in companies.values.filter({ idForm.accepts($0.id.rawValue) }).sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
            let name = CompanyName(company.name)
            guard !name.key.isEmpty else { continue }
            exact[name.key, default: []].append(company.id)
            for core in name.cores { alike[core, default: []].append(Alike(id: company.id, legalForm: name.legalForm)) }
        }
    }

    /// The time at which the list becomes too old.
    public var expiresAt: Date { readAt.addingTimeInterval(Self.lifetime) }

    /// Whether the list is recent; one from the future was read before the clock was set back.
    ///
    /// A list without any company is recent for a minute only.
    public func isFresh(at now: Date) -> Bool {
        let isHidden = isReadable && companies.isEmpty
        return (0..<(isHidden ? Self.lifetimeOfNone : Self.lifetime)).contains(now.timeIntervalSince(readAt))
    }

    /// Finds a company by its id or, if no company has the id, by its name.
    public func company(id: String, named name: String) -> Match {
        guard isReadable else { return .unreadable }
        let id = id.trimmingSpaces
        if let company = Company.ID(id).flatMap({ companies[$0] }) { return .one(company) }
        // The company with this id may be among the missing ones.
        if !id.isEmpty, !isComplete, mayBeID(id) { return .notKnown }
        return company(named: name)
    }

    /// The company of an id; nil if the list lacks it.
    subscript(id: Company.ID) -> CompanyFacts? { companies[id] }

    /// Whether a name may be that of a company of the list: in another spelling, or with some of its words, unless it is another one's name.
    func mayBe(_ company: CompanyFacts, named name: String) -> Bool {
        let (wanted, own) = (CompanyName(name), CompanyName(company.name))
        if wanted.key == own.key { return true }
        return exact[wanted.key] == nil && wanted.sharesWords(with: own)
    }

    /// Whether a text has the form of a company id.
    public func mayBeID(_ id: String) -> Bool { idForm.accepts(id) }

    /// Finds a company by its name.
    ///
    /// Without an exact match, a company matches whose name differs only in accents, punctuation and the spelling of its legal form, if it is
    /// the only candidate.
    public func company(named name: String) -> Match {
        guard isReadable else { return .unreadable }
        let name = CompanyName(name)
        guard !name.key.isEmpty else { return .unknown }
        let same = exact[name.key] ?? []
        if !same.isEmpty, !isComplete || same.contains(where: { companies[$0]?.isActive != false }) { return choice(of: same) }
        // A missing company may be another candidate.
        guard isComplete else { return .notKnown }
        let candidates = Set(name.cores.flatMap { alike[$0] ?? [] })
        let equal = candidates.filter { $0.legalForm == name.legalForm }
        // Tickets for the inactive company of exactly this name are refused, so the one in use is meant.
        if !same.isEmpty { return choice(of: Set(same + equal.map(\.id)).sorted { $0.rawValue < $1.rawValue }) }
        if !equal.isEmpty { return choice(of: equal.map(\.id)) }
        guard let form = candidates.first?.legalForm else { return .unknown }
        // Only the legal form differs: two stated forms are different companies.
        guard name.legalForm.isEmpty || form.isEmpty || candidates.count > 1 else { return .unknown }
        return Set(candidates.map(\.legalForm)).count == 1 ? choice(of: candidates.map(\.id)) : .several
    }

    /// The only company, or the only active one of several.
    private func choice(of ids: [Company.ID]) -> Match {
        let found = ids.compactMap { companies[$0] }
        if found.count == 1 { return .one(found[0]) }
        let active = found.filter { $0.isActive != false }
        return active.count == 1 ? .one(active[0]) : .several
    }

    /// Returns the companies whose names contain all words of a text, sorted by name.
    public func companies(matching text: String, limit: Int) -> [CompanyFacts] {
        let words = CompanyName.key(of: text).split(separator: " ")
        let found = companies.values.filter { company in
            let key = CompanyName.key(of: company.name)
            return words.allSatisfy { key.contains($0) }
        }
        return Array(found.sorted { ($0.name.lowercased(), $0.id.rawValue) < ($1.name.lowercased(), $1.id.rawValue) }.prefix(limit))
    }
}

/// The values of a company that lists of companies contain.
public struct CompanyFacts: Sendable, Equatable {
    /// The company's id in the PSA.
    public var id: Company.ID
    /// The company's name in the PSA.
    public var name: String
    /// Whether the company is active; nil if the PSA does not state it.
    public var isActive: Bool?

    /// Creates a ``CompanyFacts``.
    public init(id: Company.ID, name: String, isActive: Bool? = nil) {
        self.id = id
        self.name = name
        self.isActive = isActive
    }

}

extension CompanyFacts {
    init(_ company: Company) { self.init(id: company.id, name: company.name, isActive: company.isActive) }
}
