import PSACore
import Synchronization

/// What other processes should look at.
public struct WakeupTopic: RawRepresentable, Sendable, Hashable, Codable {
    /// The name, as it is sent.
    public let rawValue: String

    /// Creates a topic: 1 to 40 small letters, digits and hyphens.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Jobs may be due, or one was completed.
    public static let jobs = WakeupTopic(rawValue: "jobs")
    /// A run of a sync may be due.
    public static let sync = WakeupTopic(rawValue: "sync")
}

/// Tells other processes that share a store that there may be something to do.
///
/// It makes them faster and nothing else: each loop reads the store every few seconds anyway, so a message that is lost is no fault.
public protocol WakeupChannel: Sendable {
    /// Sends a topic to the other processes; returns at once, and may send to this process too.
    func send(_ topic: WakeupTopic)

    /// Returns the topics that other processes send from now on; the stream ends when its task is cancelled or the channel is closed.
    ///
    /// Each call returns a stream of its own. Topics may be dropped, and come several times.
    func topics() -> AsyncStream<WakeupTopic>
}

/// A channel between engines in one process, for tests of a host.
public final class InMemoryWakeupChannel: WakeupChannel {
    private struct State {
        var listeners: [Int: AsyncStream<WakeupTopic>.Continuation] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Creates a channel without listeners.
    public init() {}

    /// As ``WakeupChannel/send(_:)``.
    public func send(_ topic: WakeupTopic) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(topic) }
    }

    /// As ``WakeupChannel/topics()``.
    public func topics() -> AsyncStream<WakeupTopic> {
        let (stream, continuation) = AsyncStream<WakeupTopic>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let id = state.withLock { state in
            state.last += 1
            state.listeners[state.last] = continuation
            return state.last
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) } }
        return stream
    }
}

/// Sends a topic at most ten times a second, so that thousands of events in a second don't become as many messages.
final class WakeupSender: Sendable {
    private let channel: (any WakeupChannel)?
    private let topic: WakeupTopic
    private let time: TimeSource
    private let isWaiting = Mutex((isWaiting: false, isWanted: false))

    init(_ channel: (any WakeupChannel)?, _ topic: WakeupTopic, _ time: TimeSource) {
        self.channel = channel
        self.topic = topic
        self.time = time
    }

    /// Sends it at once, or after a tenth of a second if it was sent just now.
    func send() {
        guard let channel else { return }
        let isDue = isWaiting.withLock { state in
            if state.isWaiting {
                state.isWanted = true
                return false
            }
            state.isWaiting = true
            return true
        }
        guard isDue else { return }
        channel.send(topic)
        Task { [self] in
            repeat { try? await time.sleep(.milliseconds(100)) } while sendIfWanted(channel)
        }
    }

    /// Returns whether it was sent again; then the next one waits as well.
    private func sendIfWanted(_ channel: any WakeupChannel) -> Bool {
        let isWanted = isWaiting.withLock { state in
            defer { state.isWanted = false }
            state.isWaiting = state.isWanted
            return state.isWanted
        }
        if isWanted { channel.send(topic) }
        return isWanted
    }
}
