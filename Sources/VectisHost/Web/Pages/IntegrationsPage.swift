import FoundationEssentials
import PSACore

/// The overview: a card for each connector, with its connections and how they are.
struct IntegrationsPage: WebPage {
    let services: HostServices
    let exchange: Exchange
    let connections: [StoredConnection]
    let issues: [Issue]
    /// For administrators, who can end them.
    var storms: [Storm] = []
    var notice: Notice?

    private var isAdmin: Bool { exchange.visitor?.isAdmin ?? false }

    var document: HTML {
        let cards = services.registry.descriptors.sorted { left, right in
            // What works comes first; within that, by name.
            (left.tier == .complete ? 0 : 1, left.displayName) < (right.tier == .complete ? 0 : 1, right.displayName)
        }
        return Layout(exchange, .integrations, title: "Integrations").document(
            """
            <h1>Integrations</h1>
            <p class="lead">Connect Vectis to the system in which you keep companies, tickets and contracts.</p>
            \(notice?.html)\(isAdmin ? StormNotices(storms: storms).html : .empty)
            <div class="cards">\(each: cards, card)</div>
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
        \(ConnectionStatusLine(status: connection.status, now: exchange.now).html)
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
            <form method="post" action="\(path)/check">\(FormToken(exchange.visitor).field)<button>Test now\(name)</button></form>
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
            <p class="help">Last check \(Moment(status.checkedAt).html)</p>
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
struct Moment: Sendable {
    private let date: Date

    init(_ date: Date) { self.date = date }

    var html: HTML { "<time datetime=\"\(date.formatted(.iso8601))\">\(text)</time>" }

    /// In UTC, because the server does not know where its reader is.
    var text: String {
        let iso = date.formatted(.iso8601)
        return iso.prefix(10) + " " + iso.dropFirst(11).prefix(5) + " UTC"
    }
}
