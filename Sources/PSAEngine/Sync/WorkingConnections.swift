import PSACore
import Synchronization

/// The connections that are being worked on in this process, and when each had its latest turn.
final class WorkingConnections: Sendable {
    private struct State {
        var working: [ConnectionID: MonotonicInstant] = [:]
        var lastTurn: [ConnectionID: Int] = [:]
        var turns = 0
    }

    private let state = Mutex(State())

    /// Begins turns of those whose latest turn was the longest ago; the order of the given ones decides between equals.
    ///
    /// A connection whose turn is over but that still waits, for its rate limit or for an answer, has given its place to others.
    func begin(_ due: [ConnectionID], _ policy: SyncPolicy, now: MonotonicInstant) -> [ConnectionID] {
        state.withLock { state in
            let waiting = due.filter { state.working[$0] == nil }
            let order = waiting.enumerated().sorted { first, second in
                (state.lastTurn[first.element] ?? 0, first.offset) < (state.lastTurn[second.element] ?? 0, second.offset)
            }
            let taken = state.working.values.count { now - $0 < policy.turn }
            let places = min(policy.maxConnections - taken, policy.maxWaitingConnections - state.working.count)
            let begun = order.map(\.element).prefix(max(0, places))
            for connection in begun {
                state.working[connection] = now
                state.turns += 1
                state.lastTurn[connection] = state.turns
            }
            return Array(begun)
        }
    }

    func end(_ connection: ConnectionID) { state.withLock { $0.working[connection] = nil } }
}
