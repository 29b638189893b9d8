import FoundationEssentials
import PSACore

/// Finds companies of the PSA by name, and remembers what it read for a while: a storm must not read the list for each ticket.
actor CompanyDirectory {
    private struct Listing {
        /// Whose companies these are: a connection may come to lead to another tenant.
        var tenant: TenantIdentity
        /// The id of each name, nil where several companies share it.
        var ids: [String: Company.ID?]
        var readAt: Date
    }

    private static let lifetime: TimeInterval = 15 * 60
    private static let mostCompanies = 100_000

    private let time: TimeSource
    private var listings: [ConnectionID: Listing] = [:]

    init(time: TimeSource) { self.time = time }

    /// The id of the one company of that name, whatever the case; nil if there is none, or more than one.
    ///
    /// A connection that may not read companies knows none.
    ///
    /// - Throws: What reading throws otherwise, because the ticket would go to nobody.
    func id(named name: String, of connection: StoredConnection, _ session: ConnectorSession) async throws -> Company.ID? {
        let key = Self.key(name)
        if let listing = listings[connection.id], listing.tenant == connection.tenant,
            (0..<Self.lifetime).contains(time.now().timeIntervalSince(listing.readAt))
        {
            return listing.ids[key] ?? nil
        }
        let listing = Listing(tenant: connection.tenant, ids: try await Self.read(session), readAt: time.now())
        listings[connection.id] = listing
        return listing.ids[key] ?? nil
    }

    private static func read(_ session: ConnectorSession) async throws -> [String: Company.ID?] {
        var ids: [String: Company.ID?] = [:]
        do {
            for try await company in session.companies() {
                ids.updateValue(ids.keys.contains(key(company.name)) ? nil : company.id, forKey: key(company.name))
                if ids.count >= mostCompanies { break }
            }
        } catch let error as PSAError where ["permission", "connector"].contains(error.code.area) {
            return [:]
        }
        return ids
    }

    private static func key(_ name: String) -> String { name.lowercased().trimmingSpaces }
}
