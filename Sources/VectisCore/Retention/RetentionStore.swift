package import FoundationEssentials
import PSAEngine
package import VectisRules

/// The part of the storage that removes what was kept for long enough.
///
/// Each removal is one short transaction: a process that is killed between two of them has removed whole rows, and the next one goes on.
package protocol RetentionStore: Sendable {
    /// What an administrator has set; ``RetentionSettings/default`` with revision 0 where nothing was.
    func retention() async throws -> StoredRetentionSettings

    /// Replaces the settings whose stored revision is the given one, and returns them with the next.
    ///
    /// - Throws: ``StoreError/stale``.
    func setRetention(_ settings: RetentionSettings, revision: Int, audit: AuditEntry) async throws -> StoredRetentionSettings

    /// What the clock was at the latest look; nil before the first.
    func retentionClock() async throws -> RetentionClock?

    /// Stores what the clock is.
    func setRetentionClock(_ clock: RetentionClock) async throws

    /// Removes a part of the events that were received before a time and have no job.
    ///
    /// Those of detectors stay for ``RetentionSettings/detectorDays`` at least: by them a detector knows what it has reported already.
    ///
    /// - Parameters:
    ///   - time: Events that were received before it are removed.
    ///   - now: The present; an event from the future, by a clock that was wrong, stays.
    ///   - place: The last event that the step before has read; nil for the first step.
    ///   - limit: The maximum number of events that are read and removed.
    /// - Returns: How many were removed, and where the next step goes on.
    /// - Throws: What the storage throws; then nothing was removed.
    func removeEvents(before time: Date, now: Date, after place: HostEvent.ID?, limit: Int) async throws -> EventRemoval

    /// Removes sessions that have ended, and returns how many.
    func removeSessions(lastSeenBefore idle: Date, createdBefore oldest: Date) async throws -> Int

    /// Removes the rows of tokens that were revoked before a time, and returns how many.
    ///
    /// A token whose events other tokens may repeat stays until its events are removed.
    func removeTokens(revokedBefore time: Date) async throws -> Int

    /// The archives of the audit log, oldest first.
    func auditArchives() async throws -> [AuditArchive]
}

/// One step of the removal of events.
package struct EventRemoval: Sendable, Equatable {
    /// The number of events that were removed.
    package var removed: Int
    /// The last event that was read; nil if there was none.
    package var last: HostEvent.ID?
    /// Whether there may be more.
    package var isMore: Bool

    /// Creates an ``EventRemoval``.
    package init(removed: Int, last: HostEvent.ID?, isMore: Bool) {
        self.removed = removed
        self.last = last
        self.isMore = isMore
    }
}

/// A file of archived audit entries, as the database records it.
package struct AuditArchive: Sendable, Equatable {
    /// Its number; the first has 1.
    package let number: Int
    /// Its name in the folder of archives.
    package let file: String
    /// The place in the log of its first entry.
    package let first: AuditPosition
    /// The place in the log of its last entry.
    package let last: AuditPosition
    /// When its first entry was made.
    package let firstAt: Date
    /// When its last entry was made.
    package let lastAt: Date
    /// The last hash of the file before; zeros for the first.
    package let previousHash: [UInt8]
    /// The hash of its last entry.
    package let lastHash: [UInt8]
    /// The SHA-256 hash of the whole file.
    package let digest: [UInt8]
    /// The size of the file.
    package let byteCount: Int
    package let archivedAt: Date

    /// Creates an ``AuditArchive``.
    package init(
        number: Int, file: String, first: AuditPosition, last: AuditPosition, firstAt: Date, lastAt: Date, previousHash: [UInt8],
        lastHash: [UInt8], digest: [UInt8], byteCount: Int, archivedAt: Date
    ) {
        self.number = number
        self.file = file
        self.first = first
        self.last = last
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.previousHash = previousHash
        self.lastHash = lastHash
        self.digest = digest
        self.byteCount = byteCount
        self.archivedAt = archivedAt
    }

    /// The number of entries.
    package var count: Int { Int(last.rawValue - first.rawValue) + 1 }
}

/// Moves audit entries to files, a step at a time.
package protocol AuditArchiver: Sendable {
    /// The folder of the files.
    var folder: String { get }

    /// Writes the next file, reads it back, verifies it and records it; no entry is removed.
    ///
    /// A file holds the entries of about a month, or of ``AuditArchiveLimits/entries`` entries: an entry is archived between the given time
    /// and a month later.
    ///
    /// - Parameters:
    ///   - time: Entries made before it may be archived.
    ///   - now: The present.
    ///   - pause: Called between two parts of the file, so that other work goes on.
    /// - Returns: The file; nil if there is not enough to archive.
    /// - Throws: What the storage throws, ``AuditArchiveError``, or what the closure throws; then nothing was recorded.
    func archiveNext(before time: Date, now: Date, pause: @Sendable () async throws -> Void) async throws -> AuditArchive?

    /// Removes entries that are in a recorded file, in one short transaction.
    ///
    /// - Parameter limit: The maximum number of entries.
    /// - Returns: How many were removed; as many as the limit if there may be more.
    /// - Throws: What the storage throws; then nothing was removed.
    func removeArchived(limit: Int) async throws -> Int
}

/// The size of archives.
package enum AuditArchiveLimits {
    /// The most entries of a file.
    package static let entries = 50_000
    /// The time that a file covers, unless there are more entries in it, in seconds.
    package static let span: TimeInterval = 30 * 86_400
    /// The longest line that is read; an entry is far shorter.
    package static let lineBytes = 4 * 1_024 * 1_024
}

/// Why an archive can't be written, read or trusted.
package enum AuditArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder or a file can't be written.
    case notWritable(String)
    /// A file can't be read.
    case unreadable(String)
    /// A file was changed, cut or exchanged.
    case damaged(file: String, reason: String)

    package var description: String {
        switch self {
        case .notWritable(let path): "\(path) can't be written. Check the rights of the folder and the free space."
        case .unreadable(let path): "\(path) can't be read. Put the file back, or let this user read it."
        case .damaged(let file, let reason): "\(file): \(reason)."
        }
    }
}
