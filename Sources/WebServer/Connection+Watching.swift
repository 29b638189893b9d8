import CMicroHTTPD
import Glibc
import Synchronization

extension Connection {
    /// What the watch thread has to know about a connection.
    struct Watch {
        /// When to look again at the latest.
        var deadline: ContinuousClock.Instant?
        /// Whether the library must not be stopped yet.
        var isBusy = false
        /// The open stream and its socket, to notice that the client leaves: the library does not while it is suspended.
        var stream: (body: StreamBody, socket: Int32)?
    }

    /// Enforces the deadlines that have passed and tells what is left to watch.
    func watch(at now: ContinuousClock.Instant, isStopping: Bool) -> Watch {
        state.withLock { state in
            switch state.phase {
            case .waiting(let deadline), .receiving(_, let deadline), .sending(let deadline):
                guard deadline <= now else {
                    if case .sending = state.phase { return Watch(deadline: deadline, isBusy: true) }
                    return Watch(deadline: deadline)
                }
                if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
                state.phase = .ended
                return Watch()
            case .handling(let task, let path, let deadline):
                guard deadline <= now else { return Watch(deadline: deadline, isBusy: true) }
                task.cancel()
                state.phase = .answered(daemon.configuration.refusal(503, "The request took too long to answer.", path: path))
                MHD_resume_connection(handle)
                return Watch(isBusy: true)
            case .answered:
                return Watch(isBusy: true)
            case .streaming(let body):
                if isStopping { body.cut() }
                return Watch(isBusy: true, stream: state.socket.map { (body, $0) })
            case .ended:
                return Watch()
            }
        }
    }
}
