import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// What was typed for an API key, and what is wrong with it.
struct APIKeyDraft: Sendable {
    var name = ""
    var scopes: Set<APIScope> = [.sendEvents]
    var expires = ""
    var namespace = ""
    var problems: [Field: HTML] = [:]

    enum Field: String, Sendable, Hashable, CaseIterable {
        case name
        case scopes
        case expires
        case namespace
    }

    init() {}

    init(_ key: APIToken) {
        name = key.name
        scopes = key.scopes
        expires = key.expiresAt.map { String($0.addingTimeInterval(-1).formatted(.iso8601).prefix(10)) } ?? ""
        namespace = key.sharedNamespace?.rawValue ?? ""
    }

    /// Reads a form.
    init(_ form: SubmittedForm, now: Date) {
        name = form.text("name").trimmingSpaces
        scopes = Set(form.texts("scope").compactMap(APIScope.init(rawValue:)))
        expires = form.text("expires").trimmingSpaces
        namespace = form.text("namespace").trimmingSpaces
        if scopes.isEmpty { problems[.scopes] = "Choose what the key is good for." }
        if !expires.isEmpty {
            if let end { if end <= now { problems[.expires] = "This day is over already." } } else { problems[.expires] = "Enter a day." }
        }
        if !namespace.isEmpty, EventNamespace.Name(namespace) == nil { problems[.namespace] = HTML(term: EventNamespace.Name.rule) }
    }

    /// What is wrong, in the order of the form.
    fileprivate var summary: [FormProblems.Item] {
        Field.allCases.compactMap { field in
            let title: HTML =
                switch field {
                case .name: "Name of the program"
                case .scopes: "What it is good for"
                case .expires: "Last day"
                case .namespace: "Shared namespace"
                }
            return problems[field].map { .init(field: field.rawValue, title, $0) }
        }
    }

    /// The end of the last day, in UTC; nil for none.
    var end: Date? {
        guard expires.utf8.count == 10, let day = GregorianUTC.instant(iso8601: expires) else { return nil }
        return day.addingTimeInterval(86_400)
    }
}

/// The inputs of an API key, for a new one and for a change.
private struct APIKeyInputs: Sendable {
    let draft: APIKeyDraft

    private var opensAdvanced: Bool {
        [.expires, .namespace].contains { draft.problems[$0] != nil } || !draft.expires.isEmpty || !draft.namespace.isEmpty
    }

    var html: HTML {
        let problem = draft.problems[.scopes]
        return """
            <fieldset class="group" id="field-scopes"\(attribute: "aria-describedby", problem == nil ? nil : "field-scopes-problem")><legend>What it is good for</legend>
            \(problem.map { "<p class=\"problem\" id=\"field-scopes-problem\"><strong>Problem:</strong> \($0)</p>" as HTML })
            \(each: APIScope.allCases, scope)</fieldset>
            \(AdvancedFields(isOpen: opensAdvanced, content: advanced).html)
            """
    }

    private var advanced: HTML {
        """
        \(FieldRow(name: "expires", label: "Last day", input: .date(value: draft.expires), help: "The key ends by itself after this day, in UTC. Left empty, it does not.",
            message: draft.problems[.expires]).html)
        \(FieldRow(name: "namespace", label: "Shared namespace", input: .text(value: draft.namespace),
            help: "Within a namespace, source and id name one event. Left empty, the key has its own. Keys that replace one another, or take turns, share a name.",
            example: "backup", message: draft.problems[.namespace]).html)
        """
    }

    private func scope(_ scope: APIScope) -> HTML {
        let id = "scope-\(scope.rawValue.replacing(":", with: "-"))"
        return """
            <p class="tick"><input type="checkbox" id="\(id)" name="scope" value="\(scope.rawValue)"\(flag: "checked", draft.scopes.contains(scope))>
            <label for="\(id)">\(scope.title) <code>\(scope.rawValue)</code></label></p>
            """
    }
}

/// All API keys, and the form for a new one.
struct APIKeysPage: WebPage {
    let context: RequestContext
    let keys: [APIToken]
    var draft = APIKeyDraft()
    var notice: Notice?

    var document: HTML {
        Layout(context, .rules, title: "API keys").document(
            """
            <h1>API keys</h1>
            \(RuleTabs(context: context, current: "/api-keys").html)
            <p class="lead">A program uses the JSON API with <code>Authorization: Bearer …</code>. A key opens what is chosen for it, and never accounts,
            credentials or other keys.</p>
            \(notice?.html)
            \(keys.isEmpty ? EmptyState(title: "There is no API key yet.", text: "A monitoring program needs one to send events.", action: "<a class=\"button\" href=\"#field-name\">Make an API key</a>").html : "<ul class=\"rules\">\(each: keys, row)</ul>" as HTML)
            <section aria-labelledby="new-key"><h2 id="new-key">New API key</h2>
            \(FormProblems(draft.summary).html)
            <form method="post" action="/api-keys" novalidate>\(FormToken(context.user).field)
            \(UsedForms.input())
            \(FieldRow(name: "name", label: "Name of the program", input: .text(value: draft.name), isRequired: true,
                message: draft.problems[.name]).html)
            \(APIKeyInputs(draft: draft).html)
            <div class="buttons"><button class="primary">Make an API key</button></div></form></section>
            """)
    }

    private func row(_ key: APIToken) -> HTML {
        let used: HTML = key.lastUsedAt.map { "Last used \(TimestampView($0).html)" } ?? "Never used"
        let space: HTML = key.sharedNamespace.map { " · shares the namespace <code>\($0.rawValue)</code>" } ?? .empty
        return """
            <li><h2><a href="/api-keys/\(key.id)">\(key.name)</a> \(key.badge(at: context.now))</h2>
            <p class="help">\(used) · <code>\(key.scopes.text)</code>\(space)</p></li>
            """
    }
}

/// One API key: how to use it, what arrived, its settings, and its end.
struct APIKeyPage: WebPage {
    let context: RequestContext
    let key: APIToken
    /// The address of this host, as a program reaches it.
    let origin: String
    /// The events of its namespace, up to ``countLimit``, and the latest.
    let events: (count: Int, latest: HostEvent.ID?)
    /// The text of the key, just after it was made.
    var made: Secret?
    var draft: APIKeyDraft
    var notice: Notice?

    /// How many events are counted.
    static let countLimit = 10_000

    static func path(of id: String) -> String { "/api-keys/\(id)" }

    private var path: String { Self.path(of: key.id) }
    private var isGood: Bool { key.isGood(at: context.now) }
    private var sends: Bool { key.scopes.contains(.sendEvents) }

    var document: HTML {
        Layout(context, .rules, title: key.name).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a> · <a href="/api-keys">API keys</a></p>
            <h1>\(key.name) \(key.badge(at: context.now))</h1>
            \(notice?.html)\(made.map { Notice(.done, "Copy the key now; it is not shown again: <code id=\"token\">\($0.reveal())</code>").html })
            \(isGood && sends ? sending : .empty)
            \(facts)
            \(key.revokedAt == nil ? settings : .empty)
            """)
    }

    private var sending: HTML {
        """
        <section aria-labelledby="send"><h2 id="send">Send an event</h2>
        \(CodeBlock(id: "curl", text: curl).html)
        \(waiting)
        <form method="post" action="\(path)/test-event" class="actions">\(FormToken(context.user).field)\(UsedForms.input())<button>Send a test event</button></form>
        <p class="help">It is an event like any other: rules that match it create tickets.</p></section>
        """
    }

    private var curl: String {
        """
        curl \(origin)\(APIRoutes.eventsPath) \\
          -H 'Authorization: Bearer \(made?.reveal() ?? "vectis_…")' \\
          -H 'Content-Type: application/json' \\
          -d '{"source":"my-program","id":"1","type":"test","severity":"info","text":"It works."}'
        """
    }

    /// What arrived; while nothing has, a script looks again every few seconds.
    private var waiting: HTML {
        guard let latest = events.latest else {
            return """
                <div id="first-event" data-await="3" data-from="\(path)" role="status"><p>Waiting for the first event …</p>
                <noscript><p><a href="\(path)">Look again</a></p></noscript></div>
                """
        }
        return """
            <div id="first-event" role="status"><p>\(Badge(.good, "Works").html) <a href="/events/\(String(latest.rawValue))">Event \(Int(latest.rawValue)) has arrived.</a></p></div>
            """
    }

    private var facts: HTML {
        """
        <dl class="facts">
        <dt>Good for</dt><dd><code>\(key.scopes.text)</code></dd>
        <dt>Made</dt><dd>\(TimestampView(key.createdAt).html)</dd>
        <dt>Last used</dt><dd>\(key.lastUsedAt.map { TimestampView($0).html } ?? "never")</dd>
        \(sends ? "<dt>Events</dt><dd>\(key.eventCount(events.count))</dd>" as HTML : .empty)
        \(key.expiresAt.map { "<dt>Ends</dt><dd>\(TimestampView($0).html)</dd>" as HTML })
        \(key.revokedAt.map { "<dt>Revoked</dt><dd>\(TimestampView($0).html)</dd>" as HTML })
        </dl>
        """
    }

    private var settings: HTML {
        """
        <section aria-labelledby="settings"><h2 id="settings">Settings</h2>
        \(FormProblems(draft.summary).html)
        <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
        \(APIKeyInputs(draft: draft).html)
        <div class="buttons"><button class="primary">Save</button> <a class="button danger" href="\(path)/revoke">Revoke</a></div></form></section>
        """
    }
}

extension APIScope {
    /// What it opens.
    var title: HTML {
        switch self {
        case .sendEvents: "Send events"
        case .readEvents: "Read events"
        case .readJobs: "Read jobs"
        case .writeJobs: "Decide on jobs"
        case .readRules: "Read rules and company mappings"
        case .writeRules: "Change rules and company mappings"
        case .readConnections: "Read the state of connections"
        case .readData: "Read the local copies"
        case .readAudit: "Read the audit log"
        }
    }
}

extension APIToken {
    /// Whether it is good, in a word.
    fileprivate func badge(at now: Date) -> HTML {
        if revokedAt != nil { return Badge(.neutral, "Revoked").html }
        return isExpired(at: now) ? Badge(.warning, "Expired").html : .empty
    }

    /// How many events it sent, in words.
    fileprivate func eventCount(_ count: Int) -> HTML {
        let number: HTML =
            count >= APIKeyPage.countLimit
            ? "\(APIKeyPage.countLimit) or more events" : count == 1 ? "1 event" : "\(count) events"
        return sharedNamespace.map { "\(number) in the namespace “\($0.rawValue)”, which other keys may share" } ?? number
    }
}

extension HostServices {
    /// Sends a test event of an API key.
    fileprivate func sendTestEvent(of key: String, by origin: RequestOrigin) async throws -> Acceptance {
        do {
            let acceptance = try await apiKeys.sendTestEvent(key, by: origin)
            metrics.event(.accepted)
            return acceptance
        } catch is UnknownToken {
            throw WebError(.invalid, "The key has ended, or may not send events.")
        }
    }
}

extension PageRoutes {
    /// The keys with which programs use the JSON API.
    var apiKeyRoutes: [Route] {
        let one = "/api-keys/{id}"
        return [
            Route(.get, "/api-keys", .admin) { context in
                .page(200, APIKeysPage(context: context, keys: try await services.storage.tokens(), notice: notice(context)))
            },
            Route(.post, "/api-keys", .admin) { try await createKey($0) },
            Route(.get, one, .admin) { context in
                let key = try await services.apiKeys.key(context.parameter("id"))
                var page = try await page(context, key)
                page.made = made(context, key)
                return .page(200, page)
            },
            Route(.post, one, .admin) { try await changeKey($0) },
            Route(.post, one + "/test-event", .admin) { context in
                let id = context.parameter("id")
                let services = services
                return try await services.usedForms.redirect(context, "test-event/\(id)") {
                    _ = try await services.sendTestEvent(of: id, by: context.origin)
                    return APIKeyPage.path(of: id) + "?notice=test-event"
                }
            },
            Route(.get, one + "/revoke", .admin) { try await confirmRevocation($0) },
            Route(.post, one + "/revoke", .admin) { context in
                try await services.apiKeys.revoke(context.parameter("id"), by: context.origin)
                return .redirect(to: "/api-keys?notice=token-revoked")
            },
        ]
    }

    private func notice(_ context: RequestContext) -> Notice? { context.request.queryValue("notice").flatMap(Notice.init(afterwards:)) }

    private func page(_ context: RequestContext, _ key: APIToken) async throws -> APIKeyPage {
        let scheme = services.environment.isBehindTLS ? "https" : "http"
        return APIKeyPage(
            context: context, key: key, origin: "\(scheme)://\((context.request.headers["Host"] ?? "").lowercased())",
            events: try await services.storage.eventCount(in: key.namespace, limit: APIKeyPage.countLimit), draft: APIKeyDraft(key),
            notice: notice(context))
    }

    private func createKey(_ context: RequestContext) async throws -> WebResponse {
        var draft = APIKeyDraft(try context.form(), now: context.now)
        if !APIToken.isUsable(name: draft.name) { draft.problems[.name] = HTML(term: APIToken.nameRule) }
        guard draft.problems.isEmpty else {
            return .page(422, APIKeysPage(context: context, keys: try await services.storage.tokens(), draft: draft))
        }
        let (services, valid) = (services, draft)
        @Sendable func create() async throws -> (text: Secret, key: APIToken) {
            try await services.apiKeys.create(
                name: valid.name, namespace: EventNamespace.Name(valid.namespace), scopes: valid.scopes, expiresAt: valid.end,
                by: context.origin)
        }
        guard try !context.form().text(UsedForms.field).isEmpty else {
            let (text, key) = try await create()
            var page = try await page(context, key)
            page.made = text
            return .page(201, page)
        }
        let user = try context.requireSignedInUser()
        return try await services.usedForms.redirect(context, "api-key") {
            let (text, key) = try await create()
            // Sealed, it opens in this session only, for as long as what is typed into a form does.
            let sealed = try services.vault.sealForForm(text, of: user.session, Self.madeKey(key.id))
            return "\(APIKeyPage.path(of: key.id))?made=\(sealed)"
        }
    }

    /// The place of the text of a key that was just made.
    private static func madeKey(_ id: String) -> SettingKey { SettingKey("api-key/\(id)") }

    /// The text of a key that was just made in this session.
    private func made(_ context: RequestContext, _ key: APIToken) -> Secret? {
        guard let user = context.user, let sealed = context.request.queryValue("made") else { return nil }
        return services.vault.openFromForm(sealed, of: user.session, Self.madeKey(key.id))
    }

    private func changeKey(_ context: RequestContext) async throws -> WebResponse {
        let draft = APIKeyDraft(try context.form(), now: context.now)
        let id = context.parameter("id")
        guard draft.problems.isEmpty else {
            var page = try await page(context, try await services.apiKeys.key(id))
            page.draft = draft
            return .page(422, page)
        }
        _ = try await services.apiKeys.change(
            id, namespace: EventNamespace.Name(draft.namespace), scopes: draft.scopes, expiresAt: draft.end, by: context.origin)
        return .redirect(to: APIKeyPage.path(of: id) + "?notice=token-changed")
    }

    private func confirmRevocation(_ context: RequestContext) async throws -> WebResponse {
        let key = try await services.apiKeys.key(context.parameter("id"))
        guard key.revokedAt == nil else { throw StoreError.notFound }
        let count = try await services.storage.eventCount(in: key.namespace, limit: APIKeyPage.countLimit).count
        let path = APIKeyPage.path(of: key.id)
        return .page(
            200,
            Confirmation(
                context: context, section: .rules, origin: ("\(key.name)", path), question: "Revoke the API key “\(key.name)”?",
                consequences: [
                    "Every program that uses it is refused from now on. A revoked key can’t be used again.",
                    key.lastUsedAt.map { "It was last used \(TimestampView($0).html)." } ?? "It was never used.",
                    "\(key.eventCount(count)): what it sent stays, with its jobs and tickets.",
                ], action: path + "/revoke", verb: "Revoke"))
    }
}

extension APIRoutes {
    /// The keys with which programs use the JSON API.
    var apiKeyRoutes: [Route] {
        let root = "\(Self.root)/api-keys"
        return [
            Route(.get, root, .admin) { context in
                try context.allowQuery([])
                return .json(["apiKeys": .array(try await services.storage.tokens().map(\.json))])
            },
            Route(.post, root, .admin) { try await createKey($0) },
            Route(.get, root + "/{id}", .admin) { context in
                try context.allowQuery([])
                return .json(try await services.apiKeys.key(context.parameter("id")).json)
            },
            Route(.put, root + "/{id}", .admin) { try await changeKey($0) },
            Route(.delete, root + "/{id}", .admin) { context in
                try await services.apiKeys.revoke(context.parameter("id"), by: context.origin)
                return .noContent
            },
            Route(.post, root + "/{id}/test-event", .admin) { context in
                let acceptance = try await services.sendTestEvent(of: context.parameter("id"), by: context.origin)
                return .json(
                    [
                        "id": .integer(Int(acceptance.event.rawValue)), "repeat": .bool(acceptance.isRepeat),
                        "jobs": .integer(acceptance.jobs),
                    ], status: 202)
            },
        ]
    }

    private func createKey(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["namespace", "expiresAt"])
        let name = body.text("name").trimmingSpaces
        if !body.hasProblem("name"), !APIToken.isUsable(name: name) { body.note("name", .invalid(APIToken.nameRule)) }
        let scopes = body.scopes("scopes")
        let namespace = body.namespace("namespace")
        let expiresAt = body.end("expiresAt", now: context.now)
        try body.finish()
        let (text, key) = try await services.apiKeys.create(
            name: name, namespace: namespace, scopes: scopes, expiresAt: expiresAt, by: context.origin)
        return .json(key.json.adding(("key", .string(text.reveal()))), status: 201)
    }

    private func changeKey(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["namespace", "expiresAt"])
        let scopes = body.scopes("scopes")
        let namespace = body.namespace("namespace")
        let expiresAt = body.end("expiresAt", now: context.now)
        // They are required: if they could be left out, a mistake would give the key its own namespace, or no end.
        for name in ["namespace", "expiresAt"] where !body.has(name) { body.note(name, .missing) }
        try body.finish()
        return .json(
            try await services.apiKeys.change(
                context.parameter("id"), namespace: namespace, scopes: scopes, expiresAt: expiresAt, by: context.origin
            ).json)
    }
}

extension APIBody {
    /// The name of a shared namespace; nil where it is missing, null or empty.
    fileprivate mutating func namespace(_ name: String) -> EventNamespace.Name? {
        guard let text = optionalText(name), !text.trimmingSpaces.isEmpty else { return nil }
        if let namespace = EventNamespace.Name(text) { return namespace }
        note(name, .invalid(EventNamespace.Name.rule))
        return nil
    }

    /// A required list of scopes, with one at least.
    fileprivate mutating func scopes(_ name: String) -> Set<APIScope> {
        guard let view = view(name) else {
            if !hasProblem(name) { note(name, .missing) }
            return []
        }
        guard view.isArray else {
            note(name, .wrongType(.array))
            return []
        }
        let elements = view.elements
        let scopes = elements.prefix(100).compactMap { $0.string.flatMap(APIScope.init(rawValue:)) }
        guard scopes.count == elements.count, !scopes.isEmpty else {
            note(name, .noChoice(known: APIScope.allCases.map(\.rawValue).joined(separator: ", ")))
            return []
        }
        return Set(scopes)
    }

    /// A timestamp in the future; nil where it is missing or null.
    fileprivate mutating func end(_ name: String, now: Date) -> Date? {
        guard let end = timestamp(name) else { return nil }
        if end <= now { note(name, .invalid("The end of a key lies in the future.")) }
        return end
    }
}

extension APIToken {
    /// The key for programs, without itself.
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(id)), ("name", .string(name)), ("scopes", .array(scopes.sorted().map { .string($0.rawValue) })),
            ("namespace", sharedNamespace.map { .string($0.rawValue) } ?? .null),
            ("createdAt", .string(createdAt.formatted(.iso8601))), ("lastUsedAt", lastUsedAt.map { .string($0.formatted(.iso8601)) }),
            ("expiresAt", expiresAt.map { .string($0.formatted(.iso8601)) } ?? .null),
            ("revokedAt", revokedAt.map { .string($0.formatted(.iso8601)) }),
        ])
    }
}
