package import FoundationEssentials
package import PSACore
package import PSAEngine
import Synchronization
package import VectisRules

/// Everything the host keeps beyond its process.
///
/// Each change takes the audit entry that tells of it, and both are kept or neither. When a method returns, what it was given survives a
/// killed process and a power cut.
///
/// - Throws: ``StoreError`` or ``AccountError`` for what a caller can answer, ``StorageFailure`` where nothing can be stored; anything else means that the
///   storage itself is out of order.
package protocol Storage: ConnectionStore, AccountStore, AuditStore, EventStore, RuleStore, JobStore, CompanyCheckStore, CompanyMappingStore
{
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
package enum AccountError: Error, Equatable {
    /// An account of this name exists.
    case duplicateAccount
    /// Without it nobody could administer the host.
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
    package func recordIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await engine.recordIssue(code, of: connection, at: time)
    }
    package func resolveIssues(of connection: ConnectionID, areas: Set<String>?, at time: Date) async throws {
        try await engine.resolveIssues(of: connection, areas: areas, at: time)
    }
}

/// Why nothing can be stored at the moment; nothing of a change that ended with it was kept.
package enum StorageFailure: String, Error, LocalizedMessage, CaseIterable {
    /// The disk, or the quota on it, is full.
    case full
    /// The disk or the system does not take what is written.
    case failing
    /// The folder or the disk may only be read.
    case readOnly = "read_only"
    /// The database is damaged.
    case damaged
    /// Folder or database were moved or replaced while the host ran, or another host has taken the folder.
    case replaced

    /// How long a sender should wait before it tries again, in seconds.
    package static let retryAfter = 60

    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.full, .english):
            "The disk that holds the data of Vectis is full, so nothing can be stored. Free some space there; then it goes on by itself."
        case (.full, .german):
            "Der Datenträger mit den Daten von Vectis ist voll, deshalb lässt sich nichts speichern. Dort Platz schaffen; danach geht es von selbst weiter."
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
        case (.replaced, .english):
            "The data folder of Vectis was moved, replaced or taken over while it ran, so nothing is stored and nothing is sent. Stop Vectis, and start it on the folder that counts."
        case (.replaced, .german):
            "Der Datenordner von Vectis wurde im Betrieb verschoben, ersetzt oder übernommen, deshalb wird nichts gespeichert und nichts gesendet. Vectis anhalten und mit dem richtigen Ordner starten."
        }
    }
}

/// Whether the host can store what it is given, as its latest writes have shown; told in the log each time that changes.
package final class StorageHealth: Sendable {
    private struct State {
        var failure: StorageFailure?
        var probedAt: ContinuousClock.Instant?
        var isProbing = false
    }

    /// Held by this host; nil for a storage that is in no folder.
    package let lock: DataFolderLock?
    private let log: HostLog?
    private let state = Mutex(State())

    /// For how long the result of a probe counts.
    package static let probeInterval = Duration.seconds(3)
    /// What has to be free in the data folder, in bytes: an event, and what is written about it.
    package static let leastFree: UInt64 = 512 * 1_024

    package init(lock: DataFolderLock? = nil, log: HostLog? = nil) {
        self.lock = lock
        self.log = log
    }

    /// Why nothing can be stored; nil as far as nobody has seen otherwise.
    package var failure: StorageFailure? {
        if let lock, !lock.isIntact { return .replaced }
        return state.withLock { $0.failure }
    }

    /// Refuses to write where the folder is not what it was.
    ///
    /// - Throws: ``StorageFailure/replaced``.
    package func requireFolder() throws {
        guard let lock, !lock.isIntact else { return }
        note(.replaced)
        throw StorageFailure.replaced
    }

    /// Takes note of a failed write, or with nil of one that shows that the trouble is over.
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

    /// What a write probe says, or said a moment ago: monitors may ask as often as they like.
    ///
    /// While there is trouble the probe writes as much as a large event does: a small one may still find room where no event does.
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
        if let free = lock?.freeBytes, free < Self.leastFree {
            note(.full)
            return failure
        }
        do {
            try await storage.probe(large: state.withLock { $0.failure != nil })
            note(nil)
        } catch let failure as StorageFailure {
            note(failure)
        } catch {
            // Busy for a moment, or closed because the host ends: no trouble of the disk.
        }
        return failure
    }
}
