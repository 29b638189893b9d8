import Synchronization

/// Counts events and lets a test wait for the n-th of them, so that no test sleeps.
public final class Signal: Sendable {
    private struct Waiter {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var count = 0
        var nextWaiter = 0
        var waiters: [Int: Waiter] = [:]
    }

    private let state = Mutex(State())

    /// Makes a signal that has not fired yet.
    public init() {}

    /// How often it has fired.
    public var count: Int { state.withLock { $0.count } }
    /// Whether it has fired.
    public var hasFired: Bool { count > 0 }

    /// One more event has happened.
    public func fire() {
        let ready = state.withLock { state in
            state.count += 1
            let ready = state.waiters.filter { $0.value.count <= state.count }
            for id in ready.keys { state.waiters[id] = nil }
            return ready.values.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }

    /// Returns once the event has happened that often, or when the task is cancelled, so that a time limit can end a test that hangs.
    ///
    /// - Parameters:
    ///   - count: How often it must have happened, counted from the beginning.
    ///   - ignoringCancellation: Whether to go on waiting when the task is cancelled, as code does that ignores its cancellation.
    public func wait(for count: Int = 1, ignoringCancellation: Bool = false) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.count < count, ignoringCancellation || !Task.isCancelled {
                        state.waiters[id] = Waiter(count: count, continuation: continuation)
                    }
                    return state.waiters[id] == nil
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            if ignoringCancellation { return }
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}
