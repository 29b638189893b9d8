import PSACore
import Synchronization

/// Waits for a connector only so long: one that hangs and ignores its cancellation must not hold a page.
enum Patience {
    /// Runs the work and returns what it returns, or throws `network.timeout` when the time is up; the work is cancelled then, and left alone.
    static func wait<Value: Sendable>(
        _ limit: Duration, time: TimeSource, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let first = FirstAnswer<Value>()
        let running = Task { await first.complete(Self.result(work)) }
        let clock = Task {
            // A clock that is cancelled settles nothing.
            guard (try? await time.sleep(limit)) != nil else { return }
            await first.complete(.failure(PSAError(.networkTimeout, evidence: HostMessage.noAnswerWithin(limit))))
        }
        defer {
            running.cancel()
            clock.cancel()
        }
        return try await withTaskCancellationHandler {
            try await first.value()
        } onCancel: {
            running.cancel()
            Task { await first.complete(.failure(CancellationError())) }
        }
    }

    private static func result<Value>(_ work: () async throws -> Value) async -> Result<Value, any Error> {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}

/// Takes the first of several results and hands it to one waiter.
private actor FirstAnswer<Value: Sendable> {
    private var result: Result<Value, any Error>?
    private var waiter: CheckedContinuation<Void, Never>?

    func complete(_ new: Result<Value, any Error>) {
        guard result == nil else { return }
        result = new
        waiter?.resume()
        waiter = nil
    }

    func value() async throws -> Value {
        while true {
            if let result { return try result.get() }
            await withCheckedContinuation { waiter = $0 }
        }
    }
}
