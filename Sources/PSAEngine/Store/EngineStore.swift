public import FoundationEssentials
public import PSACore

/// Keeps what an engine must not lose.
///
/// When a method returns, what it was given survives a killed process and a power cut. Each method is one transaction. A process holds a job
/// by a lease; a lease that has run out may be taken by another process.
public protocol EngineStore: Sendable {
    /// All connections, by connector and name.
    func connections() async throws -> [StoredConnection]
    /// One connection, or nil if there is none.
    func connection(_ id: ConnectionID) async throws -> StoredConnection?
    /// Adds a connection, or replaces the one of the same id.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    func save(_ connection: StoredConnection) async throws
    /// Removes a connection with its issues and mappings; its jobs stay.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeConnection(_ id: ConnectionID) async throws

    /// Adds jobs, all or none; one whose key the connection has already is not added.
    ///
    /// - Returns: The id of each job, in the given order: the new one, or the one that has the key.
    func add(_ jobs: [NewJob], at time: Date) async throws -> [TicketJob.ID]
    /// Jobs that match, the newest first.
    func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob]
    /// One job, or nil if there is none.
    func job(_ id: TicketJob.ID) async throws -> TicketJob?
    /// The job of a key, or nil if there is none.
    func job(key: IdempotencyKey, of connection: ConnectionID) async throws -> TicketJob?
    /// How many jobs match, by state.
    func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts
    /// The latest job of all; nil if there is none.
    func latestJob() async throws -> TicketJob.ID?

    /// Leases the next thing to do for a connection, if there is one and no process is at work for that connection.
    ///
    /// That is a job to send, now in the state ``TicketJob/State/sending(leaseHolder:until:)``, or one of unknown outcome to search for. A
    /// job whose lease has run out becomes unknown first: a request may have been made.
    func leaseNext(for connection: ConnectionID, by holder: ProcessID, now: Date, lease: Duration) async throws -> TicketJob?
    /// The connections for which something is due and at which no process is at work, and when the next thing will be due.
    func dueConnections(now: Date, lease: Duration) async throws -> (connections: [ConnectionID], next: Date?)
    /// Renews a lease.
    ///
    /// - Returns: Whether the process still held it.
    func renewLease(_ id: TicketJob.ID, by holder: ProcessID, until: Date) async throws -> Bool
    /// Records what a request is about to be made for: a note on a ticket, or with nil a new ticket, and which company it concerns.
    ///
    /// It is the last step before the request: if the answer is false, another process may be searching for this write already.
    ///
    /// - Returns: Whether the process still holds the lease.
    func recordIntent(
        _ id: TicketJob.ID, on ticket: PostedTicket?, for company: CompanyResolution, by holder: ProcessID, now: Date
    ) async throws -> Bool
    /// Stores the outcome and releases the lease, if the process still holds it.
    ///
    /// - Returns: Whether it did.
    func complete(_ id: TicketJob.ID, by holder: ProcessID, _ outcome: JobOutcome, at time: Date) async throws -> Bool
    /// The jobs before this one with the same source, connection and device since a time that were or may be written, the latest first.
    ///
    /// - Parameters:
    ///   - job: The job in question.
    ///   - time: The earliest creation that counts.
    ///   - isSameOrigin: Whether only those of the same origin count.
    ///   - limit: The most that are returned.
    func predecessors(of job: TicketJob, since time: Date, isSameOrigin: Bool, limit: Int) async throws -> [TicketJob]
    /// Whether a job of a source was written since a time.
    func hasWritten(_ source: JobSource, since time: Date) async throws -> Bool
    /// Makes everything due that waits for a connection.
    func wake(_ connection: ConnectionID, at time: Date) async throws
    /// Lets the sources of a connection's jobs go on that were paused because the PSA refused, and returns which.
    func resumeSources(of connection: ConnectionID) async throws -> [JobSource]
    /// Changes a job because a person decided so, if it is still in the state they saw.
    ///
    /// - Throws: ``StoreError/stale`` if it is not, ``StoreError/notFound``.
    func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date) async throws

    /// Whether a search for the reference that a write carried was seen to find it; nil if that was not tried yet.
    func findsReferences(_ connection: ConnectionID) async throws -> Bool?
    /// Remembers whether it does.
    func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) async throws

    /// The issues of a connection, or of all; open ones first.
    func issues(of connection: ConnectionID?) async throws -> [ConnectionIssue]
    /// Counts an occurrence; an issue that was resolved opens again.
    func recordIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws
    /// Resolves the issues of a connection: all, or those of some areas of codes.
    func resolveIssues(of connection: ConnectionID, areas: Set<String>?, at time: Date) async throws

    /// Records that a company was named and not found; a connection that is gone keeps nothing.
    ///
    /// A connection keeps the latest thousand.
    func recordUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at time: Date) async throws
    /// The company that a person mapped; nil if there is no mapping.
    func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) async throws -> Company.ID?

    /// Releases files and sockets after running transactions have ended.
    func close() async
}

/// Why a store refused a change.
public enum StoreError: Error, Equatable {
    /// Another connection of the same connector leads to this tenant.
    case duplicateTenant(ConnectionID)
    /// It was changed in the meantime; read it again.
    case stale
    /// It does not exist, or no longer.
    case notFound
}

/// A job that is to be added.
public struct NewJob: Sendable {
    public var connection: ConnectionID
    public var key: IdempotencyKey
    public var source: JobSource?
    public var payload: TicketJob.Payload
    public var state = TicketJob.State.waiting

    /// Creates a ``NewJob``.
    public init(
        connection: ConnectionID, key: IdempotencyKey, source: JobSource? = nil, payload: TicketJob.Payload,
        state: TicketJob.State = TicketJob.State.waiting
    ) {
        self.connection = connection
        self.key = key
        self.source = source
        self.payload = payload
        self.state = state
    }

}
