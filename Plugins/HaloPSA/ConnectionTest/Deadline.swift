import PSACore
import Synchronization

/// Holds a connection test to its limit, whatever its parts add up to: a token that is fetched anew in the middle, a budget that is spent.
enum Deadline {
    static func run(
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
