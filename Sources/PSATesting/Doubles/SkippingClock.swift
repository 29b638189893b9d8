import FoundationEssentials
public import PSACore
import Synchronization

/// The machine's clock, in which waits are over at once and move the clock on by their length: repeats are seen without sitting them out.
///
/// A wait longer than ``maxSkippedLength`` is really waited for: it is the limit of something else, and ends when that is over.
public final class SkippingClock: Sendable {
    /// The longest wait that is skipped.
    public static let maxSkippedLength = Duration.seconds(1_800)

    private struct State {
        var skipped = 0.0
        var waits: [Duration] = []
    }

    private let state = Mutex(State())

    /// Makes the clock.
    public init() {}

    /// The waits that were skipped, in order.
    public var waits: [Duration] { state.withLock { $0.waits } }

    /// The clock as a connector gets it.
    public var source: TimeSource {
        TimeSource(
            now: { TimeSource.system.now().addingTimeInterval(self.state.withLock { $0.skipped }) },
            sleep: { wait in
                try Task.checkCancellation()
                guard wait <= Self.maxSkippedLength else { return try await Task.sleep(for: wait) }
                self.state.withLock { state in
                    state.skipped += Double(wait.components.seconds) + Double(wait.components.attoseconds) / 1e18
                    state.waits.append(wait)
                }
            }, random: { 0.5 })
    }
}
