import FoundationEssentials
import Mail
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// Contact points and messages.
    var notificationRoutes: [Route] {
        let root = "\(Self.root)/contact-points"
        return [
            Route(.get, root, .viewer) { context in
                try context.allowQuery([])
                return .json(["contactPoints": .array(try await services.storage.contactPoints().map(\.json))])
            },
            Route(.post, root, .admin) { try await createContactPoint($0) },
            Route(.get, root + "/{id}", .viewer) { context in
                try context.allowQuery([])
                return .json(try await contactPoint(context).json)
            },
            Route(.put, root + "/{id}", .admin) { try await changeContactPoint($0) },
            Route(.delete, root + "/{id}", .admin) { context in
                try await services.notifications.remove(try await contactPoint(context).point, by: context.origin)
                return .noContent
            },
            Route(.post, root + "/{id}/test", .operator) { context in
                let point = try await contactPoint(context).point
                let delivery = try await services.notifications.test(point, by: context.origin)
                return .json(delivery.json(of: point, in: context.renderer))
            },
            Route(.get, "\(Self.root)/notifications", .viewer) { try await notifications($0) },
        ]
    }

    private static let maxMessages = 200

    private func notifications(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["contactPoint", "before", "limit"])
        var problems: [BodyError] = []
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            guard let text = context.request.queryValue(name) else { return nil }
            guard let number = Int(text), range.contains(number) else {
                problems.append(BodyError(name, .outOfRange(range)))
                return nil
            }
            return number
        }
        let limit = number("limit", 1...Self.maxMessages) ?? 50
        let place = number("before", 1...Int.max)
        var point: ContactPointID?
        if let text = context.request.queryValue("contactPoint") {
            point = ContactPointID(text)
            if point == nil { problems.append(BodyError("contactPoint", .invalid("“contactPoint” is no id of a contact point."))) }
        }
        guard problems.isEmpty else { throw APIError(problems) }
        let found = try await services.storage.notifications(of: point, before: place.map { Int64($0) }, limit: limit + 1)
        let shown = found.prefix(limit)
        return .json(
            .init(present: [
                ("notifications", .array(shown.map(\.json))),
                ("next", found.count > limit ? shown.last.map { .integer(Int($0.id)) } : nil),
            ]))
    }

    private func contactPoint(_ context: RequestContext) async throws -> StoredContactPoint {
        guard let id = ContactPointID(context.parameter("id")), let stored = try await services.storage.contactPoint(id) else {
            throw WebError(.notFound, "There is no contact point with this id. It may have been removed.")
        }
        return stored
    }

    private func createContactPoint(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["connections", "repeatHours"])
        let kind = body.choice("kind", ContactPointKind.self)
        var draft = ContactPointDraft(kind: kind ?? .webhook)
        body.read(&draft)
        try body.finish()
        do {
            return .json(try await services.notifications.create(draft, by: context.origin).json, status: 201)
        } catch ContactPointError.invalid(let problems) {
            throw APIError(problems, in: context.renderer)
        } catch ContactPointError.tooMany {
            throw WebError(.conflict, "There are \(NotificationLimits.contactPoints) contact points already. Remove one first.")
        }
    }

    private func changeContactPoint(_ context: RequestContext) async throws -> WebResponse {
        let stored = try await contactPoint(context).point
        var body = try APIBody(context.request, nullable: ["connections", "repeatHours"])
        let revision = body.integer("revision")
        var draft = ContactPointDraft(stored)
        body.read(&draft)
        try body.finish()
        do {
            return .json(try await services.notifications.change(stored, draft, revision: revision, by: context.origin).json)
        } catch ContactPointError.invalid(let problems) {
            throw APIError(problems, in: context.renderer)
        }
    }
}

extension APIError {
    /// What is wrong with a contact point, by member.
    fileprivate init(_ problems: [ContactPointDraft.Problem], in renderer: TextRenderer) {
        self.init(problems.map { BodyError($0.field.rawValue, .invalid("“\($0.field.rawValue)”: \(renderer.text($0.message))")) })
    }
}

extension APIBody {
    /// Reads the members of a contact point; one that is missing stays as it is in the draft.
    fileprivate mutating func read(_ draft: inout ContactPointDraft) {
        if has("name") { draft.name = text("name").trimmingSpaces }
        if has("enabled") { draft.isEnabled = flag("enabled") }
        if has("language"), let language = choice("language", Language.self) { draft.language = language }
        if has("connections") {
            draft.subscription.connections = texts(in: "connections").map { texts in
                Set(
                    texts.compactMap { text in
                        let id = ConnectionID(text)
                        if id == nil, !hasProblem("connections") {
                            note("connections", .invalid("“connections” holds a text that is no id."))
                        }
                        return id
                    })
            }
        }
        if let kinds = texts(in: "kinds") {
            let read = kinds.compactMap { ConditionKind(rawValue: $0) }
            if read.count != kinds.count {
                note("kinds", .noChoice(known: ConditionKind.allCases.map(\.rawValue).joined(separator: ", ")))
            }
            draft.subscription.kinds = Set(read)
        }
        if has("groupingMinutes") { draft.subscription.groupingMinutes = integer("groupingMinutes") }
        // Null is never, and a member that is missing changes nothing.
        if has("repeatHours") { draft.subscription.repeatHours = optionalInteger("repeatHours") }
        if draft.kind == .email {
            if has("server") { draft.mail.server = text("server").trimmingSpaces.lowercased() }
            if has("port") { draft.mail.port = integer("port") }
            if has("security"), let security = choice("security", MailServer.Security.self) { draft.mail.security = security }
            if has("user") { draft.mail.user = optionalText("user") ?? "" }
            if has("sender") { draft.mail.sender = text("sender").trimmingSpaces }
            if let recipients = texts(in: "recipients") { draft.mail.recipients = recipients.map(\.trimmingSpaces) }
            draft.password = optionalText("password").map { Secret($0) }
        } else {
            draft.address = optionalText("address").map { Secret($0) }
            if draft.kind == .webhook { draft.signingKey = optionalText("signingKey").map { Secret($0) } }
        }
    }

    /// The texts of an array; nil if it is missing or null.
    private mutating func texts(in name: String) -> [String]? {
        guard let view = view(name) else { return nil }
        guard view.isArray else {
            note(name, .wrongType(.array))
            return []
        }
        let texts = view.elements.prefix(NotificationLimits.connections + 1).compactMap(\.string)
        if texts.count != min(view.elements.count, NotificationLimits.connections + 1) { note(name, .wrongType(.array)) }
        return texts
    }
}

extension StoredContactPoint {
    /// The contact point for programs; never its secrets.
    fileprivate var json: JSONValue {
        let isMail = point.kind == .email
        // A nil would be a null of JSON.
        func mail(_ value: JSONValue) -> JSONValue? { isMail ? value : .none }
        let failure = state.failure.map { code -> JSONValue in
            [
                "code": .string(code.rawValue), "title": .string(PSAError(code, catalogue: .notifications).guidance.title),
                "detail": .string(state.detail),
            ]
        }
        return .init(present: [
            ("id", .string(point.id.rawValue)), ("kind", .string(point.kind.rawValue)), ("name", .string(point.name)),
            ("enabled", .bool(point.isEnabled)), ("language", .string(point.language.rawValue)),
            ("connections", point.subscription.connections.map { .array($0.map(\.rawValue).sorted().map(JSONValue.string)) } ?? .null),
            ("kinds", .array(ConditionKind.allCases.filter(point.subscription.kinds.contains).map { .string($0.rawValue) })),
            ("groupingMinutes", .integer(point.subscription.groupingMinutes)),
            ("repeatHours", point.subscription.repeatHours.map(JSONValue.integer) ?? .null), ("host", .string(point.host)),
            ("server", mail(.string(point.mail.server))), ("port", mail(.integer(point.mail.port))),
            ("security", mail(.string(point.mail.security.rawValue))), ("user", mail(.string(point.mail.user))),
            ("sender", mail(.string(point.mail.sender))), ("recipients", mail(.array(point.mail.recipients.map(JSONValue.string)))),
            ("failures", .integer(state.failures)), ("failingSince", state.failingSince.map { .string($0.formatted(.iso8601)) }),
            ("broken", .bool(state.isBroken)), ("failure", failure),
            ("lastSentAt", state.lastSentAt.map { .string($0.formatted(.iso8601)) }), ("revision", .integer(point.revision)),
            ("createdAt", .string(point.createdAt.formatted(.iso8601))), ("changedAt", .string(point.changedAt.formatted(.iso8601))),
        ])
    }
}

extension StoredNotification {
    /// The message for programs.
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .integer(Int(id))), ("key", .string(key)), ("contactPoint", .string(point.rawValue)), ("state", .string(state.rawValue)),
            ("test", .bool(content.isTest)), ("summary", .string(content.summary)),
            ("titles", .array(content.items.map { .string($0.title) })), ("more", .integer(content.more)), ("attempts", .integer(attempts)),
            ("createdAt", .string(createdAt.formatted(.iso8601))), ("finishedAt", finishedAt.map { .string($0.formatted(.iso8601)) }),
            ("code", code.map { .string($0.rawValue) }), ("detail", detail.isEmpty ? Optional.none : .string(detail)),
        ])
    }
}

extension Delivery {
    /// The outcome of a test for programs.
    fileprivate func json(of point: ContactPoint, in renderer: TextRenderer) -> JSONValue {
        let word =
            switch self {
            case .sent: "sent"
            case .refused: "refused"
            case .unknown: "unknown"
            }
        return .init(present: [("outcome", .string(word)), ("problem", error(of: point)?.problem(in: renderer))])
    }
}
