import CMicroHTTPD
import CReceive
import Glibc
import Synchronization

/// One open client connection and its current request.
///
/// The library's thread drives it; a handler's task and the watchdog thread access it under the lock. Locks are acquired in the
/// order connection, stream, library; the library holds none of its locks during its callbacks.
final class Connection: Sendable {
    enum Phase {
        /// Between two requests.
        case waiting(until: ContinuousClock.Instant)
        /// Receiving, from the request line to the last byte of the body.
        case receiving(IncomingRequest, until: ContinuousClock.Instant)
        /// Suspended while the handler runs.
        case handling(Task<Void, Never>, path: String, until: ContinuousClock.Instant)
        /// Resumed, so that the library's thread sends the response.
        case responding(WebResponse)
        case sending(until: ContinuousClock.Instant)
        case streaming(StreamBody)
        /// Closed, by the watchdog thread or by the client.
        case ended
    }

    struct State {
        var phase: Phase
        /// Valid until the library reports the closed connection, which it does before it closes the descriptor.
        var socket: Int32?
        /// Whether a response was for a known client.
        var isKnown = false
    }

    let remoteAddress: String
    /// What the connection counts for; nil if it has no address.
    let client: ClientNetwork?
    let daemon: HTTPDaemon
    let state: Mutex<State>
    /// Used on the library's thread, and on others only under the lock in a phase in which the library keeps the connection open.
    nonisolated(unsafe) let handle: OpaquePointer
    /// Used on the library's thread alone.
    nonisolated(unsafe) private var wire = WireInspector()

    init(_ handle: OpaquePointer, of daemon: HTTPDaemon) {
        self.handle = handle
        self.daemon = daemon
        let address = cmhd_client_address(handle)
        remoteAddress = Self.numericAddress(address)
        client = address.flatMap { ClientNetwork($0) }
        state = Mutex(State(phase: .waiting(until: daemon.waitingDeadline()), socket: cmhd_socket(handle)))
    }

    /// Follows the bytes that the library receives from now on, until ``closed()``.
    ///
    /// A connection that can't be observed is closed with its first request: its heads are never complete.
    func observe() {
        guard let socket = state.withLock({ $0.socket }) else { return }
        _ = creceive_observe(
            socket,
            { context, bytes, count in
                guard let context else { return }
                let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
                connection.wire.received(UnsafeRawBufferPointer(start: bytes, count: count))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Called when the request line has been received.
    func requestStarted(_ target: [UInt8]?) {
        let deadline = daemon.transferDeadline()
        state.withLock { state in
            guard case .waiting = state.phase else { return }
            state.phase = .receiving(IncomingRequest(target: target), until: deadline)
        }
    }

    /// Called when the request has ended, with or without a response; the connection then waits for the next request or closes.
    func requestEnded() {
        let deadline = daemon.waitingDeadline()
        let old = state.withLock { state in
            defer {
                if case .ended = state.phase {} else { state.phase = .waiting(until: deadline) }
            }
            return state.phase
        }
        switch old {
        case .streaming(let stream): stream.abort()
        // The client closed the connection before the library sent the response.
        case .responding(let response): response.cancel()
        case .waiting, .receiving, .handling, .sending, .ended: break
        }
        daemon.requestEnded()
    }

    /// Called before the library closes the descriptor.
    func closed() {
        state.withLock { state in
            state.phase = .ended
            if let socket = state.socket { creceive_forget(socket) }
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
    /// The arguments of one call of the library's access handler.
    struct AccessArguments {
        let method: UnsafePointer<CChar>
        let version: UnsafePointer<CChar>
        let wireLength: Int
        let upload: UnsafeRawBufferPointer
    }

    private enum NextStep {
        case proceed
        case close
        case send(WebResponse)
    }

    /// Handles the head, a part of the body or the end of the request, or sends the response; false closes the connection.
    func handleAccess(_ access: AccessArguments) -> Bool {
        let step = state.withLock { state -> NextStep in
            switch state.phase {
            case .receiving(var incoming, let deadline):
                // The state must not hold a second reference, or appending would copy the whole body each time.
                state.phase = .ended
                if incoming.request == nil {
                    return takeHead(access, &incoming, &state, until: deadline)
                }
                if wire.hasMalformedBody { return .close }
                if !access.upload.isEmpty {
                    let isAcceptable = incoming.append(access.upload, limit: daemon.configuration.bodyLimit(at: incoming.request?.path))
                    state.phase = .receiving(incoming, until: deadline)
                    return isAcceptable ? .proceed : .close
                }
                return dispatch(incoming, &state)
            case .responding(let response):
                return .send(response)
            case .ended:
                return .close
            case .waiting, .handling, .sending, .streaming:
                return .proceed
            }
        }
        switch step {
        case .proceed: return true
        case .close: return false
        case .send(let response): return queue(response)
        }
    }

    private func takeHead(
        _ access: AccessArguments, _ incoming: inout IncomingRequest, _ state: inout State, until deadline: ContinuousClock.Instant
    ) -> NextStep {
        let reading = RequestHead.read(
            handle, method: String(cString: access.method), version: String(cString: access.version), target: incoming.target,
            wireLength: access.wireLength, receivedHead: wire.takeHead(), limits: daemon.configuration, remoteAddress: remoteAddress)
        switch reading {
        case .rejected(let response):
            // A response to the first call makes the library close the connection afterwards, because later bytes cannot be trusted.
            return .send(response)
        case .head(let head):
            incoming.setHead(head, limit: daemon.configuration.bodyLimit(at: head.request.path))
            state.phase = .receiving(incoming, until: deadline)
            return .proceed
        }
    }

    /// Suspends the connection, then starts the handler; in the other order the response could resume a connection not yet suspended.
    private func dispatch(_ incoming: IncomingRequest, _ state: inout State) -> NextStep {
        if incoming.isTooLarge { return .send(RequestHead.tooLarge(daemon.configuration, path: incoming.request?.path)) }
        // Read under the lock: the server sets `isStopping` first, and the watchdog thread then takes this lock to find busy connections.
        guard let request = incoming.request, !daemon.isStopping else { return .close }
        MHD_suspend_connection(handle)
        let handler = daemon.handler
        let task = Task { self.respond(await handler(request)) }
        state.phase = .handling(task, path: request.path, until: daemon.handlerDeadline())
        return .proceed
    }
}

extension Connection {
    /// Stores the handler's response and resumes the connection; the response is discarded after the handler deadline.
    func respond(_ response: WebResponse) {
        let isAccepted = state.withLock { state in
            guard case .handling = state.phase else { return false }
            if response.isForKnownClient { state.isKnown = true }
            state.phase = .responding(response)
            MHD_resume_connection(handle)
            return true
        }
        if !isAccepted { response.cancel() }
    }

    /// Passes a response to the library, on the library's thread; false closes the connection.
    func queue(_ response: WebResponse) -> Bool {
        if case .hangUp = response.body { return false }
        var stream: StreamBody?
        if case .stream(let chunks) = response.body { stream = StreamBody(chunks, on: handle) }
        let isLast = daemon.isStopping
        var outgoing = OutgoingResponse.make(response, stream: stream, closesConnection: isLast)
        if outgoing == nil {
            stream = nil
            outgoing = OutgoingResponse.make(
                daemon.configuration.rejection(500, "The response to this request cannot be sent.", path: nil), stream: nil,
                closesConnection: isLast)
        }
        guard let outgoing else { return false }
        let deadline = daemon.transferDeadline()
        state.withLock { state in
            if case .interim = response.body {
                // After 102 the library asks for the final response; the phase makes it close the connection instead.
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
    /// How long a request may be received before its connection can be closed for a new one.
    static let protectedReception = Duration.seconds(1)

    /// Which connection is closed first when a new one needs its place.
    struct EvictionRank: Comparable {
        /// 0 without a request, 1 with a request that is still received, 2 of a known client without a request.
        let group: Int
        /// Ordered as the connections became idle, or began their request.
        let deadline: ContinuousClock.Instant

        static func < (lhs: EvictionRank, rhs: EvictionRank) -> Bool { (lhs.group, lhs.deadline) < (rhs.group, rhs.deadline) }
    }

    /// The rank for ``evict()``; nil if the connection has a request that must be answered.
    func evictionRank(at now: ContinuousClock.Instant) -> EvictionRank? {
        state.withLock { state in
            switch state.phase {
            case .waiting(let deadline):
                return EvictionRank(group: state.isKnown ? 2 : 0, deadline: deadline)
            case .receiving(_, let deadline):
                let isRecent = deadline - daemon.configuration.requestDeadline + Self.protectedReception > now
                return state.isKnown || isRecent ? nil : EvictionRank(group: 1, deadline: deadline)
            case .handling, .responding, .sending, .streaming, .ended:
                return nil
            }
        }
    }

    /// Closes the connection for a new one; false if it got a request meanwhile.
    func evict() -> Bool {
        state.withLock { state in
            switch state.phase {
            case .waiting, .receiving:
                if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
                state.phase = .ended
                return true
            case .handling, .responding, .sending, .streaming, .ended:
                return false
            }
        }
    }

    /// The state of a connection for the watchdog thread.
    struct WatchdogStatus {
        /// The latest time of the next check.
        var deadline: ContinuousClock.Instant?
        /// Whether the connection prevents the library from being stopped.
        var isBusy = false
        /// The open stream and its socket, to detect a closed connection, which the library does not while it is suspended.
        var stream: (body: StreamBody, socket: Int32)?
    }

    /// Enforces the deadlines that have passed and returns the remaining status.
    func enforceDeadlines(at now: ContinuousClock.Instant, isStopping: Bool) -> WatchdogStatus {
        state.withLock { state in
            switch state.phase {
            case .waiting(let deadline), .receiving(_, let deadline), .sending(let deadline):
                guard deadline <= now else {
                    if case .sending = state.phase { return WatchdogStatus(deadline: deadline, isBusy: true) }
                    return WatchdogStatus(deadline: deadline)
                }
                if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
                state.phase = .ended
                return WatchdogStatus()
            case .handling(let task, let path, let deadline):
                guard deadline <= now else { return WatchdogStatus(deadline: deadline, isBusy: true) }
                task.cancel()
                state.phase = .responding(daemon.configuration.rejection(503, "The request took too long to process.", path: path))
                MHD_resume_connection(handle)
                return WatchdogStatus(isBusy: true)
            case .responding:
                return WatchdogStatus(isBusy: true)
            case .streaming(let body):
                if isStopping { body.abort() }
                return WatchdogStatus(isBusy: true, stream: state.socket.map { (body, $0) })
            case .ended:
                return WatchdogStatus()
            }
        }
    }
}
