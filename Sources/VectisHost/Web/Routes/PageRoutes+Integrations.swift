import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The overview, and what can be done with a saved connection without opening its form.
    var integrationRoutes: [Route] {
        [
            Route(.get, "/integrations", .viewer) { try await overview($0) },
            Route(.post, "/integrations/{id}/check", .admin) { try await check($0) },
            Route(.get, "/integrations/{id}/remove", .admin) { context in
                .page(200, RemovalPage(context: context, connection: try await connection(context)))
            },
            Route(.post, "/integrations/{id}/remove", .admin) { context in
                let connection = try await connection(context)
                try await services.connections.remove(
                    connection, audit: context.audit(.connectionRemoved, connection.name, .done, "\(connection.tenant.rawValue)"))
                return .redirect(to: "/integrations?notice=removed")
            },
        ]
    }

    private func overview(_ context: RequestContext) async throws -> WebResponse {
        let page = IntegrationsPage(
            services: services, context: context, connections: try await services.storage.connections(),
            issues: try await services.storage.issues(of: nil), rateLimitTrips: try await services.storage.rateLimitTrips(),
            counts: try await services.storage.jobCounts(TicketJob.Filter()),
            unmatched: try await services.storage.unmatchedCompanies(of: nil),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    private func check(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let draft = try services.connections.draft(of: connection)
        let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, connection.name))
        // The status is stored now; the form shows it together with the report.
        let page = ConnectionPage(
            services: services, context: context, descriptor: draft.descriptor, base: connection, name: connection.name,
            values: connection.settings, issues: try await services.storage.issues(of: connection.id), report: outcome.report,
            receipt: outcome.receipt)
        return .page(200, page)
    }

    /// The connection that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func connection(_ context: RequestContext) async throws -> StoredConnection {
        guard let id = ConnectionID(context.parameter("id")), let connection = try await services.storage.connection(id) else {
            throw WebError(.notFound, "There is no connection of this id. Perhaps somebody has removed it.")
        }
        return connection
    }
}

extension Notice {
    /// What the page before has done, by the word in the address.
    init?(afterwards word: String) {
        switch word {
        case "saved": self.init(.done, "The connection is saved.")
        case "saved-untested": self.init(.warning, "The connection is saved, but was not seen to work.")
        case "removed": self.init(.done, "The connection and its secrets are removed. The audit log keeps its entries.")
        case "defaults": self.init(.done, "The ticket defaults are saved.")
        case "rule": self.init(.done, "The rule is saved.")
        case "rule-removed": self.init(.done, "The rule is removed. What waited for it is dropped, and its history stays.")
        case "released": self.init(.done, "What was held back goes out now, one after the other.")
        case "dropped": self.init(.done, "What was held back is dropped.")
        case "sent-again": self.init(.done, "It is sent again when its turn comes.")
        case "taken": self.init(.done, "The ticket in the PSA counts as this one.")
        case "not-sent": self.init(.done, "It is dropped; nothing is sent.")
        case "limits": self.init(.done, "The limits are saved. They hold for what waits already, too.")
        case "token-changed": self.init(.done, "The namespace of the token is changed.")
        case "company-mapped": self.init(.done, "The company is mapped. Tickets that are sent from now on have it.")
        case "company-mapping-removed": self.init(.done, "The mapping is removed.")
        case "company-dismissed": self.init(.done, "The company is dismissed. It stays in the list below, and can be shown again.")
        case "company-shown": self.init(.done, "The company is shown again.")
        case "token-revoked": self.init(.done, "The token is revoked.")
        case "account": self.init(.done, "The account is saved.")
        case "account-removed": self.init(.done, "The account is removed, and its sessions have ended.")
        case "password": self.init(.done, "The password is changed; your other sessions have ended.")
        default: return nil
        }
    }
}

/// Asks once more before a connection is removed.
private struct RemovalPage: WebPage {
    let context: RequestContext
    let connection: StoredConnection

    var document: HTML {
        Layout(context, .integrations, title: "Remove \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>Remove “\(connection.name)”?</h1>
            <p>Vectis forgets the address <strong>\(connection.tenant.rawValue)</strong>, the secrets and the ticket defaults of this connection. Nothing is
            changed in the PSA; the application there can be deleted afterwards. The audit log keeps its entries.</p>
            <form method="post" class="buttons">\(FormToken(context.user).field)
            <button class="danger">Remove</button> <a class="button" href="/integrations">Keep it</a></form>
            """)
    }
}
