import Synchronization

/// The memory that the large responses of this process share while they are received, held and parsed.
///
/// A response of at most ``freeBytes`` needs no share and never waits. A larger one needs a share of its size class, and each host has only
/// a part of the shares, so that a host with large responses does not delay those of another host. A response that gets no share is dropped
/// and requested again once it has one: a response that waits holds no memory, so that two of them cannot wait for each other.
package final class ResponseMemory: Sendable {
    /// How large a response may become with a share.
    package enum Class: Sendable, CaseIterable {
        /// At most ``ResponseMemory/mediumBytes``.
        case medium
        /// Any size that the request allows.
        case large
    }

    /// The largest response in bytes that needs no share.
    package static let freeBytes = 1 << 20
    /// The largest response in bytes with a share of the class ``Class/medium``.
    package static let mediumBytes = 4 << 20
    /// The shares of the process.
    package static let shared = ResponseMemory()

    /// A share, which is returned with its last reference.
    package final class Share: Sendable {
        /// How large the response may become.
        package let size: Class
        private let host: String
        private let memory: ResponseMemory

        fileprivate init(_ size: Class, host: String, of memory: ResponseMemory) {
            (self.size, self.host, self.memory) = (size, host, memory)
        }

        deinit { memory.release(size, host: host) }
    }

    private struct Waiter {
        let id: UInt64
        let host: String
        let continuation: CheckedContinuation<Share?, any Error>
    }

    private struct Shares {
        let limit: Int
        let limitPerHost: Int
        var taken: [String: Int] = [:]
        var count = 0
        var waiting: [Waiter] = []

        mutating func take(for host: String) -> Bool {
            guard count < limit, taken[host, default: 0] < limitPerHost else { return false }
            taken[host, default: 0] += 1
            count += 1
            return true
        }
    }

    private struct State {
        var shares: [Class: Shares]
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// Creates shares.
    ///
    /// - Parameters:
    ///   - medium: How many responses of up to 4 MiB may be held at a time; a host has at most a third of them.
    ///   - large: How many larger responses may be held at a time; a host has at most one.
    package init(medium: Int = 6, large: Int = 2) {
        state = Mutex(
            State(shares: [
                .medium: Shares(limit: medium, limitPerHost: max(1, medium / 3)), .large: Shares(limit: large, limitPerHost: 1),
            ]))
    }

    /// Returns a share, or nil if none is free for the host or others wait for it.
    package func take(_ size: Class, for host: String) -> Share? {
        let isTaken = state.withLock { state in
            guard var shares = state.shares[size], !shares.waiting.contains(where: { $0.host == host }), shares.take(for: host) else {
                return false
            }
            state.shares[size] = shares
            return true
        }
        return isTaken ? Share(size, host: host, of: self) : nil
    }

    /// Waits for a share; the waiting of one host does not delay another.
    ///
    /// - Parameters:
    ///   - size: How large the response may become.
    ///   - host: The host it comes from.
    ///   - deadline: The end of the wait.
    /// - Returns: The share; nil if none became free until the deadline.
    /// - Throws: `CancellationError`.
    package func share(_ size: Class, for host: String, until deadline: ContinuousClock.Instant) async throws -> Share? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let timer = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            end(id, size, with: .success(nil))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.shares[size]?.waiting.append(Waiter(id: id, host: host, continuation: continuation)) }
                serveWaiters(size)
                // Both may have happened before the waiter was in the list.
                if Task.isCancelled { end(id, size, with: .failure(CancellationError())) }
                if ContinuousClock.now >= deadline { end(id, size, with: .success(nil)) }
            }
        } onCancel: {
            end(id, size, with: .failure(CancellationError()))
        }
    }

    /// How many requests wait for a share.
    package var waiting: Int { state.withLock { $0.shares.values.reduce(0) { $0 + $1.waiting.count } } }

    private func release(_ size: Class, host: String) {
        state.withLock { state in
            guard var shares = state.shares[size] else { return }
            shares.count -= 1
            shares.taken[host, default: 0] -= 1
            if shares.taken[host] == 0 { shares.taken[host] = nil }
            state.shares[size] = shares
        }
        serveWaiters(size)
    }

    /// Gives free shares to those who wait, the longest wait first; a host that has its part is passed over.
    private func serveWaiters(_ size: Class) {
        let served = state.withLock { state -> [Waiter] in
            guard var shares = state.shares[size], !shares.waiting.isEmpty else { return [] }
            var served: [Waiter] = []
            var remaining: [Waiter] = []
            for waiter in shares.waiting {
                if shares.take(for: waiter.host) { served.append(waiter) } else { remaining.append(waiter) }
            }
            shares.waiting = remaining
            state.shares[size] = shares
            return served
        }
        for waiter in served { waiter.continuation.resume(returning: Share(size, host: waiter.host, of: self)) }
    }

    private func end(_ id: UInt64, _ size: Class, with result: Result<Share?, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.shares[size]?.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.shares[size]?.waiting.remove(at: index)
        }
        waiter?.continuation.resume(with: result)
    }
}
