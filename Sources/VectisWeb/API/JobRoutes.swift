import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

// MARK: Events

extension APIRoutes {
    private static let pageLimit = 200
    private static let defaultPage = 50

    func listEvents(_ context: RequestContext) async throws -> WebResponse {
        var query = try APIQuery(context, EventQuery.fields + ["limit"])
        let limit = query.integer("limit", in: 1...Self.pageLimit) ?? Self.defaultPage
        let wanted = EventQuery(context.request.query)
        query.note(wanted.issues)
        try query.finish()
        let page = try await services.storage.eventPage(wanted.filter, before: wanted.before, limit: limit)
        let jobs = try await services.storage.jobs(of: Set(page.events.filter { $0.matchedRules > 0 }.map(\.id)))
        return .json(
            .init(present: [
                ("events", .array(page.events.map { $0.json(jobs[$0.id] ?? [], maxText: StoredEvent.listedText) })),
                ("next", page.next.map { .integer(Int($0.rawValue)) }), ("partial", .bool(page.isPartial)),
            ]))
    }

    func readEvent(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery([])
        guard let id = Int64(context.parameter("id")).map(HostEvent.ID.init(rawValue:)),
            let event = try await services.storage.event(id)
        else { throw WebError(.notFound, "There is no event with this id. It may have been removed.") }
        let files = try await services.storage.files(of: [id])[id] ?? []
        let jobs = try await services.storage.jobs(of: [id])[id] ?? []
        let rules = try await services.storage.rules().map { rule in
            RuleExplanation(rule.definition, event.event).json(of: rule)
        }
        return .json(
            event.json(jobs, maxText: .max).adding(
                ("files", .array(files.map(\.json))), ("rules", .array(rules))))
    }
}

// MARK: Jobs

extension APIRoutes {
    /// Jobs, and the decisions about them.
    var jobRoutes: [Route] {
        let root = "\(Self.root)/jobs"
        return [
            Route(.get, root, .viewer, for: .readJobs) { try await listJobs($0) },
            Route(.get, root + "/{id}", .viewer, for: .readJobs) { context in
                try context.allowQuery([])
                return .json(try await detailsJSON(try await job(context)))
            },
            Route(.post, root + "/{id}/resend", .operator, for: .writeJobs) { try await decide($0, .resend) },
            Route(.post, root + "/{id}/discard", .operator, for: .writeJobs) { try await decide($0, .discard) },
            Route(.post, root + "/{id}/resolve", .operator, for: .writeJobs) { try await resolve($0) },
            Route(.post, root + "/bulk", .operator, for: .writeJobs) { try await decideBulk($0) },
        ]
    }

    private func job(_ context: RequestContext) async throws -> TicketJob {
        guard let id = Int64(context.parameter("id")).map(TicketJob.ID.init(rawValue:)), let job = try await services.storage.job(id) else {
            throw WebError(.notFound, "There is no job with this id. It may have been removed.")
        }
        return job
    }

    private func listJobs(_ context: RequestContext) async throws -> WebResponse {
        var query = try APIQuery(context, JobQuery.fields + ["limit"])
        let limit = query.integer("limit", in: 1...Self.pageLimit) ?? Self.defaultPage
        let wanted = JobQuery(context.request.query)
        query.note(wanted.issues)
        try query.finish()
        try await checkOrigin(of: wanted.filter)
        let page = try await services.storage.engine.jobPage(wanted.filter, before: wanted.before, limit: limit)
        return .json(
            .init(present: [
                ("jobs", .array(page.jobs.map(\.json))), ("next", page.next.map { .integer(Int($0.rawValue)) }),
                ("partial", .bool(page.isPartial)),
            ]))
    }

    /// Refuses a rule or a connection that is not stored and has no job: a mistake in it must not look like an empty list.
    private func checkOrigin(of filter: TicketJob.Filter, in object: String = "") async throws {
        var problems: [BodyError] = []
        func check(_ name: String, _ own: TicketJob.Filter, _ kind: String) async throws {
            if try await services.storage.engine.jobPage(own, before: nil, limit: 1).jobs.isEmpty {
                problems.append(
                    BodyError(object + name, .invalid("“\(object)\(name)”: There is neither a \(kind) with this id nor a job of one.")))
            }
        }
        if let source = filter.source, let id = RuleID(source), try await services.storage.rule(id) == nil {
            try await check("rule", TicketJob.Filter(source: source), "rule")
        }
        if let connection = filter.connection, try await services.storage.connection(connection) == nil {
            try await check("connection", TicketJob.Filter(connection: connection), "connection")
        }
        guard problems.isEmpty else { throw APIError(problems) }
    }

    private func detailsJSON(_ job: TicketJob) async throws -> JSONValue {
        let details = try await JobDetails(job, services)
        let explanation = details.event.flatMap { event in
            details.rule.map { RuleExplanation($0.definition, event.event).json(of: $0) }
        }
        let fields = job.payload.fields.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, Optional($0.value.stored)) }
        var json = job.json.adding(
            ("details", .string(job.payload.details)), ("type", .string(job.payload.type)), ("status", .string(job.payload.status)),
            ("priority", .string(job.payload.priority)), ("fields", .init(present: fields)),
            ("files", .array(details.files.map(\.json))), ("attempts", .array(details.attempts.map(\.json))),
            ("attemptCount", .integer(details.attempts.first?.number ?? 0)), ("seen", .string(job.state.seenValue)))
        if let explanation { json = json.adding(("match", explanation)) }
        let company = job.companyJSON(name: details.companyName, isMapped: details.isMapped)
        return company.map { json.adding(("companyMatch", $0)) } ?? json
    }

    private func decide(_ context: RequestContext, _ decision: JobDecision) async throws -> WebResponse {
        let job = try await job(context)
        var body = try APIBody(context.request)
        let seen = body.optionalText("seen", upTo: 100)
        try body.finish()
        try await services.jobs.decide(job, decision, seen: seen, by: context.origin)
        return .json(try await detailsJSON(try await self.job(context)))
    }

    private func resolve(_ context: RequestContext) async throws -> WebResponse {
        let job = try await job(context)
        var body = try APIBody(context.request)
        let text = body.id("ticket").trimmingSpaces
        let isAbsent = body.optionalFlag("exists") == false
        let isConfirmed = body.optionalFlag("acceptDoubtfulTicket") ?? false
        let ticket = Ticket.ID(text)
        if ticket == nil, !text.isEmpty { body.note("ticket", .invalid("“ticket” is no id of a ticket.")) }
        if text.isEmpty == !isAbsent, !body.hasProblem("ticket"), !body.hasProblem("exists") {
            body.note("ticket", .invalid("Give either “ticket”, the id of the ticket in the PSA, or “exists” as false."))
        }
        try body.finish()
        guard job.state.isOutcomeUnknown else { throw StoreError.stale }
        try await services.jobs.decide(job, ticket.map { .adopt($0, isConfirmed: isConfirmed) } ?? .absent, seen: nil, by: context.origin)
        return .json(try await detailsJSON(try await self.job(context)))
    }

    private func decideBulk(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let action = body.choice("action", JobBulkAction.self)
        let isDryRun = body.optionalFlag("dryRun") ?? false
        let ids = body.jobIDs("jobs")
        let filter = body.has("filter") ? body.jobFilter("filter") : nil
        let last = body.optionalInteger("upTo")
        if (ids == nil) == (filter == nil), !body.hasProblem("jobs"), !body.hasProblem("filter") {
            body.note("jobs", .invalid("Give either “jobs”, a list of ids, or “filter”."))
        }
        try body.finish()
        guard let action else { throw APIError([BodyError("action", .missing)]) }
        let selection: JobSelection =
            if let ids { .jobs(ids) } else { .matching(filter ?? TicketJob.Filter(), upTo: last.map { TicketJob.ID(rawValue: Int64($0)) }) }
        if let filter { try await checkOrigin(of: filter, in: "filter.") }
        let preview = try await services.jobs.preview(selection)
        guard !isDryRun else { return .json(preview.json(done: nil)) }
        let result = try await services.jobs.decideAll(action, selection, by: context.origin)
        return .json(preview.json(done: result))
    }
}

extension APIBody {
    /// The most jobs that are named in one body.
    private static let maxJobs = JobService.bulkLimit

    /// Ids of jobs; nil where they are missing.
    fileprivate mutating func jobIDs(_ name: String) -> [TicketJob.ID]? {
        guard let view = view(name) else { return nil }
        guard view.isArray else {
            note(name, .wrongType(.array))
            return nil
        }
        let elements = view.elements
        guard (1...Self.maxJobs).contains(elements.count) else {
            note(name, .invalid("“\(name)” has to be a list of 1 to \(Self.maxJobs) ids."))
            return nil
        }
        let ids = elements.compactMap { $0.string == nil ? $0.integer : nil }.map { TicketJob.ID(rawValue: Int64($0)) }
        if ids.count != elements.count { note(name, .invalid("“\(name)” has to be a list of whole numbers.")) }
        return ids
    }

    /// A filter of jobs, with the members that a list takes as fields of its query.
    fileprivate mutating func jobFilter(_ name: String) -> TicketJob.Filter? {
        guard let view = view(name), view.isObject else {
            note(name, .wrongType(.object))
            return nil
        }
        let known = JobQuery.fields.filter { $0 != "before" && $0 != "replays" }
        var fields: [(name: String, value: String)] = []
        for member in view.members {
            let path = "\(name).\(member.name)"
            if !known.contains(member.name) {
                note(path, .unknown(nearest: NearestName.of(member.name, in: known), known: known))
            } else if fields.contains(where: { $0.name == member.name }) {
                note(path, .duplicate)
            } else if let text = member.value.string {
                fields.append((member.name, text))
            } else {
                note(path, .wrongType(.text))
            }
        }
        let query = JobQuery(fields)
        for issue in query.issues { note("\(name).\(issue.field)", .invalid(issue.sentence)) }
        return query.filter
    }
}

// MARK: JSON

extension StoredEvent {
    /// The characters of a text in a list.
    fileprivate static let listedText = 500

    /// The event for programs.
    fileprivate func json(_ jobs: [TicketJob], maxText: Int) -> JSONValue {
        let text = maxText == .max ? event.text : String(event.text.prefix(maxText))
        return .init(present: [
            ("id", .integer(Int(id.rawValue))), ("source", .string(event.source)), ("senderID", .string(event.senderID)),
            ("type", .string(event.type)), ("severity", .string(event.severity.rawValue)), ("company", .string(event.company)),
            ("companyID", .string(event.companyID)), ("device", .string(event.device)), ("text", .string(text)),
            ("at", .string(event.at.formatted(.iso8601))), ("receivedAt", .string(event.receivedAt.formatted(.iso8601))),
            ("connection", event.connection.map { .string($0.rawValue) }), ("matchedRules", .integer(matchedRules)),
            (
                "jobs",
                .array(
                    jobs.map { job in
                        .init(present: [
                            ("job", .integer(Int(job.id.rawValue))), ("state", .string(job.state.name.rawValue)),
                            ("rule", job.rule.map { .string($0.rawValue) }),
                        ])
                    })
            ),
        ])
    }
}

extension EventFile {
    fileprivate var json: JSONValue {
        ["name": .string(name), "mediaType": .string(mediaType), "byteCount": .integer(byteCount)]
    }
}

extension RuleExplanation {
    /// What a rule makes of an event, for programs.
    fileprivate func json(of rule: Rule) -> JSONValue {
        [
            "rule": .string(rule.id.rawValue), "name": .string(rule.name), "mode": .string(rule.mode.rawValue),
            "answer": .string(answer.rawValue), "seesConnection": .bool(seesConnection), "listensToType": .bool(listensToType),
            "groups": .array(
                groups.map { group in
                    [
                        "answer": .string(group.answer.rawValue),
                        "conditions": .array(
                            group.tests.map { test in
                                [
                                    "field": .string(test.condition.field.rawValue),
                                    "comparison": .string(test.condition.comparison.rawValue), "value": .string(test.condition.value),
                                    "answer": .string(test.answer.rawValue),
                                ]
                            }),
                    ]
                }),
        ]
    }
}

extension TicketJob {
    /// The job for programs.
    fileprivate var json: JSONValue {
        let ticket = state.ticket.map { ticket -> JSONValue in
            .init(present: [
                ("id", .string(ticket.id)), ("number", .string(ticket.number)), ("webAddress", ticket.webAddress.map(JSONValue.string)),
            ])
        }
        let reason = state.reasonText
        return .init(present: [
            ("id", .integer(Int(id.rawValue))), ("connection", .string(connection.rawValue)), ("rule", rule.map { .string($0.rawValue) }),
            ("event", event.map { .integer(Int($0.rawValue)) }), ("replay", .bool(isReplay)), ("state", .string(state.name.rawValue)),
            ("reason", reason.isEmpty ? Optional.none : .string(reason)), ("code", cause.map { .string($0.code.rawValue) }),
            ("problem", (state.problem ?? cause?.problem).flatMap(JSONValue.init(keptProblem:))),
            ("operation", .string(payload.operation.name.rawValue)), ("summary", .string(payload.summary)),
            ("company", .string(payload.company)), ("companyID", .string(payload.companyID)), ("device", .string(payload.device)),
            ("ticket", ticket), ("remark", remark.isEmpty ? Optional.none : .string(remark)), ("reference", .string(reference.rawValue)),
            ("dueAt", state.isFinal ? Optional.none : .string(dueAt.formatted(.iso8601))),
            ("createdAt", .string(createdAt.formatted(.iso8601))), ("changedAt", .string(changedAt.formatted(.iso8601))),
        ])
    }

    /// What was found for the company; nil before the first attempt.
    fileprivate func companyJSON(name: String?, isMapped: Bool) -> JSONValue? {
        switch company {
        case nil, .notNamed?: nil
        case .unresolved(let reason)?: ["found": false, "reason": .string(reason.rawValue)]
        case .resolved(let id)?:
            .init(present: [
                ("found", true), ("id", .string(id.rawValue)), ("name", name.map(JSONValue.string)),
                ("by", .string(isMapped ? "mapping" : payload.companyID == id.rawValue ? "id" : "name")),
            ])
        }
    }
}

extension JobAttempt {
    fileprivate var json: JSONValue {
        .init(present: [
            ("number", .integer(number)), ("at", .string(at.formatted(.iso8601))), ("kind", .string(kind.rawValue)),
            ("state", .string(state.rawValue)), ("reason", reason.isEmpty ? Optional.none : .string(reason)),
            ("code", code.map { .string($0.rawValue) }), ("problem", JSONValue(keptProblem: problem)),
            ("remark", remark.isEmpty ? Optional.none : .string(remark)), ("correlationID", correlationID.map(JSONValue.string)),
        ])
    }
}

extension JSONValue {
    /// A problem as it is stored; nil if nothing was kept.
    fileprivate init?(keptProblem text: String) {
        guard let root = TranslatedJSON.read(text) else { return nil }
        self.init(root)
    }
}

extension JobBulkPreview {
    /// What an action on many jobs does, for programs.
    fileprivate func json(done: (done: Int, left: Int)?) -> JSONValue {
        let states = TicketJob.State.Name.allCases.compactMap { state in
            byState[state].map { (state.rawValue, Optional(JSONValue.integer($0))) }
        }
        let rules = bySource.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, Optional(JSONValue.integer($0.value))) }
        let connections = byConnection.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            ($0.key.rawValue, Optional(JSONValue.integer($0.value)))
        }
        return .init(present: [
            ("dryRun", .bool(done == nil)), ("jobs", .integer(done?.done ?? count)), ("left", .integer(done?.left ?? left)),
            ("tickets", .integer(tickets)), ("outcomeUnknown", .integer(outcomeUnknown)), ("unsuitable", .integer(unsuitable)),
            ("byState", .init(present: states)), ("byRule", .init(present: rules)), ("byConnection", .init(present: connections)),
            ("upTo", newest.map { .integer(Int($0.rawValue)) }),
        ])
    }
}
