#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
import PSACore

/// What a time in the future says about the clock that wrote it.
///
/// A clock that was set ahead, and back later, leaves times that would stop the work for as long as it was ahead. They count nowhere.
public enum WrongClock {
    /// How far ahead of each other two timestamps may be that were written by a right clock, in seconds.
    public static let tolerance: TimeInterval = 5 * 60
    /// Longer than every wait of the outbox and of rereads, in milliseconds; a time further ahead was written by a wrong clock.
    public static let maxWaitMilliseconds = 2 * 86_400 * 1_000

    /// Returns the latest timestamp that counts at a time.
    public static func latest(at time: Date) -> Date { time.addingTimeInterval(tolerance) }

    /// Returns the latest time of a write that says something about a refusal; a refused job is not retried for longer than a wait.
    public static func latestWrite(since refusal: Date) -> Date { refusal.addingTimeInterval(TimeInterval(maxWaitMilliseconds) / 1_000) }

    /// Whether the end of a wait is further ahead than a wait lasts.
    public static func isTooFarAhead(_ end: Date, of now: Date, maxWait: Duration = .milliseconds(maxWaitMilliseconds)) -> Bool {
        end.timeIntervalSince(now) > maxWait.seconds
    }
}
