import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The overview: a card for each connector, with its connections and their status.
struct IntegrationsPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let connections: [StoredConnection]
    let issues: [ConnectionIssue]
    /// For administrators, who can end them.
    var rateLimitTrips: [RateLimitTrip] = []
    /// How many jobs there are in each state.
    var counts: TicketJob.Counts = TicketJob.Counts()
    /// For administrators, who can say which ones are meant.
    var unmatched: [UnmatchedCompany] = []
    /// What ticket types demand and nothing fills in.
    var demands: [TicketDemands] = []
    var notice: Notice?
    /// How far the host is set up.
    let onboarding: Onboarding

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        let cards = services.registry.descriptors.sorted { left, right in
            // Available connectors first; within that, by name.
            (left.tier == .complete ? 0 : 1, left.displayName) < (right.tier == .complete ? 0 : 1, right.displayName)
        }
        return Layout(context, .integrations, title: "Integrations").document(
            """
            <h1>Integrations</h1>
            <p class="lead">Connect Vectis to the system in which you keep companies, tickets and contracts.</p>
            \(notice?.html)\(KeyNotice(issues: issues).html)\(context.user?.isOperator ?? false ? RateLimitNotices(rateLimitTrips: rateLimitTrips).html + UnmatchedNotices(unmatched: unmatched, connections: connections).html + DecisionNotice(failed: counts[.failed], outcomeUnknown: counts.outcomeUnknown).html : .empty)
            \(OnboardingChecklist(context: context, onboarding: onboarding).html)
            <div class="cards">\(each: cards, card)\(each: services.unusableConnectors, unusable)\(orphans)</div>
            """)
    }

    private func card(_ descriptor: ConnectorDescriptor) -> HTML {
        let own = connections.filter { $0.connector == descriptor.id }
        let id = "card-\(descriptor.id)"
        return """
            <section class="card" aria-labelledby="\(id)">
            <div class="card-head">
            <h2 id="\(id)">\(descriptor.displayName)</h2>
            <span class="tier">\(descriptor.tier == .complete ? "Available" : "Not available yet" as HTML)</span>
            </div>
            \(descriptor.tier == .placeholder ? placeholder(descriptor) : own.isEmpty ? unconnected(descriptor) : list(own, descriptor))
            </section>
            """
    }

    /// A program that can't be used; its log lines are shown to administrators, who can repair it.
    private func unusable(_ problem: UnusableProgram) -> HTML {
        let id = "card-file-\(problem.name)"
        return """
            <section class="card" aria-labelledby="\(id)">
            <div class="card-head">
            <h2 id="\(id)">\(problem.name)</h2>
            <span class="tier">Not usable</span>
            </div>
            <p class="status needs_attention"><span class="state">Not usable</span>
            <span>\(problem.reason)</span></p>
            \(isAdmin && !problem.stderrTail.isEmpty ? stderrTail(problem) : .empty)
            <p class="help">It is a program in the connectors folder. Restart Vectis after it is repaired.</p>
            </section>
            """
    }

    /// Connections whose connector is missing: its program was removed, or can't be used any more.
    private var orphans: HTML {
        let known = Set(services.registry.descriptors.map(\.id))
        let own = connections.filter { !known.contains($0.connector) }
        guard !own.isEmpty else { return .empty }
        return """
            <section class="card" aria-labelledby="card-orphans">
            <div class="card-head"><h2 id="card-orphans">Without a connector</h2></div>
            <p class="status needs_attention"><span class="state">Needs attention</span>
            <span>The connector of these is not there. Put its program back into the connectors folder and start Vectis again.</span></p>
            <ul class="connections">\(each: own, orphan)</ul>
            </section>
            """
    }

    private func orphan(_ connection: StoredConnection) -> HTML {
        let remove: HTML = """
            <div class="actions"><a class="button quiet" href="/integrations/\(connection.id.description)/remove">Remove<span class="hidden"> \(connection.name)</span></a></div>
            """
        return
            "<li><h3><a href=\"\(ConnectionOverviewPage.path(of: connection.id))\">\(connection.name)</a></h3><p class=\"help\">\(connection.connector.rawValue)</p>\(isAdmin ? remove : .empty)</li>"
    }

    private func stderrTail(_ problem: UnusableProgram) -> HTML {
        "<details><summary>Its last lines</summary><ul>\(each: problem.stderrTail, { "<li><code>\($0)</code></li>" })</ul></details>"
    }

    private func placeholder(_ descriptor: ConnectorDescriptor) -> HTML {
        """
        <p class="status none"><span class="state">Placeholder</span> This connector does not connect yet. Its settings can be viewed, and
        nothing can be saved.</p>
        <p class="actions"><a class="button" href="/integrations/new/\(descriptor.id.rawValue)">View the settings<span class="hidden"> of \(descriptor.displayName)</span></a></p>
        """
    }

    private func unconnected(_ descriptor: ConnectorDescriptor) -> HTML {
        """
        <p class="status none"><span class="state">Not connected</span></p>
        <p class="actions">\(isAdmin ? configure(descriptor, "Configure", isFirst: true) : "<span class=\"help\">An administrator can connect it.</span>")</p>
        """
    }

    private func configure(_ descriptor: ConnectorDescriptor, _ word: HTML, isFirst: Bool) -> HTML {
        """
        <a class="button\(isFirst ? " primary" : "")" href="/integrations/new/\(descriptor.id.rawValue)">\(word)<span class="hidden"> \(descriptor.displayName)</span></a>
        """
    }

    private func list(_ connections: [StoredConnection], _ descriptor: ConnectorDescriptor) -> HTML {
        """
        <ul class="connections">\(each: connections, { row($0, descriptor) })</ul>
        \(isAdmin ? "<p class=\"actions\">\(configure(descriptor, "Connect another tenant", isFirst: false))</p>" : .empty)
        """
    }

    private func row(_ connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> HTML {
        """
        <li>
        <h3><a href="\(ConnectionOverviewPage.path(of: connection.id))">\(connection.name)</a></h3>
        \(ConnectionStateLine(connection, issues, descriptor).html)
        \(IssueList(
            issues: issues.filter { $0.connection == connection.id }, descriptor: descriptor, services: services,
            demands: demands.filter { $0.connection == connection.id }, leadsToSettings: isAdmin
        ).collapsed)
        \(isAdmin ? actions(connection, descriptor) : "<p class=\"actions\">\(data(connection))</p>")
        </li>
        """
    }

    private func data(_ connection: StoredConnection) -> HTML {
        """
        <a\(attribute: "class", isAdmin ? "button" : nil) href="\(DataPage.path(of: connection.id))">Data<span class="hidden"> of \(connection.name)</span></a>
        """
    }

    private func actions(_ connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> HTML {
        let path = "/integrations/\(connection.id)"
        let name: HTML = "<span class=\"hidden\"> \(connection.name)</span>"
        return """
            <div class="actions">
            <a class="button" href="\(path)/settings">Configure\(name)</a>
            \(descriptor.hasTicketDefaults ? "<a class=\"button\" href=\"\(path)/ticket-defaults\">Ticket defaults\(name)</a>" : .empty)
            \(data(connection))
            <a class="button" href="/connections/\(connection.id.rawValue)/detectors">Detectors\(name)</a>
            <form method="post" action="\(path)/check">\(FormToken(context.user).field)<button>Test now\(name)</button></form>
            <a class="button quiet" href="\(path)/remove">Remove\(name)</a>
            </div>
            """
    }
}

/// Reports that the keys don't decrypt the secrets of some connections, on pages that an administrator opens anyway.
struct KeyNotice: Sendable {
    /// The issues of connections.
    let issues: [ConnectionIssue]

    var html: HTML {
        let count = issues.count { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        guard count > 0 else { return .empty }
        return Notice(
            .problem,
            """
            The key file does not open the stored secrets of \(count == 1 ? "a connection" : "\(count) connections" as HTML), so nothing can be sent through
            \(count == 1 ? "it" : "them" as HTML). Put the key file back that belongs to this database and start Vectis again; if it is lost, open the connection
            and enter its secrets again. <a href="/errors/\(ErrorCode.configSecretUnreadable.rawValue)">What that means</a>
            """
        ).html
    }
}

extension PageRoutes {
    /// The overview, and the actions on a saved connection outside its form.
    var integrationRoutes: [Route] {
        [
            Route(.get, "/integrations", .viewer) { try await overview($0) },
            Route(.post, "/integrations/{id}/check", .admin) { try await check($0) },
            Route(.get, "/integrations/{id}/remove", .admin) { context in
                .page(200, try await removalPage(context, try await connection(context)))
            },
            Route(.post, "/integrations/{id}/remove", .admin) { context in
                let connection = try await connection(context)
                try await services.connections.remove(
                    connection, audit: context.audit(.connectionRemoved, connection.name, .done, "\(connection.tenant.rawValue)"))
                return .redirect(to: "/integrations?notice=removed")
            },
        ]
    }

    /// Asks before a connection is removed, with what goes with it.
    private func removalPage(_ context: RequestContext, _ connection: StoredConnection) async throws -> Confirmation {
        let (rules, active) = (try await services.rules(of: connection), try await services.activeRules(of: connection))
        let counts = try await services.storage.jobCounts(TicketJob.Filter(connection: connection.id))
        let waiting = counts[.checking] + counts[.waiting]
        let unknown = counts[.sending] + counts[.unknown] + counts.outcomeUnknown
        let held = counts.releasable
        let records = try await services.sync.statuses(of: connection.id).reduce(0) { $0 + $1.rows }
        var sentences: [HTML] = [
            "Vectis deletes the address <strong>\(connection.tenant.rawValue)</strong>, the secrets and the status of this connection.",
            rules.count == 1 ? "1 rule uses it." : "\(rules.count) rules use it.",
        ]
        sentences += active.prefix(20).map(Self.pausing)
        sentences.append(waiting == 1 ? "1 job that waits is skipped." : "\(waiting) jobs that wait are skipped.")
        if unknown > 0 {
            sentences.append(
                unknown == 1
                    ? "The outcome of 1 job is unknown. Vectis can’t search for it any more."
                    : "The outcome of \(unknown) jobs is unknown. Vectis can’t search for them any more.")
        }
        if held > 0 {
            sentences.append(
                held == 1
                    ? "1 job is on hold. It can’t be sent any more, only discarded."
                    : "\(held) jobs are on hold. They can’t be sent any more, only discarded.")
        }
        sentences.append(
            records == 1 ? "The local copy with 1 record is deleted." : "The local copy with \(records) records is deleted.")
        sentences.append(
            "Nothing is changed in the PSA; the application there can be deleted afterwards. The audit log keeps its entries.")
        return Confirmation(
            context: context, section: .integrations, origin: ("Integrations", "/integrations"), question: "Remove “\(connection.name)”?",
            consequences: sentences, action: "/integrations/\(connection.id)/remove", verb: "Remove")
    }

    /// What becomes of an active rule when its connection is removed.
    private static func pausing(_ rule: Rule) -> HTML {
        RuleState(rule).name == .active
            ? "The rule “\(rule.name)” is active now. It is paused until it has another connection."
            : "The rule “\(rule.name)” is paused already. It stays so until it has another connection."
    }

    private func overview(_ context: RequestContext) async throws -> WebResponse {
        let page = IntegrationsPage(
            services: services, context: context, connections: try await services.storage.connections(),
            issues: try await services.storage.issues(of: nil), rateLimitTrips: try await services.storage.rateLimitTrips(),
            counts: try await services.storage.jobCounts(TicketJob.Filter()),
            unmatched: try await services.storage.unmatchedCompanies(of: nil), demands: try await services.storage.ticketDemands(of: nil),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)),
            onboarding: try await services.onboarding(at: context.now))
        return .page(200, page)
    }

    private func check(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let draft = try services.connections.draft(of: connection)
        let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, connection.name))
        // The report has an address, which can be reloaded and sent to others.
        return .redirect(
            to: outcome.kept.map { ConnectionTestPage.path(of: $0, connection.id) } ?? ConnectionOverviewPage.path(of: connection.id))
    }

    /// The connection that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func connection(_ context: RequestContext) async throws -> StoredConnection {
        guard let id = ConnectionID(context.parameter("id")), let connection = try await services.storage.connection(id) else {
            throw WebError(.notFound, "There is no connection with this id. It may have been removed.")
        }
        return connection
    }
}

extension Notice {
    /// The result of the previous page, by the keyword in the address.
    init?(afterwards word: String) {
        switch word {
        case "saved": self.init(.done, "The connection is saved.")
        case "saved-untested": self.init(.warning, "The connection is saved, but was not tested successfully.")
        case "removed": self.init(.done, "The connection and its secrets are removed. The audit log keeps its entries.")
        case "sync-requested": self.init(.done, "The sync is requested and begins within seconds.")
        case "sync-waits": self.init(.done, "The sync is requested. It waits until Vectis is started without --no-sync.")
        case "sync-paused": self.init(.done, "The sync is paused. A page that is being read is still stored.")
        case "sync-resumed": self.init(.done, "The sync is resumed, and goes on where it was.")
        case "missing-accepted": self.init(.done, "The missing records are accepted as gone, once the list was read again without them.")
        case "ticket-requested": self.init(.done, "The ticket is read again within seconds. Reload the page to see it.")
        case "defaults": self.init(.done, "The ticket defaults are saved.")
        case "rule": self.init(.done, "The rule is saved.")
        case "rule-mode": self.init(.done, "The mode of the rule is changed.")
        case "rule-removed": self.init(.done, "The rule is removed. Its waiting jobs are discarded, and its history is kept.")
        case "released": self.init(.done, "The jobs are released and are sent one after the other.")
        case "dropped": self.init(.done, "The jobs are discarded.")
        case "sent-again": self.init(.done, "It is queued to be sent again.")
        case "taken": self.init(.done, "The ticket in the PSA is recorded as the result.")
        case "upload-forgotten": self.init(.done, "The file is removed from the list.")
        case "not-sent": self.init(.done, "It is discarded; nothing is sent.")
        case "limits": self.init(.done, "The limits are saved. They apply to pending jobs, too.")
        case "retention": self.init(.done, "The settings are saved. They apply with the next removal, within an hour.")
        case "contact-point": self.init(.done, "The contact point is saved. Send a test message to see whether it works.")
        case "contact-point-removed": self.init(.done, "The contact point, its secrets and its messages are removed.")
        case "detectors": self.init(.done, "The detectors are saved. Those that are on run within a few seconds.")
        case "token-changed": self.init(.done, "The API key is changed.")
        case "company-mapped": self.init(.done, "The company is mapped. Tickets that are sent from now on have it.")
        case "company-mapping-removed": self.init(.done, "The mapping is removed.")
        case "company-dismissed": self.init(.done, "The company is dismissed. It stays in the list below, and can be shown again.")
        case "company-shown": self.init(.done, "The company is shown again.")
        case "token-revoked": self.init(.done, "The API key is revoked.")
        case "test-event": self.init(.done, "The test event is sent.")
        case "second-factor-off": self.init(.done, "The second factor is off.")
        case "second-factor-reset": self.init(.done, "The second factor is reset, and the sessions of the account have ended.")
        case "session-ended": self.init(.done, "The session has ended.")
        case "sessions-ended": self.init(.done, "All your other sessions have ended.")
        case "account": self.init(.done, "The account is saved.")
        case "account-removed": self.init(.done, "The account is removed, and its sessions have ended.")
        case "preferences": self.init(.done, "Language and time zone are saved.")
        case "password": self.init(.done, "The password is changed; your other sessions have ended.")
        default: return nil
        }
    }
}
