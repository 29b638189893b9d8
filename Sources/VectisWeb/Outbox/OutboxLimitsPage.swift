import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The form of the outbox's limits.
struct OutboxLimitsPage: WebPage {
    let context: RequestContext
    /// The values as they were typed.
    var maxAgeHours: String
    var maxWaitMinutes: String
    /// The revision that the form was opened with.
    var revision: Int
    var problems: [(field: String, message: HTML)] = []
    /// Whether the limits were changed elsewhere while they were open here.
    var isStale = false
    var notice: Notice?

    init(context: RequestContext, _ stored: StoredOutboxLimits) {
        self.context = context
        maxAgeHours = String(stored.limits.maxAgeHours)
        maxWaitMinutes = String(stored.limits.maxWaitMinutes)
        revision = stored.revision
    }

    var document: HTML {
        Layout(context, .rules, title: "Limits of the sending queue").document(
            """
            <h1>Limits of the sending queue</h1>
            \(RuleTabs(context: context, current: "/rules/limits").html)
            <p class="lead">They apply to all rules and connections of this host, and to pending jobs.</p>
            \(notice?.html)\(isStale ? staleNotice : .empty)\(problemSummary)
            <form method="post" action="/rules/limits" novalidate>\(FormToken(context.user).field)
            <input type="hidden" name="revision" value="\(revision)">
            \(row("maxAgeHours", maxAgeHours, OutboxLimits.maxAgeHoursRange, "Older jobs are not sent automatically; they are on hold until a person releases or discards them."))
            \(row("maxWaitMinutes", maxWaitMinutes, OutboxLimits.maxWaitMinutesRange, "While the PSA can’t be reached, the wait doubles up to this. If the PSA itself asks for a longer wait, that is used."))
            <p class="help">The PSA is searched for a write of unknown outcome after 5, 30 and 120 seconds. This is not configurable: searches of a PSA lag behind
            its writes, and a shorter wait could send a ticket twice.</p>
            <div class="buttons"><button class="primary">Save</button><a class="button quiet" href="/rules">Cancel</a></div>
            </form>
            """)
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            The limits were changed after you opened them, and your changes are not saved.
            <a href="/rules/limits">Open them again</a> and repeat your change.
            """
        ).refusing().html
    }

    private var problemSummary: HTML {
        FormProblems(problems.map { .init(field: $0.field, Self.label($0.field), $0.message) }).html
    }

    private static func label(_ field: String) -> HTML {
        field == "maxAgeHours" ? "Hours until a job is too old" : "Minutes between two tries, at most"
    }

    private func row(_ name: String, _ value: String, _ range: ClosedRange<Int>, _ help: HTML) -> HTML {
        FieldRow(
            name: name, label: Self.label(name), input: .number(value: value),
            help: "\(help) From \(range.lowerBound) to \(range.upperBound).",
            isRequired: true, message: problems.first { $0.field == name }?.message
        ).html
    }
}

extension PageRoutes {
    /// The form of the outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "/rules/limits", .admin) { context in
                var page = OutboxLimitsPage(context: context, try await services.storage.outboxLimits())
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/rules/limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        var page = OutboxLimitsPage(context: context, try await services.storage.outboxLimits())
        page.revision = Int(form.text("revision")) ?? -1
        page.maxAgeHours = form.text("maxAgeHours").trimmingSpaces
        page.maxWaitMinutes = form.text("maxWaitMinutes").trimmingSpaces
        // Anything but a number is outside of every range.
        let limits = OutboxLimits(maxAgeHours: Int(page.maxAgeHours) ?? 0, maxWaitMinutes: Int(page.maxWaitMinutes) ?? 0)
        page.problems = limits.issues.map { problem in
            (problem.field, "Enter a whole number from \(problem.range.lowerBound) to \(problem.range.upperBound).")
        }
        guard page.problems.isEmpty else { return .page(422, page) }
        do {
            let audit = context.audit(.outboxLimitsChanged, "", .done, limits.sentence)
            _ = try await services.storage.setOutboxLimits(limits, revision: page.revision, audit: audit)
        } catch StoreError.stale {
            page.isStale = true
            return .page(409, page)
        }
        return .redirect(to: "/rules/limits?notice=limits")
    }
}

extension APIRoutes {
    /// The outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/outbox-limits", .viewer, for: .readJobs) { context in
                try context.allowQuery([])
                return .json(try await services.storage.outboxLimits().json)
            },
            Route(.put, "\(Self.root)/outbox-limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let limits = OutboxLimits(maxAgeHours: body.integer("maxAgeHours"), maxWaitMinutes: body.integer("maxWaitMinutes"))
        let revision = body.integer("revision")
        for problem in limits.issues where !body.hasProblem(problem.field) { body.note(problem.field, .outOfRange(problem.range)) }
        try body.finish()
        let audit = context.audit(.outboxLimitsChanged, "", .done, limits.sentence)
        return .json(try await services.storage.setOutboxLimits(limits, revision: revision, audit: audit).json)
    }
}

extension StoredOutboxLimits {
    /// The limits for programs.
    fileprivate var json: JSONValue {
        [
            "revision": .integer(revision), "maxAgeHours": .integer(limits.maxAgeHours),
            "maxWaitMinutes": .integer(limits.maxWaitMinutes),
        ]
    }
}
