import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// All events that the host accepted, and what became of each.
struct EventsPage: WebPage {
    static let pageSize = 50

    let context: RequestContext
    let query: EventQuery
    let page: EventPage
    let jobs: [HostEvent.ID: [TicketJob]]
    /// What happened in the last hours; nil where a part of the events is shown.
    let activity: HostActivity?

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        Layout(context, .events, title: "Events").document(
            """
            <h1>Events</h1>
            \(Self.tabs("/events"))
            <p class="lead">Everything that programs and detectors reported, the latest first, and what became of it.</p>
            \(inputs.problems(Self.labels))
            \(activity.map { HostActivityView(activity: $0, now: context.now).html })
            \(filters)
            \(page.events.isEmpty ? empty : table)
            \(more)
            """)
    }

    /// The pages of this part of the menu.
    static func tabs(_ current: String) -> HTML {
        Tabs(
            label: "Events and jobs",
            tabs: [
                Tabs.Tab("Events", "/events"), Tabs.Tab("Jobs and sending queue", "/jobs"), Tabs.Tab("Replays", "/jobs?replays=true"),
            ], current: current
        ).html
    }

    private var inputs: FilterInputs { FilterInputs(query.issues) }

    private static var labels: [(name: String, label: HTML)] {
        [
            ("text", "Text contains"), ("company", "Company"), ("device", "Device"), ("source", "Source"), ("type", "Event type"),
            ("outcome", "What became of it"), ("from", "From"), ("to", "To"),
        ]
    }

    private var filters: HTML {
        let outcomes: [(value: String, label: HTML)] = [("unmatched", "No rule matched"), ("matched", "A rule matched")]
        return """
            <form method="get" action="/events" class="filters" role="search" aria-label="Filters">
            \(inputs.text("text", "Text contains", query.given("text")))
            \(inputs.text("company", "Company", query.given("company")))
            \(inputs.text("device", "Device", query.given("device")))
            \(inputs.text("source", "Source", query.given("source")))
            \(inputs.text("type", "Event type", query.given("type")))
            \(inputs.choice("outcome", "What became of it", outcomes, query.given("outcome")))
            \(inputs.date("from", "From", query.given("from")))
            \(inputs.date("to", "To", query.given("to")))
            <div class="buttons"><button class="primary">Show</button> <a class="button quiet" href="/events">All events</a></div>
            </form>
            """
    }

    private var empty: HTML {
        guard query.text.isEmpty, query.before == nil else {
            return EmptyState(title: "No event matches.", text: "Widen the dates or clear a filter.").html
        }
        return EmptyState(
            title: "No event has arrived yet.", text: "Programs send events with an API key; detectors raise them from the local copies.",
            action: isAdmin ? "<a class=\"button\" href=\"/api-keys\">Let a program send events</a>" : .empty
        ).html
    }

    private var table: HTML {
        DataTable(
            name: .label("Events"), columns: ["Arrived", "Event", "Severity", "Company", "Device", "Source", "What became of it"],
            rows: page.events.map(row)
        ).html
    }

    private func row(_ stored: StoredEvent) -> DataTable.Row {
        let event = stored.event
        return DataTable.Row([
            TimestampView(event.receivedAt).html,
            """
            <a href="/events/\(String(stored.id.rawValue))">\(event.shortText)</a> <span class="help"><code>\(Self.short(event.type))</code></span>
            """,
            event.severity.badge.html, Self.short(event.company), Self.short(event.device), Self.short(event.source),
            EventOutcome(stored: stored, jobs: jobs[stored.id] ?? [], isOperator: context.user?.isOperator ?? false).html,
        ])
    }

    private static func short(_ text: String) -> HTML { HTML(text: text.count > 80 ? text.prefix(79) + "…" : text) }

    private var more: HTML {
        guard let next = page.next else { return .empty }
        let address = "/events?\(query.text.isEmpty ? "" : query.text + "&")before=\(next.rawValue)"
        let note: HTML =
            page.isPartial
            ? "<p class=\"help\">The search has looked at \(EventFilter.searchWindow) events, and stopped there.</p>" : .empty
        return
            "\(note)<p><a class=\"button\" href=\"\(address)\">\(page.isPartial ? "Search older events" : "Older events" as HTML)</a></p>"
    }
}

extension HostEvent.Severity {
    /// The severity in a badge.
    var badge: Badge {
        let kind: Badge.Kind =
            switch self {
            case .info: .neutral
            case .warning: .warning
            case .error, .critical: .bad
            }
        return Badge(kind, words)
    }
}

/// What became of an event, in a line for each job.
struct EventOutcome: Sendable {
    let stored: StoredEvent
    let jobs: [TicketJob]
    let isOperator: Bool

    var html: HTML {
        guard jobs.isEmpty else {
            return """
                <ul class="outcomes">\(each: jobs.prefix(5), { "<li><a href=\"/jobs/\(String($0.id.rawValue))\">\(Self.badge($0.state).html)</a></li>" })</ul>
                \(jobs.count > 5 ? "<p class=\"help\">\(jobs.count - 5) more</p>" as HTML : .empty)
                """
        }
        guard stored.matchedRules == 0 else {
            return stored.matchedRules == 1
                ? "One rule matched; its job is not kept any more."
                : "\(stored.matchedRules) rules matched; their jobs are not kept any more."
        }
        let link: HTML = "<br><a href=\"/rules/new?event=\(String(stored.id.rawValue))\">Make a rule from this</a>"
        return "No rule matched.\(isOperator ? link : .empty)"
    }
}

extension EventOutcome {
    private static func badge(_ state: TicketJob.State) -> Badge {
        state.isOutcomeUnknown ? Badge(.warning, "Outcome unknown") : TicketJobRow.badge(state.name)
    }
}

extension HostEvent {
    /// The first line of its text, or a part of it.
    var shortText: String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init)?.trimmingSpaces ?? ""
        let words = line.isEmpty ? type : line
        return words.count > 120 ? words.prefix(119) + "…" : words
    }
}

extension PageRoutes {
    /// The events, and one event.
    var eventPageRoutes: [Route] {
        [
            Route(.get, "/events", .viewer) { context in
                let query = EventQuery(context.request.query, in: Viewer.current.timeZone)
                let page = try await services.storage.eventPage(query.filter, before: query.before, limit: EventsPage.pageSize)
                let jobs = try await services.storage.jobs(of: Set(page.events.filter { $0.matchedRules > 0 }.map(\.id)))
                let isPart = query.before != nil || !query.issues.isEmpty || !query.text.isEmpty
                let activity =
                    isPart ? nil : try await services.storage.hostActivity(hours: HostActivity.shownHours, until: context.now)
                return .page(
                    query.issues.isEmpty ? 200 : 422,
                    EventsPage(context: context, query: query, page: page, jobs: jobs, activity: activity))
            },
            Route(.get, "/events/{id}", .viewer) { context in
                guard let id = Int64(context.parameter("id")).map(HostEvent.ID.init(rawValue:)),
                    let event = try await services.storage.event(id)
                else { throw WebError(.notFound, "There is no event with this id. It may have been removed.") }
                let connections = try await services.storage.connections()
                return .page(
                    200,
                    EventDetailPage(
                        context: context, stored: event, files: try await services.storage.files(of: [id])[id] ?? [],
                        jobs: try await services.storage.jobs(of: [id])[id] ?? [], rules: try await services.storage.rules(),
                        connections: connections))
            },
        ]
    }
}
