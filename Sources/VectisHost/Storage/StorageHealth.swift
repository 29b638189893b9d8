import FoundationEssentials
import PSACore
import Synchronization

/// Whether the host can store what it is given, as its latest writes have shown; told in the log each time that changes.
final class StorageHealth: Sendable {
    private struct State {
        var trouble: StorageFailure?
        var probedAt: ContinuousClock.Instant?
        var isProbing = false
    }

    /// Held by this host; nil for a storage that is in no folder.
    let lock: DataFolderLock?
    private let log: HostLog?
    private let state = Mutex(State())

    /// For how long the result of a probe counts.
    static let probeInterval = Duration.seconds(3)
    /// What has to be free in the data folder, in bytes: an event, and what is written about it.
    static let leastFree: UInt64 = 512 * 1_024

    init(lock: DataFolderLock? = nil, log: HostLog? = nil) {
        self.lock = lock
        self.log = log
    }

    /// Why nothing can be stored; nil as far as nobody has seen otherwise.
    var trouble: StorageFailure? {
        if let lock, !lock.isIntact { return .replaced }
        return state.withLock { $0.trouble }
    }

    /// Refuses to write where the folder is not what it was.
    ///
    /// - Throws: ``StorageFailure/replaced``.
    func requireFolder() throws {
        guard let lock, !lock.isIntact else { return }
        note(.replaced)
        throw StorageFailure.replaced
    }

    /// Takes note of a failed write, or with nil of one that shows that the trouble is over.
    func note(_ trouble: StorageFailure?) {
        let before = state.withLock { state in
            defer { state.trouble = trouble }
            return state.trouble
        }
        guard before != trouble else { return }
        if let trouble {
            log?.record(
                .error, "storage_failed",
                [("reason", .string(trouble.rawValue)), ("detail", .string(TextRenderer().text(trouble)))])
        } else {
            log?.record(.info, "storage_recovered", [("reason", before.map { .string($0.rawValue) })])
        }
    }

    /// What a write probe says, or said a moment ago: monitors may ask as often as they like.
    ///
    /// While there is trouble the probe writes as much as a large event does: a small one may still find room where no event does.
    func checked(by storage: any Storage) async -> StorageFailure? {
        if let lock, !lock.isIntact { note(.replaced) }
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isProbing, state.probedAt.map({ now - $0 >= Self.probeInterval }) ?? true else { return false }
            (state.isProbing, state.probedAt) = (true, now)
            return true
        }
        guard isDue else { return trouble }
        defer { state.withLock { $0.isProbing = false } }
        if let free = lock?.freeBytes, free < Self.leastFree {
            note(.full)
            return trouble
        }
        do {
            try await storage.probe(large: state.withLock { $0.trouble != nil })
            note(nil)
        } catch let trouble as StorageFailure {
            note(trouble)
        } catch {
            // Busy for a moment, or closed because the host ends: no trouble of the disk.
        }
        return trouble
    }
}
