#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// Finds companies in the PSA, and caches the list of companies so that it is not read for each ticket.
public actor CompanyDirectory {
    /// The age up to which a list counts as new: a company that is missing in it does not cause another read.
    private static let maxNewListAge: TimeInterval = 60

    private let time: TimeSource
    private let mappings: any EngineStore
    private var copy: (@Sendable (ConnectionID) async throws -> CompanyList?)?
    private var lists: [ConnectionID: CompanyList] = [:]
    /// The companies for which a list was read and that were not found, until the list that was read is too old.
    private var missing: [ConnectionID: Set<CompanyKey>] = [:]

    /// Creates a directory.
    ///
    /// - Parameters:
    ///   - time: The clock for the age of lists.
    ///   - mappings: The store of the companies that people have mapped.
    public init(time: TimeSource, mappings: any EngineStore) {
        self.time = time
        self.mappings = mappings
    }

    /// Takes lists from a local copy that is kept in sync, as far as it has them, in place of reading them.
    ///
    /// - Parameter copy: Returns the companies of a connection; nil if there is no complete and recent copy of them.
    public func use(_ copy: @escaping @Sendable (ConnectionID) async throws -> CompanyList?) { self.copy = copy }

    /// Returns the companies of a connection: of the local copy if there is one, otherwise at most 15 minutes old.
    ///
    /// The session is requested only if the list has to be read.
    ///
    /// - Throws: Errors of the session and of reading. A missing permission to read companies is not an error: the list is not readable then.
    public func list(
        of connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        if let list = lists[connection.id], list.tenant == connection.tenant, list.isFresh(at: time.now()) { return list }
        missing[connection.id] = nil
        // An incomplete copy could hide a company of the same name.
        if let list = try await copy?(connection.id), list.tenant == connection.tenant, list.isComplete { return list }
        return try await read(connection, session)
    }

    /// Returns the companies of a connection, at most a minute old.
    ///
    /// - Throws: As ``list(of:_:)`` does.
    public func newList(
        of connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        let list = try await list(of: connection, session)
        let isNew = (0..<Self.maxNewListAge).contains(time.now().timeIntervalSince(list.readAt))
        return isNew ? list : try await read(connection, session)
    }

    private func read(
        _ connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        let list = try await CompanyList.read(try await session(), of: connection.tenant, at: time.now())
        lists[connection.id] = list
        return list
    }

    /// Finds the company that an event names.
    ///
    /// A mapping by a person comes first, then the id, then the name; an id that the PSA does not have is ignored. A company that is missing in
    /// a list older than the event is searched for in a newer list before it counts as not found: once per company and list, and at most once
    /// a minute.
    ///
    /// - Parameters:
    ///   - id: The company's id as sent; empty for none.
    ///   - name: The company's name as sent; empty for none.
    ///   - received: When the event was received.
    ///   - connection: The connection whose companies are searched.
    ///   - session: Opens a session; called only if companies have to be read.
    /// - Returns: The company, or why it was not found.
    /// - Throws: Errors of the session, of reading and of the store; the caller retries instead of writing a ticket without its company.
    public func resolve(
        id: String, name: String, since received: Date, of connection: StoredConnection,
        _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyResolution {
        let sent = SentCompany(id: id, name: name)
        guard !sent.isEmpty else { return .notNamed }
        let mapped = try await mapping(of: sent, connection)
        let list = try await list(of: connection, session)
        let resolution = Self.resolution(of: sent, mapped, list)
        guard case .unresolved(let reason) = resolution, reason != .unreadable else { return resolution }
        let isOld = list.readAt < received || !list.isComplete
        let isNew = (0..<Self.maxNewListAge).contains(time.now().timeIntervalSince(list.readAt))
        guard isOld, !isNew, missing[connection.id, default: []].insert(sent.key).inserted else { return resolution }
        return Self.resolution(of: sent, mapped, try await read(connection, session))
    }

    /// The mappings of a company: of id and name as sent, and of the name alone.
    private struct Mapped {
        var sent: Company.ID?
        var name: Company.ID?
    }

    private func mapping(of sent: SentCompany, _ connection: StoredConnection) async throws -> Mapped {
        let whole = try await mappings.mappedCompany(sent.key, of: connection.id, tenant: connection.tenant)
        guard whole == nil, !sent.id.isEmpty, !sent.named.isEmpty else { return Mapped(sent: whole) }
        return Mapped(name: try await mappings.mappedCompany(sent.named.key, of: connection.id, tenant: connection.tenant))
    }

    /// Finds a sent company in a list, with the mappings by people.
    ///
    /// - Throws: Errors of the store.
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
        // A mapped company that the PSA no longer has needs another mapping.
        case .unknown: return .unresolved(.notFound)
        case .notKnown, .unreadable:
            // Without a complete list only the mappings and the id itself are left.
            if let company = mapped.sent { return .resolved(company) }
            if let id = Company.ID(sent.id), list.mayBeID(sent.id) { return .resolved(id) }
            if let company = mapped.name { return .resolved(company) }
            return .unresolved(list.isReadable ? .incomplete : .unreadable)
        }
    }
}
