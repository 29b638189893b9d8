import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// Where programs send events.
    package static let eventsPath = "\(root)/events"

    var eventRoutes: [Route] { [Route(.post, Self.eventsPath, .sender) { try await accept($0) }] }

    private func accept(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let event = body.event(now: context.now)
        try body.finish()
        let acceptance: Acceptance
        do {
            acceptance = try await services.events.accept(event, from: context.sender)
        } catch let refusal as OtherContent {
            services.metrics.event(.otherContent)
            services.log.record(
                .warning, "event_refused",
                [
                    ("reason", .string(APIError.Code.otherContent.rawValue)), ("stored", .integer(Int(refusal.event.rawValue))),
                    ("token", context.sender.map { .string($0.id) }), ("correlationID", .string(context.correlationID.rawValue)),
                ])
            throw APIError(.otherContent, APIMessage.otherContent)
        }
        services.metrics.event(acceptance.isRepeat ? .repeated : .accepted)
        return .json(
            [
                "id": .integer(Int(acceptance.event.rawValue)), "repeat": .bool(acceptance.isRepeat),
                "jobs": .integer(acceptance.jobs),
            ], status: 202)
    }
}

extension APIBody {
    /// The event in a body; issues are collected like all others.
    fileprivate mutating func event(now: Date) -> HostEvent {
        let severity = choice("severity", HostEvent.Severity.self)
        let at = timestamp("at")
        return HostEvent(
            source: name("source", upTo: EventLimits.source), senderID: name("id", upTo: EventLimits.senderID),
            type: name("type", upTo: EventLimits.type), severity: severity ?? .info, company: looseName("company"),
            companyID: companyID("companyID"), device: looseName("device"), text: eventText("text"), at: at ?? now, receivedAt: now,
            isTimed: at != nil)
    }

    /// A name for programs: one line, not empty.
    private mutating func name(_ name: String, upTo limit: Int) -> String {
        let text = text(name, upTo: limit).trimmingSpaces
        guard !hasProblem(name) else { return text }
        if text.isEmpty { note(name, .missing) }
        if text.unicodeScalars.contains(where: HostEvent.isControl) { note(name, .controlCharacter) }
        return text
    }

    /// A name for display: line ends become spaces instead of rejecting the event, so that no alert is lost.
    private mutating func looseName(_ name: String) -> String { HostEvent.oneLine(optionalText(name, upTo: EventLimits.name) ?? "") }

    private mutating func eventText(_ name: String) -> String {
        let text = text(name, upTo: EventLimits.text)
        if !hasProblem(name), HostEvent.oneLine(text).isEmpty { note(name, .missing) }
        return text
    }

    private mutating func companyID(_ name: String) -> String {
        guard let view = view(name) else { return "" }
        guard let text = view.text else {
            note(name, .wrongType(.textOrNumber))
            return ""
        }
        guard text.utf8.count <= EventLimits.companyID else {
            note(name, .tooLong(limit: EventLimits.companyID))
            return ""
        }
        let trimmed = text.trimmingSpaces
        if view.string != nil, trimmed.isEmpty { return "" }
        guard let id = view.string == nil ? CompanyIDText.id(number: text) : CompanyIDText.id(text: trimmed) else {
            note(name, .noCompanyID)
            return ""
        }
        return id
    }
}
