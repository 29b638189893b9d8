public import FoundationEssentials
public import PSACore
import Synchronization

/// A clock that moves only when a test says so, or by as much as somebody sleeps.
public final class ManualClock: Sendable {
    private struct Sleeper {
        var wakesAt: Date
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Date(timeIntervalSince1970: 1_700_000_000)
        var random = 1.0
        var sleeps: [Duration] = []
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0
    }

    private let state = Mutex(State())
    private let movesBySleeping: Bool
    /// Opened anew by each sleeper, so that a test can wait until somebody sleeps.
    public let sleeping = Signal()

    /// Makes a clock; with `movesBySleeping` a sleep ends at once and moves the clock by its length.
    public init(movesBySleeping: Bool = true) { self.movesBySleeping = movesBySleeping }

    /// What it shows.
    public var now: Date { state.withLock { $0.now } }
    /// How long everybody has slept so far, one after another.
    public var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// The number that chance gives.
    public var random: Double {
        get { state.withLock { $0.random } }
        set { state.withLock { $0.random = newValue } }
    }

    /// The clock as a connector gets it.
    public var source: TimeSource {
        TimeSource(now: { self.now }, sleep: { try await self.sleep($0) }, random: { self.random })
    }

    /// Moves the clock, backwards too, and wakes everybody whose time has come.
    public func advance(by seconds: Double) {
        let woken = state.withLock { state in
            state.now.addTimeInterval(seconds)
            let due = state.sleepers.filter { $0.value.wakesAt <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    private func sleep(_ wait: Duration) async throws {
        try Task.checkCancellation()
        let seconds = Double(wait.components.seconds) + Double(wait.components.attoseconds) / 1e18
        state.withLock { $0.sleeps.append(wait) }
        guard !movesBySleeping else { return advance(by: seconds) }
        let id = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if !Task.isCancelled {
                        state.sleepers[id] = Sleeper(wakesAt: state.now.addingTimeInterval(seconds), continuation: continuation)
                    }
                    return state.sleepers[id] == nil
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { sleeping.fire() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
