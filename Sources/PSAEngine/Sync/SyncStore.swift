#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The store of local copies.
///
/// When a method returns, its change survives a killed process and a power cut. Each method is one transaction. A process works on a
/// connection by a lease; a method with a holder changes nothing once the lease belongs to another process.
public protocol SyncStore: Sendable {
    /// Prepares the copy of a connection.
    ///
    /// A copy of another tenant under this id is removed first. A copy of the same tenant under another id goes on under this one.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) async throws
    /// Returns the copies in the store, sorted by connection.
    ///
    /// - Throws: Errors of the store.
    func copies() async throws -> [LocalCopy]
    /// Removes the copy of a connection; does nothing if there is none.
    ///
    /// From its first step on no connection finds the copy any more, and the tenant may get a new one. A store that needs several steps ends
    /// what a killed process has left in ``finishRemovals()``.
    ///
    /// - Throws: Errors of the store; then nothing was changed, or the copy is removed later.
    func removeCopy(of connection: ConnectionID) async throws
    /// Ends the removal of copies that was begun and not ended.
    ///
    /// - Throws: Errors of the store; then what is left is removed later.
    func finishRemovals() async throws
    /// Removes a part of the records that the PSA has deleted or merged, in one short transaction.
    ///
    /// A program that reads changes less often than such records are kept does not learn of their deletion.
    ///
    /// - Parameters:
    ///   - time: Records that were deleted or merged before it are removed.
    ///   - limit: The maximum number of records.
    /// - Returns: How many were removed; as many as the limit if there may be more.
    /// - Throws: Errors of the store; then nothing was removed.
    func removeDeleted(before time: Date, limit: Int) async throws -> Int

    /// Takes or renews the lease of a connection.
    ///
    /// - Returns: Whether the holder has it now.
    /// - Throws: Errors of the store; then nothing was changed.
    func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) async throws -> Bool
    /// Renews the lease of a connection for its holder, and takes none that is free: the copy may be another one by now.
    ///
    /// - Returns: Whether the holder still has it.
    /// - Throws: Errors of the store; then nothing was changed.
    func renew(_ connection: ConnectionID, by holder: ProcessID, until: Date) async throws -> Bool
    /// Gives a lease back.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func release(_ connection: ConnectionID, by holder: ProcessID) async throws

    /// Returns how the resources of a connection stand; none that was never prepared.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - countingRecords: Whether ``SyncStatus/counts`` is needed, which takes the longer the more records there are; it is empty otherwise.
    /// - Returns: The resources with their progress.
    /// - Throws: Errors of the store.
    func statuses(of connection: ConnectionID, countingRecords: Bool) async throws -> [SyncStatus]
    /// Adds the resources that a connection does not have yet; they are due at the given time.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) async throws
    /// Returns for each connection when it has something to do: a resource that is due and not paused, or a ticket to read again.
    ///
    /// Notes are read once ``SyncStatus/nextRunAt`` of ``SyncResource/notes`` has come.
    ///
    /// - Throws: Errors of the store.
    func schedule() async throws -> [ConnectionID: Date]
    /// Pauses or resumes resources.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws
    /// Asks for a run of resources; one that was asked for before and does more stays.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws

    /// Stores the progress of a resource.
    ///
    /// - Parameters:
    ///   - progress: The progress.
    ///   - resource: The resource.
    ///   - connection: The connection.
    ///   - nextRunAt: When it is next due; nil leaves it.
    ///   - begins: Whether the run that was asked for has begun.
    ///   - holder: The process.
    /// - Returns: Whether the process still holds the lease.
    /// - Throws: Errors of the store.
    func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) async throws -> Bool
    /// Stores rows and the progress after them.
    ///
    /// A row whose content, state or details differ from the copy is a change, and gets the next sequence number. A row with the same content
    /// is none, and so is one that ``SyncRow/precedes(updatedAt:changedAt:)`` what the copy has. A changed ticket is enqueued for its notes if
    /// the page says so.
    ///
    /// - Returns: What changed; nil if the process does not hold the lease any more, and nothing was stored.
    /// - Throws: Errors of the store; then nothing was changed.
    func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) async throws -> SyncChanges?
    /// Returns how many listed records a full run did not see.
    ///
    /// - Throws: Errors of the store.
    func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) async throws -> Int
    /// Ends a full run: each listed record that it did not see becomes unreachable, or, for tickets, is enqueued to be read one by one.
    ///
    /// - Returns: Whether the process still holds the lease.
    /// - Throws: Errors of the store; then nothing was changed.
    func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) async throws -> Bool

    /// Enqueues tickets to be read again; those beyond ``SyncLimits/rereads`` are dropped.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) async throws
    /// Returns the tickets of a connection that are due to be read again, hints first.
    ///
    /// - Throws: Errors of the store.
    func rereads(of connection: ConnectionID, now: Date, limit: Int) async throws -> [Reread]
    /// Sets when a ticket is read again after a failure that is about the ticket, and counts the attempt.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) async throws
    /// Sets when tickets are read again at the earliest, after a failure that is not about one of them.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func postponeRereads(of connection: ConnectionID, until time: Date) async throws
    /// Ends the reading of a ticket that the PSA does not show; nil as the state only removes it from the queue.
    ///
    /// - Throws: Errors of the store; then nothing was changed.
    func finish(
        _ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date
    ) async throws

    /// Returns the records of a resource that changed after a place, in the order of their changes.
    ///
    /// A record that changed several times comes once, with its latest change.
    ///
    /// - Throws: Errors of the store.
    func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) async throws
        -> [SyncRecord]
    /// Returns a record, or nil if the copy does not have it.
    ///
    /// - Throws: Errors of the store.
    func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord?
    /// Returns the records that match.
    ///
    /// - Throws: Errors of the store.
    func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage
    /// Returns the latest time at which a record of a resource changed, by the vendor's clock and not after a time.
    ///
    /// - Throws: Errors of the store.
    func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) async throws -> Date?
    /// Returns the latest sequence number of a resource.
    ///
    /// - Throws: Errors of the store.
    func latestSequence(of resource: SyncResource, in connection: ConnectionID) async throws -> ChangeSequence

    /// Releases files and sockets after running transactions have ended.
    func close() async
}

extension SyncStore {
    /// Does nothing: the store removes a copy in one step.
    public func finishRemovals() async {}

    /// Returns how the resources of a connection stand, with the number of their records.
    ///
    /// - Throws: Errors of the store.
    public func statuses(of connection: ConnectionID) async throws -> [SyncStatus] {
        try await statuses(of: connection, countingRecords: true)
    }

    /// Whether a ticket of a connection is to be read one by one now, or its notes.
    package func hasDueReread(of connection: ConnectionID, now: Date, _ policy: SyncPolicy) async throws -> Bool {
        guard let first = try await rereads(of: connection, now: now, limit: 1).first else { return false }
        let statuses = try await statuses(of: connection, countingRecords: false)
        guard statuses.first(where: { $0.resource == .tickets })?.isPaused == false else { return false }
        return first.reason != .notes || statuses.first { $0.resource == .notes }?.isDue(at: now, policy) == true
    }
}

/// A local copy in a store.
public struct LocalCopy: Sendable, Equatable {
    /// The connection.
    public var connection: ConnectionID
    /// The connector.
    public var connector: ConnectorID
    /// The tenant whose records it holds.
    public var tenant: TenantIdentity

    /// Creates a ``LocalCopy``.
    public init(connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) {
        self.connection = connection
        self.connector = connector
        self.tenant = tenant
    }
}

/// Rows to store, with the progress after them.
public struct SyncPage: Sendable {
    /// The resource.
    public var resource: SyncResource
    /// The rows.
    public var rows: [SyncRow]
    /// The progress after the page; nil leaves it.
    public var progress: SyncProgress?
    /// Whether only records that the copy has are changed.
    public var onlyKnown = false
    /// When the notes of changed tickets are read; nil if they are not.
    public var notesDueAt: Date?
    /// The reading of one ticket that this page ends.
    public var reread: Reread?
    /// The ticket whose notes these are all; its other notes become unreachable.
    public var allNotesOf: Ticket.ID?

    /// Creates a ``SyncPage``.
    public init(_ resource: SyncResource, rows: [SyncRow], progress: SyncProgress? = nil) {
        self.resource = resource
        self.rows = rows
        self.progress = progress
    }
}

/// What a page changed.
public struct SyncChanges: Sendable, Equatable {
    /// The records that are new.
    public var added = 0
    /// The records that changed.
    public var changed = 0

    /// Creates a result without a change.
    public init() {}
}

/// A ticket that is read on its own.
public struct Reread: Sendable, Hashable {
    /// Why it is read.
    public enum Reason: String, Sendable, CaseIterable {
        /// A message of the vendor named it.
        case hint
        /// A full run missed it.
        case missing
        /// It changed, and its notes are read.
        case notes
    }

    /// The ticket.
    public var ticket: Ticket.ID
    /// Why it is read.
    public var reason: Reason
    /// How often reading it failed.
    public var attempts: Int

    /// Creates a ``Reread``.
    public init(_ ticket: Ticket.ID, _ reason: Reason, attempts: Int = 0) {
        self.ticket = ticket
        self.reason = reason
        self.attempts = attempts
    }
}

/// A search in a local copy.
public struct SyncQuery: Sendable, Equatable {
    /// The order of the result.
    public enum Order: Sendable, Equatable {
        /// By name, whatever its case.
        case name
        /// The latest change first.
        case latestChange
    }

    /// The resource.
    public var resource: SyncResource
    /// Words that the name contains, or the id; empty for any.
    public var text = ""
    /// The states; empty for any.
    public var states: Set<SyncRecord.State> = [.present, .closed]
    /// The company.
    public var company: Company.ID?
    /// The ticket that notes belong to.
    public var ticket: Ticket.ID?
    /// Whether it is in use; a record that does not say so matches true.
    public var isActive: Bool?
    /// Only agreements that end at or after this time.
    public var endsFrom: Date?
    /// Only agreements that end before this time.
    public var endsBefore: Date?
    /// Only records on which nothing happened since before this time.
    public var quietSince: Date?
    /// The order of the result.
    public var order = Order.name
    /// The place after which the result begins; nil for the beginning.
    public var after: SyncRecordPage.Place?
    /// The most records, 1 to ``SyncLimits/page``.
    public var limit = 50

    /// Searches a resource.
    public init(_ resource: SyncResource) { self.resource = resource }
}

/// Records that match a search.
public struct SyncRecordPage: Sendable, Equatable {
    /// A place in the result of a search, valid for the same search.
    public struct Place: RawRepresentable, Sendable, Equatable {
        /// The place as text.
        public let rawValue: String

        /// Takes a place from a caller.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The records.
    public var records: [SyncRecord]
    /// Where the result goes on; nil at its end.
    public var next: Place?

    /// Creates a ``SyncRecordPage``.
    public init(records: [SyncRecord], next: Place?) {
        self.records = records
        self.next = next
    }
}
