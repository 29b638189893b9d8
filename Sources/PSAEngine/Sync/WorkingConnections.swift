import PSACore
import Synchronization

/// The connections that are being worked on in this process, and when each had its latest turn.
final class WorkingConnections: Sendable {
    private struct State {
        var working: [ConnectionID: MonotonicInstant] = [:]
        var lastTurn: [ConnectionID: Int] = [:]
        var turns = 0
        /// When the latest turns of each connection began, at most ``maxTurnsPerSecond``.
        var begun: [ConnectionID: [MonotonicInstant]] = [:]

        func isResting(_ connection: ConnectionID, _ now: MonotonicInstant) -> Bool {
            guard let begun = begun[connection], begun.count == maxTurnsPerSecond, let first = begun.first else { return false }
            return now - first < .seconds(1)
        }
    }

    /// How many turns of a connection begin in a second: one that stays due, for whatever reason, takes no more of the processor than that.
    private static let maxTurnsPerSecond = 3

    private let state = Mutex(State())

    /// Begins turns of those whose latest turn was the longest ago; the order of the given ones decides between equals.
    ///
    /// A connection whose turn is over but that still waits, for its rate limit or for an answer, has given its place to others.
    func begin(_ due: [ConnectionID], _ policy: SyncPolicy, now: MonotonicInstant) -> [ConnectionID] {
        state.withLock { state in
            let waiting = due.filter { state.working[$0] == nil && !state.isResting($0, now) }
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
                state.begun[connection] = ((state.begun[connection] ?? []) + [now]).suffix(Self.maxTurnsPerSecond)
            }
            return Array(begun)
        }
    }

    /// Whether one of the connections waits because its latest turns began within a second.
    func isResting(_ due: [ConnectionID], now: MonotonicInstant) -> Bool {
        state.withLock { state in due.contains { state.working[$0] == nil && state.isResting($0, now) } }
    }

    func end(_ connection: ConnectionID) { state.withLock { $0.working[connection] = nil } }
}
