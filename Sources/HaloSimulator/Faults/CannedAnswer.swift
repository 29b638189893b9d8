import WebServer

/// An answer that is written down in advance.
struct CannedAnswer: Sendable {
    enum Body: Sendable {
        case none
        case html(String)
        case json(JSONValue)
        /// Nothing: the connection is dropped.
        case hangUp
        /// Nothing, and the connection stays open until somebody's deadline passes.
        case never
    }

    enum RetryAfter: Sendable {
        case none
        case argument
        case seconds(Int)
    }

    var status: Int
    var body: Body = .none
    var headers: [(name: String, value: String)] = []
    var retryAfter: RetryAfter = .none

    func reply(for fault: HaloFault) -> Reply {
        var reply = Reply(status: status, content: .empty)
        switch body {
        case .none: break
        case .html(let text): reply.content = .html(Array(text.utf8))
        case .json(let value): reply.content = .json(JSONBytes.of(value))
        case .hangUp: reply.content = .hangUp
        case .never: reply.content = .never
        }
        for header in headers { reply.headers.append(header.name, header.value) }
        switch retryAfter {
        case .none: break
        case .argument: reply.headers["Retry-After"] = String(fault.number)
        case .seconds(let seconds): reply.headers["Retry-After"] = String(seconds)
        }
        return reply
    }
}
