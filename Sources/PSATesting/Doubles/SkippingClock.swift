public import PSACore
import FoundationEssentials
import Synchronization

/// The machine's clocks, on which short waits end at once and move both clocks forward: a test sees repeated tries without sitting them out.
///
/// A wait longer than ``maxSkippedLength`` is really waited for: it is the time limit of something else, and is cancelled when that ends.
public final class SkippingClock: Sendable {
    /// The longest wait that is skipped.
    public let maxSkippedLength: Duration

    private struct State {
        var skipped = Duration.zero
        var waits: [Duration] = []
    }

    private let state = Mutex(State())

    /// Makes the clock.
    ///
    /// - Parameter maxSkippedLength: The longest wait that is skipped; half an hour if not stated.
    public init(maxSkippedLength: Duration = .seconds(1_800)) { self.maxSkippedLength = maxSkippedLength }

    /// The waits that were skipped, in order.
    public var waits: [Duration] { state.withLock { $0.waits } }

    /// Moves both clocks forward.
    ///
    /// - Parameter duration: How far, not negative.
    public func advance(by duration: Duration) { state.withLock { $0.skipped += duration } }

    /// The clock as a connector takes it.
    public var source: TimeSource {
        TimeSource(
            now: { TimeSource.system.now().addingTimeInterval(self.skipped.seconds) },
            instant: { TimeSource.system.instant() + self.skipped },
            sleep: { wait in
                try Task.checkCancellation()
                guard wait <= self.maxSkippedLength else { return try await Task.sleep(for: wait) }
                self.state.withLock { state in
                    state.skipped += wait
                    state.waits.append(wait)
                }
            }, random: { 0.5 })
    }

    private var skipped: Duration { state.withLock { $0.skipped } }
}
