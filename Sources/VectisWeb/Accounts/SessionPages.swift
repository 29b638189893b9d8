import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The sessions of the own account, on its page.
struct SessionList: Sendable {
    let context: RequestContext
    let sessions: [SignInSession]

    var html: HTML {
        """
        <section aria-labelledby="sessions"><h2 id="sessions">Sessions</h2>
        <ul class="connections">\(each: sessions, row)</ul>
        \(sessions.count > 1 ? others : .empty)</section>
        """
    }

    private var others: HTML {
        """
        <form method="post" action="/account/sessions/end" class="actions">\(FormToken(context.user).field)<button>Sign out everywhere else</button></form>
        """
    }

    private func row(_ session: SignInSession) -> HTML {
        let isThis = session.tokenDigest == context.user?.session.tokenDigest
        let device: HTML = session.device.isEmpty ? "An unknown program" : "\(session.device)"
        return """
            <li><h3>\(device)\(isThis ? " \(Badge(.good, "This browser").html)" as HTML : .empty)</h3>
            <p class="help">\(session.address.isEmpty ? .empty : "From \(session.address). " as HTML)Signed in \(TimestampView(session.createdAt).html), last seen \(TimestampView(session.lastSeenAt).html).</p>
            \(isThis ? .empty : end(session, device))</li>
            """
    }

    private func end(_ session: SignInSession, _ device: HTML) -> HTML {
        """
        <form method="post" action="/account/sessions/\(session.id)/end" class="actions">\(FormToken(context.user).field)
        <button>Sign out<span class="hidden">: \(device)</span></button></form>
        """
    }
}

extension HostServices {
    /// Ends one session of an account, by the id in the list.
    ///
    /// - Throws: ``StoreError/notFound`` if the account has no such session.
    fileprivate func endSession(_ id: String, of account: AccountName, by context: RequestContext) async throws {
        let sessions = try await storage.sessions(of: account, limit: SignInService.maxListedSessions)
        guard let session = sessions.first(where: { $0.id == id }) else { throw StoreError.notFound }
        let device = session.device.isEmpty ? "An unknown program" : session.device
        try await storage.removeSession(
            tokenDigest: session.tokenDigest, audit: context.audit(.sessionEnded, account.rawValue, .done, "\(device)."))
    }

    /// Ends all sessions of an account but that of the request.
    fileprivate func endOtherSessions(_ user: SignedInUser, by context: RequestContext) async throws {
        _ = try await storage.removeSessions(
            of: user.account.name, except: user.session,
            audit: context.audit(.sessionEnded, user.account.name.rawValue, .done, "All others."))
    }
}

extension PageRoutes {
    /// The sessions of the own account.
    var accountSessionRoutes: [Route] {
        [
            Route(.post, "/account/sessions/end", .viewer) { context in
                try await services.endOtherSessions(try context.requireSignedInUser(), by: context)
                return .redirect(to: "/account?notice=sessions-ended")
            },
            Route(.post, "/account/sessions/{id}/end", .viewer) { context in
                let user = try context.requireSignedInUser()
                try await services.endSession(context.parameter("id"), of: user.account.name, by: context)
                return .redirect(to: "/account?notice=session-ended")
            },
        ]
    }
}

extension APIRoutes {
    /// The sessions of the own account.
    var accountSessionRoutes: [Route] {
        let root = "\(Self.root)/account/sessions"
        return [
            Route(.get, root, .viewer) { context in
                try context.allowQuery([])
                let user = try context.requireSignedInUser()
                let sessions = try await services.signIn.sessions(of: user.account.name, now: context.now)
                return .json(["sessions": .array(sessions.map { $0.json(isCurrent: $0.tokenDigest == user.session.tokenDigest) })])
            },
            Route(.delete, root, .viewer) { context in
                try await services.endOtherSessions(try context.requireSignedInUser(), by: context)
                return .noContent
            },
            Route(.delete, root + "/{id}", .viewer) { context in
                let user = try context.requireSignedInUser()
                try await services.endSession(context.parameter("id"), of: user.account.name, by: context)
                return .noContent
            },
        ]
    }
}

extension SignInSession {
    /// The session for programs; never its token.
    fileprivate func json(isCurrent: Bool) -> JSONValue {
        [
            "id": .string(id), "device": .string(device), "address": .string(address),
            "createdAt": .string(createdAt.formatted(.iso8601)), "lastSeenAt": .string(lastSeenAt.formatted(.iso8601)),
            "current": .bool(isCurrent),
        ]
    }
}
