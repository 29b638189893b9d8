import PSACore
import PSAEngine
import FoundationEssentials

/// Everything the host keeps beyond its process.
///
/// Each change takes the audit entry that tells of it, and both are kept or neither. When a method returns, what it was given survives a
/// killed process and a power cut.
///
/// - Throws: ``StoreError`` or ``AccountError`` for what a caller can answer, ``StorageFailure`` where nothing can be stored; anything else means that the
///   storage itself is out of order.
protocol Storage: ConnectionStore, AccountStore, AuditStore, EventStore, RuleStore, JobStore, CompanyCheckStore, CompanyMappingStore {
    /// The store of the engine, in the same database.
    var engine: any EngineStore { get }

    /// Whether what it is given can be stored.
    var health: StorageHealth { get }

    /// Writes something that nobody reads, to see whether that is possible.
    ///
    /// - Parameter large: Whether as much is written as a large event takes.
    /// - Throws: ``StorageFailure`` if it is not.
    func probe(large: Bool) async throws

    /// Lets go of the underlying files or sockets, after what runs has ended.
    func close() async
}

/// Why a change was refused.
enum AccountError: Error, Equatable {
    /// An account of this name exists.
    case duplicateAccount
    /// Without it nobody could administer the host.
    case lastAdministrator
}

extension Storage {
    func connections() async throws -> [StoredConnection] { try await engine.connections() }
    func connection(_ id: ConnectionID) async throws -> StoredConnection? { try await engine.connection(id) }
    func job(_ id: TicketJob.ID) async throws -> TicketJob? { try await engine.job(id) }
    func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob] {
        try await engine.jobs(filter, before: place, limit: limit)
    }
    func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts { try await engine.jobCounts(filter) }
    func issues(of connection: ConnectionID?) async throws -> [ConnectionIssue] { try await engine.issues(of: connection) }
    func recordIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await engine.recordIssue(code, of: connection, at: time)
    }
    func resolveIssues(of connection: ConnectionID, areas: Set<String>?, at time: Date) async throws {
        try await engine.resolveIssues(of: connection, areas: areas, at: time)
    }
}
