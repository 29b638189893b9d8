#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The clocks and the randomness that a connector or host works with, as inputs, so that tests control them.
///
/// Store and show dates of ``now``; measure durations, time-outs and expiry with ``instant``, which a change of the machine's date does not
/// move.
public struct TimeSource: Sendable {
    /// The date and time of the wall clock, for storage and display; it can be set back or forward at any moment.
    public var now: @Sendable () -> Date { didSet { isSystem = false } }
    /// The monotonic clock, for durations and time limits; it never goes back.
    public var instant: @Sendable () -> MonotonicInstant { didSet { isSystem = false } }
    /// Waits; throws `CancellationError` if the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void { didSet { isSystem = false } }
    /// A number from 0 to 1.
    public var random: @Sendable () -> Double
    /// Whether its clocks are the machine's, so that others keep the same time.
    private(set) var isSystem = false

    /// Makes a source of these parts; tests do.
    ///
    /// - Parameters:
    ///   - now: Reads the wall clock.
    ///   - instant: Reads the monotonic clock.
    ///   - sleep: Waits by the monotonic clock, and throws `CancellationError` if the task is cancelled.
    ///   - random: Returns a number from 0 to 1.
    public init(
        now: @escaping @Sendable () -> Date, instant: @escaping @Sendable () -> MonotonicInstant,
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.instant = instant
        self.sleep = sleep
        self.random = random
    }

    /// The machine's clocks and randomness; its monotonic clock goes on while the machine sleeps.
    public static let system = {
        var source = TimeSource(
            now: { Date() }, instant: { .current }, sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0...1) })
        source.isSystem = true
        return source
    }()
}

/// A point on a clock that never goes back, for durations and time limits within one process.
///
/// Instants of one ``TimeSource`` can be compared; they mean nothing to another process and are not stored.
public struct MonotonicInstant: InstantProtocol, Sendable {
    /// The time since the clock's fixed starting point.
    public var elapsed: Duration

    /// Makes an instant from the time since the clock's starting point; tests do.
    public init(elapsed: Duration) { self.elapsed = elapsed }

    /// The instant that lies a duration after this one, or before it if the duration is negative.
    public func advanced(by duration: Duration) -> MonotonicInstant { MonotonicInstant(elapsed: elapsed + duration) }

    /// The time from this instant to another, negative if the other one is earlier.
    public func duration(to other: MonotonicInstant) -> Duration { other.elapsed - elapsed }

    /// Whether one instant is earlier than another.
    public static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool { lhs.elapsed < rhs.elapsed }

    /// The instant that lies a duration after this one.
    public static func + (lhs: MonotonicInstant, rhs: Duration) -> MonotonicInstant { lhs.advanced(by: rhs) }

    /// The instant that lies a duration before this one.
    public static func - (lhs: MonotonicInstant, rhs: Duration) -> MonotonicInstant { lhs.advanced(by: .zero - rhs) }

    /// The time from the second instant to the first.
    public static func - (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Duration { rhs.duration(to: lhs) }

    private static let start = ContinuousClock.now
    /// The machine's monotonic clock at this moment.
    fileprivate static var current: MonotonicInstant { MonotonicInstant(elapsed: start.duration(to: .now)) }
}
