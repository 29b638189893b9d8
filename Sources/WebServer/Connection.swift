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

extension Connection {
    /// One call of the library's access handler, as far as it concerns us.
    struct Access {
        let method: UnsafePointer<CChar>
        let version: UnsafePointer<CChar>
        let wireLength: Int
        let upload: UnsafeRawBufferPointer
    }

    private enum Step {
        case proceed
        case drop
        case send(WebResponse)
    }

    /// Takes the head, a piece of the body, the end of the request, or picks up the answer; false closes the connection.
    func access(_ access: Access) -> Bool {
        let step = state.withLock { state -> Step in
            switch state.phase {
            case .receiving(var incoming, let deadline):
                // Taken out meanwhile, or appending would copy the whole body each time.
                state.phase = .ended
                if incoming.request == nil {
                    return takeHead(access, &incoming, &state, until: deadline)
                }
                if !access.upload.isEmpty {
                    let isBearable = incoming.append(access.upload, limit: daemon.configuration.bodyLimit(at: incoming.request?.path))
                    state.phase = .receiving(incoming, until: deadline)
                    return isBearable ? .proceed : .drop
                }
                return dispatch(incoming, &state)
            case .answered(let response):
                return .send(response)
            case .ended:
                return .drop
            case .waiting, .handling, .sending, .streaming:
                return .proceed
            }
        }
        switch step {
        case .proceed: return true
        case .drop: return false
        case .send(let response): return queue(response)
        }
    }

    private func takeHead(
        _ access: Access, _ incoming: inout IncomingRequest, _ state: inout State, until deadline: ContinuousClock.Instant
    ) -> Step {
        let reading = RequestHead.read(
            handle, method: String(cString: access.method), version: String(cString: access.version), target: incoming.target,
            wireLength: access.wireLength, limits: daemon.configuration, remoteAddress: remoteAddress)
        switch reading {
        case .refused(let response):
            // An answer to the first call makes the library close the connection behind it: what follows cannot be trusted.
            return .send(response)
        case .head(let head):
            incoming.adopt(head, limit: daemon.configuration.bodyLimit(at: head.request.path))
            state.phase = .receiving(incoming, until: deadline)
            return .proceed
        }
    }

    /// Suspends the connection, then starts the handler: the other way round its answer could resume what is not yet suspended.
    private func dispatch(_ incoming: IncomingRequest, _ state: inout State) -> Step {
        if incoming.isTooLarge { return .send(RequestHead.tooLarge(daemon.configuration, path: incoming.request?.path)) }
        // Looked up under the lock: the watch thread sets it first and takes this lock afterwards to see who is still busy.
        guard let request = incoming.request, !daemon.isStopping else { return .drop }
        MHD_suspend_connection(handle)
        let handler = daemon.handler
        let task = Task { self.answer(await handler(request)) }
        state.phase = .handling(task, path: request.path, until: daemon.handlerDeadline())
        return .proceed
    }
}

extension Connection {
    /// Stores the handler's answer and resumes the connection; ignored once the handler deadline has passed.
    func answer(_ response: WebResponse) {
        let isTaken = state.withLock { state in
            guard case .handling = state.phase else { return false }
            state.phase = .answered(response)
            MHD_resume_connection(handle)
            return true
        }
        if !isTaken { response.abandon() }
    }

    /// Hands an answer to the library, on the library's thread; false closes the connection.
    func queue(_ response: WebResponse) -> Bool {
        if case .hangUp = response.body { return false }
        var stream: StreamBody?
        if case .stream(let pieces) = response.body { stream = StreamBody(pieces, on: handle) }
        let isLast = daemon.isStopping
        var outgoing = OutgoingResponse.make(response, stream: stream, closesConnection: isLast)
        if outgoing == nil {
            stream = nil
            outgoing = OutgoingResponse.make(
                daemon.configuration.refusal(500, "The answer to this request cannot be sent.", path: nil), stream: nil,
                closesConnection: isLast)
        }
        guard let outgoing else { return false }
        let deadline = daemon.transferDeadline()
        state.withLock { state in
            if case .interim = response.body {
                // Behind 102 the library asks for the final answer, and gets a closed connection.
                state.phase = .ended
            } else {
                state.phase = stream.map { .streaming($0) } ?? .sending(until: deadline)
            }
        }
        let isQueued = outgoing.queue(on: handle)
        if isQueued, stream != nil { daemon.streamOpened() }
        return isQueued
    }
}

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
