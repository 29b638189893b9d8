/// Everything the host keeps beyond its process.
///
/// Each change takes the audit entry that tells of it, and both are kept or neither. When a method returns, what it was given survives a
/// killed process and a power cut.
///
/// - Throws: ``StorageError`` for what a caller can answer, ``StorageFailure`` where nothing can be stored; anything else means that the
///   storage itself is out of order.
protocol Storage: ConnectionStore, AccountStore, AuditStore, EventStore, RuleStore, OutboxStore, CompanyCheckStore,
    CompanyMappingStore, IssueStore
{
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
enum StorageError: Error, Equatable {
    /// Another connection of the same connector leads to this tenant.
    case duplicateTenant(ConnectionID)
    /// An account of this name exists.
    case duplicateAccount
    /// Somebody else changed it first; read it again.
    case stale
    /// It is not there, or no longer.
    case notFound
    /// Without it nobody could administer the host.
    case lastAdministrator
}
