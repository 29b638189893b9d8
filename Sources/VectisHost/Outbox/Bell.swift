import PSACore
import Synchronization

/// Wakes one waiter: a ring while nobody waits is heard at the next wait.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Wakes the waiter, or the next one.
    func ring() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.hasRung = true }
            return state.waiter
        }
        waiter?.continuation.resume()
    }

    /// Returns at the next ring, when the time is up, or when the task is cancelled.
    func wait(atMost limit: Duration, _ time: TimeSource) async {
        let alarm = Task {
            // Cancelled or not, the wait is over.
            try? await time.sleep(limit)
            self.ring()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.hasRung {
                        state.hasRung = false
                        return true
                    }
                    state.waiter = (state.nextID, continuation)
                    state.nextID += 1
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
        alarm.cancel()
    }
}
