import CMicroHTTPD
import Glibc
import Synchronization

/// A running libmicrohttpd daemon and the state its callbacks need.
///
/// It has two threads: the library's, which does all input and output, and the watchdog thread, which enforces the deadlines and
/// stops the library. The latter keeps this object alive until the library has stopped.
final class HTTPDaemon: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// The open connections of each client, without those that are being closed for another one.
        var counts: [ClientNetwork: Int] = [:]
        var evicted: Set<ObjectIdentifier> = []
        var isStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func discount(_ connection: Connection) {
            guard let client = connection.client, let count = counts[client] else { return }
            counts[client] = count > 1 ? count - 1 : nil
        }
    }

    /// How many connections the library accepts beyond the limit, until those that were closed for new ones are gone.
    private static let closingConnections = 64

    let configuration: WebServer.Configuration
    let handler: WebServer.Handler
    let wakeup: WakeupEvent
    private let state = Mutex(State())
    private let stopping = Atomic(false)

    private init(_ configuration: WebServer.Configuration, _ wakeup: WakeupEvent, handler: @escaping WebServer.Handler) {
        self.configuration = configuration.clamped
        self.wakeup = wakeup
        self.handler = handler
    }

    /// Starts both threads on a listening socket and takes ownership of the socket.
    static func start(
        _ configuration: WebServer.Configuration, on listener: ListeningSocket, handler: @escaping WebServer.Handler
    ) throws -> HTTPDaemon {
        guard let wakeup = WakeupEvent() else {
            close(listener.descriptor)
            throw insufficientResources
        }
        let daemon = HTTPDaemon(configuration, wakeup, handler: handler)
        guard let library = daemon.startLibrary(on: listener.descriptor) else { throw insufficientResources }
        guard WatchdogThread.start(for: daemon, library: library) else {
            MHD_stop_daemon(library)
            throw insufficientResources
        }
        return daemon
    }

    private static let insufficientResources = WebServerError(
        kind: .cannotStart, message: "The web server cannot start: the system is out of memory, threads or file descriptors.")

    // MARK: Deadlines

    /// The deadline for receiving the next request line; the library closes idle connections earlier.
    func waitingDeadline() -> ContinuousClock.Instant { .now + configuration.idleTimeout + configuration.requestDeadline }

    /// The deadline for receiving a request or sending a response.
    func transferDeadline() -> ContinuousClock.Instant { .now + configuration.requestDeadline }

    func handlerDeadline() -> ContinuousClock.Instant { .now + configuration.handlerDeadline }

    // MARK: Connections

    var connections: [Connection] { state.withLock { Array($0.connections.values) } }

    func opened(_ connection: Connection) {
        state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            if let client = connection.client { state.counts[client, default: 0] += 1 }
        }
    }

    func closed(_ connection: Connection) {
        connection.closed()
        state.withLock { state in
            guard state.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
            if state.evicted.remove(ObjectIdentifier(connection)) == nil { state.discount(connection) }
        }
        requestEnded()
    }

    /// Whether a new connection is accepted, on the library's thread.
    ///
    /// When its client has its share of connections already, or all are in use, another one is closed for it.
    func admits(_ address: UnsafePointer<sockaddr>?) -> Bool {
        let client = address.flatMap { ClientNetwork($0) }
        let candidates = state.withLock { state -> [Connection]? in
            let share = configuration.connectionsPerAddress
            let isOverShare = client.map { share > 0 && state.counts[$0, default: 0] >= share } ?? false
            guard isOverShare || state.connections.count - state.evicted.count >= configuration.connectionLimit else { return nil }
            return state.connections.values.filter {
                !state.evicted.contains(ObjectIdentifier($0)) && (!isOverShare || $0.client == client)
            }
        }
        guard let candidates else { return true }
        return evictOne(of: candidates)
    }

    /// Closes the connection that is missed least; false if each has a request.
    private func evictOne(of candidates: [Connection]) -> Bool {
        let now = ContinuousClock.now
        let ranked = candidates.compactMap { connection in connection.evictionRank(at: now).map { (connection, $0) } }
        guard let victim = ranked.min(by: { $0.1 < $1.1 })?.0, victim.evict() else { return false }
        state.withLock { state in
            guard state.evicted.insert(ObjectIdentifier(victim)).inserted else { return }
            state.discount(victim)
        }
        return true
    }

    func requestEnded() {
        if isStopping { wakeup.signal() }
    }

    func streamOpened() {
        wakeup.signal()
    }

    // MARK: Stopping

    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    func requestStop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        wakeup.signal()
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

    /// Called when the library has stopped and its socket is closed.
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
    /// Starts the library's thread; returns nil if that failed, in which case the socket is closed.
    ///
    /// The context of the callbacks is this object, unretained, because the watchdog thread outlives them. A connection's context is
    /// its ``Connection``, retained from its first to its last callback, and a request's context is the same object, unretained.
    func startLibrary(on socket: Int32) -> OpaquePointer? {
        let seconds = configuration.idleTimeout.components
        let settings = cmhd_settings(
            idle_seconds: UInt32(clamping: seconds.seconds + (seconds.attoseconds > 0 ? 1 : 0)),
            connection_limit: UInt32(clamping: configuration.connectionLimit + Self.closingConnections),
            // The library reads into one half of it and builds the response's head in the other.
            memory_per_connection: 2 * configuration.maximumHeaderBytes + 16 * 1024)
        return cmhd_start(
            socket, settings,
            { owner, address, _ in
                guard let owner else { return .NO }
                return Unmanaged<HTTPDaemon>.fromOpaque(owner).takeUnretainedValue().admits(address) ? .YES : .NO
            },
            { _, target, handle in
                guard let handle, let context = cmhd_socket_context(handle) else { return nil }
                let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
                Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().requestStarted(bytes)
                return context
            },
            { _, _, url, method, version, upload, uploadSize, context in
                guard let context = context?.pointee, let url, let method, let version, let uploadSize else { return .NO }
                let bytes = UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
                // Method, target and version are in one buffer, separated by zero bytes.
                let access = Connection.AccessArguments(method: method, version: version, wireLength: version - url - 1, upload: bytes)
                uploadSize.pointee = 0
                return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().handleAccess(access) ? .YES : .NO
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
                    connection.observe()
                    daemon.opened(connection)
                case .CONNECTION_NOTIFY_CLOSED:
                    guard let pointer = context.pointee else { return }
                    context.pointee = nil
                    daemon.closed(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
                }
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}

/// The thread that enforces deadlines, detects clients that close the connection during a stream, and stops the library.
final class WatchdogThread {
    private let daemon: HTTPDaemon
    private let library: OpaquePointer

    private init(_ daemon: HTTPDaemon, _ library: OpaquePointer) {
        self.daemon = daemon
        self.library = library
    }

    /// Starts the thread; returns false if the system cannot create one.
    static func start(for daemon: HTTPDaemon, library: OpaquePointer) -> Bool {
        let owner = Unmanaged.passRetained(WatchdogThread(daemon, library))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<WatchdogThread>.fromOpaque(context).takeRetainedValue().run() }
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
            // Deadlines set from now on are at least this far in the future, so they need not wake this thread.
            var next = now + min(daemon.configuration.requestDeadline, daemon.configuration.handlerDeadline)
            var isBusy = false
            var streams: [(body: StreamBody, socket: Int32)] = []
            for connection in daemon.connections {
                let status = connection.enforceDeadlines(at: now, isStopping: isStopping)
                if let deadline = status.deadline { next = min(next, deadline) }
                if let stream = status.stream { streams.append(stream) }
                isBusy = isBusy || status.isBusy
            }
            // Stopping the library while a connection is suspended would abort the process.
            if isStopping, !isBusy { break }
            wait(until: next, streams)
        }
        MHD_stop_daemon(library)
        if let listener, listener >= 0 { close(listener) }
        daemon.stopped()
    }

    /// Waits for a signal, the deadline, or a client that closes the connection during a stream, which is then aborted.
    private func wait(until deadline: ContinuousClock.Instant, _ streams: [(body: StreamBody, socket: Int32)]) {
        let open = streams.filter { !$0.body.isAborted }
        var watched = open.map { pollfd(fd: $0.socket, events: cmhd_poll_peer_closed, revents: 0) }
        watched.append(pollfd(fd: daemon.wakeup.descriptor, events: Int16(POLLIN), revents: 0))
        let remaining = (deadline - .now).components
        let milliseconds = remaining.seconds * 1000 + remaining.attoseconds / 1_000_000_000_000_000 + 1
        poll(&watched, nfds_t(watched.count), Int32(clamping: max(1, milliseconds)))
        daemon.wakeup.clear()
        for (stream, descriptor) in zip(open, watched) where descriptor.revents != 0 { stream.body.abort() }
    }
}

/// A file descriptor that becomes readable when another thread signals it.
final class WakeupEvent: Sendable {
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
