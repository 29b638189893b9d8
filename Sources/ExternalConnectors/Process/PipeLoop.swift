import Glibc
import Synchronization

/// Moves bytes between this program and a child on one thread that blocks only in `poll`.
///
/// A child that doesn't read, doesn't write or has left its pipes to another process can't block the thread: the loop ends with the child.
final class PipeLoop: Sendable {
    private struct State {
        var waiting: [[UInt8]] = []
        /// How many bytes were queued and not yet taken by the pipe.
        var unreadBytes = 0
        var isOverflowing = false
        var isInputClosing = false
        var end: ProcessEnd?
        var hasStarted = false
    }

    /// How much is still read after the child's end, in case another process keeps writing into its pipe.
    private static let farewellBytes = 16 << 20

    private let input: Int32
    private let output: Int32
    private let errors: Int32
    private let wake: (reader: Int32, writer: Int32)
    private let unreadLimit: Int
    private let state = Mutex(State())

    /// Takes over three descriptors.
    ///
    /// - Parameters:
    ///   - input: The child's input.
    ///   - output: Its output.
    ///   - errors: Its standard error.
    ///   - unreadLimit: How many bytes may be queued for it; one write is accepted whatever its size if nothing is queued.
    /// - Throws: ``ChildProcess/NotStarted``.
    init(input: Int32, output: Int32, errors: Int32, unreadLimit: Int) throws(ChildProcess.NotStarted) {
        (self.input, self.output, self.errors) = (input, output, errors)
        self.unreadLimit = unreadLimit
        do {
            var pair = try PipePair()
            wake = (pair.takeReader(), pair.takeWriter())
        } catch {
            for descriptor in [input, output, errors] { close(descriptor) }
            throw error
        }
    }

    deinit {
        for descriptor in [output, errors, wake.reader, wake.writer] { close(descriptor) }
        // Once it runs, the traffic owns the input.
        if !state.withLock({ $0.hasStarted }) { close(input) }
    }

    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            guard !state.isInputClosing, !state.isOverflowing else { return }
            guard state.unreadBytes == 0 || state.unreadBytes + bytes.count <= unreadLimit else {
                // The listener hears of it on the loop's thread.
                (state.isOverflowing, state.waiting) = (true, [])
                return
            }
            state.unreadBytes += bytes.count
            state.waiting.append(bytes)
        }
        wakeUp()
    }

    func closeInput() {
        state.withLock { $0.isInputClosing = true }
        wakeUp()
    }

    func childEnded(_ end: ProcessEnd) {
        state.withLock { $0.end = end }
        wakeUp()
    }

    private func wakeUp() {
        var byte: UInt8 = 1
        // Full means that the loop is awake anyway.
        _ = Glibc.write(wake.writer, &byte, 1)
    }

    /// Runs until the child has ended, and then notifies the listener.
    func run(_ listener: any ChildProcess.Listener) {
        let mask = BrokenPipeMask()
        defer { mask.restore() }
        state.withLock { $0.hasStarted = true }
        var traffic = Traffic(input: input)
        var isOverflowReported = false
        while true {
            let (end, hasMore, isOverflowing) = state.withLock { state in
                if state.isOverflowing { traffic.discardLines() }
                traffic.take(state.waiting, isClosing: state.isInputClosing)
                state.waiting = []
                return (state.end, traffic.hasMore, state.isOverflowing)
            }
            if isOverflowing, !isOverflowReported {
                isOverflowReported = true
                listener.overflowed()
            }
            if let end {
                if traffic.readsOutput { _ = read(output, limit: Self.farewellBytes, listener.output) }
                if traffic.readsErrors { _ = read(errors, limit: Self.farewellBytes, listener.errors) }
                return listener.ended(end)
            }
            let ready = wait(traffic, hasMore: hasMore)
            if ready.wake { drainWake() }
            if ready.output { traffic.readsOutput = read(output, limit: 1 << 16, listener.output) }
            if ready.errors { traffic.readsErrors = read(errors, limit: 1 << 16, listener.errors) }
            if ready.input {
                let sent = traffic.send()
                state.withLock { $0.unreadBytes -= sent }
            }
        }
    }

    private func wait(_ traffic: borrowing Traffic, hasMore: Bool) -> (wake: Bool, output: Bool, errors: Bool, input: Bool) {
        // A negative descriptor is ignored.
        var events = [
            pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: traffic.readsOutput ? output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: traffic.readsErrors ? errors : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hasMore ? traffic.openInput : -1, events: Int16(POLLOUT), revents: 0),
        ]
        while poll(&events, nfds_t(events.count), -1) < 0, errno == EINTR {}
        return (events[0].revents != 0, events[1].revents != 0, events[2].revents != 0, events[3].revents != 0)
    }

    /// Delivers available bytes; false at the end of the stream.
    private func read(_ descriptor: Int32, limit: Int, _ deliver: (ArraySlice<UInt8>) -> Void) -> Bool {
        var total = 0
        while total < limit {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
                count = Glibc.read(descriptor, buffer.baseAddress, 1 << 16)
                used = max(0, count)
            }
            guard count > 0 else { return count < 0 && [EAGAIN, EINTR].contains(errno) }
            deliver(bytes[...])
            total += count
        }
        return true
    }

    private func drainWake() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while Glibc.read(wake.reader, &bytes, 64) > 0 {}
    }
}
