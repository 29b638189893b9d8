import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// What is known of one connection: its state, what is wrong and what to do, what is read, how much of the rate limit is used, and what it
/// did last.
struct ConnectionOverviewPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let overview: ConnectionOverview
    /// The connector; nil if it is missing.
    let descriptor: ConnectorDescriptor?
    var notice: Notice?

    private var connection: StoredConnection { overview.connection }
    private var path: String { Self.path(of: connection.id) }
    private var isAdmin: Bool { context.user?.isAdmin ?? false }
    private var vendor: HTML { descriptor.map { HTML(text: $0.displayName) } ?? "the PSA" }

    /// The address of the page of a connection.
    static func path(of connection: ConnectionID) -> String { "/integrations/\(connection)" }

    var document: HTML {
        Layout(context, .integrations, title: connection.name).document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>\(connection.name)</h1>
            \(ConnectionTabs(connection: connection, descriptor: descriptor, context: context, current: .overview).html)
            \(notice?.html)\(KeyNotice(issues: overview.issues).html)
            \(ConnectionStateLine(connection, overview.issues, descriptor).html)
            \(isAdmin ? actions : .empty)
            \(issues)
            \(reading)
            \(rateLimit)
            \(rules)
            \(tickets)
            \(tests)
            """)
    }

    private var actions: HTML {
        """
        <div class="actions">
        \(descriptor == nil ? .empty : "<form method=\"post\" action=\"\(path)/check\">\(FormToken(context.user).field)<button class=\"primary\">Test now</button></form>" as HTML)
        <a class="button" href="\(path)/diagnostics">Download diagnostics</a>
        <a class="button quiet" href="\(path)/remove">Remove</a></div>
        """
    }

    // MARK: Issues

    private var issues: HTML {
        guard !overview.issues.isEmpty else { return .empty }
        return """
            <section aria-labelledby="open-issues"><h2 id="open-issues">Open issues</h2>
            <p class="help">A test that passes closes them, and so does a ticket that goes through.</p>\(IssueList.exception(overview.issues))
            \(IssueList(issues: overview.issues, descriptor: descriptor, services: services, demands: overview.demands, leadsToSettings: isAdmin).expanded)</section>
            """
    }

    // MARK: The local copy

    private var reading: HTML {
        let lists = overview.resources.filter(\.resource.isList)
        let content: HTML =
            if lists.isEmpty {
                "<p class=\"empty\">Nothing was read from \(vendor) yet.</p>"
            } else {
                DataTable(
                    name: .heading("reading"), columns: ["What", "Records", "Up to date to", "Age"], hasRowHeaders: true,
                    rows: lists.map(resource)
                ).html
            }
        return """
            <section aria-labelledby="reading"><h2 id="reading">What is read</h2>
            \(content)<p class="actions"><a href="\(DataPage.path(of: connection.id))">All about the data</a></p></section>
            """
    }

    private func resource(_ status: SyncStatus) -> DataTable.Row {
        DataTable.Row([
            "<a href=\"\(DataPage.path(of: connection.id))/\(status.resource.rawValue)\">\(HTML(term: status.resource.title))</a>",
            "\(status.rows.grouped)", status.progress.freshAt.map { TimestampView($0).html } ?? "Never read", freshness(status),
        ])
    }

    private func freshness(_ status: SyncStatus) -> HTML {
        if let failure = status.progress.failure {
            return "\(Badge(.bad, "Reading fails").html) <a href=\"\(failure.code.page)\">What that means</a>"
        }
        if status.isPaused { return Badge(.neutral, "Paused").html }
        guard let age = status.age(at: context.now) else { return Badge(.neutral, "Not read yet").html }
        let limit = services.sync.policy.staleAge(of: status.resource, readsChanges: status.progress.filter?.works == true)
        return Meter(
            label: "Age of the copy of \(status.resource.lowercaseTitle)", value: Int(age.components.seconds / 60),
            limit: max(1, Int(limit.components.seconds / 60)),
            reading: status.isStale(at: context.now, services.sync.policy)
                ? "\(DataPage.duration(age.seconds)) old: stale"
                : "\(DataPage.duration(age.seconds)) old; stale after \(DataPage.duration(limit.seconds))"
        ).html
    }

    // MARK: Rate limit

    private var rateLimit: HTML {
        let use = overview.rateLimit
        let hours = use.hours
        let meter: HTML =
            if let limit = use.limit {
                Meter(
                    label: "Use of the rate limit", value: use.used, limit: limit.requests,
                    reading: "\(use.used.grouped) of \(limit.requests.grouped) requests in \(Self.words(limit.window)), now"
                ).html
            } else {
                "<p class=\"help\">No rate limit is known, or nothing was sent yet since Vectis was started.</p>"
            }
        let total = use.total
        return """
            <section aria-labelledby="rate-limit"><h2 id="rate-limit">Rate limit</h2>
            <p class="help">\(vendor) limits how many requests it takes from this tenant. Vectis waits before it would send more; alerts go first.</p>
            \(meter)
            \(BarChart(
                id: "rate-limit-hours", title: "Requests per hour in the last 24 hours", intervals: hours.map(\.beginsAt),
                series: [
                    BarChart.Series("Requests", values: hours.map { max(0, $0.usage.requests - $0.usage.refusals) }),
                    BarChart.Series("Refused for their rate", .bad, values: hours.map(\.usage.refusals)),
                ]
            ).html)
            <p>\(total.requests == 1 ? "1 request in the last 24 hours" : "\(total.requests.grouped) requests in the last 24 hours" as HTML)\
            \(total.refusals == 0 ? "; none was refused for its rate." : total.refusals == 1 ? "; 1 was refused for its rate." : "; \(total.refusals.grouped) were refused for their rate." as HTML)</p>
            </section>
            """
    }

    private static func words(_ window: Duration) -> HTML {
        let seconds = Int(window.components.seconds)
        switch seconds {
        case 60: return "a minute"
        case 3_600: return "an hour"
        case let seconds where seconds % 60 == 0: return "\(seconds / 60) minutes"
        default: return "\(seconds) seconds"
        }
    }

    // MARK: Rules, tickets, tests

    private var rules: HTML {
        let shown = overview.rules.prefix(50)
        return """
            <section aria-labelledby="rules"><h2 id="rules">Rules that use it</h2>
            \(shown.isEmpty ? "<p class=\"empty\">No rule uses this connection.</p>" : "<ul class=\"links\">\(each: shown, { "<li><a href=\"/rules/\($0.id.rawValue)\">\($0.name)</a> \(Self.badge($0).html)</li>" })</ul>" as HTML)
            \(overview.rules.count > shown.count ? "<p><a href=\"/rules\">All \(overview.rules.count) rules</a></p>" : .empty)</section>
            """
    }

    private static func badge(_ rule: Rule) -> Badge {
        if !rule.pauses.isEmpty { return Badge(.bad, "Paused") }
        switch rule.mode {
        case .active: return Badge(.good, "Active")
        case .dryRun: return Badge(.neutral, "Dry run")
        case .off: return Badge(.neutral, "Off")
        }
    }

    private var tickets: HTML {
        let waiting = [.checking, .waiting, .sending, .unknown].reduce(0) { $0 + overview.counts[$1] }
        return """
            <section aria-labelledby="tickets"><h2 id="tickets">Last tickets</h2>
            \(overview.written.isEmpty ? "<p class=\"empty\">Nothing was written through this connection yet.</p>" : "<ul class=\"links\">\(each: overview.written, ticket)</ul>" as HTML)
            <p class="help">\(waiting == 0 ? "Nothing waits to be sent." : waiting == 1 ? "1 job waits to be sent." : "\(waiting.grouped) jobs wait to be sent." as HTML)\
            \(overview.counts[.failed] == 0 ? .empty : overview.counts[.failed] == 1 ? " 1 job has failed." : " \(overview.counts[.failed].grouped) jobs have failed." as HTML)
            <a href="/jobs">All jobs</a></p></section>
            """
    }

    private func ticket(_ job: TicketJob) -> HTML {
        let ticket = job.state.ticket
        // Only web addresses become links: a value from the vendor must not run as a script.
        let address = ticket?.webAddress.flatMap { $0.hasPrefix("https://") || $0.hasPrefix("http://") ? $0 : nil }
        let number: HTML =
            address.map {
                "<a href=\"\($0)\" rel=\"noreferrer noopener\" target=\"_blank\">\(ticket?.number ?? "")<span class=\"hidden\"> (opens a new tab)</span></a>"
            } ?? "\(ticket?.number ?? "")"
        return "<li>\(number) \(job.payload.summary) <span class=\"help\">\(TimestampView(job.changedAt).html)</span></li>"
    }

    private var tests: HTML {
        let rows: HTML =
            if overview.tests.isEmpty {
                connection.status == nil
                    ? "<p class=\"empty\">It was not tested since it was saved.</p>"
                    : "<p class=\"empty\">The last test was that of the form, before it was saved. Later tests are listed here.</p>"
            } else {
                DataTable(
                    name: .heading("tests"), columns: ["Time", "Result", "Started by"], hasRowHeaders: true, rows: overview.tests.map(test)
                ).html
            }
        return """
            <section aria-labelledby="tests"><h2 id="tests">Last tests</h2>
            <p class="help">The last \(ConnectionTestReport.maxReports) are kept, each with every check and the whole guidance.</p>\(rows)</section>
            """
    }

    private func test(_ test: ConnectionTestReport) -> DataTable.Row {
        let headline = TranslatedJSON.read(test.report, in: Viewer.current.language)?["headline"]?.string ?? ""
        return DataTable.Row([
            "<a href=\"\(ConnectionTestPage.path(of: test))\">\(TimestampView(test.at).html)</a>",
            "\(ConnectionTestPage.badge(test.outcome).html) \(headline)", "\(ConnectionTestPage.starter(test))",
        ])
    }
}

/// One test of a connection with its checks and the guidance of what was wrong, at an address of its own.
struct ConnectionTestPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let connection: StoredConnection
    /// The connector; nil if it is missing.
    let descriptor: ConnectorDescriptor?
    let test: ConnectionTestReport

    /// The address of a report.
    static func path(of test: ConnectionTestReport) -> String { path(of: test.id, test.connection) }

    /// The address of a report.
    static func path(of test: Int64, _ connection: ConnectionID) -> String {
        "\(ConnectionOverviewPage.path(of: connection))/tests/\(String(test))"
    }

    /// How a test ended.
    static func badge(_ outcome: ConnectionStatus.Outcome) -> Badge {
        switch outcome {
        case .connected: Badge(.good, "Passed")
        case .limited: Badge(.warning, "Passed, with limits")
        case .needsAttention: Badge(.bad, "Failed")
        }
    }

    /// Who started a test.
    static func starter(_ test: ConnectionTestReport) -> HTML {
        test.startedBy.hasPrefix("(") ? "Vectis, by itself" : "\(test.startedBy)"
    }

    var document: HTML {
        let isAdmin = context.user?.isAdmin ?? false
        let path = ConnectionOverviewPage.path(of: connection.id)
        return Layout(context, .integrations, title: "Test of \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a> · <a href="\(path)">\(connection.name)</a></p>
            <h1>Test of “\(connection.name)”</h1>
            \(ConnectionTabs(connection: connection, descriptor: descriptor, context: context, current: nil).html)
            <p>\(Self.badge(test.outcome).html) \(TimestampView(test.at).html), started by \(Self.starter(test)).</p>
            \(StoredReport(test, versions: services.versions).html)
            \(isAdmin && descriptor != nil ? """
                <div class="actions"><form method="post" action="\(path)/check">\(FormToken(context.user).field)<button class="primary">Test again</button></form>
                <a class="button" href="\(path)/settings">Settings</a></div>
                """ as HTML : .empty)
            """)
    }
}

/// A report that was stored as JSON.
struct StoredReport: Sendable {
    private let test: ConnectionTestReport
    private let versions: String
    /// The report in the language of the viewer.
    private let root: JSONView?
    /// The report for those who help.
    private let english: JSONView?

    init(_ test: ConnectionTestReport, versions: String) {
        self.test = test
        self.versions = versions
        root = TranslatedJSON.read(test.report, in: Viewer.current.language)
        english = TranslatedJSON.read(test.report)
    }

    var html: HTML {
        """
        \(root?["problem"].map { panel($0, english?["problem"], "test-problem", isWarning: false) } ?? success)
        \(each: zip(root?["warnings"]?.elements ?? [], english?["warnings"]?.elements ?? []).enumerated(), { panel($1.0, $1.1, "test-warning-\($0)", isWarning: true) })
        <h2>Checks</h2><ol class="checks">\(each: root?["checks"]?.elements ?? [], check)</ol>
        """
    }

    private var success: HTML { Notice(.done, "<span class=\"headline\">\(root?["headline"]?.string ?? "")</span>").html }

    private func panel(_ problem: JSONView, _ english: JSONView?, _ id: String, isWarning: Bool) -> HTML {
        let code = problem["code"]?.string.flatMap(ErrorCode.init(rawValue:)) ?? .connectorDefect
        return StoredProblemPanel(
            problem: JSONValue(problem).encodedText, english: english, code: code, id: id,
            occurrence: "Found \(TimestampView(test.at).html).", at: test.at,
            versions: versions, isWarning: isWarning
        ).html
    }

    private func check(_ check: JSONView) -> HTML {
        let outcome = check["outcome"]?.string.flatMap(ConnectionCheck.Outcome.init(rawValue:)) ?? .skipped
        let took: HTML? = check["milliseconds"]?.text.map { " · \($0) ms" }
        return """
            <li class="check \(outcome.rawValue)">
            <span class="outcome">\(Viewer.current.renderer.text(CoreMessage.outcome(outcome)))</span>
            <span class="subject">\(check["check"]?.string ?? "")</span>
            <span class="evidence">\(check["evidence"]?.string ?? "")\(took)</span></li>
            """
    }
}

extension PageRoutes {
    /// What viewers see of a connection, and the diagnostics for support.
    var connectionOverviewRoutes: [Route] {
        [
            Route(.get, "/integrations/{id}", .viewer) { context in
                let connection = try await connection(context)
                return .page(
                    200,
                    ConnectionOverviewPage(
                        services: services, context: context, overview: try await services.connections.overview(of: connection),
                        descriptor: try? descriptor(of: connection),
                        notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:))))
            },
            Route(.get, "/integrations/{id}/tests/{test}", .viewer) { context in
                let connection = try await connection(context)
                let test = try await services.connections.testReport(context.parameter("test"), of: connection)
                guard let test else { throw WebError(.notFound, Words(term: ConnectionService.noTestReport)) }
                return .page(
                    200,
                    ConnectionTestPage(
                        services: services, context: context, connection: connection, descriptor: try? descriptor(of: connection),
                        test: test))
            },
            Route(.get, "/integrations/{id}/diagnostics", .admin) { context in
                let connection = try await connection(context)
                let diagnostics = try await ConnectionDiagnostics(services).json(of: connection, at: context.now)
                return WebResponse(
                    status: 200,
                    headers: [
                        "Content-Type": "application/json",
                        "Content-Disposition": "attachment; filename=\"vectis-diagnostics-\(connection.id).json\"",
                    ], body: .bytes(diagnostics.encoded))
            },
        ]
    }
}
