import PSACore
import Synchronization

/// Wakes one waiter; a notification while there is no waiter ends the next wait.
final class WakeupSignal: Sendable {
    private struct State {
        var isNotified = false
        var waiter: (wait: Int, continuation: CheckedContinuation<Void, Never>)?
        /// The wait whose time was up before it had begun.
        var overdue: Int?
        var lastWait = 0
    }

    private let state = Mutex(State())

    /// Wakes the waiter, or the next one.
    func notify() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isNotified = true }
            return state.waiter
        }
        waiter?.continuation.resume()
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
                    if state.isNotified || state.overdue == wait {
                        state.isNotified = false
                        return true
                    }
                    state.waiter = (wait, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            notify()
        }
        alarm.cancel()
    }

    private func end(_ wait: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter, waiter.wait == wait else {
                state.overdue = wait
                return nil
            }
            state.waiter = nil
            return waiter.continuation
        }
        waiter?.resume()
    }
}
