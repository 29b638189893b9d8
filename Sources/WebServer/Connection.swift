import CMicroHTTPD
import Glibc
import Synchronization

/// One open client connection and the request it is at.
///
/// The library's thread moves it forward; a handler's task and the watch thread reach in through the lock. Locks are taken in the
/// order connection, stream, library; the library holds none of its own during a callback that comes here.
final class Connection: Sendable {
    enum Phase {
        /// Between two requests.
        case waiting(until: ContinuousClock.Instant)
        /// From the request line to the last byte of the body.
        case receiving(IncomingRequest, until: ContinuousClock.Instant)
        /// Suspended while the handler runs.
        case handling(Task<Void, Never>, path: String, until: ContinuousClock.Instant)
        /// Resumed; the library's thread picks the answer up.
        case answered(WebResponse)
        case sending(until: ContinuousClock.Instant)
        case streaming(StreamBody)
        /// Cut by the watch thread, or gone.
        case ended
    }

    struct State {
        var phase: Phase
        /// Valid until the library tells of the closed connection, which it does before it closes the descriptor.
        var socket: Int32?
    }

    let remoteAddress: String
    let daemon: HTTPDaemon
    let state: Mutex<State>
    /// Used on the library's thread, and elsewhere only under the lock in a phase in which the library keeps the connection alive.
    nonisolated(unsafe) let handle: OpaquePointer

    init(_ handle: OpaquePointer, of daemon: HTTPDaemon) {
        self.handle = handle
        self.daemon = daemon
        remoteAddress = Self.numericAddress(cmhd_client_address(handle))
        state = Mutex(State(phase: .waiting(until: daemon.waitingDeadline()), socket: cmhd_socket(handle)))
    }

    /// The request line has arrived.
    func requestBegan(_ target: [UInt8]?) {
        let deadline = daemon.transferDeadline()
        state.withLock { state in
            guard case .waiting = state.phase else { return }
            state.phase = .receiving(IncomingRequest(target: target), until: deadline)
        }
    }

    /// The request is over, answered or not; the connection is open for the next or about to close.
    func requestEnded() {
        let deadline = daemon.waitingDeadline()
        let old = state.withLock { state in
            defer {
                if case .ended = state.phase {} else { state.phase = .waiting(until: deadline) }
            }
            return state.phase
        }
        switch old {
        case .streaming(let stream): stream.cut()
        // The client was gone before the library picked the answer up.
        case .answered(let response): response.abandon()
        case .waiting, .receiving, .handling, .sending, .ended: break
        }
        daemon.requestEnded()
    }

    /// The library is about to close the descriptor.
    func closed() {
        state.withLock { state in
            state.phase = .ended
            state.socket = nil
        }
    }

    private static func numericAddress(_ address: UnsafePointer<sockaddr>?) -> String {
        guard let address else { return "" }
        let isVersion6 = Int32(address.pointee.sa_family) == AF_INET6
        let length = socklen_t(isVersion6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
            guard let start = text.baseAddress,
                getnameinfo(address, length, start, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            else { return "" }
            return String(cString: start)
        }
    }
}
