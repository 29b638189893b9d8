import Foundation
import PSACore
import Synchronization

/// A clock whose waits end when a test says so.
final class ManualClock: Sendable {
    private struct Sleeper {
        let duration: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Date(timeIntervalSince1970: 1_800_000_000)
        var sleepers: [UInt64: Sleeper] = [:]
        var begun: [Duration: Int] = [:]
        var lastID: UInt64 = 0
        var watchers: [(duration: Duration, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func takeWatchers() -> [CheckedContinuation<Void, Never>] {
            let ready = watchers.filter { begun[$0.duration, default: 0] >= $0.count }
            watchers.removeAll { begun[$0.duration, default: 0] >= $0.count }
            return ready.map(\.continuation)
        }
    }

    private let state = Mutex(State())
    /// Waits of this length are over at once.
    private let instant: Set<Duration>

    init(instant: Set<Duration> = []) { self.instant = instant }

    var source: TimeSource {
        TimeSource(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) }, random: { 0.5 })
    }

    func advance(_ duration: Duration) { state.withLock { $0.now += Double(duration.components.seconds) } }

    /// Returns once so many waits of a length have begun since the clock was made.
    func begun(_ count: Int, lasting duration: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.begun[duration, default: 0] >= count { return true }
                state.watchers.append((duration, count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Ends all waits of a length that are under way.
    func end(lasting duration: Duration) {
        let ended = state.withLock { state in
            let ended = state.sleepers.filter { $0.value.duration == duration }
            for id in ended.keys { state.sleepers[id] = nil }
            state.now += Double(duration.components.seconds)
            return ended.values.map(\.continuation)
        }
        for continuation in ended { continuation.resume() }
    }

    private func sleep(_ duration: Duration) async throws {
        if instant.contains(duration) { return }
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (isCancelled, watchers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
                    state.begun[duration, default: 0] += 1
                    if Task.isCancelled { return (true, state.takeWatchers()) }
                    state.sleepers[id] = Sleeper(duration: duration, continuation: continuation)
                    return (false, state.takeWatchers())
                }
                for watcher in watchers { watcher.resume() }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
