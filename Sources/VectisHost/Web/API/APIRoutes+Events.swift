import FoundationEssentials
import PSACore
import WebServer

extension APIRoutes {
    /// Where programs send events.
    var eventRoutes: [Route] { [Route(.post, "\(Self.root)/events", .sender) { try await accept($0) }] }

    private func accept(_ exchange: Exchange) async throws -> WebResponse {
        var body = try APIBody(exchange.request)
        let event = body.event(now: exchange.now)
        try body.finish()
        let acceptance = try await services.events.accept(event)
        return .json(
            [
                "id": .integer(Int(acceptance.event.rawValue)), "repeat": .bool(acceptance.isRepeat),
                "firings": .integer(acceptance.firings),
            ], status: 202)
    }
}

extension APIBody {
    /// The event in a body; problems are collected like all others.
    fileprivate mutating func event(now: Date) -> HostEvent {
        let severity = choice("severity", HostEvent.Severity.self)
        return HostEvent(
            source: text("source", upTo: 100), senderID: text("id", upTo: 200), type: text("type", upTo: 100), severity: severity ?? .info,
            company: optionalText("company", upTo: 200), companyID: id("companyID"), device: optionalText("device", upTo: 200),
            text: text("text", upTo: 4_000), at: moment("at") ?? now, receivedAt: now)
    }

    private mutating func text(_ name: String, upTo limit: Int) -> String {
        let text = text(name)
        if !hasProblem(name), text.trimmingSpaces.isEmpty { note(name, .missing) }
        return limited(text, name, limit)
    }

    private mutating func optionalText(_ name: String, upTo limit: Int) -> String { limited(optionalText(name) ?? "", name, limit) }

    private mutating func limited(_ text: String, _ name: String, _ limit: Int) -> String {
        if text.utf8.count > limit { note(name, .tooLong(limit: limit)) }
        return text
    }
}
