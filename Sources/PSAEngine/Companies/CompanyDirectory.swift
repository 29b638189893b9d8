public import FoundationEssentials
public import PSACore

/// Finds companies of the PSA, and remembers what it read for a while: a storm must not read the list for each ticket.
public actor CompanyDirectory {
    /// How long a list counts as new: what is missing there is not looked for in a newer one at once.
    private static let pause: TimeInterval = 60

    private let time: TimeSource
    private let mappings: any EngineStore
    private var lists: [ConnectionID: CompanyList] = [:]
    /// What was looked for in a list of its own and not found, since the list of a connection was read anew by age.
    private var missing: [ConnectionID: Set<CompanyKey>] = [:]

    public init(time: TimeSource, mappings: any EngineStore) {
        self.time = time
        self.mappings = mappings
    }

    /// The companies of a connection, at most a quarter of an hour old.
    ///
    /// The session is asked for only if they have to be read.
    ///
    /// - Throws: What the session or reading throws; that the connection may not read companies is no error, but what the list says.
    public func list(
        of connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        if let list = lists[connection.id], list.tenant == connection.tenant, list.isFresh(at: time.now()) { return list }
        missing[connection.id] = nil
        return try await read(connection, session)
    }

    /// The companies of a connection, at most a minute old.
    ///
    /// - Throws: As ``list(of:_:)`` does.
    public func newList(
        of connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        let list = try await list(of: connection, session)
        let isNew = (0..<Self.pause).contains(time.now().timeIntervalSince(list.readAt))
        return isNew ? list : try await read(connection, session)
    }

    private func read(
        _ connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        let list = try await CompanyList.read(try await session(), of: connection.tenant, at: time.now())
        lists[connection.id] = list
        return list
    }

    /// The company that an event is about.
    ///
    /// What a person said comes first, then the id, if the PSA has a company of it, then the name. An id that the PSA does not have leaves it
    /// to the name. A company that is missing in a list older than the event is looked for in a newer one before it counts as not found: once
    /// for each company in the life of a list, and for one company in a minute.
    ///
    /// - Parameters:
    ///   - id: The company's id as it was sent; empty if none was.
    ///   - name: Its name as it was sent; empty if none was.
    ///   - moment: When the event came.
    ///   - connection: Whose companies are meant.
    ///   - session: Is asked for only if companies have to be read.
    /// - Returns: The company, or why it can't be told.
    /// - Throws: What the session, reading or the storage throws, because the ticket would go to nobody.
    public func resolve(
        id: String, name: String, since moment: Date, of connection: StoredConnection,
        _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyResolution {
        let sent = SentCompany(id: id, name: name)
        guard !sent.isEmpty else { return .notNamed }
        let mapped = try await mapping(of: sent, connection)
        let list = try await list(of: connection, session)
        let resolution = Self.resolution(of: sent, mapped, list)
        guard case .unresolved(let reason) = resolution, reason != .unreadable else { return resolution }
        let isOld = list.readAt < moment || !list.isComplete
        let isNew = (0..<Self.pause).contains(time.now().timeIntervalSince(list.readAt))
        guard isOld, !isNew, missing[connection.id, default: []].insert(sent.key).inserted else { return resolution }
        return Self.resolution(of: sent, mapped, try await read(connection, session))
    }

    /// What persons said about a company: as it was sent, and of its name alone.
    private struct Mapped {
        var sent: Company.ID?
        var name: Company.ID?
    }

    private func mapping(of sent: SentCompany, _ connection: StoredConnection) async throws -> Mapped {
        let whole = try await mappings.mappedCompany(sent.key, of: connection.id, tenant: connection.tenant)
        guard whole == nil, !sent.id.isEmpty, !sent.named.isEmpty else { return Mapped(sent: whole) }
        return Mapped(name: try await mappings.mappedCompany(sent.named.key, of: connection.id, tenant: connection.tenant))
    }

    /// What a list says of a company, by what persons said about it.
    ///
    /// - Throws: What the storage throws.
    public func match(of sent: SentCompany, of connection: StoredConnection, in list: CompanyList) async throws -> CompanyList.Match {
        Self.match(of: sent, try await mapping(of: sent, connection), list)
    }

    private static func match(of sent: SentCompany, _ mapped: Mapped, _ list: CompanyList) -> CompanyList.Match {
        if let company = mapped.sent { return list.company(id: company.rawValue, named: "") }
        if !sent.id.isEmpty {
            let byID = list.company(id: sent.id, named: "")
            if byID != .unknown { return byID }
        }
        if let company = mapped.name { return list.company(id: company.rawValue, named: "") }
        return list.company(named: sent.name)
    }

    private static func resolution(of sent: SentCompany, _ mapped: Mapped, _ list: CompanyList) -> CompanyResolution {
        switch match(of: sent, mapped, list) {
        case .one(let company): return .resolved(company.id)
        case .several: return .unresolved(.ambiguous)
        // A company that is gone since it was mapped is one that a person has to look at again.
        case .unknown: return .unresolved(.notFound)
        case .notKnown, .unreadable:
            // The list can't tell: what was said about the company is all there is.
            if let company = mapped.sent { return .resolved(company) }
            if let id = Company.ID(sent.id), list.mayBeID(sent.id) { return .resolved(id) }
            if let company = mapped.name { return .resolved(company) }
            return .unresolved(list.isReadable ? .incomplete : .unreadable)
        }
    }
}
