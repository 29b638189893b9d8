import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The state of a connection in one line, with what makes it so, since when it is so, and when it was tested.
struct ConnectionStateLine: Sendable {
    let connection: StoredConnection
    let state: ConnectionState
    /// The open issues of the connection.
    let issues: [ConnectionIssue]
    /// The connector; nil if it is missing.
    let descriptor: ConnectorDescriptor?

    init(_ connection: StoredConnection, _ issues: [ConnectionIssue], _ descriptor: ConnectorDescriptor?) {
        self.connection = connection
        self.descriptor = descriptor
        self.issues = issues.filter { $0.connection == connection.id && $0.resolvedAt == nil }
        state = ConnectionState(connection, issues)
    }

    var html: HTML {
        """
        <p class="status \(Self.style(state.kind))"><span class="state">\(Self.word(state.kind))</span>
        <span>\(reason)\(state.code.map { " <a href=\"\($0.page)\">What that means</a>" as HTML })</span></p>
        <p class="help">In this state \(TimestampView(state.since).since). \(check)</p>
        """
    }

    private var check: HTML {
        guard let status = connection.status else { return "It was not tested." }
        return "Last test \(TimestampView(status.checkedAt).html)."
    }

    /// What was found: the title of the issue, or of the last test.
    private var reason: HTML {
        if let code = state.code {
            if let issue = issues.first(where: { $0.code == code }) { return "\(IssueGuidance(issue, descriptor).title)." }
            if connection.status?.code == code { return headline }
            return "\(PSAError(code, catalogue: descriptor?.guidance ?? .shared).guidance(in: Viewer.current.renderer).title)."
        }
        switch state.kind {
        case .connected:
            guard connection.status?.outcome == .connected else { return "It works again since the last test." }
            return headline
        case .untested: return "Test it to see whether it works."
        case .limited, .needsAttention: return headline
        }
    }

    /// The headline of the last test, which is stored in English.
    private var headline: HTML {
        guard let status = connection.status else { return .empty }
        let renderer = Viewer.current.renderer
        let parts = TextRenderer().text(CoreMessage.connected(host: "\u{0}")).split(separator: "\u{0}", omittingEmptySubsequences: false)
        if let before = parts.first, let after = parts.last, parts.count == 2, status.headline.hasPrefix(before),
            status.headline.hasSuffix(after), status.headline.count >= before.count + after.count
        {
            let host = String(status.headline.dropFirst(before.count).dropLast(after.count))
            return HTML(CoreMessage.connected(host: host))
        }
        guard let code = status.code, renderer.language != .english else { return HTML(text: status.headline) }
        return HTML(text: PSAError(code, catalogue: descriptor?.guidance ?? .shared).guidance(in: renderer).title)
    }

    /// The word for a state.
    static func word(_ kind: ConnectionState.Kind) -> HTML {
        switch kind {
        case .connected: "Connected"
        case .limited: "Connected, with limits"
        case .untested: "Saved, not tested"
        case .needsAttention: "Needs attention"
        }
    }

    private static func style(_ kind: ConnectionState.Kind) -> String { kind == .untested ? "limited" : kind.rawValue }
}

/// The guidance of an issue.
struct IssueGuidance: Sendable {
    let issue: ConnectionIssue
    let problem: String
    private let descriptor: ConnectorDescriptor?
    private let root: JSONView?

    init(_ issue: ConnectionIssue, _ descriptor: ConnectorDescriptor?) {
        self.issue = issue
        self.descriptor = descriptor
        problem = issue.guidance(descriptor)
        root = TranslatedJSON.read(problem, in: Viewer.current.language)
    }

    var title: String { root?["title"]?.string ?? issue.code.rawValue }
    /// What to do first; nil if nothing is known to do.
    var firstStep: String? { root?["steps"]?.elements.first?.string }

    /// The settings to change, as links to their inputs; empty where none is to change.
    var settings: HTML {
        let fields = root?["fields"]?.elements.compactMap(\.string).compactMap { descriptor?.settings[SettingKey($0)] } ?? []
        // Ticket defaults have a page of their own.
        return .joined(
            fields.map { field in
                if case .ticketDefault(let choice) = field.purpose {
                    return
                        "<a href=\"/integrations/\(issue.connection.rawValue)/ticket-defaults#field-\(choice.rawValue)\">\(HTML(term: field.label))</a>"
                }
                return
                    "<a href=\"/integrations/\(issue.connection.rawValue)/settings#field-\(field.key.rawValue)\">\(HTML(term: field.label))</a>"
            })
    }

    /// How often it occurred, and when.
    var times: HTML {
        let count: HTML = issue.count == 1 ? "once" : "\(issue.count) times"
        return "\(count), first \(TimestampView(issue.firstSeenAt).html), last \(TimestampView(issue.lastSeenAt).html)"
    }

    /// The whole guidance.
    ///
    /// - Parameters:
    ///   - id: The id of the panel.
    ///   - versions: The versions of the host.
    ///   - leadsToSettings: Whether it leads to the settings to change.
    /// - Returns: The panel.
    func panel(id: String, versions: String, leadsToSettings: Bool) -> HTML {
        StoredProblemPanel(
            problem: problem, code: issue.code, id: id, occurrence: "It happened \(times).", at: issue.lastSeenAt, versions: versions,
            isWarning: !issue.code.stopsConnection, settings: leadsToSettings ? settings : .empty
        ).html
    }
}

/// The open issues of a connection, each with its first step, and with the whole guidance on request or at once.
struct IssueList: Sendable {
    let issues: [ConnectionIssue]
    /// The connector whose texts are used; nil if it is missing.
    let descriptor: ConnectorDescriptor?
    let services: HostServices
    /// What the connection's ticket types demand.
    var demands: [TicketDemands] = []
    /// Whether the viewer may change the settings, which the guidance then leads to.
    var leadsToSettings = false

    private var open: [ConnectionIssue] { issues.filter { $0.resolvedAt == nil } }

    /// What closes an open issue that tickets and tests by schedule don’t close; empty if there is none.
    static func exception(_ issues: [ConnectionIssue]) -> HTML {
        guard issues.contains(where: { $0.resolvedAt == nil && $0.code == .ticketOtherCompany }) else { return .empty }
        return "<p class=\"help\">That of a ticket at another company is closed only by a test that a person starts.</p>"
    }

    /// A line for each issue, whose guidance opens below it.
    var collapsed: HTML {
        guard !open.isEmpty else { return .empty }
        return "<ul class=\"issues\">\(each: open, line)</ul>"
    }

    private func line(_ issue: ConnectionIssue) -> HTML {
        let guidance = IssueGuidance(issue, descriptor)
        return """
            <li><details><summary><strong>Issue:</strong> \(guidance.title)</summary>
            \(guidance.panel(id: "issue-\(issue.connection)-\(issue.code.anchor)", versions: services.versions, leadsToSettings: leadsToSettings))</details>
            <p class="help">\(guidance.times)</p>\(fields(issue))\(guidance.firstStep.map { "<p class=\"first-step\"><strong>First step:</strong> \($0)\(toSettings(guidance))</p>" as HTML })</li>
            """
    }

    private func toSettings(_ guidance: IssueGuidance) -> HTML {
        let settings = guidance.settings
        return leadsToSettings && !settings.isEmpty ? " Settings to change: \(settings)." : .empty
    }

    /// The whole guidance of each issue.
    var expanded: HTML {
        .all(
            open.map { issue in
                IssueGuidance(issue, descriptor).panel(
                    id: "issue-\(issue.code.anchor)", versions: services.versions, leadsToSettings: leadsToSettings) + fields(issue)
            })
    }

    /// The ticket types and fields that an issue is about.
    private func fields(_ issue: ConnectionIssue) -> HTML {
        guard [.ticketFieldRequired, .ticketFieldInvalid].contains(issue.code) else { return .empty }
        let unmet = demands.filter { !$0.obstacles.isEmpty }
        return unmet.isEmpty ? .empty : "<ul>\(each: unmet, { "<li>\($0.words)</li>" })</ul>"
    }
}

extension TicketDemands {
    /// The obstacles in a sentence.
    fileprivate var words: HTML {
        typeName.isEmpty
            ? "Tickets without a type: \(HTML.quoted(obstacles))." : "Ticket type “\(typeName)”: \(HTML.quoted(obstacles))."
    }
}
