import CMicroHTTPD
import Synchronization

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
