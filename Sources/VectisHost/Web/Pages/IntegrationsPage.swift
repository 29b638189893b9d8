import ExternalConnectors
import FoundationEssentials
import PSACore
import PSAEngine

/// The overview: a card for each connector, with its connections and how they are.
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
    var notice: Notice?

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        let cards = services.registry.descriptors.sorted { left, right in
            // What works comes first; within that, by name.
            (left.tier == .complete ? 0 : 1, left.displayName) < (right.tier == .complete ? 0 : 1, right.displayName)
        }
        return Layout(context, .integrations, title: "Integrations").document(
            """
            <h1>Integrations</h1>
            <p class="lead">Connect Vectis to the system in which you keep companies, tickets and contracts.</p>
            \(notice?.html)\(KeyNotice(issues: issues).html)\(isAdmin ? RateLimitNotices(rateLimitTrips: rateLimitTrips).html + UnmatchedNotices(unmatched: unmatched, connections: connections).html + DecisionNotice(failed: counts[.failed], outcomeUnknown: counts.outcomeUnknown).html : .empty)
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
            <span class="tier">\(descriptor.tier == .complete ? "Available" : "Not available yet")</span>
            </div>
            \(descriptor.tier == .placeholder ? placeholder(descriptor) : own.isEmpty ? unconnected(descriptor) : list(own, descriptor))
            </section>
            """
    }

    /// A program that is there and can't be used; its lines are shown to those who can mend it.
    private func unusable(_ problem: UnusableConnector) -> HTML {
        let id = "card-file-\(problem.name)"
        return """
            <section class="card" aria-labelledby="\(id)">
            <div class="card-head">
            <h2 id="\(id)">\(problem.name)</h2>
            <span class="tier">Not usable</span>
            </div>
            <p class="status needs_attention"><span class="state">Not usable</span>
            <span>\(TextRenderer().text(problem.reason))</span></p>
            \(isAdmin && !problem.stderrTail.isEmpty ? stderrTail(problem) : .empty)
            <p class="help">It is a program in the connectors folder. When it is mended, start Vectis again.</p>
            </section>
            """
    }

    /// Connections whose connector is not there: a program that was taken away, or can't be used any more.
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
        return "<li><h3>\(connection.name)</h3><p class=\"help\">\(connection.connector.rawValue)</p>\(isAdmin ? remove : .empty)</li>"
    }

    private func stderrTail(_ problem: UnusableConnector) -> HTML {
        "<details><summary>Its last lines</summary><ul>\(each: problem.stderrTail, { "<li><code>\($0)</code></li>" })</ul></details>"
    }

    private func placeholder(_ descriptor: ConnectorDescriptor) -> HTML {
        """
        <p class="status none"><span class="state">Placeholder</span> This connector does not connect yet. Its settings can be looked at, and
        nothing can be saved.</p>
        <p class="actions"><a class="button" href="/integrations/new/\(descriptor.id.rawValue)">Look at the settings<span class="hidden"> of \(descriptor.displayName)</span></a></p>
        """
    }

    private func unconnected(_ descriptor: ConnectorDescriptor) -> HTML {
        """
        <p class="status none"><span class="state">Not connected</span></p>
        <p class="actions">\(isAdmin ? configure(descriptor, "Configure") : "<span class=\"help\">An administrator can connect it.</span>")</p>
        """
    }

    private func configure(_ descriptor: ConnectorDescriptor, _ word: String) -> HTML {
        """
        <a class="button\(word == "Configure" ? " primary" : "")" href="/integrations/new/\(descriptor.id.rawValue)">\(word)<span class="hidden"> \(descriptor.displayName)</span></a>
        """
    }

    private func list(_ connections: [StoredConnection], _ descriptor: ConnectorDescriptor) -> HTML {
        """
        <ul class="connections">\(each: connections, { row($0, descriptor) })</ul>
        \(isAdmin ? "<p class=\"actions\">\(configure(descriptor, "Connect another tenant"))</p>" : .empty)
        """
    }

    private func row(_ connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> HTML {
        """
        <li>
        <h3>\(connection.name)</h3>
        \(ConnectionStatusLine(status: connection.status, now: context.now).html)
        \(IssueList(issues: issues.filter { $0.connection == connection.id }, descriptor: descriptor).html)
        \(isAdmin ? actions(connection, descriptor) : .empty)
        </li>
        """
    }

    private func actions(_ connection: StoredConnection, _ descriptor: ConnectorDescriptor) -> HTML {
        let path = "/integrations/\(connection.id)"
        let name: HTML = "<span class=\"hidden\"> \(connection.name)</span>"
        let hasDefaults = descriptor.settings.fields.contains { if case .ticketDefault = $0.purpose { true } else { false } }
        return """
            <div class="actions">
            <a class="button" href="\(path)">Configure\(name)</a>
            \(hasDefaults ? "<a class=\"button\" href=\"\(path)/ticket-defaults\">Ticket defaults\(name)</a>" : .empty)
            <form method="post" action="\(path)/check">\(FormToken(context.user).field)<button>Test now\(name)</button></form>
            <a class="button quiet" href="\(path)/remove">Remove\(name)</a>
            </div>
            """
    }
}

/// How a connection is, in one line: a word, the headline, when it was last checked.
struct ConnectionStatusLine: Sendable {
    let status: ConnectionStatus?
    let now: Date

    var html: HTML {
        guard let status else {
            return "<p class=\"status limited\"><span class=\"state\">Saved, not tested</span></p>"
        }
        let reference: HTML = status.code.map { " <a href=\"/errors#\($0.anchor)\">What that means</a>" } ?? .empty
        return """
            <p class="status \(status.outcome.rawValue)"><span class="state">\(Self.word(status.outcome))</span>
            <span>\(status.headline)\(reference)</span></p>
            <p class="help">Last check \(TimestampView(status.checkedAt).html)</p>
            """
    }

    private static func word(_ outcome: ConnectionStatus.Outcome) -> String {
        switch outcome {
        case .connected: "Connected"
        case .limited: "Connected, with limits"
        case .needsAttention: "Needs attention"
        }
    }
}

/// A moment, for people and machines.
struct TimestampView: Sendable {
    private let date: Date

    init(_ date: Date) { self.date = date }

    var html: HTML { "<time datetime=\"\(date.formatted(.iso8601))\">\(text)</time>" }

    /// In UTC, because the server does not know where its reader is.
    var text: String {
        let iso = date.formatted(.iso8601)
        return iso.prefix(10) + " " + iso.dropFirst(11).prefix(5) + " UTC"
    }
}
