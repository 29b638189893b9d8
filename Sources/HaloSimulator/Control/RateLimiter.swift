/// Counts requests in a rolling window.
struct RateLimiter: Sendable {
    private var moments: [HaloTime] = []

    /// Counts a request, or tells how many seconds to wait when the window is full.
    mutating func wait(now: HaloTime, rule: HaloSimulator.Configuration.RateLimit) -> Int? {
        let start = now.adding(seconds: -rule.windowSeconds)
        moments.removeAll { $0 <= start }
        guard moments.count >= rule.requests else {
            moments.append(now)
            return nil
        }
        guard let oldest = moments.first else { return rule.windowSeconds }
        let ticks = oldest.ticks - start.ticks
        return max(1, Int((ticks + HaloTime.ticksPerSecond - 1) / HaloTime.ticksPerSecond))
    }
}
