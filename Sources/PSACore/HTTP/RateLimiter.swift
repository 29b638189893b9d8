#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import Synchronization

/// How many requests a tenant allows in a sliding window.
public struct RateLimit: Sendable, Hashable {
    /// Requests in a window.
    public var requests: Int
    /// The window's length.
    public var window: Duration

    /// States a rate limit.
    public init(_ requests: Int, per window: Duration) {
        self.requests = requests
        self.window = window
    }
}

/// How urgent a request is.
///
/// A host sets it for work that runs by itself: `RequestUrgency.$current.withValue(.background) { … }`. A limit of less than ten requests
/// has no reserves.
public enum RequestUrgency: Sendable {
    /// Something accepted has to get out, such as the ticket of an alert; it goes before everything else.
    case delivery
    /// A person waits; a tenth of each tenant's rate limit is left to deliveries.
    case interactive
    /// No person waits; a fifth of each tenant's rate limit is left to more urgent requests.
    case background
    /// Much is read, and no one waits; three tenths of each tenant's rate limit are left to everything else.
    case bulk

    /// The urgency of the requests that the current task makes.
    @TaskLocal public static var current = RequestUrgency.interactive

    /// How much of a rate limit is left to more urgent requests.
    private var reservedPercent: Int {
        switch self {
        case .delivery: 0
        case .interactive: 10
        case .background: 20
        case .bulk: 30
        }
    }

    /// How many requests of a limit are left to more urgent ones; none of a limit of less than ten.
    func reserve(of limit: RateLimit) -> Int { limit.requests < 10 ? 0 : limit.requests * reservedPercent / 100 }
}

/// The person on whose behalf requests are made, so that one person does not use up what all need.
///
/// A host sets it for what a page or an API route does: `RequestOwner.$current.withValue("alice") { … }`.
public enum RequestOwner {
    /// The person of the current task; nil for the host's own work, which has no share.
    @TaskLocal public static var current: String?
}

/// How long retries and the rate limit may delay each request of the current task, where the request itself allows more.
///
/// A host that waits only so long sets it below that, so that it gets what the server answered and not only that the time is up:
/// `RequestWaitLimit.$current.withValue(.seconds(5)) { … }`.
public enum RequestWaitLimit {
    /// The limit of the current task; nil for none beside that of each request.
    @TaskLocal public static var current: Duration?
}

/// What was sent to a tenant in some time.
public struct RequestUsage: Sendable, Hashable {
    /// The number of requests that were let through.
    public var requests: Int
    /// The number of requests that the vendor has refused for their rate.
    public var refusals: Int

    /// States a usage.
    public init(requests: Int = 0, refusals: Int = 0) {
        self.requests = requests
        self.refusals = refusals
    }

    /// Adds what was sent in another time.
    public static func + (left: RequestUsage, right: RequestUsage) -> RequestUsage {
        RequestUsage(requests: left.requests + right.requests, refusals: left.refusals + right.refusals)
    }
}

/// Keeps everything that talks to one tenant within its rate limit; a caller over it waits until a place is free.
///
/// Where processes share the tenant, requests are reserved in their store, some at a time; see ``SharedRateWindow`` for what is promised.
public actor RateLimiter {
    private nonisolated let rateLimit: Mutex<RateLimit?>
    /// What was sent since the usage was last taken.
    private nonisolated let usage = Mutex(RequestUsage())
    private let time: TimeSource
    /// When the latest requests were let through, the oldest first; never more than the limit allows.
    private var passed: [MonotonicInstant] = []
    /// How many deliveries wait for a place; nothing else takes one meanwhile.
    private var waitingDeliveries = 0
    /// When each person's latest requests were made.
    private var ownedRequests: [String: [MonotonicInstant]] = [:]

    private let shared: SharedTenant?
    /// What this process has reserved in the store and not used, by the urgency for which it was granted.
    private var reservations: [(urgency: RequestUrgency, reservation: RateReservation, left: Int, useBy: MonotonicInstant)] = []
    /// The calls of the store that are under way.
    private var reserving: [RequestUrgency: Task<Duration?, any Error>] = [:]
    /// How many callers want a request now.
    private var callers: [RequestUrgency: Int] = [:]
    /// How many requests are reserved at a time, as far as they were used of late.
    private var reservedAtATime = 1

    /// Makes a limiter; without a limit everything passes.
    public init(rateLimit: RateLimit?, time: TimeSource) {
        self.init(rateLimit: rateLimit, time: time, shared: nil)
    }

    /// Makes a limiter of a tenant that several processes share, or of one process alone.
    init(rateLimit: RateLimit?, time: TimeSource, shared: SharedTenant?) {
        self.rateLimit = Mutex(rateLimit)
        self.time = time
        self.shared = shared
    }

    /// Returns once a request may be made.
    ///
    /// - Parameters:
    ///   - waitLimit: The longest wait altogether.
    ///   - onWait: Receives the length of each wait before it.
    /// - Throws: ``TransportError`` of the kind `rateLimitExceeded` if it would take longer or the store of several processes fails for
    ///   long, or `CancellationError`.
    public func acquire(within waitLimit: Duration = .seconds(86_400), onWait: @Sendable (Duration) -> Void = { _ in }) async throws {
        if let shared {
            try await acquire(from: shared, within: waitLimit, onWait)
            return usage.withLock { $0.requests += 1 }
        }
        var waited = Duration.zero
        var isWaitingDelivery = false
        defer { if isWaitingDelivery { waitingDeliveries -= 1 } }
        while let wait = wait() {
            if RequestUrgency.current == .delivery, !isWaitingDelivery {
                isWaitingDelivery = true
                waitingDeliveries += 1
            }
            guard waited + wait <= waitLimit else { throw TransportError(.rateLimitExceeded, delivery: .notSent) }
            onWait(wait)
            try await time.sleep(wait)
            waited += wait
        }
        // Without a limit nothing is ever removed from it.
        if let limit, limit.requests > 0 { passed.append(time.instant()) }
        usage.withLock { $0.requests += 1 }
    }

    /// The limit; nil if there is none.
    package nonisolated var limit: RateLimit? { rateLimit.withLock { $0 } }

    /// What was sent since ``takeUsage()`` was last called.
    nonisolated var untakenUsage: RequestUsage { usage.withLock { $0 } }

    /// Takes what was sent since this was last called.
    nonisolated func takeUsage() -> RequestUsage {
        usage.withLock { usage -> RequestUsage in
            defer { usage = RequestUsage() }
            return usage
        }
    }

    /// Puts back a usage that could not be stored.
    nonisolated func putBack(_ unstored: RequestUsage) { usage.withLock { $0 = $0 + unstored } }

    /// How many requests of this process are in the window of the limit now; of a tenant that processes share, the store knows it.
    var usedNow: Int {
        guard let limit else { return 0 }
        let now = time.instant()
        return passed.count { now - $0 < limit.window }
    }

    /// The wall clock.
    fileprivate nonisolated func now() -> Date { time.now() }

    /// Sets another limit; earlier requests count.
    public nonisolated func setRateLimit(_ rateLimit: RateLimit?) { self.rateLimit.withLock { $0 = rateLimit } }

    /// How long until there is a place; nil if there is one.
    private func wait() -> Duration? {
        guard let limit = rateLimit.withLock({ $0 }), limit.requests > 0 else { return nil }
        let now = time.instant()
        passed.removeAll { now - $0 >= limit.window }
        let urgency = RequestUrgency.current
        let reserved = urgency.reserve(of: limit)
        let preceding = urgency == .delivery ? 0 : waitingDeliveries
        let places = max(preceding == 0 ? 1 : 0, limit.requests - reserved - preceding)
        guard passed.count >= places else { return nil }
        guard places > 0, !passed.isEmpty else { return .milliseconds(50) }
        // Places are free again for this caller once so many of the oldest have left the window.
        let leaving = passed[passed.count - places]
        let seconds = (limit.window - (now - leaving)).seconds
        return .milliseconds(Int((seconds * 1_000).rounded(.up)) + 1)
    }
}

/// A tenant in the store of several processes.
struct SharedTenant: Sendable {
    let store: any SharedTenantStore
    let name: String
}

/// A reservation came when its time was over.
private struct LateReservationError: Error {}

extension RateLimiter {
    /// How often the store may fail in a row until a request fails: after about a quarter of a minute.
    private static let maxFailures = 5

    private func acquire(
        from shared: SharedTenant, within waitLimit: Duration, _ onWait: @Sendable (Duration) -> Void
    ) async throws {
        let urgency = RequestUrgency.current
        callers[urgency, default: 0] += 1
        defer { callers[urgency, default: 1] -= 1 }
        var (waited, failures) = (Duration.zero, 0)
        while let limit = rateLimit.withLock({ $0 }), limit.requests > 0, limit.window > .zero {
            try Task.checkCancellation()
            if takeReservation(urgency, limit) { return }
            let wait: Duration
            do {
                guard let refusal = try await reserve(urgency, limit, shared) else { continue }
                (wait, failures) = (refusal, 0)
            } catch let error as CancellationError {
                throw error
            } catch {
                failures += 1
                guard failures < Self.maxFailures else {
                    throw TransportError(
                        .rateLimitExceeded, delivery: .notSent, note: "the shared rate limits failed: \(type(of: error))")
                }
                wait = .seconds(1 << (failures - 1))
            }
            guard waited + wait <= waitLimit else { throw TransportError(.rateLimitExceeded, delivery: .notSent) }
            onWait(wait)
            try await time.sleep(wait)
            waited += wait
        }
    }

    /// Takes a request that was reserved for this urgency or a lower one, which has more of the limit left to others.
    private func takeReservation(_ urgency: RequestUrgency, _ limit: RateLimit) -> Bool {
        endSlices()
        guard
            let place = reservations.firstIndex(where: { $0.left > 0 && $0.urgency.reserve(of: limit) >= urgency.reserve(of: limit) })
        else { return false }
        reservations[place].left -= 1
        if reservations[place].left == 0 {
            reservedAtATime = min(reservedAtATime * 2, SharedRateWindow.batch(of: limit))
            reservations.remove(at: place)
        }
        return true
    }

    /// Reserves requests in the store; callers of one urgency do it together.
    ///
    /// - Returns: How long to wait; nil if some are reserved.
    private func reserve(_ urgency: RequestUrgency, _ limit: RateLimit, _ shared: SharedTenant) async throws -> Duration? {
        if let running = reserving[urgency] { return try await running.value }
        // Not a child of the caller: its cancellation must not end it for the others.
        let task = Task {
            // Before anyone who waits for it goes on: it would be found again.
            defer { reserving[urgency] = nil }
            return try await makeReservation(urgency, limit, shared)
        }
        reserving[urgency] = task
        return try await task.value
    }

    private func makeReservation(_ urgency: RequestUrgency, _ limit: RateLimit, _ shared: SharedTenant) async throws -> Duration? {
        let count = min(max(callers[urgency] ?? 1, reservedAtATime, 1), SharedRateWindow.batch(of: limit))
        // Before the store is asked: what it grants is counted from later on.
        let useBy = time.instant() + SharedRateWindow.slice(of: limit)
        let request = RateReservationRequest(tenant: shared.name, count: count, limit: limit, urgency: urgency)
        switch try await shared.store.reserveRequests(request, now: time.now()) {
        case .wait(let wait):
            reservedAtATime = 1
            return max(wait, .milliseconds(1))
        case .granted(let reservation):
            guard time.instant() < useBy else {
                giveBack([(reservation.count, reservation)])
                throw LateReservationError()
            }
            reservations.append((urgency, reservation, reservation.count, useBy))
            if reservation.count > 1 {
                Task { [time] in
                    try? await time.sleep(useBy - time.instant())
                    endSlices()
                }
            }
            return nil
        }
    }

    /// Gives back what may not be used any more.
    private func endSlices() {
        let now = time.instant()
        let ended = reservations.filter { now >= $0.useBy }
        guard !ended.isEmpty else { return }
        reservations.removeAll { now >= $0.useBy }
        for end in ended { reservedAtATime = max(1, end.reservation.count - end.left) }
        giveBack(ended.map { ($0.left, $0.reservation) })
    }

    private func giveBack(_ unused: [(count: Int, reservation: RateReservation)]) {
        guard let shared else { return }
        Task { [time] in
            for (count, reservation) in unused where count > 0 {
                // What can't be given back counts as used.
                try? await shared.store.returnRequests(count, of: reservation, tenant: shared.name, now: time.now())
            }
        }
    }

    /// Gives back everything that is reserved and not used, when the process ends.
    func giveBackReservations() async {
        guard let shared else { return }
        let unused = reservations
        reservations = []
        for entry in unused {
            try? await shared.store.returnRequests(entry.left, of: entry.reservation, tenant: shared.name, now: time.now())
        }
    }

    /// Holds back the requests of all processes, because the PSA has refused one for its rate.
    ///
    /// - Parameter wait: How long the PSA asks to wait; nil if it does not say. Others wait for a minute at most.
    package func noteRefusal(_ wait: Duration?) async {
        usage.withLock { $0.refusals += 1 }
        guard let shared, let limit = rateLimit.withLock({ $0 }), limit.requests > 0, limit.window > .zero else { return }
        await giveBackReservations()
        let duration = min(wait ?? .seconds(1), limit.window, .seconds(60))
        // What can't be stored is found out by the others with a request of their own.
        try? await shared.store.holdBackRequests(of: shared.name, for: duration, now: time.now())
    }
}

extension RateLimiter {
    /// How many of a limit's requests one person may make in its window: a fifth, at least ten.
    static func share(of limit: RateLimit) -> Int { max(10, limit.requests / 5) }

    /// Takes a request out of a person's share.
    ///
    /// - Parameter owner: The person.
    /// - Returns: Nil if the request may be made; otherwise how long until the share has room again.
    func takeShare(of owner: String) -> Duration? {
        guard let limit = rateLimit.withLock({ $0 }), limit.requests > 0, limit.window > .zero else { return nil }
        let now = time.instant()
        ownedRequests = ownedRequests.mapValues { $0.filter { now - $0 < limit.window } }.filter { !$0.value.isEmpty }
        let made = ownedRequests[owner] ?? []
        if made.count >= Self.share(of: limit) { return limit.window - (now - made[0]) }
        ownedRequests[owner, default: []].append(now)
        return nil
    }
}

/// Refuses requests of a person who has used up the share; it is the outermost, so that a request that fails on its way counts as well.
package struct RequestShareMiddleware: HTTPMiddleware {
    private let limiter: RateLimiter

    /// Takes the shares from a limiter.
    package init(_ limiter: RateLimiter) { self.limiter = limiter }

    /// Sends the request if it has no owner, or its owner's share has room.
    package func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        if let owner = RequestOwner.current, let wait = await limiter.takeShare(of: owner) {
            var error = TransportError(.rateLimitExceeded, delivery: .notSent, note: "the share of one person is used up")
            error.retryAfter = wait
            throw error
        }
        return try await next(request)
    }
}

extension Duration {
    /// The duration in seconds, for arithmetic with dates.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// The duration in whole milliseconds, for people and programs, without what is left of one.
    package var wholeMilliseconds: Int {
        let (milliseconds, isTooLong) = components.seconds.multipliedReportingOverflow(by: 1_000)
        guard !isTooLong else { return components.seconds < 0 ? .min : .max }
        return Int(milliseconds + components.attoseconds / 1_000_000_000_000_000)
    }
}

/// Lets each request wait for its place in the tenant's rate limit, retries included.
package struct RateLimitMiddleware: HTTPMiddleware {
    private let limiter: RateLimiter
    private let log: any ConnectorLog

    /// Waits for a limiter.
    package init(_ limiter: RateLimiter, log: any ConnectorLog = SilentLog()) {
        self.limiter = limiter
        self.log = log
    }

    /// Sends the request once the limiter lets it through; a write only if every lease that it needs lasts long enough.
    package func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        try await limiter.acquire(within: request.retryTimeLimit) { log.record(ConnectorEvent(.heldBack(request.label, wait: $0))) }
        if !request.isRepeatable { try await WriteLease.requireAll(for: request.timeout) }
        let response = try await next(request)
        if response.status == 429 { await limiter.noteRefusal(RetryAfter.wait(response.headers["Retry-After"], now: limiter.now())) }
        return response
    }
}
