import Synchronization

/// How many requests a tenant allows in a sliding window.
public struct RateLimit: Sendable, Hashable {
    /// Requests in a window.
    public var requests: Int
    /// The window's length.
    public var window: Duration

    /// States a pace.
    public init(_ requests: Int, per window: Duration) {
        self.requests = requests
        self.window = window
    }
}

/// Whether somebody waits for a request.
///
/// A host sets it for work that runs by itself: `RequestUrgency.$current.withValue(.background) { … }`.
public enum RequestUrgency: Sendable {
    /// A person waits.
    case interactive
    /// Nobody waits; a tenth of each tenant's pace is left to those who do.
    case background

    /// The urgency of the requests that the current task makes.
    @TaskLocal public static var current = RequestUrgency.interactive
}

/// Keeps everything that talks to one tenant within its pace; a caller over it waits until a place is free.
public actor RateLimiter {
    private nonisolated let pace: Mutex<RateLimit?>
    private let time: TimeSource
    /// When the latest requests were let through, the oldest first; never more than the pace allows.
    private var passed: [MonotonicInstant] = []

    /// Makes a budget; a nil pace lets everything through.
    public init(pace: RateLimit?, time: TimeSource) {
        self.pace = Mutex(pace)
        self.time = time
    }

    /// Returns once a request may be made.
    ///
    /// - Parameters:
    ///   - patience: The longest wait.
    ///   - onWait: Told how long it will take, before each wait.
    /// - Throws: ``TransportError`` of the kind `rateLimitExceeded` if it would take longer, or `CancellationError`.
    public func acquire(within patience: Duration = .seconds(86_400), onWait: @Sendable (Duration) -> Void = { _ in }) async throws {
        var waited = Duration.zero
        while let wait = wait() {
            guard waited + wait <= patience else { throw TransportError(.rateLimitExceeded, delivery: .notSent) }
            onWait(wait)
            try await time.sleep(wait)
            waited += wait
        }
        passed.append(time.instant())
    }

    /// Sets another pace; what has passed already counts.
    public nonisolated func setPace(_ pace: RateLimit?) { self.pace.withLock { $0 = pace } }

    /// How long until there is a place; nil if there is one.
    private func wait() -> Duration? {
        guard let pace = pace.withLock({ $0 }), pace.requests > 0 else { return nil }
        let now = time.instant()
        passed.removeAll { now - $0 >= pace.window }
        let places = RequestUrgency.current == .interactive ? pace.requests : max(1, pace.requests - pace.requests / 10)
        guard passed.count >= places else { return nil }
        // Places are free again for this caller once so many of the oldest have left the window.
        let leaving = passed[passed.count - places]
        let seconds = (pace.window - (now - leaving)).seconds
        return .milliseconds(Int((seconds * 1_000).rounded(.up)) + 1)
    }
}

extension Duration {
    /// The duration in seconds, for arithmetic with dates.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Lets each request wait for its place in the tenant's request budget, repeats included.
package struct RateLimitMiddleware: HTTPMiddleware {
    private let budget: RateLimiter
    private let log: any ConnectorLog

    /// Spends from a budget.
    package init(_ budget: RateLimiter, log: any ConnectorLog = SilentLog()) {
        self.budget = budget
        self.log = log
    }

    /// Sends the request once the budget lets it through.
    package func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await budget.acquire(within: request.retryTimeLimit) { log.record(.heldBack(request: request.description, wait: $0)) }
        return try await next(request)
    }
}
