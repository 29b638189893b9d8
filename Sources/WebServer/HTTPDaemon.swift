import CMicroHTTPD
import Glibc
import Synchronization

/// A running libmicrohttpd with everything its callbacks need.
///
/// Two threads serve it: the library's, which does all the input and output, and the watch thread, which keeps the deadlines and
/// stops the library. The latter holds the object alive until the library has stopped.
final class HTTPDaemon: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var isStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: WebServer.Configuration
    let handler: WebServer.Handler
    let wakeUp: WakeUp
    private let state = Mutex(State())
    private let stopping = Atomic(false)

    private init(_ configuration: WebServer.Configuration, _ wakeUp: WakeUp, handler: @escaping WebServer.Handler) {
        self.configuration = configuration.bounded
        self.wakeUp = wakeUp
        self.handler = handler
    }

    /// Starts both threads on a listening socket, which belongs to them from here on.
    static func start(
        _ configuration: WebServer.Configuration, on listener: ListeningSocket, handler: @escaping WebServer.Handler
    ) throws -> HTTPDaemon {
        guard let wakeUp = WakeUp() else {
            close(listener.descriptor)
            throw lackOfResources
        }
        let daemon = HTTPDaemon(configuration, wakeUp, handler: handler)
        guard let library = daemon.startLibrary(on: listener.descriptor) else { throw lackOfResources }
        guard WatchThread.start(over: daemon, library: library) else {
            MHD_stop_daemon(library)
            throw lackOfResources
        }
        return daemon
    }

    private static let lackOfResources = WebServerError(
        kind: .cannotStart, message: "The web server cannot start: the system is out of memory, threads or file descriptors.")

    // MARK: Deadlines

    /// Until when the next request line must be there; the library ends mere silence earlier.
    func waitingDeadline() -> ContinuousClock.Instant { .now + configuration.idleTimeout + configuration.requestDeadline }

    /// Until when a request must have arrived, or an answer have left.
    func transferDeadline() -> ContinuousClock.Instant { .now + configuration.requestDeadline }

    func handlerDeadline() -> ContinuousClock.Instant { .now + configuration.handlerDeadline }

    // MARK: Connections

    var connections: [Connection] { state.withLock { Array($0.connections.values) } }

    func opened(_ connection: Connection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    func closed(_ connection: Connection) {
        connection.closed()
        state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
        requestEnded()
    }

    func requestEnded() {
        if isStopping { wakeUp.signal() }
    }

    func streamOpened() {
        wakeUp.signal()
    }

    // MARK: Stopping

    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    func requestStop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        wakeUp.signal()
    }

    func stop() async {
        requestStop()
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if !state.isStopped { state.waiters.append(continuation) }
                return state.isStopped
            }
            if isStopped { continuation.resume() }
        }
    }

    /// The library has stopped and its socket is closed.
    func stopped() {
        let waiters = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension HTTPDaemon {
    /// Starts the library's thread; nil means that it failed and has closed the socket.
    ///
    /// The context of the callbacks is this object, unretained: the watch thread outlives them. A connection's context is its
    /// ``Connection``, retained from the first to the last callback about it, and a request's context is the same, unretained.
    func startLibrary(on socket: Int32) -> OpaquePointer? {
        let seconds = configuration.idleTimeout.components
        let settings = cmhd_settings(
            idle_seconds: UInt32(clamping: seconds.seconds + (seconds.attoseconds > 0 ? 1 : 0)),
            connection_limit: UInt32(clamping: configuration.connectionLimit),
            connections_per_address: UInt32(clamping: configuration.connectionsPerAddress),
            // The library reads into half of it and builds the answer's head in the rest.
            memory_per_connection: 2 * configuration.maximumHeaderBytes + 16 * 1024)
        return cmhd_start(
            socket, settings,
            { _, target, handle in
                guard let handle, let context = cmhd_socket_context(handle) else { return nil }
                let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
                Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().requestBegan(bytes)
                return context
            },
            { _, _, url, method, version, upload, uploadSize, context in
                guard let context = context?.pointee, let url, let method, let version, let uploadSize else { return .NO }
                let bytes = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
                // All three words stand in one buffer, a zero byte between them.
                let access = Connection.Access(method: method, version: version, wireLength: version - url - 1, upload: bytes)
                uploadSize.pointee = 0
                return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().access(access) ? .YES : .NO
            },
            { _, _, context, _ in
                guard let context = context?.pointee else { return }
                Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().requestEnded()
            },
            { owner, handle, context, change in
                guard let owner, let handle, let context else { return }
                let daemon = Unmanaged<HTTPDaemon>.fromOpaque(owner).takeUnretainedValue()
                switch change {
                case .CONNECTION_NOTIFY_STARTED:
                    let connection = Connection(handle, of: daemon)
                    context.pointee = Unmanaged.passRetained(connection).toOpaque()
                    daemon.opened(connection)
                case .CONNECTION_NOTIFY_CLOSED:
                    guard let pointer = context.pointee else { return }
                    context.pointee = nil
                    daemon.closed(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
                }
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}

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

/// A descriptor that becomes readable when another thread signals.
final class WakeUp: Sendable {
    let descriptor: Int32

    init?() {
        descriptor = cmhd_event_descriptor()
        if descriptor < 0 { return nil }
    }

    func signal() {
        cmhd_event_signal(descriptor)
    }

    func clear() {
        cmhd_event_clear(descriptor)
    }

    deinit {
        close(descriptor)
    }
}
