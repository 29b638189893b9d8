import WebServer

/// What stands in place of the real answer to a write: a status, a body, and the writes that it concerns.
///
/// In text `302`, `404/html`, `500/record/actions`: the status first, the rest in any order. Without a resource it concerns tickets and
/// their actions. A status below 200 is an interim answer, after which the connection drops.
struct WriteAnswer: Sendable, Equatable {
    enum Body: String, Sendable, CaseIterable {
        case empty
        case text
        case html
        case login
        /// The shapes in which HaloPSA words a 400, whatever the status.
        case string
        case exception
        case modelstate
        case older
        case problem
        /// The record as a success would show it.
        case record
        /// Records whose id is 0, below 0 or left out, and a list without a record.
        case zero
        case negative
        case noID = "no-id"
        case emptyArray = "empty-array"
    }

    static let hint = "STATUS[/BODY][/RESOURCE]"

    var status: Int
    var body: Body = .empty
    var resources: Set<Resource> = [.tickets, .actions]

    /// Nil for what is not of this form.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, first.utf8.count == 3, let status = Int(first), (100...999).contains(status) else { return nil }
        self.status = status
        for part in parts.dropFirst() {
            if let body = Body(rawValue: part) {
                self.body = body
            } else {
                let named = Resource.named(part)
                guard !named.isEmpty else { return nil }
                resources = named
            }
        }
    }

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a status from 100 to 999 behind a colon: \(hint)" }
        guard WriteAnswer(text) == nil else { return nil }
        return "takes \(hint), not '\(text)'; bodies are \(Body.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    /// Words the answer; `record` is what was stored, if anything was.
    func reply(record: [UInt8]?) -> Reply {
        guard status >= 200 else { return Reply(status: status, content: .interim) }
        var reply = bodied(record: record)
        reply.status = status
        switch status {
        case 300...399: reply.headers["Location"] = "/auth/login?ReturnUrl=%2Fapi"
        case 401: reply.headers["WWW-Authenticate"] = "Bearer"
        case 407: reply.headers["Proxy-Authenticate"] = "Basic realm=\"proxy\""
        case 429, 503: reply.headers["Retry-After"] = "1"
        default: break
        }
        return reply
    }

    private func bodied(record: [UInt8]?) -> Reply {
        let message = "Details must be entered"
        return switch body {
        case .empty: Reply(status: status, content: .empty)
        case .text: Reply(status: status, content: .plain(Array("upstream connect error or disconnect/reset before headers".utf8)))
        case .html: Reply(status: status, content: .html(Array(Pages.badGateway.utf8)))
        case .login: Reply(status: status, content: .html(Array(Pages.login.utf8)))
        case .string: ErrorShape.string.reply(message)
        case .exception: ErrorShape.exception.reply(message)
        case .modelstate: ErrorShape.modelstate.reply(message)
        case .older: ErrorShape.older.reply(message)
        case .problem:
            Reply(status: status, json: ["title": "The request was refused.", "status": .int(status), "detail": .string(message)])
        case .record: Reply(status: status, content: record.map { .saved($0) } ?? .empty)
        case .zero: Reply(status: status, json: ["id": 0])
        case .negative: Reply(status: status, json: ["id": -1])
        case .noID: Reply(status: status, json: ["summary": "Saved"])
        case .emptyArray: Reply(status: status, json: [])
        }
    }
}
