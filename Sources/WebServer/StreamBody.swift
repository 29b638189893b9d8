import CMicroHTTPD
import Synchronization

/// An answer's body that arrives piece by piece while the library asks for bytes.
///
/// While there is nothing to send the connection is suspended; the next piece resumes it. A piece is asked for when the last is taken.
final class StreamBody: Sendable {
    private struct State {
        var piece: [UInt8] = []
        var offset = 0
        var isFinished = false
        var isCut = false
        var isSuspended = false
        var pump: Task<Void, Never>?
        var taken: CheckedContinuation<Void, Never>?
    }

    private let pieces: AsyncStream<[UInt8]>
    private let state = Mutex(State())
    /// Used on the library's thread, and elsewhere only while the connection is suspended, which keeps it alive.
    nonisolated(unsafe) private let handle: OpaquePointer

    init(_ pieces: AsyncStream<[UInt8]>, on handle: OpaquePointer) {
        self.pieces = pieces
        self.handle = handle
    }

    /// Fills the library's buffer, on the library's thread, and returns the count or one of the library's codes.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (count, taken) = state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            if state.isCut { return (cmhd_end_with_error, nil) }
            let count = min(buffer.count, state.piece.count - state.offset)
            if count > 0 {
                buffer.copyBytes(from: state.piece[state.offset..<state.offset + count])
                state.offset += count
                guard state.offset == state.piece.count else { return (count, nil) }
                state.piece = []
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

    var isCut: Bool { state.withLock { $0.isCut } }

    /// Ends the body before its time: the client leaves without the last chunk, and the stream is cancelled.
    func cut() {
        let ends = state.withLock { state -> (Task<Void, Never>?, CheckedContinuation<Void, Never>?)? in
            guard !state.isCut else { return nil }
            state.isCut = true
            state.piece = []
            resume(&state)
            defer { state.taken = nil }
            return (state.pump, state.taken)
        }
        guard let (pump, taken) = ends else { return }
        if let pump { pump.cancel() } else { Self.abandon(pieces) }
        taken?.resume()
    }

    /// Tells a stream that nobody wants its pieces: it notices only a consumer that is cancelled while it waits.
    static func abandon(_ pieces: AsyncStream<[UInt8]>) {
        Task { for await _ in pieces {} }.cancel()
    }

    private func pump() async {
        for await piece in pieces where !piece.isEmpty {
            // Going on after a cut, in a cancelled task, is what tells the stream of its end.
            await offer(piece)
        }
        state.withLock { state in
            state.isFinished = true
            resume(&state)
        }
    }

    /// Waits until the library has taken the piece; at once when the body is cut.
    private func offer(_ piece: [UInt8]) async {
        await withCheckedContinuation { continuation in
            let isCut = state.withLock { state in
                guard !state.isCut else { return true }
                state.piece = piece
                state.offset = 0
                state.taken = continuation
                resume(&state)
                return false
            }
            if isCut { continuation.resume() }
        }
    }

    private func resume(_ state: inout State) {
        guard state.isSuspended else { return }
        state.isSuspended = false
        MHD_resume_connection(handle)
    }
}
