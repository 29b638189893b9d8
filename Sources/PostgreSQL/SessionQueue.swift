import SQL
import Synchronization

/// The sessions of a pool, and the callers that wait for one, oldest first.
///
/// Reads leave one session for writes, and writes, which may wait for locks, leave up to two for reads.
final class SessionQueue: Sendable {
    enum Kind { case read, write }

    private struct Waiting {
        let kind: Kind
        let continuation: CheckedContinuation<PostgreSQLSession, any Error>
    }

    private struct State {
        var idle: [PostgreSQLSession]
        var running: [Kind: Int] = [:]
        var waiting: [Waiting] = []
        var isClosed = false
        /// Those that wait until all sessions are idle.
        var draining: [CheckedContinuation<Void, Never>] = []
    }

    private let sessions: [PostgreSQLSession]
    private let waitingReads: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - sessions: At least two.
    ///   - waitingReads: How many reads wait at most.
    init(_ sessions: [PostgreSQLSession], waitingReads: Int) {
        self.sessions = sessions
        self.waitingReads = waitingReads
        state = Mutex(State(idle: sessions))
    }

    private func limit(_ kind: Kind) -> Int {
        switch kind {
        case .read: sessions.count - 1
        case .write: max(1, sessions.count - 2)
        }
    }

    /// Whether no further transaction starts.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// How many callers wait for a session.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs a closure with a session once it is its turn.
    ///
    /// - Throws: What the closure throws, ``PostgreSQLPool/TooManyReadsError``, or an error if the pool is closed.
    func run<Value>(_ kind: Kind, _ work: (PostgreSQLSession) async throws -> Value) async throws -> Value {
        let session = try await take(kind)
        defer { give(session, kind) }
        return try await work(session)
    }

    private func take(_ kind: Kind) async throws -> PostgreSQLSession {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<PostgreSQLSession, any Error>? = state.withLock { state in
                guard !state.isClosed else { return .failure(PostgreSQLError.closed) }
                let isFirst = !state.waiting.contains { $0.kind == kind }
                if isFirst, state.running[kind, default: 0] < limit(kind), let session = state.idle.popLast() {
                    state.running[kind, default: 0] += 1
                    return .success(session)
                }
                if kind == .read, state.waiting.count(where: { $0.kind == .read }) >= waitingReads {
                    return .failure(PostgreSQLPool.TooManyReadsError())
                }
                state.waiting.append(Waiting(kind: kind, continuation: continuation))
                return nil
            }
            switch result {
            case .success(let session): continuation.resume(returning: session)
            case .failure(let error): continuation.resume(throwing: error)
            case nil: break
            }
        }
    }

    private func give(_ session: PostgreSQLSession, _ kind: Kind) {
        let (next, drained): (Waiting?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            state.running[kind, default: 0] -= 1
            let first = state.waiting.firstIndex { state.running[$0.kind, default: 0] < limit($0.kind) }
            if let first {
                let next = state.waiting.remove(at: first)
                state.running[next.kind, default: 0] += 1
                return (next, [])
            }
            state.idle.append(session)
            guard state.isClosed, state.idle.count == sessions.count else { return (nil, []) }
            defer { state.draining = [] }
            return (nil, state.draining)
        }
        next?.continuation.resume(returning: session)
        for continuation in drained { continuation.resume() }
    }

    /// Lets no further transaction start, and returns once none runs.
    func close() async {
        let waiting: [Waiting] = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for caller in waiting { caller.continuation.resume(throwing: PostgreSQLError.closed) }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                let isDrained = state.idle.count == sessions.count
                if !isDrained { state.draining.append(continuation) }
                return isDrained
            }
            if isDrained { continuation.resume() }
        }
    }
}
