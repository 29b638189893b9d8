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
