import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The contact points, how sending to them goes, and the latest messages.
struct NotificationsPage: WebPage {
    let context: RequestContext
    let points: [StoredContactPoint]
    let messages: [StoredNotification]
    /// The conditions that last.
    let open: [ObservedCondition]
    /// The place of the next page of messages; nil on the last one.
    var next: Int64?
    var notice: Notice?

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        Layout(context, .notifications, title: "Notifications").document(
            """
            <h1>Notifications</h1>
            <p class="lead">Vectis tells people when a connection breaks, a rule is paused or something needs review, and when it is over. A contact point says
            where to: e-mail, a webhook, Microsoft Teams or Slack.</p>
            \(notice?.html)
            <h2 id="contact-points">Contact points</h2>
            \(points.isEmpty ? "<p class=\"empty\">There is no contact point yet, so no message is sent.</p>" : "<ul class=\"rules\">\(each: points, row)</ul>" as HTML)
            \(isAdmin ? Self.additions : .empty)
            <h2 id="open">What is going on</h2>
            \(open.isEmpty ? "<p class=\"empty\">Nothing that messages are about.</p>" : "<ul>\(each: open, condition)</ul>")
            <h2 id="messages">Messages</h2>
            \(NotificationTable(messages: messages, names: Dictionary(points.map { ($0.point.id, $0.point.name) }, uniquingKeysWith: { $1 })).html)
            \(next.map { "<p><a href=\"/notifications?before=\(Int($0))#messages\">Older messages</a></p>" as HTML })
            """)
    }

    static var additions: HTML {
        """
        <div class="actions">\(each: ContactPointKind.allCases, { "<a class=\"button\" href=\"/notifications/new?kind=\($0.rawValue)\">Add \(HTML(term: $0.title))</a> " })</div>
        """
    }

    private func row(_ stored: StoredContactPoint) -> HTML {
        let point = stored.point
        return """
            <li><h3><a href="/notifications/\(point.id.rawValue)">\(point.name)</a></h3>
            \(ContactPointStatus(stored: stored).html)
            <p class="help">\(HTML(term: point.kind.title)) \(point.kind == .email ? "to \(point.mail.recipients.joined(separator: ", "))" : "at \(point.host)" as HTML)</p></li>
            """
    }

    private func condition(_ condition: ObservedCondition) -> HTML {
        let facts = condition.facts
        // The kind is called “broken or recovered”, and this one is broken.
        let title: HTML = facts.kind == .connectionBroken ? "Connection broken" : HTML(term: facts.kind.title)
        let error: HTML = facts.code.map { " (<a href=\"/errors/\($0.rawValue)\"><code>\($0.rawValue)</code></a>)" } ?? .empty
        return
            "<li>\(title): \(condition.facts.name)\(error)\(condition.facts.count > 0 ? " (\(condition.facts.count))" : "") \(TimestampView(condition.openedAt).since)</li>"
    }
}

/// Asks for the kind of a new contact point.
struct ContactPointKindsPage: WebPage {
    let context: RequestContext

    var document: HTML {
        Layout(context, .notifications, title: "New contact point").document(
            """
            <p class="crumbs"><a href="/notifications">Notifications</a></p>
            <h1>New contact point</h1>
            \(NotificationsPage.additions)
            """)
    }
}

/// The state of a contact point in one line.
struct ContactPointStatus: Sendable {
    let stored: StoredContactPoint

    private var sent: HTML {
        stored.state.lastSentAt.map { " Last message accepted \(TimestampView($0).html)." } ?? " No message was sent yet."
    }

    var html: HTML {
        let state = stored.state
        guard stored.point.isEnabled else {
            return "<p class=\"status\"><span class=\"state\">Off</span> <span>No message is sent.\(sent)</span></p>"
        }
        guard state.lastSentAt != nil || state.failure != nil else {
            return "<p class=\"status limited\"><span class=\"state\">Not used yet</span> <span>No message was accepted so far.</span></p>"
        }
        guard let since = state.failingSince, let code = state.failure else {
            let warning: HTML = state.failure.map { " <a href=\"/errors/\($0.rawValue)\">\(Self.title($0))</a>." } ?? .empty
            return
                "<p class=\"status \(state.failure == nil ? "connected" : "limited")\"><span class=\"state\">Works</span> <span>\(sent)\(warning)</span></p>"
        }
        let times: HTML = state.failures == 1 ? "once" : "\(state.failures) times"
        return """
            <p class="status needs_attention"><span class="state">\(state.isBroken ? "Can’t be reached" : "Failing" as HTML)</span>
            <span><a href="/errors/\(code.rawValue)">\(Self.title(code))</a>\(state.detail.isEmpty ? "" : ": \(state.detail)"), \(times) \(TimestampView(since).since).\(sent)</span></p>
            """
    }

    private static func title(_ code: ErrorCode) -> String {
        PSAError(code, catalogue: .notifications).guidance(in: Viewer.current.renderer).title
    }
}

/// Messages with their states, the latest first.
struct NotificationTable: Sendable {
    let messages: [StoredNotification]
    /// The names of contact points; empty to leave the column out.
    let names: [ContactPointID: String]

    var html: HTML {
        guard !messages.isEmpty else { return "<p class=\"empty\">There is no message yet.</p>" }
        let columns: [HTML] = names.isEmpty ? ["Made", "Message", "State"] : ["Made", "Contact point", "Message", "State"]
        return DataTable(name: .label("Messages"), columns: columns, rows: messages.map(row)).html
    }

    private func row(_ message: StoredNotification) -> DataTable.Row {
        let point = names.isEmpty ? [] : [HTML(text: names[message.point] ?? "")]
        return DataTable.Row(
            [TimestampView(message.createdAt).html] + point + [
                HTML(text: message.content.summary) + (message.content.items.count > 1 ? more(message.content) : .empty),
                HTML(term: message.state.title) + reason(message),
            ])
    }

    private func more(_ content: NotificationContent) -> HTML {
        """
        <details><summary>All \(content.items.count + content.more)</summary><ul>\(each: content.items, { "<li>\($0.title)</li>" })</ul></details>
        """
    }

    private func reason(_ message: StoredNotification) -> HTML {
        let attempts: HTML = message.attempts > 1 ? ", \(message.attempts) attempts" : .empty
        guard let code = message.code else { return attempts }
        return """
            \(attempts): <a href="/errors/\(code.rawValue)">\(PSAError(code, catalogue: .notifications).guidance(in: Viewer.current.renderer).title)</a>\(message.detail.isEmpty ? "" : " (\(message.detail))")
            """
    }
}

extension PageRoutes {
    /// Contact points and messages.
    var notificationRoutes: [Route] {
        [
            Route(.get, "/notifications", .viewer) { try await notificationsPage($0) },
            Route(.get, "/notifications/new", .admin) { context in
                guard let kind = context.request.queryValue("kind").flatMap(ContactPointKind.init(rawValue:)) else {
                    return .page(200, ContactPointKindsPage(context: context))
                }
                return .page(
                    200,
                    ContactPointPage(
                        context: context, stored: nil, draft: ContactPointDraft(kind: kind),
                        connections: try await services.storage.connections()))
            },
            Route(.post, "/notifications/new", .admin) { try await createContactPoint($0) },
            Route(.get, "/notifications/{id}", .viewer) { context in
                var page = try await contactPointPage(context)
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/notifications/{id}", .admin) { try await changeContactPoint($0) },
            Route(.post, "/notifications/{id}/test", .operator) { context in
                var page = try await contactPointPage(context)
                guard let stored = page.stored else { throw StoreError.notFound }
                let delivery = try await services.notifications.test(stored.point, by: context.origin)
                page = try await contactPointPage(context)
                page.test = delivery
                return .page(200, page)
            },
            Route(.get, "/notifications/{id}/remove", .admin) { context in
                .page(200, try await removalPage(context))
            },
            Route(.post, "/notifications/{id}/remove", .admin) { context in
                guard let stored = try await contactPointPage(context).stored else { throw StoreError.notFound }
                try await services.notifications.remove(stored.point, by: context.origin)
                return .redirect(to: "/notifications?notice=contact-point-removed")
            },
        ]
    }

    /// Asks before a contact point is removed, with what goes with it.
    private func removalPage(_ context: RequestContext) async throws -> Confirmation {
        guard let stored = try await contactPointPage(context).stored else { throw StoreError.notFound }
        let (point, limit) = (stored.point, 1_000)
        let count = try await services.storage.notifications(of: point.id, before: nil, limit: limit).count
        let messages: HTML = count >= limit ? "\(limit) or more messages are" : count == 1 ? "1 message is" : "\(count) messages are"
        let others = try await services.storage.contactPoints().count { $0.point.id != point.id && $0.point.isEnabled }
        return Confirmation(
            context: context, section: .notifications, origin: ("Notifications", "/notifications"), question: "Remove “\(point.name)”?",
            consequences: [
                "Vectis deletes the contact point and its secrets.", "\(messages) removed from the list.",
                stored.state.lastSentAt.map { "The last message was accepted \(TimestampView($0).html)." } ?? "No message was sent yet.",
                others == 0
                    ? "No other contact point is on: no message is sent any more."
                    : others == 1 ? "1 other contact point stays on." : "\(others) other contact points stay on.",
                "The audit log keeps its entries.",
            ], action: "/notifications/\(point.id)/remove", verb: "Remove")
    }

    private static let pageSize = 50

    private func notificationsPage(_ context: RequestContext) async throws -> WebResponse {
        let place = context.request.queryValue("before").flatMap { Int64($0) }
        let messages = try await services.storage.notifications(of: nil, before: place, limit: Self.pageSize + 1)
        let page = NotificationsPage(
            context: context, points: try await services.storage.contactPoints(), messages: Array(messages.prefix(Self.pageSize)),
            open: try await services.storage.openConditions(), next: messages.count > Self.pageSize ? messages[Self.pageSize - 1].id : nil,
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    private func contactPointPage(_ context: RequestContext) async throws -> ContactPointPage {
        guard let id = ContactPointID(context.parameter("id")), let stored = try await services.storage.contactPoint(id) else {
            throw WebError(.notFound, "There is no such contact point. It may have been removed.")
        }
        return ContactPointPage(
            context: context, stored: stored, draft: ContactPointDraft(stored.point),
            connections: try await services.storage.connections(),
            messages: try await services.storage.notifications(of: id, before: nil, limit: 20))
    }

    private func createContactPoint(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        guard let kind = ContactPointKind(rawValue: form.text("kind")) else {
            throw WebError(.invalid, "Choose the kind of contact point.")
        }
        var page = ContactPointPage(
            context: context, stored: nil, draft: ContactPointDraft(kind: kind), connections: try await services.storage.connections())
        try page.read(form, for: try context.requireSignedInUser(), services.vault)
        do {
            guard page.problems.isEmpty else { return .page(422, page) }
            let stored = try await services.notifications.create(page.draft, by: context.origin)
            return .redirect(to: "/notifications/\(stored.point.id)?notice=contact-point")
        } catch ContactPointError.invalid(let problems) {
            page.problems = problems
            return .page(422, page)
        } catch ContactPointError.tooMany {
            throw WebError(.conflict, "There are \(NotificationLimits.contactPoints) contact points already. Remove one first.")
        }
    }

    private func changeContactPoint(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        var page = try await contactPointPage(context)
        guard let stored = page.stored else { throw StoreError.notFound }
        try page.read(form, for: try context.requireSignedInUser(), services.vault)
        let revision = Int(form.text("revision")) ?? -1
        page.revision = revision
        do {
            guard page.problems.isEmpty else { return .page(422, page) }
            _ = try await services.notifications.change(stored.point, page.draft, revision: revision, by: context.origin)
            return .redirect(to: "/notifications/\(stored.point.id)?notice=contact-point")
        } catch ContactPointError.invalid(let problems) {
            page.problems = problems
            return .page(422, page)
        } catch StoreError.stale {
            page.isStale = true
            return .page(409, page)
        }
    }
}

extension Delivery {
    /// The error with its guidance; nil if all is well.
    func error(of point: ContactPoint) -> PSAError? {
        let failure: Failure? =
            switch self {
            case .sent(let warning): warning
            case .refused(let failure, _, _), .unknown(let failure): failure
            }
        return failure.map { PSAError($0.code, name: point.host, reason: SystemReason($0.detail)) }
    }
}
