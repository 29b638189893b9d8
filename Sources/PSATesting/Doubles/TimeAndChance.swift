#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore
import Synchronization

/// A time source that moves only when a test moves it, or by the length of each sleep.
///
/// Its wall clock and its monotonic clock move together with ``advance(by:)``; ``adjustWallClock(by:)`` sets the date back or forward and
/// leaves the monotonic clock alone, as an administrator or a time server does.
public final class ManualClock: Sendable {
    private struct Sleeper {
        var length: Duration
        var wakesAt: MonotonicInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Date
        var instant = MonotonicInstant(elapsed: .zero)
        var random: Double
        var sleeps: [Duration] = []
        var signals: [Duration: Signal] = [:]
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0

        mutating func move(by duration: Duration) {
            instant = instant + duration
            now.addTimeInterval(duration.seconds)
        }

        mutating func wake(where isDue: (Sleeper) -> Bool) -> [CheckedContinuation<Void, any Error>] {
            let due = sleepers.filter { isDue($0.value) }
            for id in due.keys { sleepers[id] = nil }
            return due.values.map(\.continuation)
        }

        mutating func signal(_ length: Duration) -> Signal {
            let signal = signals[length] ?? Signal()
            signals[length] = signal
            return signal
        }
    }

    private let state: Mutex<State>
    private let movesBySleeping: Bool
    private let skipped: Set<Duration>
    /// Fires at the beginning of each sleep that lasts until the clock is moved.
    public let sleeping = Signal()

    /// Makes a clock.
    ///
    /// - Parameters:
    ///   - start: The date and time its wall clock shows at first.
    ///   - movesBySleeping: Whether a sleep ends at once and moves the clock by its length; otherwise it lasts until the test moves the clock.
    ///   - skipped: Lengths of sleeps that end at once and leave the clock where it is.
    ///   - random: The number from 0 to 1 that its time source gives as random.
    public init(
        startingAt start: Date = Date(timeIntervalSince1970: 1_790_000_000), movesBySleeping: Bool = true,
        skipping skipped: Set<Duration> = [],
        random: Double = 1
    ) {
        state = Mutex(State(now: start, random: random))
        self.movesBySleeping = movesBySleeping
        self.skipped = skipped
    }

    /// What the wall clock shows.
    public var now: Date { state.withLock { $0.now } }
    /// What the monotonic clock shows.
    public var instant: MonotonicInstant { state.withLock { $0.instant } }
    /// The lengths of all sleeps so far, in the order in which they began.
    public var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// The number from 0 to 1 that the time source gives as random.
    public var random: Double {
        get { state.withLock { $0.random } }
        set { state.withLock { $0.random = newValue } }
    }

    /// The clock as a connector or host takes it.
    public var source: TimeSource {
        TimeSource(now: { self.now }, instant: { self.instant }, sleep: { try await self.sleep($0) }, random: { self.random })
    }

    /// Moves both clocks forward and wakes every sleeper whose time has come.
    ///
    /// - Parameter seconds: How far, in seconds, not negative; see ``adjustWallClock(by:)``.
    public func advance(by seconds: Double) {
        precondition(seconds >= 0, "A monotonic clock never goes back; adjustWallClock(by:) sets the date back.")
        let woken = state.withLock { state in
            state.move(by: .seconds(seconds))
            let instant = state.instant
            return state.wake { $0.wakesAt <= instant }
        }
        for continuation in woken { continuation.resume() }
    }

    /// Sets the wall clock forward, or back with a negative number of seconds; the monotonic clock and the sleepers are not affected.
    public func adjustWallClock(by seconds: Double) { state.withLock { $0.now.addTimeInterval(seconds) } }

    /// Ends every sleep of exactly this length and moves both clocks by it; other sleepers stay asleep.
    public func endSleeps(lasting length: Duration) {
        let woken = state.withLock { state in
            state.move(by: length)
            return state.wake { $0.length == length }
        }
        for continuation in woken { continuation.resume() }
    }

    /// The signal that fires at the beginning of each sleep of exactly this length.
    public func sleeping(lasting length: Duration) -> Signal { state.withLock { $0.signal(length) } }

    /// Returns once a sleep is under way.
    public func waitForSleeper() async {
        let begun = state.withLock { $0.sleepers.isEmpty ? sleeping.count : nil }
        if let begun { await sleeping.wait(for: begun + 1) }
    }

    private func sleep(_ wait: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { $0.sleeps.append(wait) }
        if skipped.contains(wait) { return }
        guard !movesBySleeping else { return advance(by: max(0, wait.seconds)) }
        let id = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    guard !Task.isCancelled else { return true }
                    state.sleepers[id] = Sleeper(length: wait, wakesAt: state.instant + wait, continuation: continuation)
                    // Within the lock: a test that sees the sleeper sees its signal too.
                    sleeping.fire()
                    state.signal(wait).fire()
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}

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

/// SplitMix64: the same seed gives the same numbers on every machine, so that a failure can be repeated.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes a generator whose numbers follow from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next number, all 64 bits of it evenly distributed.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of several elements, or nil of none.
    public mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &self) }
}
