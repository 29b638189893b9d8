import Synchronization

/// Holds a connection test to its limit, whatever its parts add up to: a token that is fetched again in the middle, a budget that is spent.
public enum ConnectionTestDeadline {
    /// Runs a test; what is not finished in time is cancelled and is in the report as one failed check.
    ///
    /// - Parameters:
    ///   - limit: How long the test may take.
    ///   - time: By which it is measured.
    ///   - progress: Called with each check as it ends, the late one included.
    ///   - work: The test; it reports its checks as they end and returns all of them in order.
    ///   - whenLate: The check that says the limit was reached.
    /// - Returns: The checks of the test, or those that ended in time and the late one.
    /// - Throws: What the test throws, or `CancellationError`.
    public static func run(
        _ limit: Duration, time: TimeSource, _ progress: @escaping @Sendable (ConnectionCheck) -> Void,
        _ work: @escaping @Sendable (@Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck],
        whenLate: @escaping @Sendable () -> ConnectionCheck
    ) async throws -> [ConnectionCheck] {
        let finished = FinishedChecks()
        return try await withThrowingTaskGroup(of: [ConnectionCheck]?.self) { group in
            group.addTask {
                try await work { check in
                    finished.append(check)
                    progress(check)
                }
            }
            group.addTask {
                try await time.sleep(limit)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            let late = whenLate()
            progress(late)
            return finished.checks + [late]
        }
    }
}

/// The checks that ended so far.
private final class FinishedChecks: Sendable {
    private let kept = Mutex<[ConnectionCheck]>([])

    var checks: [ConnectionCheck] { kept.withLock { $0 } }

    func append(_ check: ConnectionCheck) { kept.withLock { $0.append(check) } }
}
