import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension APIRoutes {
    /// Rules, and what can be done with them.
    var ruleRoutes: [Route] {
        let root = "\(Self.root)/rules"
        return [
            Route(.get, root, .viewer, for: .readRules) { try await rules($0) },
            Route(.post, root, .operator, for: .writeRules) { try await createRule($0) },
            Route(.post, root + "/preview", .operator, for: .readRules) { try await previewRule($0) },
            Route(.get, root + "/{id}", .viewer, for: .readRules) { context in
                try context.allowQuery([])
                return .json(try await rule(context).json)
            },
            Route(.put, root + "/{id}", .operator, for: .writeRules) { try await changeRule($0) },
            Route(.delete, root + "/{id}", .operator, for: .writeRules, query: ["revision"]) { try await removeRule($0) },
            Route(.put, root + "/{id}/mode", .operator, for: .writeRules) { try await setRuleMode($0) },
            Route(.post, root + "/{id}/replay", .operator, for: .writeRules) { context in
                let rule = try await rule(context)
                let count = try await services.rules.replay(rule, latest: 500, audit: context.audit(.ruleReplayed, rule.name))
                return .json(["events": .integer(count.events), "jobs": .integer(count.jobs), "checks": .integer(count.checks)])
            },
            Route(.post, root + "/{id}/reviews", .operator, for: .writeRules) { try await decideRuleReviews($0) },
            Route(.get, "\(Self.root)/rule-templates", .viewer, for: .readRules) { context in
                try context.allowQuery([])
                return .json(["templates": .array(RuleTemplate.all.map(\.json))])
            },
        ]
    }

    private func rule(_ context: RequestContext) async throws -> Rule {
        guard let id = RuleID(context.parameter("id")), let rule = try await services.storage.rule(id) else {
            throw WebError(.notFound, "There is no rule with this id. It may have been removed.")
        }
        return rule
    }

    private func rules(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["from", "limit"])
        var problems: [BodyError] = []
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            guard let text = context.request.queryValue(name) else { return nil }
            if let number = Int(text), range.contains(number) { return number }
            problems.append(BodyError(name, .outOfRange(range)))
            return nil
        }
        let (from, limit) = (number("from", 0...1_000_000) ?? 0, number("limit", 1...200) ?? 100)
        guard problems.isEmpty else { throw APIError(problems) }
        let (rules, total) = try await services.storage.rules(from: from, limit: limit)
        return .json(
            .init(present: [
                ("rules", .array(rules.map(\.json))), ("total", .integer(total)),
                ("next", from + rules.count < total && !rules.isEmpty ? .integer(from + rules.count) : nil),
            ]))
    }

    private func createRule(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let draft = RuleDraft(&body)
        try body.finish()
        guard var definition = draft.definition else { throw APIError([BodyError("definition", .missing)]) }
        let fields = try await fieldState(of: &definition, draft, nil, context)
        do {
            let audit = context.audit(.ruleCreated, draft.name.trimmingSpaces, .done, fields.sentence)
            return .json(try await services.rules.create(name: draft.name, definition, fields: fields, audit: audit).json, status: 201)
        } catch RuleError.invalid(let problems) {
            throw APIError(rule: problems)
        }
    }

    private func changeRule(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        var body = try APIBody(context.request)
        let revision = body.integer("revision")
        let draft = RuleDraft(&body)
        // What reading returns can be sent back as it is; of what is not changed here, nothing may differ.
        if let id = body.optionalText("id"), id != rule.id.rawValue { body.note("id", .invalid("“id” is that of another rule.")) }
        if let mode = body.optionalText("mode"), mode != rule.mode.rawValue {
            body.note("mode", .invalid("“mode” is changed with \(Self.root)/rules/{id}/mode."))
        }
        _ = (body.object("state"), body.optionalText("createdAt"), body.optionalText("changedAt"))
        try body.finish()
        guard revision == rule.revision else { throw StoreError.stale }
        guard var definition = draft.definition else { throw APIError([BodyError("definition", .missing)]) }
        let fields = try await fieldState(of: &definition, draft, rule, context)
        do {
            let audit = context.audit(.ruleChanged, draft.name.trimmingSpaces, .done, fields.sentence)
            return .json(
                try await services.rules.change(rule, revision: revision, name: draft.name, definition, fields: fields, audit: audit).json)
        } catch RuleError.invalid(let problems) {
            throw APIError(rule: problems)
        } catch RuleError.stale {
            throw StoreError.stale
        }
    }

    private func removeRule(_ context: RequestContext) async throws -> WebResponse {
        let revision = try context.request.queryValue("revision").map { text in
            guard let revision = Int(text) else { throw APIError([BodyError("revision", .wrongType(.wholeNumber))]) }
            return revision
        }
        let rule = try await rule(context)
        if let revision, revision != rule.revision { throw StoreError.stale }
        try await services.storage.removeRule(rule.id, audit: context.audit(.ruleRemoved, rule.name))
        return .noContent
    }

    private func setRuleMode(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        var body = try APIBody(context.request)
        let mode = body.choice("mode", Rule.Mode.self)
        let revision = body.integer("revision")
        try body.finish()
        do {
            let mode = mode ?? rule.mode
            let audit = context.audit(.ruleChanged, rule.name, .done, "Mode: \(mode.rawValue).")
            return .json(try await services.rules.setMode(mode, of: rule, revision: revision, audit: audit).json)
        } catch RuleError.stale {
            throw StoreError.stale
        }
    }

    /// What people decide about all jobs of a rule that are on hold.
    private enum ReviewChoice: String, CaseIterable {
        case release, discard
    }

    private func decideRuleReviews(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        var body = try APIBody(context.request)
        let choice = body.choice("choice", ReviewChoice.self)
        try body.finish()
        let isReleased = choice == .release
        let audit = context.audit(
            .jobDecided, rule.name, .done, isReleased ? "All jobs on hold are released." : "All jobs on hold are discarded.")
        return .json(["jobs": .integer(try await services.rules.decideReviews(of: rule, release: isReleased, audit: audit))])
    }

    private func previewRule(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["event", "events"])
        let definition = body.definition("definition")?.definition
        let event = body.optionalInteger("event")
        let count = body.optionalInteger("events") ?? RulePreview.usualEvents
        let range = 1...RulePreview.maxEvents
        if !range.contains(count), !body.hasProblem("events") { body.note("events", .outOfRange(range)) }
        try body.finish()
        guard let definition else { throw APIError([BodyError("definition", .missing)]) }
        let issues = definition.issues
        guard issues.isEmpty else { throw APIError(rule: issues) }
        // A ticket has the texts of its event, which rules:read alone does not open.
        let showsEvents = context.sender.map { $0.scopes.contains(.readEvents) } ?? true
        if event != nil, !showsEvents { throw RequestAuthorizer.missing(.readEvents) }
        let choice = event.map { RulePreview.Choice.event(HostEvent.ID(rawValue: Int64($0))) } ?? (showsEvents ? .latestMatch : .sample)
        return .json(try await services.rules.preview(definition, with: choice, of: count).json)
    }

    /// What is known of the fields that the ticket type demands, by what the program wants to be done about missing ones.
    ///
    /// The values of fields get the form and the limits of their fields.
    private func fieldState(
        of definition: inout RuleDefinition, _ draft: RuleDraft, _ rule: Rule?, _ context: RequestContext
    ) async throws -> RuleFieldState {
        let issues = try await services.ruleIssues(draft.name, definition)
        guard issues.isEmpty else { throw APIError(rule: issues) }
        do {
            let read = try await services.connections.ticketForm(of: definition)
            try definition.action.fit(draft.plainFields, to: read, context.renderer)
            let own = definition.action.fieldIssues
            guard own.isEmpty else { throw APIError(rule: own) }
            let check = try await services.connections.check(definition, with: read)
            guard let form = check.form, let obstacles = check.obstacles else { return .fine }
            switch draft.missingFields {
            case .pause: return .paused(obstacles.pause)
            case .accept: return .accepted(form.fingerprint)
            case .refuse:
                // What reading returned can be sent back as it is: the answer about the same missing fields was given before.
                if let rule, rule.definition == definition {
                    if rule.acceptedForm == form.fingerprint { return .accepted(form.fingerprint) }
                    if let pause = rule.fieldPause, pause == obstacles.pause { return .paused(pause) }
                }
                let problems = obstacles.issues.map {
                    let isOwn = TicketDefault(rawValue: $0.field.rawValue) != nil
                    return BodyError("definition.\(isOwn ? "" : "fields.")\($0.field)", .invalid(context.renderer.text($0.sentence)))
                }
                throw APIError(.invalid, APIMessage.problems(problems.count)) { renderer in
                    [
                        ("problems", .array(problems.map { $0.json(in: renderer) })),
                        ("ticketFields", .array(obstacles.issues.map { $0.json(in: renderer) })),
                    ]
                }
            }
        } catch let error as PSAError {
            try Task.checkCancellation()
            // What a plain value means is known only with the field.
            guard draft.acceptsUnverified, draft.plainFields.isEmpty else {
                throw APIError(.unverified, APIMessage.unverified) { renderer in [("problem", error.problem(in: renderer))] }
            }
            return rule?.fieldPause.map(RuleFieldState.paused) ?? .fine
        }
    }
}

extension HostServices {
    /// What is wrong with a rule that is to be saved, by field; empty if nothing is.
    func ruleIssues(_ name: String, _ definition: RuleDefinition) async throws -> [(field: String, problem: RuleProblem)] {
        let issues = try await rules.issues(name, definition)
        return issues + (try await connections.idIssues(of: definition)).filter { other in !issues.contains { $0.field == other.field } }
    }
}

/// The members with which a program saves a rule.
private struct RuleDraft {
    /// What is done about fields that the ticket type demands and that have no value.
    enum MissingFields: String, CaseIterable {
        case refuse, pause, accept
    }

    let name: String
    let definition: RuleDefinition?
    /// The values of fields whose form the ticket type decides.
    let plainFields: [TicketField.ID: String]
    var missingFields = MissingFields.refuse
    let acceptsUnverified: Bool

    init(_ body: inout APIBody) {
        name = body.text("name")
        let read = body.definition("definition")
        (definition, plainFields) = (read?.definition, read?.plainFields ?? [:])
        if body.has("missingFields"), let choice = body.choice("missingFields", MissingFields.self) { missingFields = choice }
        acceptsUnverified = body.optionalFlag("acceptUnverified") ?? false
    }
}

extension APIBody {
    /// A required definition of a rule, and the values of fields whose form the ticket type decides; nil if it has a problem.
    fileprivate mutating func definition(
        _ name: String
    ) -> (definition: RuleDefinition, plainFields: [TicketField.ID: String])? {
        guard let view = view(name) else {
            note(name, .missing)
            return nil
        }
        var reader = RuleDefinitionReader()
        let definition = reader.definition(view, at: name)
        for problem in reader.problems { note(problem.member, problem.issue) }
        return definition.map { ($0, reader.plainFields) }
    }
}

extension TicketAction {
    /// Gives plain values the form of their fields, and all values the limits of theirs.
    ///
    /// - Throws: ``APIError`` for each plain value that does not have the form of its field.
    fileprivate mutating func fit(_ plain: [TicketField.ID: String], to form: TicketForm?, _ renderer: TextRenderer) throws {
        fields = fields.reduce(into: [:]) { $0[$1.key] = form?[$1.key].map($1.value.fitted) ?? $1.value }
        var problems: [BodyError] = []
        for (id, text) in plain.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let member = "definition.fields.\(id)"
            guard let field = form?[id] else {
                problems.append(BodyError(member, .unknown(nearest: nil, known: form?.fillableFields.prefix(100).map(\.id.rawValue) ?? [])))
                continue
            }
            do throws(TicketFieldIssue) {
                fields[id] = try RuleFieldValue(text, for: field)
            } catch {
                problems.append(BodyError(member, .invalid(renderer.text(error.sentence))))
            }
        }
        guard problems.isEmpty else { throw APIError(problems) }
    }
}

extension APIError {
    /// What is wrong with a rule, by member.
    fileprivate init(rule problems: [(field: String, problem: RuleProblem)]) {
        self.init(
            problems.map { problem in
                let field = problem.field
                let member = field == "name" ? field : "definition.\(field.hasPrefix("field.") ? "fields\(field.dropFirst(5))" : field)"
                return BodyError(member, .invalid("“\(member.prefix(80))”: \(problem.problem.english)"))
            })
    }
}

extension RuleFieldState {
    /// The state for the audit log.
    fileprivate var sentence: String {
        pause.map { "Saved paused. \($0.sentence)" } ?? (acceptedForm == nil ? "" : "Saved in spite of missing fields.")
    }
}

extension Rule {
    /// The rule for programs.
    fileprivate var json: JSONValue {
        let state = RuleState(self)
        return [
            "id": .string(id.rawValue), "name": .string(name), "revision": .integer(revision), "mode": .string(mode.rawValue),
            "state": [
                "name": .string(state.name.rawValue), "title": .string(state.name.title),
                "reasons": .array(
                    state.reasons.map { reason in ["code": .string(reason.code), "sentence": .string(sentence(reason))] }),
            ], "definition": definition.json, "createdAt": .string(createdAt.formatted(.iso8601)),
            "changedAt": .string(changedAt.formatted(.iso8601)),
        ]
    }

    private func sentence(_ reason: RuleState.Reason) -> String {
        switch reason {
        case .rateLimited: RulePause.rateLimited.sentence
        case .refused(let code): RulePause.refused(code).sentence
        case .fields(let pause): pause.sentence
        case .connectionRemoved: "Its connection was removed. Choose another one, or turn the rule off."
        }
    }
}

extension RuleTemplate {
    /// The template for programs: a definition without its connection.
    fileprivate var json: JSONValue {
        let definition = definition(for: ConnectionID()).json
        guard case .object(let members) = definition else { return .null }
        return [
            "id": .string(id), "name": .string(name), "purpose": .string(purpose),
            "definition": .object(members.filter { $0.name != "connection" }),
        ]
    }
}

extension RulePreview {
    /// The preview for programs.
    fileprivate var json: JSONValue {
        .init(present: [
            ("events", .integer(events)), ("matched", .integer(matched)), ("onHold", .integer(held)), ("open", .integer(open)),
            ("since", since.map { .string($0.formatted(.iso8601)) }), ("event", event.map { .integer(Int($0.id.rawValue)) }),
            (
                "ticket",
                ["summary": .string(ticket.summary), "details": .string(ticket.details), "company": .string(ticket.company)]
            ),
            ("explanation", explanation.json),
        ])
    }
}

extension RuleExplanation {
    /// The explanation for programs.
    fileprivate var json: JSONValue {
        [
            "answer": .string(answer.rawValue), "listensToType": .bool(listensToType), "seesConnection": .bool(seesConnection),
            "groups": .array(
                groups.map { group in
                    .array(
                        group.tests.map { test in
                            [
                                "field": .string(test.condition.field.rawValue), "comparison": .string(test.condition.comparison.rawValue),
                                "value": .string(test.condition.value), "answer": .string(test.answer.rawValue),
                            ]
                        })
                }),
        ]
    }
}
