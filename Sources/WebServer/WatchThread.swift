import CMicroHTTPD
import Glibc

/// The thread that keeps deadlines, notices clients that leave an open stream, and stops the library.
final class WatchThread {
    private let daemon: HTTPDaemon
    private let library: OpaquePointer

    private init(_ daemon: HTTPDaemon, _ library: OpaquePointer) {
        self.daemon = daemon
        self.library = library
    }

    /// False where the system has no thread left.
    static func start(over daemon: HTTPDaemon, library: OpaquePointer) -> Bool {
        let owner = Unmanaged.passRetained(WatchThread(daemon, library))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<WatchThread>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, owner.toOpaque())
        guard code == 0 else {
            owner.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        var listener: Int32?
        while true {
            let isStopping = daemon.isStopping
            if isStopping, listener == nil { listener = MHD_quiesce_daemon(library) }
            let now = ContinuousClock.now
            // A deadline set from now on lies at least this far ahead, so nobody has to wake this thread for it.
            var next = now + min(daemon.configuration.requestDeadline, daemon.configuration.handlerDeadline)
            var isBusy = false
            var streams: [(body: StreamBody, socket: Int32)] = []
            for connection in daemon.connections {
                let watch = connection.watch(at: now, isStopping: isStopping)
                if let deadline = watch.deadline { next = min(next, deadline) }
                if let stream = watch.stream { streams.append(stream) }
                isBusy = isBusy || watch.isBusy
            }
            // Stopping the library while one of its connections is suspended would abort the process.
            if isStopping, !isBusy { break }
            wait(until: next, streams)
        }
        MHD_stop_daemon(library)
        if let listener, listener >= 0 { close(listener) }
        daemon.stopped()
    }

    /// Waits for a signal, the deadline, or a client that leaves a stream, which is cut then.
    private func wait(until deadline: ContinuousClock.Instant, _ streams: [(body: StreamBody, socket: Int32)]) {
        let open = streams.filter { !$0.body.isCut }
        var watched = open.map { pollfd(fd: $0.socket, events: cmhd_poll_peer_closed, revents: 0) }
        watched.append(pollfd(fd: daemon.wakeUp.descriptor, events: Int16(POLLIN), revents: 0))
        let left = (deadline - .now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
        poll(&watched, nfds_t(watched.count), Int32(clamping: max(1, milliseconds)))
        daemon.wakeUp.clear()
        for (stream, descriptor) in zip(open, watched) where descriptor.revents != 0 { stream.body.cut() }
    }
}
