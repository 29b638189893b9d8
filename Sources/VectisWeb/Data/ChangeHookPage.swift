import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The address to which the PSA of a connection may send its messages about changes.
struct ChangeHookPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let connection: StoredConnection
    let vendor: String
    var hook: ChangeHook?
    /// The new address; shown once.
    var address: String?
    var kind = HookAuthentication.Kind.bearer
    var user = ""
    var problem: ChangeHookError.Problem?
    var notice: Notice?

    private var path: String { Self.path(of: connection.id) }

    static func path(of connection: ConnectionID) -> String { "/connections/\(connection)/hook" }

    var document: HTML {
        Layout(context, .integrations, title: "Messages about changes of \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(DataPage.path(of: connection.id))">Data of \(connection.name)</a></p>
            <h1>Messages about changes of “\(connection.name)”</h1>
            <p class="lead">\(vendor) can send a message when a ticket changes, and Vectis reads that ticket again within seconds. A message is only a hint: nothing in it is
            taken as data, and one that is lost costs freshness until the next run. Vectis must be reachable from \(vendor).</p>
            \(notice?.html)\(address.map(made))
            \(hook.map(status) ?? "<p class=\"status\"><span class=\"state\">Off</span> No address accepts messages.</p>")
            \(form)
            """)
    }

    private func made(_ address: String) -> HTML {
        Notice(
            .done,
            """
            The address is ready. Copy it now: it is not shown again.
            <div class="field"><label for="hook-address">Address for \(vendor)</label>
            <input type="text" id="hook-address" readonly value="\(address)"></div>
            """
        ).html
    }

    private func status(_ hook: ChangeHook) -> HTML {
        """
        <p class="status connected"><span class="state">On</span> Authentication: \(Self.title(hook.authentication))\(hook.user.isEmpty ? .empty : ", user \(hook.user)" as HTML).</p>
        <p class="help">Made by \(hook.createdBy), \(TimestampView(hook.createdAt).html).
        \(hook.lastMessageAt.map { "The last message came \(TimestampView($0).html)." as HTML } ?? "No message has come yet.")</p>
        <form method="post" action="\(path)/disable" class="actions">\(FormToken(context.user).field)<button class="danger">Turn off</button></form>
        """
    }

    private var form: HTML {
        let kinds = HookAuthentication.Kind.allCases.map { (value: $0.rawValue, label: Self.title($0)) }
        let userProblem = problem.flatMap { [.user, .noUser].contains($0) ? HTML(term: $0.sentence) : nil }
        let secretProblem = problem.flatMap { [.secret, .noSecret].contains($0) ? HTML(term: $0.sentence) : nil }
        return """
            <h2>\(hook == nil ? "Turn on" : "Make another address" as HTML)</h2>
            \(hook == nil ? .empty : "<p class=\"help\">The present address is no longer valid then.</p>")
            \(FormProblems([
                userProblem.map { .init(field: "user", "User", $0) }, secretProblem.map { .init(field: "secret", "Password or secret", $0) },
            ].compactMap { $0 }).html)
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            <div class="field"><label for="field-authentication">Authentication</label>
            <select id="field-authentication" name="authentication" aria-describedby="field-authentication-help">
            \(each: kinds, { "<option value=\"\($0.value)\"\(flag: "selected", $0.value == kind.rawValue)>\($0.label)</option>" })</select>
            <p class="help" id="field-authentication-help">What a message has to prove beside the token in its address, as it is set in \(vendor).</p></div>
            \(FieldRow(
                name: "user", label: "User", input: .text(value: user), help: "Only for user and password.", message: userProblem
            ).html)
            \(FieldRow(
                name: "secret", label: "Password or secret", input: .secret(kept: nil), help: "Stored encrypted, and never shown. Leave it empty without authentication.",
                message: secretProblem
            ).html)
            <div class="buttons"><button class="primary">\(hook == nil ? "Turn on" : "Make another address" as HTML)</button></div></form>
            """
    }

    private static func title(_ kind: HookAuthentication.Kind) -> HTML {
        switch kind {
        case .none: "none"
        case .basic: "user and password"
        case .bearer: "bearer token"
        case .hmac: "HMAC-SHA256 of the body in the header Token"
        }
    }
}

extension PageRoutes {
    /// The address for messages about changes.
    var changeHookPageRoutes: [Route] {
        let path = "/connections/{id}/hook"
        return [
            Route(.get, path, .admin) { context in
                var page = try await hookPage(context)
                page.notice = context.request.queryValue("notice") == "off" ? Notice(.done, "The address is no longer valid.") : nil
                return .page(200, page)
            },
            Route(.post, path, .admin) { try await enableHook($0) },
            Route(.post, path + "/disable", .admin) { context in
                let connection = try await connection(context)
                try await services.hooks.disable(of: connection, by: context.origin)
                return .redirect(to: ChangeHookPage.path(of: connection.id) + "?notice=off")
            },
        ]
    }

    private func hookPage(_ context: RequestContext) async throws -> ChangeHookPage {
        let connection = try await connection(context)
        return ChangeHookPage(
            services: services, context: context, connection: connection,
            vendor: (try? descriptor(of: connection))?.displayName ?? "the PSA", hook: try await services.hooks.status(of: connection.id))
    }

    private func enableHook(_ context: RequestContext) async throws -> WebResponse {
        var page = try await hookPage(context)
        let form = try context.form()
        page.kind = HookAuthentication.Kind(rawValue: form.text("authentication")) ?? .bearer
        page.user = form.text("user")
        let secret = form.text("secret")
        do {
            let authentication = try HookAuthentication(
                page.kind, user: page.user.isEmpty ? nil : page.user, secret: secret.isEmpty ? nil : Secret(secret))
            let path = try await services.hooks.enable(of: page.connection, authentication: authentication, by: context.origin)
            let scheme = services.environment.isBehindTLS ? "https" : "http"
            page.address = "\(scheme)://\(context.request.headers["Host"] ?? "localhost")\(path)"
            page.hook = try await services.hooks.status(of: page.connection.id)
            page.user = ""
            return .page(200, page)
        } catch ChangeHookError.invalid(let problem) {
            page.problem = problem
            return .page(422, page)
        }
    }
}
