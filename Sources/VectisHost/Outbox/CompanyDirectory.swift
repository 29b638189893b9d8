import FoundationEssentials
import PSACore

/// Finds companies of the PSA, and remembers what it read for a while: a storm must not read the list for each ticket.
actor CompanyDirectory {
    private let time: TimeSource
    private var lists: [ConnectionID: CompanyList] = [:]

    init(time: TimeSource) { self.time = time }

    /// The companies of a connection, at most a quarter of an hour old.
    ///
    /// The session is asked for only if they have to be read.
    ///
    /// - Throws: What the session or reading throws; that the connection may not read companies is no error, but what the list says.
    func list(
        of connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        if let list = lists[connection.id], list.tenant == connection.tenant, list.isFresh(at: time.now()) { return list }
        let list = try await CompanyList.read(try await session(), of: connection.tenant, at: time.now())
        lists[connection.id] = list
        return list
    }

    /// The id of the one company of that name, whatever the case; nil if there is none, or more than one.
    ///
    /// A connection that may not read companies knows none.
    ///
    /// - Throws: What reading throws otherwise, because the ticket would go to nobody.
    func id(named name: String, of connection: StoredConnection, _ session: ConnectorSession) async throws -> Company.ID? {
        guard case .one(let company) = try await list(of: connection, { session }).company(id: "", named: name) else { return nil }
        return company.id
    }
}
