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
    fileprivate var reservedPercent: Int {
        switch self {
        case .delivery: 0
        case .interactive: 10
        case .background: 20
        case .bulk: 30
        }
    }
}

/// The person on whose behalf requests are made, so that one person does not use up what all need.
///
/// A host sets it for what a page or an API route does: `RequestOwner.$current.withValue("alice") { … }`.
public enum RequestOwner {
    /// The person of the current task; nil for the host's own work, which has no share.
    @TaskLocal public static var current: String?
}

/// Keeps everything that talks to one tenant within its rate limit; a caller over it waits until a place is free.
public actor RateLimiter {
    private nonisolated let rateLimit: Mutex<RateLimit?>
    private let time: TimeSource
    /// When the latest requests were let through, the oldest first; never more than the limit allows.
    private var passed: [MonotonicInstant] = []
    /// How many deliveries wait for a place; nothing else takes one meanwhile.
    private var waitingDeliveries = 0
    /// When each person's latest requests were made.
    private var ownedRequests: [String: [MonotonicInstant]] = [:]

    /// Makes a limiter; without a limit everything passes.
    public init(rateLimit: RateLimit?, time: TimeSource) {
        self.rateLimit = Mutex(rateLimit)
        self.time = time
    }

    /// Returns once a request may be made.
    ///
    /// - Parameters:
    ///   - waitLimit: The longest wait altogether.
    ///   - onWait: Receives the length of each wait before it.
    /// - Throws: ``TransportError`` of the kind `rateLimitExceeded` if it would take longer, or `CancellationError`.
    public func acquire(within waitLimit: Duration = .seconds(86_400), onWait: @Sendable (Duration) -> Void = { _ in }) async throws {
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
        passed.append(time.instant())
    }

    /// Sets another limit; earlier requests count.
    public nonisolated func setRateLimit(_ rateLimit: RateLimit?) { self.rateLimit.withLock { $0 = rateLimit } }

    /// How long until there is a place; nil if there is one.
    private func wait() -> Duration? {
        guard let limit = rateLimit.withLock({ $0 }), limit.requests > 0 else { return nil }
        let now = time.instant()
        passed.removeAll { now - $0 >= limit.window }
        let urgency = RequestUrgency.current
        let reserved = limit.requests < 10 ? 0 : limit.requests * urgency.reservedPercent / 100
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
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
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

    /// Sends the request once the limiter lets it through.
    package func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await limiter.acquire(within: request.retryTimeLimit) { log.record(.heldBack(request: request.description, wait: $0)) }
        return try await next(request)
    }
}
