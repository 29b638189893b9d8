import CMicroHTTPD
import Synchronization

/// A response body that is produced chunk by chunk while the library asks for bytes.
///
/// While there is nothing to send the connection is suspended; the next chunk resumes it. A chunk is requested when the last is taken.
final class StreamBody: Sendable {
    private struct State {
        var chunk: [UInt8] = []
        var offset = 0
        var isFinished = false
        var isAborted = false
        var isSuspended = false
        var pump: Task<Void, Never>?
        var taken: CheckedContinuation<Void, Never>?
    }

    private let chunks: AsyncStream<[UInt8]>
    private let state = Mutex(State())
    /// Used on the library's thread, and on others only while the connection is suspended, which keeps it open.
    nonisolated(unsafe) private let handle: OpaquePointer

    init(_ chunks: AsyncStream<[UInt8]>, on handle: OpaquePointer) {
        self.chunks = chunks
        self.handle = handle
    }

    /// Fills the library's buffer, on the library's thread, and returns the number of bytes or one of the library's codes.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (count, taken) = state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            if state.isAborted { return (cmhd_end_with_error, nil) }
            let count = min(buffer.count, state.chunk.count - state.offset)
            if count > 0 {
                buffer.copyBytes(from: state.chunk[state.offset..<state.offset + count])
                state.offset += count
                guard state.offset == state.chunk.count else { return (count, nil) }
                state.chunk = []
                state.offset = 0
                defer { state.taken = nil }
                return (count, state.taken)
            }
            if state.isFinished { return (cmhd_end_of_stream, nil) }
            MHD_suspend_connection(handle)
            state.isSuspended = true
            if state.pump == nil { state.pump = Task { await self.pump() } }
            return (0, nil)
        }
        taken?.resume()
        return count
    }

    var isAborted: Bool { state.withLock { $0.isAborted } }

    /// Ends the body early: the client does not get the last chunk, and the stream is cancelled.
    func abort() {
        let pending = state.withLock { state -> (Task<Void, Never>?, CheckedContinuation<Void, Never>?)? in
            guard !state.isAborted else { return nil }
            state.isAborted = true
            state.chunk = []
            resume(&state)
            defer { state.taken = nil }
            return (state.pump, state.taken)
        }
        guard let (pump, taken) = pending else { return }
        if let pump { pump.cancel() } else { Self.cancel(chunks) }
        taken?.resume()
    }

    /// Cancels a stream that has no consumer yet; a stream only notices the cancellation of a consumer that waits for it.
    static func cancel(_ chunks: AsyncStream<[UInt8]>) {
        Task { for await _ in chunks {} }.cancel()
    }

    private func pump() async {
        for await chunk in chunks where !chunk.isEmpty {
            // Continuing after `abort()`, in a cancelled task, cancels the stream.
            await enqueue(chunk)
        }
        state.withLock { state in
            state.isFinished = true
            resume(&state)
        }
    }

    /// Waits until the library has taken the chunk; returns at once if the body is aborted.
    private func enqueue(_ chunk: [UInt8]) async {
        await withCheckedContinuation { continuation in
            let isAborted = state.withLock { state in
                guard !state.isAborted else { return true }
                state.chunk = chunk
                state.offset = 0
                state.taken = continuation
                resume(&state)
                return false
            }
            if isAborted { continuation.resume() }
        }
    }

    private func resume(_ state: inout State) {
        guard state.isSuspended else { return }
        state.isSuspended = false
        MHD_resume_connection(handle)
    }
}
