import PSACore
import Synchronization

/// Wakes whoever waits; a notification while there is no waiter ends the next wait.
final class WakeupSignal: Sendable {
    private struct State {
        var isNotified = false
        /// Usually one: a second run of an engine waits as well.
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// The waits that ended before they had begun, because their time was up or their task was cancelled.
        var ended: Set<Int> = []
        var lastWait = 0
    }

    private let state = Mutex(State())

    /// Wakes the waiters, or the next one.
    func notify() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            if state.waiters.isEmpty { state.isNotified = true }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at the next notification, when the time is up, or when the task is cancelled.
    func wait(atMost limit: Duration, _ time: TimeSource) async {
        let wait = state.withLock { state in
            state.lastWait += 1
            return state.lastWait
        }
        let alarm = Task {
            // A cancelled alarm belongs to a wait that has ended; it must not end the next one.
            guard (try? await time.sleep(limit)) != nil else { return }
            end(wait)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.ended.contains(wait) { return true }
                    if state.isNotified {
                        state.isNotified = false
                        return true
                    }
                    state.waiters[wait] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end(wait)
        }
        alarm.cancel()
        // An alarm that ends at this moment must not leave its number behind.
        await alarm.value
        state.withLock { _ = $0.ended.remove(wait) }
    }

    private func end(_ wait: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: wait)
            if waiter == nil { state.ended.insert(wait) }
            return waiter
        }
        waiter?.resume()
    }
}
