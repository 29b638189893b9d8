#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The store of an engine: connections, jobs, leases, pauses and issues.
///
/// When a method returns, its change survives a killed process and a power cut. Each method is one transaction. A process holds a job by a
/// lease; another process may take a job whose lease has expired. Processes that share a store also share the rate limits of their
/// tenants, if they pass it to ``/PSACore/TenantRateLimits``.
public protocol EngineStore: SharedTenantStore {
    /// Returns all connections, sorted by connector and name.
    ///
    /// - Throws: Errors of the store.
    func connections() async throws -> [StoredConnection]
    /// Returns a connection, or nil if it does not exist.
    ///
    /// - Throws: Errors of the store.
    func connection(_ id: ConnectionID) async throws -> StoredConnection?
    /// Adds a connection, or replaces the one of the same id.
    ///
    /// One that is new or leads to another tenant leaves its jobs so far behind, in the same transaction: the latest of them becomes
    /// ``StoredConnection/lastJobOfFormerTenant``, which keeps its stored value otherwise. None of its open jobs counts as released by a
    /// person any more, its uploads are listed as orphans and not deleted, and what was learned of the tenant is forgotten.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    func save(_ connection: StoredConnection) async throws
    /// Replaces the values that new tickets of one type start with; the revision stays, because the way to the tenant does.
    ///
    /// - Throws: ``StoreError/notFound``.
    func setTicketFieldDefaults(_ defaults: TicketFieldDefaults, of id: ConnectionID) async throws
    /// Removes a connection with its issues, traits and mappings; its jobs stay.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeConnection(_ id: ConnectionID) async throws

    /// Adds jobs, all or none; a job whose key its connection already has is not added.
    ///
    /// - Returns: The id for each job, in the given order: of the new job, or of the job that already has the key.
    /// - Throws: ``EnqueueError`` if a text or a file exceeds its limit.
    func add(_ jobs: [NewJob], at time: Date) async throws -> [TicketJob.ID]
    /// Returns the jobs that match, newest first.
    ///
    /// - Throws: Errors of the store.
    func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob]
    /// Returns a part of the jobs that match, newest first.
    ///
    /// Where no index finds the jobs that match, at most ``TicketJob/Filter/searchWindow`` are looked at; the page says where to go on.
    ///
    /// - Throws: Errors of the store.
    func jobPage(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> TicketJob.Page
    /// Returns the latest ``JobAttempt/limit`` attempts of a job, newest first.
    ///
    /// - Throws: Errors of the store.
    func attempts(of job: TicketJob.ID) async throws -> [JobAttempt]
    /// Returns a job, or nil if it does not exist.
    ///
    /// - Throws: Errors of the store.
    func job(_ id: TicketJob.ID) async throws -> TicketJob?
    /// Returns the files of a job with their content; none once the job can't be sent any more, see ``TicketJob/State/mayBeSent``.
    ///
    /// - Throws: Errors of the store.
    func files(of job: TicketJob.ID) async throws -> [AttachmentFile]
    /// Returns the job with a key, or nil if there is none.
    ///
    /// - Throws: Errors of the store.
    func job(key: IdempotencyKey, of connection: ConnectionID) async throws -> TicketJob?
    /// Returns the number of jobs that match, by state.
    ///
    /// - Throws: Errors of the store.
    func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts
    /// Returns the id of the newest job, or nil if there is no job.
    ///
    /// - Throws: Errors of the store.
    func latestJob() async throws -> TicketJob.ID?
    /// Removes a part of the finished jobs that are old enough, in one short transaction.
    ///
    /// - Parameters:
    ///   - expiry: Which jobs are old enough.
    ///   - place: Where the step before ended; nil for the first one.
    ///   - limit: The maximum number of jobs that are read and removed.
    /// - Returns: How many were removed, and where the next step goes on.
    /// - Throws: Errors of the store; then nothing was removed.
    func removeFinishedJobs(_ expiry: JobExpiry, after place: JobRemoval.Place?, limit: Int) async throws -> JobRemoval

    /// Leases the next due job of a connection, unless a process holds a lease on one of its jobs.
    ///
    /// The result is a job to send, now in the state ``TicketJob/State/sending(leaseHolder:until:)``, or a job of unknown outcome to search
    /// for. A job whose lease has expired becomes unknown first, because a request may have been made; one that was
    /// uploading a file waits instead, because its request comes after that.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func leaseNext(for connection: ConnectionID, by holder: ProcessID, now: Date, lease: Duration) async throws -> TicketJob?
    /// Returns the connections that have a due job and no leased one, or an orphaned upload to delete, and the time at which the next one does.
    ///
    /// - Throws: Errors of the store.
    func dueConnections(now: Date, lease: Duration) async throws -> (connections: [ConnectionID], next: Date?)
    /// Renews a lease.
    ///
    /// - Returns: Whether the process still held it.
    /// - Throws: Errors of the store; then the lease was not renewed, and ends when it would have.
    func renewLease(_ id: TicketJob.ID, by holder: ProcessID, until: Date) async throws -> Bool
    /// Records the target of the request that is about to be made: the ticket of a note, or nil for a new ticket, and the company.
    ///
    /// This is the last step before the request. If it returns false, the request must not be made, because another process may already be
    /// searching for the write.
    ///
    /// - Returns: Whether the process still holds the lease.
    /// - Throws: Errors of the store; then the request must not be made.
    func recordIntent(
        _ id: TicketJob.ID, on ticket: PostedTicket?, for company: CompanyResolution, by holder: ProcessID, now: Date
    ) async throws -> Bool
    /// Stores the outcome and releases the lease, if the process still holds it.
    ///
    /// What happens to the job's uploads is stored with it, see ``JobUpload/ending(for:)``, and what the outcome says of the connection: a
    /// write resolves issues (``IssueAreas/resolvedByWrite``), and ``JobOutcome/issue`` is recorded after that.
    ///
    /// - Returns: Whether the process still held the lease and the outcome is stored.
    /// - Throws: Errors of the store; then the job stays leased, and becomes unknown when the lease expires.
    func complete(_ id: TicketJob.ID, by holder: ProcessID, _ outcome: JobOutcome, at time: Date) async throws -> Bool
    /// Returns the uploads that a job has begun or refers to, by their place.
    ///
    /// - Throws: Errors of the store.
    func uploads(of job: TicketJob.ID) async throws -> [JobUpload]
    /// Records that a file of a job is about to be uploaded; an upload of the same file that was begun before becomes an orphan.
    ///
    /// This is the last step before the request of the upload. If it returns nil, the request must not be made.
    ///
    /// - Returns: The id of the upload; nil if the process does not hold the lease any more.
    /// - Throws: Errors of the store; then the request must not be made.
    func beginUpload(
        _ place: Int, _ attachment: JobAttachment, of job: TicketJob.ID, by holder: ProcessID, now: Date
    ) async throws -> JobUpload.ID?
    /// Records the answer to an upload.
    ///
    /// If another process has uploaded the file again meanwhile, this upload stays an orphan, and is deleted because its id is known now.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func finishUpload(_ id: JobUpload.ID, as uploaded: UploadedAttachment, at time: Date) async throws
    /// Records that an upload failed: it becomes an orphan if the PSA may have it, and is forgotten otherwise.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func failUpload(_ id: JobUpload.ID, mayExist: Bool) async throws
    /// Returns the orphaned uploads of a connection, or of all, in the order in which they were begun.
    ///
    /// - Throws: Errors of the store.
    func orphanUploads(of connection: ConnectionID?) async throws -> [JobUpload]
    /// Removes an orphaned upload from the list.
    ///
    /// - Throws: ``StoreError/notFound`` if there is no orphan with this id.
    func removeUpload(_ id: JobUpload.ID) async throws
    /// Counts an attempt to delete an orphaned upload that failed, and sets the time of the next one; nil for none.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func postponeDiscard(_ id: JobUpload.ID, until time: Date?) async throws
    /// Returns earlier jobs for new tickets with the same source, connection and device that are, may be or will be written, newest first.
    ///
    /// Of those whose company was found before a request, only the ones of the given company are among them, however many other companies
    /// have a device of that name.
    ///
    /// A job that became a note is among them only if the job that created its ticket was created since the time as well; if that one has
    /// been removed, the age of the ticket is not known, and the note is left out.
    ///
    /// - Parameters:
    ///   - job: The job whose predecessors are wanted.
    ///   - company: The company of the job in the PSA.
    ///   - time: The earliest time of creation; the latest is a few minutes after that of the job.
    ///   - place: The oldest job of the part that was read before; nil for the first part.
    ///   - isSameOrigin: Whether the origin must be the same as well.
    ///   - limit: The maximum number of jobs.
    /// - Returns: The jobs.
    /// - Throws: Errors of the store.
    func predecessors(
        of job: TicketJob, for company: CompanyResolution, since time: Date, before place: TicketJob.ID?, isSameOrigin: Bool, limit: Int
    ) async throws -> [TicketJob]
    /// Returns whether a job of a source was written since a time, and not later than ``WrongClock/latestWrite(since:)``.
    ///
    /// - Throws: Errors of the store.
    func hasWritten(_ source: JobSource, since time: Date) async throws -> Bool
    /// Makes the waiting jobs of a connection due.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func wake(_ connection: ConnectionID, at time: Date) async throws
    /// Resumes the paused sources of a connection's jobs, and returns them.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func resumeSources(of connection: ConnectionID) async throws -> [JobSource]
    /// Stores the decision of a person on a job, if the job is still in the given state.
    ///
    /// - Throws: ``StoreError/stale`` if it is in another state, ``StoreError/notFound`` if it does not exist.
    func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date) async throws

    /// Returns whether searches of the PSA find external references; nil if this is not known yet.
    ///
    /// - Throws: Errors of the store.
    func findsReferences(_ connection: ConnectionID) async throws -> Bool?
    /// Stores whether searches of the PSA find external references; does nothing if the connection does not exist.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) async throws

    /// Returns the issues of a connection, or of all: open ones first, then the latest first.
    ///
    /// - Throws: Errors of the store.
    func issues(of connection: ConnectionID?) async throws -> [ConnectionIssue]
    /// Counts an occurrence of an issue; a resolved issue opens again. Does nothing if the connection does not exist.
    ///
    /// - Parameters:
    ///   - code: The error code.
    ///   - problem: The guidance of the occurrence as problem JSON, stored as ``ConnectionIssue/stored(_:)``; nil keeps that of the occurrence
    ///     before, while the issue is open.
    ///   - connection: The connection.
    ///   - time: When it occurred.
    /// - Throws: Errors of the store.
    func recordIssue(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) async throws
    /// Resolves the open issues of a connection whose codes are in the areas.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func resolveIssues(of connection: ConnectionID, areas: IssueAreas, at time: Date) async throws
    /// Resolves one issue of a connection.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func resolveIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws

    /// Records that a company was named and not found; does nothing if the connection does not exist.
    ///
    /// A connection keeps the latest 1,000.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func recordUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at time: Date) async throws
    /// Returns the company to which a person has mapped a sent company, or nil.
    ///
    /// - Throws: Errors of the store.
    func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) async throws -> Company.ID?

    /// Releases files and sockets after running transactions have ended.
    func close() async
}

extension EngineStore {
    /// Counts an occurrence of an issue without guidance of its own.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    public func recordIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await recordIssue(code, problem: nil, of: connection, at: time)
    }
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

/// A job to add to a store.
public struct NewJob: Sendable {
    /// The connection to write through.
    public var connection: ConnectionID
    /// The caller's name of the write.
    public var key: IdempotencyKey
    /// The source that a refusal pauses; nil for a job on its own.
    ///
    /// It has at most ``maxSourceBytes`` bytes of UTF-8.
    public var source: JobSource?
    /// The write.
    public var payload: TicketJob.Payload
    /// The files of a new ticket, note or reply; their content is stored apart from the job, and is not read with it.
    public var attachments: [AttachmentFile]
    /// The state in which it is added: waiting, checking, would_create, skipped or needs_review.
    public var state = TicketJob.State.waiting

    /// Creates a ``NewJob``.
    public init(
        connection: ConnectionID, key: IdempotencyKey, source: JobSource? = nil, payload: TicketJob.Payload,
        attachments: [AttachmentFile] = [], state: TicketJob.State = TicketJob.State.waiting
    ) {
        self.connection = connection
        self.key = key
        self.source = source
        self.payload = payload
        self.attachments = attachments
        self.state = state
    }

}
