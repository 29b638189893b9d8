import Dispatch
import PSACore
import Synchronization

/// Passes text on to another sink on a thread of its own, so that a stream that is not read delays no one who writes to it.
///
/// A limited number of bytes waits; text that does not fit is dropped and counted. As soon as the stream takes text again, a line tells how much
/// was dropped.
package final class QueuedSink: TextSink {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var pending: [UInt8] = []
        /// What waits, and what the thread is writing.
        var queuedBytes = 0
        var isWriting = false
        var dropped = 0
        var droppedAltogether = 0
        var waiters: [Waiter] = []
        var lastID = 0
    }

    /// How many bytes wait by default.
    package static let defaultLimit = 1 << 20

    private let sink: any TextSink
    private let limit: Int
    private let droppedLine: @Sendable (Int) -> String
    private let queue = DispatchQueue(label: "log")
    private let state = Mutex(State())

    /// Creates a queue in front of a sink.
    ///
    /// - Parameters:
    ///   - sink: Where the text goes; its writes may block.
    ///   - limit: How many bytes may wait.
    ///   - droppedLine: The line that tells how many texts were dropped, with its end.
    package init(_ sink: any TextSink, limit: Int = defaultLimit, droppedLine: @escaping @Sendable (Int) -> String) {
        self.sink = sink
        self.limit = limit
        self.droppedLine = droppedLine
    }

    /// Queues text, or drops all of it if it does not fit.
    package func write(_ text: String) { write(Array(text.utf8)) }

    /// As ``write(_:)-(String)``, for text that is UTF-8 already.
    package func write(_ bytes: [UInt8]) {
        let starts = state.withLock { state -> Bool in
            guard state.queuedBytes + bytes.count <= limit else {
                state.dropped += 1
                state.droppedAltogether += 1
                return false
            }
            state.pending += bytes
            state.queuedBytes += bytes.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        // The block keeps this object until all is written.
        if starts { queue.async { self.drain() } }
    }

    package var isClosed: Bool { sink.isClosed }

    package var failure: SystemReason? { sink.failure }

    package var droppedLines: Int { state.withLock { $0.droppedAltogether } }

    package func flush(within limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> Int? in
                guard state.isWriting else { return nil }
                state.lastID += 1
                state.waiters.append(Waiter(id: state.lastID, continuation: continuation))
                return state.lastID
            }
            guard let id else { return continuation.resume(returning: true) }
            let seconds = max(0, limit.seconds)
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { self.giveUp(id) }
        }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func drain() {
        while let (bytes, dropped) = next() {
            sink.write(bytes)
            // What was dropped came after what was written now.
            if dropped > 0 { sink.write(droppedLine(dropped)) }
            state.withLock { $0.queuedBytes -= bytes.count }
        }
    }

    /// What is to be written next, or nil if there is nothing.
    private func next() -> (bytes: [UInt8], dropped: Int)? {
        let (part, waiters) = state.withLock { state -> ((bytes: [UInt8], dropped: Int)?, [Waiter]) in
            guard !state.pending.isEmpty || state.dropped > 0 else {
                state.isWriting = false
                defer { state.waiters = [] }
                return (nil, state.waiters)
            }
            defer { (state.pending, state.dropped) = ([], 0) }
            return ((state.pending, state.dropped), [])
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
        return part
    }
}
