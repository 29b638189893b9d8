import Synchronization

/// Lets few searches run at once, so that those that read whole tables leave connections for all other reads.
package final class SearchSlots: Sendable {
    private struct State {
        var running = 0
        /// Searches that wait for their turn, oldest first.
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private let limit: Int
    private let waitingLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: How many searches run at once.
    ///   - waitingLimit: How many wait for their turn.
    package init(limit: Int, waitingLimit: Int) {
        self.limit = limit
        self.waitingLimit = waitingLimit
    }

    /// Runs a closure once it is its turn.
    ///
    /// - Throws: What the closure throws, or ``TooManySearchesError`` at once if too many wait.
    package func run<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let result: Result<Void, TooManySearchesError>? = state.withLock { state in
                if state.running < limit {
                    state.running += 1
                    return .success(())
                }
                guard state.waiting.count < waitingLimit else { return .failure(TooManySearchesError()) }
                state.waiting.append(continuation)
                return nil
            }
            switch result {
            case .success: continuation.resume()
            case .failure(let error): continuation.resume(throwing: error)
            case nil: break
            }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// A search was not run, because too many wait already.
public struct TooManySearchesError: Error, Sendable, Equatable {
    /// Creates a ``TooManySearchesError``.
    public init() {}
}
