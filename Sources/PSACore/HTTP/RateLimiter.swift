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

/// Whether a person waits for a request.
///
/// A host sets it for work that runs by itself: `RequestUrgency.$current.withValue(.background) { … }`.
public enum RequestUrgency: Sendable {
    /// A person waits.
    case interactive
    /// No person waits; a tenth of each tenant's rate limit is left to requests for which one does.
    case background
    /// Much is read, and no one waits; a quarter of each tenant's rate limit is left to everything else.
    case bulk

    /// The urgency of the requests that the current task makes.
    @TaskLocal public static var current = RequestUrgency.interactive

    /// How much of a rate limit is left to more urgent requests.
    fileprivate var reservedPercent: Int {
        switch self {
        case .interactive: 0
        case .background: 10
        case .bulk: 25
        }
    }
}

/// Keeps everything that talks to one tenant within its rate limit; a caller over it waits until a place is free.
public actor RateLimiter {
    private nonisolated let rateLimit: Mutex<RateLimit?>
    private let time: TimeSource
    /// When the latest requests were let through, the oldest first; never more than the limit allows.
    private var passed: [MonotonicInstant] = []

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
        while let wait = wait() {
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
        let places = max(1, limit.requests - limit.requests * RequestUrgency.current.reservedPercent / 100)
        guard passed.count >= places else { return nil }
        // Places are free again for this caller once so many of the oldest have left the window.
        let leaving = passed[passed.count - places]
        let seconds = (limit.window - (now - leaving)).seconds
        return .milliseconds(Int((seconds * 1_000).rounded(.up)) + 1)
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
