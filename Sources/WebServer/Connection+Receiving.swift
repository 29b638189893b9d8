import CMicroHTTPD
import Synchronization

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
