import Dispatch
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

/// Stops tasks and threads until a test opens it.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var nextID = 0
        var waiting: [Int: @Sendable (Result<Void, CancellationError>) -> Void] = [:]
    }

    private let state = Mutex(State())
    private let arrivals = Signal()

    /// Makes a closed gate.
    public init() {}

    /// Whether it has been opened.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Opens it for good and lets everything that waits go on.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for resume in waiting { resume(.success(())) }
    }

    /// Returns once it is open, also if the task is cancelled.
    public func pass() async { try? await wait(id: nextID()) }

    /// Returns once it is open.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func passOrThrow() async throws {
        let id = nextID()
        try await withTaskCancellationHandler {
            try await wait(id: id)
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?(.failure(CancellationError()))
        }
    }

    /// Blocks the calling thread until it is open; for threads that belong to the test, such as those of a ``RawServer``.
    public func passBlocking() {
        let semaphore = DispatchSemaphore(value: 0)
        enqueue(nextID()) { _ in semaphore.signal() }
        semaphore.wait()
    }

    /// Returns once something waits at the closed gate.
    public func waitForArrival() async {
        let arrived = state.withLock { $0.waiting.isEmpty ? arrivals.count : nil }
        if let arrived { await arrivals.wait(for: arrived + 1) }
    }

    private func nextID() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func wait(id: Int) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            enqueue(id) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }

    private func enqueue(_ id: Int, _ resume: @escaping @Sendable (Result<Void, CancellationError>) -> Void) {
        let isOpen = state.withLock { state in
            if !state.isOpen {
                state.waiting[id] = resume
                arrivals.fire()
            }
            return state.isOpen
        }
        if isOpen { resume(.success(())) }
    }
}
