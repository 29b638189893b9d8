import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// Where programs send events.
    package static let eventsPath = "\(root)/events"

    var eventRoutes: [Route] {
        [
            Route(.post, Self.eventsPath, .sender, for: .sendEvents) { try await accept($0) },
            Route(.get, Self.eventsPath, .viewer, for: .readEvents) { try await listEvents($0) },
            Route(.get, Self.eventsPath + "/{id}", .viewer, for: .readEvents) { try await readEvent($0) },
        ]
    }

    private func accept(_ context: RequestContext) async throws -> WebResponse {
        let event: HostEvent
        do {
            var body = try APIBody(context.request, nullable: ["company", "companyID", "device", "at", "attachments"])
            event = body.event(now: context.now)
            try body.finish()
        } catch {
            // What is wrong with the event is only for a sender whose token is still good.
            guard let sender = context.sender, try await services.events.isGood(sender) else { throw RequestAuthorizer.unknownSender }
            throw error
        }
        let acceptance: Acceptance
        do {
            acceptance = try await services.events.accept(event, from: context.sender)
        } catch is UnknownToken {
            throw RequestAuthorizer.unknownSender
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
            isTimed: at != nil, attachments: files("attachments"))
    }

    /// The files of an event: objects with name, Base64 content and, if it is known, media type.
    private mutating func files(_ name: String) -> [AttachmentFile] {
        guard let view = view(name) else { return [] }
        guard view.isArray else {
            note(name, .wrongType(.array))
            return []
        }
        let elements = view.elements
        guard elements.count <= EventLimits.files else {
            note(name, .invalid("An event has at most \(EventLimits.files) files."))
            return []
        }
        var files: [AttachmentFile] = []
        var bytes = 0
        for (place, element) in elements.enumerated() {
            guard let file = file(element, "\(name)[\(place)]") else { continue }
            bytes += file.bytes.count
            files.append(file)
        }
        if bytes > EventLimits.fileBytes {
            note(
                name,
                .invalid("The files of an event have at most \(EventLimits.fileBytes / 1_024) KiB together; these have \(bytes) bytes."))
        }
        return files
    }

    private mutating func file(_ view: JSONView, _ path: String) -> AttachmentFile? {
        guard view.isObject else {
            note(path, .wrongType(.object))
            return nil
        }
        let known = ["name", "mediaType", "content"]
        var texts: [String: String] = [:]
        var isRight = true
        for member in view.members where !(member.value.isNull && member.name == "mediaType") {
            let place = "\(path).\(member.name)"
            if !known.contains(member.name) {
                note(place, .unknown(nearest: NearestName.of(member.name, in: known), known: known))
            } else if texts[member.name] != nil {
                note(place, .duplicate)
            } else if let text = member.value.string {
                texts[member.name] = text
                continue
            } else {
                note(place, .wrongType(.text))
            }
            isRight = false
        }
        for name in ["name", "content"] where texts[name] == nil && isRight {
            note("\(path).\(name)", .missing)
            isRight = false
        }
        guard isRight, let name = texts["name"], let content = texts["content"] else { return nil }
        guard let bytes = Data(base64Encoded: content) else {
            note("\(path).content", .noBase64)
            return nil
        }
        do throws(AttachmentProblem) {
            return try AttachmentFile(name: name, mediaType: texts["mediaType"], bytes: Array(bytes))
        } catch {
            note("\(path).\(error.member)", .invalid(TextRenderer().text(error)))
            return nil
        }
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
            note(name, view.string == nil ? .noCompanyNumber : .noCompanyID)
            return ""
        }
        return id
    }
}

extension AttachmentProblem {
    /// The member of a file that it is about.
    fileprivate var member: String {
        switch self {
        case .noName, .nameTooLong, .nameHasPath, .nameHasControlCharacter, .tooMany, .otherContentThanNamed: "name"
        case .mediaTypeMalformed, .otherContent: "mediaType"
        case .empty, .tooLarge, .refusedAsTooLarge: "content"
        }
    }
}
