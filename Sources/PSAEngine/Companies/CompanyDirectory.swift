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
    private static let maxVerified = 10_000

    private let time: TimeSource
    private let mappings: any EngineStore
    private var copy: (@Sendable (ConnectionID) async throws -> CompanyList?)?
    private var lists: [ConnectionID: CompanyList] = [:]
    /// The companies for which a list was read and that were not found, until the list that was read is too old.
    private var missing: [ConnectionID: Set<CompanyKey>] = [:]
    /// When companies of an older list were read again and had not changed.
    private var verified: [ConnectionID: [Company.ID: Date]] = [:]
    /// The connections whose next list has to be read, because the PSA refused a company of theirs.
    private var outdated: Set<ConnectionID> = []

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
        if outdated.contains(connection.id) { return try await read(connection, session) }
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
        return isNew(list) ? list : try await read(connection, session)
    }

    /// Whether a list was read just now; a copy lists removed companies for a while, whenever it was read.
    private func isNew(_ list: CompanyList) -> Bool {
        !list.isCopy && (0..<Self.maxNewListAge).contains(time.now().timeIntervalSince(list.readAt))
    }

    /// Has the list of a connection read again before its next use, because the PSA refused a company of it.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - asked: When the refused write was wanted.
    /// - Returns: Whether a new list may show another company: false if the present one was read after that.
    func distrustList(of connection: ConnectionID, since asked: Date) -> Bool {
        if let list = lists[connection], list.readAt >= asked, list.isFresh(at: time.now()) { return false }
        outdated.insert(connection)
        return true
    }

    private func read(
        _ connection: StoredConnection, _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> CompanyList {
        let list = try await CompanyList.read(try await session(), of: connection.tenant, at: time.now())
        // Another caller may have begun later and ended earlier.
        if let other = lists[connection.id], other.tenant == list.tenant, other.readAt > list.readAt, other.isFresh(at: time.now()) {
            return other
        }
        lists[connection.id] = list
        outdated.remove(connection.id)
        verified[connection.id] = nil
        return list
    }

    /// Finds the company that an event names.
    ///
    /// A mapping by a person comes first, then the id, then the name; an id that the PSA does not have is ignored, and one whose company has
    /// another name there is in doubt. A company that is missing in a list older than the event is searched for in a newer list before it counts
    /// as not found: once per company and list, and at most once a minute. One that is found in a list older than a quarter of an hour is read
    /// again, because names move from one company to another.
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
        switch resolution {
        case .notNamed, .unresolved(.unreadable): return resolution
        case .resolved(let id):
            guard let company = list[id], try await !isUnchanged(company, in: list, of: connection, session) else { return resolution }
        case .unresolved:
            let isOld = list.isCopy || list.readAt < received || list.readAt > time.now() || !list.isComplete
            guard isOld, !isNew(list), missing[connection.id, default: []].insert(sent.key).inserted else { return resolution }
        }
        return Self.resolution(of: sent, mapped, try await read(connection, session))
    }

    /// Whether the PSA still has a company as a list has it; a list of the last quarter of an hour is believed.
    private func isUnchanged(
        _ company: CompanyFacts, in list: CompanyList, of connection: StoredConnection,
        _ session: @Sendable () async throws -> ConnectorSession
    ) async throws -> Bool {
        let now = time.now()
        guard !list.isFresh(at: now) else { return true }
        if let last = verified[connection.id]?[company.id], (0..<Self.maxNewListAge).contains(now.timeIntervalSince(last)) { return true }
        do {
            let current = CompanyFacts(try await session().company(company.id))
            guard CompanyName.key(of: current.name) == CompanyName.key(of: company.name), current.isActive == company.isActive else {
                return false
            }
        } catch let error as PSAError where error.code == .requestNotFound {
            return false
        } catch let error as PSAError where [.permission, .connector].contains(error.code.area) {
            return true
        }
        if verified[connection.id, default: [:]].count >= Self.maxVerified { verified[connection.id] = nil }
        verified[connection.id, default: [:]][company.id] = now
        return true
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
        let byID = sent.id.isEmpty ? .unknown : list.company(id: sent.id, named: "")
        if case .one(let company) = byID {
            let isNamed = sent.named.isEmpty || mapped.name == company.id || list.mayBe(company, named: sent.name)
            return isNamed ? byID : .contradictory
        }
        if let company = mapped.name { return list.company(id: company.rawValue, named: "") }
        let byName = sent.named.isEmpty ? .unknown : list.company(named: sent.name)
        // In a list with gaps an exact name is worth more than an id that may be another system's.
        return byName == .unknown ? byID : byName
    }

    private static func resolution(of sent: SentCompany, _ mapped: Mapped, _ list: CompanyList) -> CompanyResolution {
        switch match(of: sent, mapped, list) {
        case .one(let company): return .resolved(company.id)
        case .several: return .unresolved(.ambiguous)
        case .contradictory: return .unresolved(.contradictory)
        // A mapped company that the PSA no longer has needs another mapping.
        case .unknown: return .unresolved(.notFound)
        case .notKnown, .unreadable:
            // Without a complete list only the mappings and the id itself are left.
            if let company = mapped.sent { return .resolved(company) }
            if let id = Company.ID(sent.id), list.mayBeID(sent.id), sent.named.isEmpty || !list.isReadable { return .resolved(id) }
            if let company = mapped.name { return .resolved(company) }
            return .unresolved(list.isReadable ? .incomplete : .unreadable)
        }
    }
}
