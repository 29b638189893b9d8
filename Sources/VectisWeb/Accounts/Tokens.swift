import FoundationEssentials
import PSACore
import PSAEngine
package import VectisCore
import VectisRules
import WebServer

/// The tokens of programs that send events; a new one is shown once.
struct TokensPage: WebPage {
    let context: RequestContext
    let tokens: [APIToken]
    /// The text of the token that was just made.
    var made: Secret?
    /// What was typed for a new one.
    var name = ""
    var namespace = ""
    var problem: String?
    var namespaceProblem: String?
    var notice: Notice?

    private static let namespaceHelp =
        "Within a namespace, source and id name one event. Left empty, the token has its own. Tokens that replace one another, or take turns, share a name."

    var document: HTML {
        Layout(context, .rules, title: "Tokens for programs").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>Tokens for programs</h1>
            <p class="lead">A program sends events to <code>POST /api/v1/events</code> with <code>Authorization: Bearer …</code>. A token opens nothing else.</p>
            \(notice?.html)
            \(made.map { Notice(.done, "Copy the token now; it is not shown again: <code id=\"token\">\($0.reveal())</code>").html })
            \(tokens.isEmpty ? "<p class=\"empty\">There is no token yet.</p>" : "<ul class=\"rules\">\(each: tokens, row)</ul>")
            <form method="post" action="/tokens" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "name", label: "Name of the program", input: .text(value: name), isRequired: true, problem: problem, takesFocus: problem != nil).html)
            \(FieldRow(name: "namespace", label: "Shared namespace", input: .text(value: namespace), help: Self.namespaceHelp, example: "backup", problem: namespaceProblem, takesFocus: problem == nil && namespaceProblem != nil).html)
            <div class="buttons"><button class="primary">Make a token</button></div></form>
            """)
    }

    private func row(_ token: APIToken) -> HTML {
        let used: HTML = token.lastUsedAt.map { "last used \(TimestampView($0).html)" } ?? "never used"
        let state: HTML =
            token.revokedAt.map { "<p class=\"status\"><span class=\"state\">Revoked</span> \(TimestampView($0).html)</p>" }
                ?? """
                \(namespaceForm(token))
                <form method="post" action="/tokens/\(token.id)/revoke">\(FormToken(context.user).field)
                <button class="danger">Revoke<span class="hidden"> \(token.name)</span></button></form>
                """
        let space: HTML = token.sharedNamespace.map { "shares the namespace <code>\($0.rawValue)</code>" } ?? "has its own namespace"
        return "<li><h2>\(token.name)</h2><p class=\"help\">Made \(TimestampView(token.createdAt).html), \(used), \(space)</p>\(state)</li>"
    }

    private func namespaceForm(_ token: APIToken) -> HTML {
        let id = "namespace-\(token.id)"
        return """
            <details><summary>Change the namespace<span class="hidden"> of \(token.name)</span></summary>
            <form method="post" action="/tokens/\(token.id)/namespace" novalidate>\(FormToken(context.user).field)
            <div class="field"><label for="\(id)">Shared namespace <span class="optional">optional</span></label>
            <input type="text" id="\(id)" name="namespace" value="\(token.sharedNamespace?.rawValue ?? "")" autocomplete="off" spellcheck="false" autocapitalize="off"></div>
            <div class="buttons"><button>Save<span class="hidden"> the namespace of \(token.name)</span></button></div></form></details>
            """
    }
}

extension PageRoutes {
    /// The tokens with which programs send events.
    var tokenRoutes: [Route] {
        [
            Route(.get, "/tokens", .admin) { context in
                let notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, TokensPage(context: context, tokens: try await services.storage.tokens(), notice: notice))
            },
            Route(.post, "/tokens", .admin) { try await createToken($0) },
            Route(.post, "/tokens/{id}/namespace", .admin) { try await changeNamespace($0) },
            Route(.post, "/tokens/{id}/revoke", .admin) { context in
                let id = context.parameter("id")
                let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
                try await services.storage.revokeToken(id, at: context.now, audit: context.audit(.tokenRevoked, name))
                return .redirect(to: "/tokens?notice=token-revoked")
            },
        ]
    }

    private func createToken(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        let (name, typed) = (form.text("name").trimmingSpaces, form.text("namespace").trimmingSpaces)
        let namespace = EventNamespace.Name(typed)
        var page = TokensPage(context: context, tokens: try await services.storage.tokens(), name: name, namespace: typed)
        if !APIToken.isUsable(name: name) { page.problem = APIToken.nameRule }
        if namespace == nil, !typed.isEmpty { page.namespaceProblem = EventNamespace.Name.rule }
        guard page.problem == nil, page.namespaceProblem == nil else { return .page(422, page) }
        let (text, token) = try APIToken.make(name: name, namespace: namespace, at: context.now)
        try await services.storage.add(token, audit: context.audit(.tokenCreated, name, .done, namespace.sentence))
        page = TokensPage(context: context, tokens: try await services.storage.tokens(), made: text)
        return .page(201, page)
    }

    private func changeNamespace(_ context: RequestContext) async throws -> WebResponse {
        let typed = try context.form().text("namespace").trimmingSpaces
        let namespace = EventNamespace.Name(typed)
        guard namespace != nil || typed.isEmpty else { throw WebError(.invalid, EventNamespace.Name.rule) }
        let id = context.parameter("id")
        let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
        try await services.storage.setNamespace(
            namespace, ofToken: id, audit: context.audit(.tokenChanged, name, .done, namespace.sentence))
        return .redirect(to: "/tokens?notice=token-changed")
    }
}

extension APIRoutes {
    /// The tokens with which programs send events.
    var tokenRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/tokens", .admin) { context in
                try context.allowQuery([])
                return .json(["tokens": .array(try await services.storage.tokens().map(\.json))])
            },
            Route(.post, "\(Self.root)/tokens", .admin) { try await makeToken($0) },
            Route(.put, "\(Self.root)/tokens/{id}", .admin) { context in
                var body = try APIBody(context.request)
                let namespace = body.namespace("namespace")
                // It is required: if it could be left out, a mistake would give the token its own namespace.
                if !body.has("namespace") { body.note("namespace", .missing) }
                try body.finish()
                let name = try await token(context).name
                try await services.storage.setNamespace(
                    namespace, ofToken: context.parameter("id"), audit: context.audit(.tokenChanged, name, .done, namespace.sentence))
                return .json(try await token(context).json)
            },
            Route(.delete, "\(Self.root)/tokens/{id}", .admin) { context in
                let name = try await token(context).name
                try await services.storage.revokeToken(
                    context.parameter("id"), at: context.now, audit: context.audit(.tokenRevoked, name))
                return .noContent
            },
        ]
    }

    private func makeToken(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let name = body.text("name").trimmingSpaces
        if !body.hasProblem("name"), !APIToken.isUsable(name: name) { body.note("name", .invalid(APIToken.nameRule)) }
        let namespace = body.namespace("namespace")
        try body.finish()
        let (text, token) = try APIToken.make(name: name, namespace: namespace, at: context.now)
        try await services.storage.add(token, audit: context.audit(.tokenCreated, name, .done, namespace.sentence))
        return .json(token.json.adding(("token", .string(text.reveal()))), status: 201)
    }

    private func token(_ context: RequestContext) async throws -> APIToken {
        guard let token = try await services.storage.tokens().first(where: { $0.id == context.parameter("id") }) else {
            throw StoreError.notFound
        }
        return token
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
}

extension EventNamespace.Name? {
    /// Its text in the audit log.
    package var sentence: String { map { "Namespace “\($0.rawValue)”." } ?? "A namespace of its own." }
}

extension APIToken {
    package static let nameRule = "A name has 1 to \(maxNameLength) characters."

    /// Whether a token may have this name.
    package static func isUsable(name: String) -> Bool {
        (1...maxNameLength).contains(name.count) && !name.unicodeScalars.contains(where: HostEvent.isControl)
    }

    /// The token for programs, without itself.
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(id)), ("name", .string(name)), ("namespace", sharedNamespace.map { .string($0.rawValue) } ?? .null),
            ("createdAt", .string(createdAt.formatted(.iso8601))), ("lastUsedAt", lastUsedAt.map { .string($0.formatted(.iso8601)) }),
            ("revokedAt", revokedAt.map { .string($0.formatted(.iso8601)) }),
        ])
    }
}
