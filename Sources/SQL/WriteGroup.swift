import Synchronization

/// A step of a transaction with the closures of several callers, for tests that end the process there.
public enum GroupStep: Sendable {
    /// Between two closures.
    case betweenMembers
    /// All closures have run, and nothing is on disk.
    case beforeCommit
    /// All changes are on disk, and no caller has been answered.
    case afterCommit
}

/// What keeps the closures of a group apart.
///
/// Each savepoint copies the pages that it changes, which costs more than the changes themselves. Closures rarely throw, so that a group runs
/// without savepoints first, and once more with them if one of its closures has thrown.
package enum GroupIsolation: Sendable {
    /// Nothing: a closure that throws ends the attempt.
    case none
    /// A savepoint for each: a closure that throws is rolled back alone.
    case savepoints
}

/// A closure of a group without savepoints has thrown: the transaction must be rolled back.
package struct GroupMemberFailure: Error {
    /// Creates a failure.
    package init() {}
}

/// The closure of one caller of ``DatabaseTransactions/writeTogether(byteCount:_:)``.
package struct GroupMember: Sendable {
    /// Answers the caller with what its closure returned or threw.
    package typealias Answer = @Sendable () -> Void

    /// What came of a closure.
    package struct Outcome: Sendable {
        /// Must be given after the commit.
        package let answer: Answer
        /// Whether the closure threw.
        package let hasFailed: Bool
    }

    package let byteCount: Int
    /// Runs the closure, in a savepoint if a group with it has failed without.
    package let run: @Sendable (any Database, GroupIsolation) -> Outcome
    /// Answers the caller with an error of the transaction.
    package let fail: @Sendable (any Error) -> Void

    /// Creates a member.
    package init<Value: Sendable>(
        byteCount: Int, _ continuation: CheckedContinuation<Value, any Error>, _ work: @escaping @Sendable (any Database) throws -> Value
    ) {
        self.byteCount = byteCount
        run = { database, isolation in
            let result = Result { try isolation == .savepoints ? database.savepoint { try work(database) } : work(database) }
            let hasFailed = if case .failure = result { true } else { false }
            return Outcome(answer: { continuation.resume(with: result) }, hasFailed: hasFailed)
        }
        fail = { continuation.resume(throwing: $0) }
    }
}

/// The callers that wait for the next transaction, in the order of their calls.
///
/// It has no limit of its own: each waiting caller is a request, whose number the web server limits, or a task of the program itself.
package final class WaitingWrites: Sendable {
    /// The most callers in one transaction, so that other closures of the queue do not wait for long.
    package static let memberLimit = 256
    /// The most bytes of a transaction with more than one caller.
    package static let byteLimit = 4 * 1_024 * 1_024

    private let members = Mutex<[GroupMember]>([])

    /// No caller waits yet.
    package init() {}

    /// How many callers wait.
    package var count: Int { members.withLock { $0.count } }

    /// Adds a caller.
    ///
    /// - Returns: Whether it is the first one, for which a transaction must be scheduled.
    package func add(_ member: GroupMember) -> Bool {
        members.withLock { members in
            members.append(member)
            return members.count == 1
        }
    }

    /// Removes the callers of the next transaction, at least one if any waits.
    ///
    /// - Returns: The callers, and whether more of them wait, for which another transaction must be scheduled.
    package func next() -> (group: [GroupMember], isMore: Bool) {
        members.withLock { members in
            var (count, bytes) = (0, 0)
            for member in members.prefix(Self.memberLimit) {
                bytes += member.byteCount
                if count > 0, bytes > Self.byteLimit { break }
                count += 1
            }
            let group = Array(members.prefix(count))
            members.removeFirst(count)
            return (group, !members.isEmpty)
        }
    }
}
