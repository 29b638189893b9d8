import Dispatch
import Glibc
import Synchronization

/// What a process that listens gets to know.
public enum PostgreSQLNotification: Sendable, Hashable {
    /// A transaction with this payload was committed.
    case payload(String)
    /// Listening has begun, at first or again after the connection was lost: earlier notifications may have been missed.
    case mayHaveMissed
}

/// Waits for notifications on a connection of its own, from the first stream on.
final class NotificationListener: Sendable {
    private struct State {
        var streams: [Int: AsyncStream<PostgreSQLNotification>.Continuation] = [:]
        var nextStream = 0
        var isRunning = false
        var isListening = false
        var isStopped = false
    }

    /// How many notifications a stream keeps for a slow reader.
    private static let bufferSize = 1_000

    private let configuration: PostgreSQLConfiguration
    private let options: [String: String]
    private let queue = DispatchQueue(label: "PostgreSQL notifications")
    /// The ends of a pipe, which is readable once the listener is stopped.
    private let wakeUp: CInt
    private let stopper: CInt
    private let state = Mutex(State())

    init(_ configuration: PostgreSQLConfiguration, options: [String: String]) {
        self.configuration = configuration
        self.options = options
        var ends: [CInt] = [-1, -1]
        // Without a pipe, which only a process without descriptors can't have, it would listen until its connection is lost.
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (wakeUp, stopper) = (ends[0], ends[1])
    }

    deinit {
        close(wakeUp)
        close(stopper)
    }

    /// Returns a stream, and begins to listen if it is the first one.
    func stream() -> AsyncStream<PostgreSQLNotification> {
        AsyncStream(bufferingPolicy: .bufferingNewest(Self.bufferSize)) { continuation in
            let (id, mustStart): (Int?, Bool) = state.withLock { state in
                guard !state.isStopped else { return (nil, false) }
                defer {
                    state.nextStream += 1
                    state.isRunning = true
                }
                state.streams[state.nextStream] = continuation
                if state.isListening { continuation.yield(.mayHaveMissed) }
                return (state.nextStream, !state.isRunning)
            }
            guard let id else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.streams[id] = nil } }
            if mustStart { queue.async { self.listen() } }
        }
    }

    /// Ends all streams, and closes the connection.
    func stop() {
        let streams = state.withLock { state in
            state.isStopped = true
            defer { state.streams = [:] }
            return state.streams.values.map { $0 }
        }
        for stream in streams { stream.finish() }
        _ = write(stopper, "!", 1)
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func listen() {
        var pause: Int32 = 100
        while !isStopped {
            do {
                let connection = try ServerConnection.open(configuration, options: options)
                guard case .success = try connection.exchange([.plain("LISTEN \"\(configuration.schema)\"")]).first else {
                    throw PostgreSQLError.lost()
                }
                setListening(true)
                pause = 100
                while !isStopped {
                    for payload in try connection.notifications(orUntil: wakeUp) { yield(.payload(payload)) }
                }
            } catch {
                setListening(false)
                // Whatever is wrong with the server, transactions report it.
                var descriptor = pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)
                poll(&descriptor, 1, pause)
                pause = min(pause * 2, 5_000)
            }
        }
    }

    private func setListening(_ isListening: Bool) {
        state.withLock { state in
            state.isListening = isListening
            guard isListening else { return }
            for stream in state.streams.values { stream.yield(.mayHaveMissed) }
        }
    }

    private func yield(_ notification: PostgreSQLNotification) {
        state.withLock { state in
            for stream in state.streams.values {
                if case .dropped = stream.yield(notification) { stream.yield(.mayHaveMissed) }
            }
        }
    }
}
