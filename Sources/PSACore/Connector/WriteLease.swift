#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import Synchronization

/// A right to write that ends at a time unless it is renewed, because another process may write then.
///
/// While one is among ``current``, each write is sent only if the lease outlasts the request's own time limit, or half of the lease if that is
/// shorter; one that is about to end is renewed first.
public final class WriteLease: Sendable {
    /// The leases that the writes of the current task need.
    @TaskLocal public static var current: [WriteLease] = []

    private let duration: Duration
    private let time: TimeSource
    private let end: Mutex<MonotonicInstant>
    private let renewal: @Sendable () async throws -> Bool

    /// Creates the lease that a process has just taken.
    ///
    /// - Parameters:
    ///   - start: When the store was asked for it, by the process's own clock: before the call.
    ///   - duration: How long it lasts from then on.
    ///   - time: The clock.
    ///   - renewal: Renews it for as long; returns whether the process still held it.
    public init(
        from start: MonotonicInstant, lasting duration: Duration, time: TimeSource, renewal: @escaping @Sendable () async throws -> Bool
    ) {
        self.duration = duration
        self.time = time
        self.renewal = renewal
        end = Mutex(start + duration)
    }

    /// Renews the lease.
    ///
    /// - Returns: Whether the process still held it; if not, it has ended for good.
    /// - Throws: Errors of the store; then the lease ends when it would have ended.
    @discardableResult public func renew() async throws -> Bool {
        let start = time.instant()
        let isHeld = try await renewal()
        end.withLock { $0 = isHeld ? max($0, start + duration) : min($0, start) }
        return isHeld
    }

    /// Whether the lease has ended.
    public var hasEnded: Bool { remaining <= .zero }

    private var remaining: Duration { end.withLock { $0 } - time.instant() }

    /// Returns if the lease lasts long enough for a request.
    ///
    /// - Parameter timeout: The time limit of the request.
    /// - Throws: ``TransportError`` of a request that was not sent.
    func require(for timeout: Duration) async throws {
        let needed = min(timeout, duration / 2)
        if remaining >= needed { return }
        let isRenewed: Bool
        do {
            isRenewed = try await renew()
        } catch is CancellationError {
            throw TransportError(.interrupted, delivery: .notSent, note: "cancelled by the caller")
        } catch {
            throw TransportError(
                .rateLimitExceeded, delivery: .notSent, note: "the lease on writing could not be renewed: \(type(of: error))")
        }
        guard isRenewed, remaining >= needed else {
            throw TransportError(.rateLimitExceeded, delivery: .notSent, note: "another process may write now")
        }
    }

    /// Returns if every lease of the current task lasts long enough for a request.
    ///
    /// - Throws: ``TransportError`` of a request that was not sent.
    static func requireAll(for timeout: Duration) async throws {
        for lease in current { try await lease.require(for: timeout) }
    }
}

/// A lease in a store that several processes share, taken for one piece of work at a time.
struct SharedLease: Sendable {
    /// How long a process waits for one: a killed holder, and the work of some others.
    static let longestWait = Duration.seconds(300)

    let store: any SharedTenantStore
    let name: String
    let holder: String
    /// How long a killed process keeps others out.
    let duration: Duration
    let time: TimeSource

    /// Runs the work while this process holds the lease.
    ///
    /// - Throws: What the work throws, `CancellationError` while waiting, or ``PSAError`` `rate.limited` if the lease can't be had.
    func hold<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        let lease = try await take()
        let renewing = Task { [time, duration] in
            while (try? await time.sleep(duration / 4)) != nil, (try? await lease.renew()) != false {}
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await WriteLease.$current.withValue(WriteLease.current + [lease]) { try await work() })
        } catch {
            result = .failure(error)
        }
        renewing.cancel()
        // A renewal that is under way would take the lease again after its release.
        await renewing.value
        // One that can't be released ends by itself.
        try? await store.releaseLease(name, by: holder)
        return try result.get()
    }

    private func take() async throws -> WriteLease {
        let begin = time.instant()
        var (waited, pause, failures) = (Duration.zero, Duration.milliseconds(20), 0)
        while true {
            let start = time.instant()
            do {
                if try await renew() { return WriteLease(from: start, lasting: duration, time: time) { try await renew() } }
                failures = 0
            } catch let error as CancellationError {
                throw error
            } catch {
                failures += 1
                pause = .seconds(1)
            }
            guard failures < 5, max(waited, start - begin) < Self.longestWait else { throw PSAError(.rateLimited) }
            try await time.sleep(pause)
            waited += pause
            pause = min(pause * 2, .milliseconds(500))
        }
    }

    private func renew() async throws -> Bool {
        try await store.takeLease(name, by: holder, for: duration, now: time.now())
    }
}
