package import FoundationEssentials
package import PSACore
package import PSAEngine
import Synchronization
package import VectisRules

/// Everything that the host stores permanently.
///
/// Each change takes its audit entry, and both are stored or neither. When a method returns, what it was given survives a
/// killed process and a power cut.
///
/// - Throws: ``StoreError`` or ``AccountError`` for what a caller can answer, ``StorageFailure`` where nothing can be stored, ``SearchError``
///   where a search has no result; anything else means that the storage itself is unavailable.
package protocol Storage: ConnectionStore, AccountStore, SignInStore, AuditStore, EventStore, RuleStore, JobStore, CompanyCheckStore,
    CompanyMappingStore,
    TicketDemandStore, ChangeHookStore, DetectorStore, RetentionStore, NotificationStore,
    ConnectionReportStore, TenantUsageStore, HostActivityStore, SecondFactorStore, OnboardingStore
{
    /// The store of the engine, in the same database.
    var engine: any EngineStore { get }

    /// The name of the latest change of the database's schema that this program knows.
    var schemaVersion: String { get }

    /// Whether what it is given can be stored.
    var health: StorageHealth { get }

    /// Writes a row that is never read, to check that writing is possible.
    ///
    /// - Parameter large: Whether as much is written as a large event takes.
    /// - Throws: ``StorageFailure`` if it is not.
    func probe(large: Bool) async throws

    /// Closes the underlying files or sockets, after running operations have ended.
    func close() async
}

/// Why a change was refused.
package enum AccountError: Error, Equatable {
    /// An account of this name exists.
    case duplicateAccount
    /// Without it the host could not be administered.
    case lastAdministrator
}

extension Storage {
    package func connections() async throws -> [StoredConnection] { try await engine.connections() }
    package func connection(_ id: ConnectionID) async throws -> StoredConnection? { try await engine.connection(id) }
    package func job(_ id: TicketJob.ID) async throws -> TicketJob? { try await engine.job(id) }
    package func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob] {
        try await engine.jobs(filter, before: place, limit: limit)
    }
    package func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts { try await engine.jobCounts(filter) }
    package func issues(of connection: ConnectionID?) async throws -> [ConnectionIssue] { try await engine.issues(of: connection) }
    package func recordIssue(_ code: ErrorCode, problem: String? = nil, of connection: ConnectionID, at time: Date) async throws {
        try await engine.recordIssue(code, problem: problem, of: connection, at: time)
    }
    package func resolveIssues(of connection: ConnectionID, areas: IssueAreas, at time: Date) async throws {
        try await engine.resolveIssues(of: connection, areas: areas, at: time)
    }
    package func resolveIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await engine.resolveIssue(code, of: connection, at: time)
    }
}

/// Why nothing can be stored at present; a change that ended with it stored nothing.
package enum StorageFailure: String, Error, LocalizedMessage, CaseIterable {
    /// The disk, or the quota on it, is full.
    case full
    /// So little space is left that it is kept for the results of work that has begun; nothing new is taken.
    case nearlyFull = "nearly_full"
    /// The disk or the system does not take what is written.
    case failing
    /// The folder or the disk may only be read.
    case readOnly = "read_only"
    /// The database is damaged.
    case damaged
    /// The database server can't be reached, or whether it has committed a change is unknown.
    case unreachable
    /// Folder or database were moved or replaced while the host ran, or another host has taken the folder.
    case replaced

    /// How long a sender should wait before it tries again, in seconds.
    package static let retryAfter = 60

    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.full, .english):
            "The disk that holds the data of Vectis is full, so nothing can be stored. Free some space there; then it continues by itself."
        case (.full, .german):
            "Der Datenträger mit den Daten von Vectis ist voll, deshalb lässt sich nichts speichern. Dort Platz schaffen; danach geht es von selbst weiter."
        case (.nearlyFull, .english):
            "The disk that holds the data of Vectis is nearly full, so no new event is taken; tickets that are being written are still recorded. Free some space there; then it continues by itself."
        case (.nearlyFull, .german):
            "Der Datenträger mit den Daten von Vectis ist fast voll, deshalb werden keine neuen Ereignisse angenommen; was mit begonnenen Tickets geschieht, wird noch festgehalten. Dort Platz schaffen; danach geht es von selbst weiter."
        case (.failing, .english):
            "The disk that holds the data of Vectis does not take what is written. Check the disk, its limits and the log of the system."
        case (.failing, .german):
            "Der Datenträger mit den Daten von Vectis nimmt nichts an. Den Datenträger, seine Grenzen und das Systemprotokoll prüfen."
        case (.readOnly, .english):
            "The data folder of Vectis can only be read, so nothing can be stored. Let its user write there, or mount the disk for writing."
        case (.readOnly, .german):
            "Der Datenordner von Vectis ist nur lesbar, deshalb lässt sich nichts speichern. Dem Benutzer dort das Schreiben erlauben oder den Datenträger beschreibbar einhängen."
        case (.damaged, .english):
            "The database of Vectis is damaged. Stop Vectis, keep a copy of its data folder, and put a backup back."
        case (.damaged, .german):
            "Die Datenbank von Vectis ist beschädigt. Vectis anhalten, den Datenordner kopieren und eine Sicherung zurückspielen."
        case (.unreachable, .english):
            "The database server of Vectis can't be reached, so nothing can be stored. Check that the server runs and the network to it; then it continues by itself."
        case (.unreachable, .german):
            "Der Datenbankserver von Vectis ist nicht erreichbar, deshalb lässt sich nichts speichern. Prüfen, ob er läuft und über das Netz erreichbar ist; danach geht es von selbst weiter."
        case (.replaced, .english):
            "The data folder of Vectis was moved, replaced or taken over while it ran, so nothing is stored and nothing is sent. Stop Vectis, and start it on the folder that counts."
        case (.replaced, .german):
            "Der Datenordner von Vectis wurde im Betrieb verschoben, ersetzt oder übernommen, deshalb wird nichts gespeichert und nichts gesendet. Vectis anhalten und mit dem richtigen Ordner starten."
        }
    }
}

/// Why a search has no result: searches that read whole tables may not keep everything else waiting.
package enum SearchError: String, Error, LocalizedMessage, CaseIterable {
    /// It took longer than a search may.
    case tooLong = "too_long"
    /// Too many searches run and wait.
    case tooMany = "too_many"

    /// How long a program should wait before it searches again, in seconds.
    package static let retryAfter = 30

    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.tooLong, .english): "The search took too long and was ended. Narrow it, by a shorter time for instance, and search again."
        case (.tooLong, .german):
            "Die Suche dauerte zu lange und wurde beendet. Sie eingrenzen, etwa auf eine kürzere Zeit, und erneut suchen."
        case (.tooMany, .english): "Too many searches run at present. Search again in half a minute."
        case (.tooMany, .german): "Zurzeit laufen zu viele Suchen. In einer halben Minute erneut suchen."
        }
    }
}

/// Whether the host can store data, as its latest writes and the free space have shown; each change is logged.
package final class StorageHealth: Sendable {
    private struct State {
        var failure: StorageFailure?
        var probedAt: ContinuousClock.Instant?
        var isProbing = false
        var isNearlyFull = false
        var measuredAt: ContinuousClock.Instant?
    }

    /// Held by this host; nil for a storage that is in no folder.
    package let lock: DataFolderLock?
    private let log: HostLog?
    private let space: @Sendable () -> VolumeSpace?
    private let spaceInterval: Duration
    private let state = Mutex(State())

    /// For how long the result of a probe counts.
    package static let probeInterval = Duration.seconds(3)
    /// The free space that the data directory needs, in bytes: an event, and what is written about it.
    package static let leastFree: UInt64 = 1_024 * 1_024

    /// Creates a ``StorageHealth``.
    ///
    /// - Parameters:
    ///   - lock: The lock of the folder; nil for a storage that is in no folder.
    ///   - log: Receives each change.
    ///   - space: Measures the volume; nil to ask the system about the folder.
    ///   - spaceInterval: For how long a measurement counts.
    package init(
        lock: DataFolderLock? = nil, log: HostLog? = nil, space: (@Sendable () -> VolumeSpace?)? = nil,
        spaceInterval: Duration = .seconds(1)
    ) {
        self.lock = lock
        self.log = log
        self.space = space ?? { lock?.space }
        self.spaceInterval = spaceInterval
    }

    /// Why events can't be stored; nil unless a write has failed since the last success, or the disk is nearly full.
    package var failure: StorageFailure? {
        if let lock, !lock.isIntact { return .replaced }
        return state.withLock { $0.failure } ?? (isNearlyFull ? .nearlyFull : nil)
    }

    /// Whether the free space is within the reserve; it ends when a quarter more than the reserve is free.
    ///
    /// It asks the system at most once a second, so that each event may ask.
    private var isNearlyFull: Bool {
        let (isDue, before) = state.withLock { state in
            let now = ContinuousClock.now
            let isDue = state.measuredAt.map { now - $0 >= spaceInterval } ?? true
            if isDue { state.measuredAt = now }
            return (isDue, state.isNearlyFull)
        }
        guard isDue, let space = space() else { return before }
        let isNearlyFull = space.free < (before ? space.reserve + space.reserve / 4 : space.reserve)
        let hasChanged = state.withLock { state in
            defer { state.isNearlyFull = isNearlyFull }
            return state.isNearlyFull != isNearlyFull
        }
        if hasChanged {
            log?.record(
                isNearlyFull ? .error : .info, isNearlyFull ? "storage_nearly_full" : "storage_has_space",
                [("freeBytes", .integer(Int(clamping: space.free))), ("reserveBytes", .integer(Int(clamping: space.reserve)))])
        }
        return isNearlyFull
    }

    /// Checks that something new may be taken: what remains of a disk that is nearly full is for work that has begun.
    ///
    /// - Throws: ``StorageFailure/nearlyFull``.
    package func requireSpace() throws {
        if isNearlyFull { throw StorageFailure.nearlyFull }
    }

    /// Checks that the folder was not replaced.
    ///
    /// - Throws: ``StorageFailure/replaced``.
    package func requireFolder() throws {
        guard let lock, !lock.isIntact else { return }
        note(.replaced)
        throw StorageFailure.replaced
    }

    /// Records a failed write, or with nil a successful one that ends the failure.
    package func note(_ failure: StorageFailure?) {
        let before = state.withLock { state in
            defer { state.failure = failure }
            return state.failure
        }
        guard before != failure else { return }
        if let failure {
            log?.record(
                .error, "storage_failed",
                [("reason", .string(failure.rawValue)), ("detail", .string(TextRenderer().text(failure)))])
        } else {
            log?.record(.info, "storage_recovered", [("reason", before.map { .string($0.rawValue) })])
        }
    }

    /// The result of a write probe, cached briefly, so that monitors may call this at any rate.
    ///
    /// During a failure the probe writes as much as a large event does: a small one may still fit where no event does.
    package func checked(by storage: any Storage) async -> StorageFailure? {
        if let lock, !lock.isIntact { note(.replaced) }
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isProbing, state.probedAt.map({ now - $0 >= Self.probeInterval }) ?? true else { return false }
            (state.isProbing, state.probedAt) = (true, now)
            return true
        }
        guard isDue else { return failure }
        defer { state.withLock { $0.isProbing = false } }
        if let space = space(), space.free < Self.leastFree {
            note(.full)
            return failure
        }
        do {
            try await storage.probe(large: state.withLock { $0.failure != nil })
            note(nil)
        } catch let failure as StorageFailure {
            note(failure)
        } catch {
            // Busy for a short time, or closed because the host ends: not a failure of the disk.
        }
        return failure
    }
}
