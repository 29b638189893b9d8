public import FoundationEssentials

/// Time and chance as inputs, so that tests decide both.
public struct TimeSource: Sendable {
    /// The present moment.
    public var now: @Sendable () -> Date
    /// Waits; throws `CancellationError` if the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1.
    public var random: @Sendable () -> Double

    /// Makes a source; tests do.
    public init(
        now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The machine's clock and randomness.
    public static let system = TimeSource(
        now: { Date() }, sleep: { try await Task.sleep(for: $0) }, random: { Double.random(in: 0...1) })
}
