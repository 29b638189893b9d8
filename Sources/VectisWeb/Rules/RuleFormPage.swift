import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The form of a rule.
struct RuleFormPage: WebPage {
    let context: RequestContext
    /// The rule that is changed; nil for a new one.
    let rule: Rule?
    let form: RuleForm
    let connections: [StoredConnection]
    var problems: [(field: String, message: String)] = []
    /// Whether the rule was changed elsewhere while it was open here.
    var isStale = false
    /// The fields of the rule's ticket type, or why they can't be read; nil without a connection that has some.
    var fields: Result<TicketFieldInputs, PSAError>?
    /// What keeps its tickets from being created.
    var obstacles: RuleObstacles?
    /// The detectors of the chosen connection; nil without one.
    var detectors: DetectorSettings?
    /// Why it could not be checked; nil if it was.
    var unverified: PSAError?

    private var path: String { rule.map { "/rules/\($0.id)/edit" } ?? "/rules/new" }

    var document: HTML {
        let title = rule.map { "Change “\($0.name)”" } ?? "New rule"
        return Layout(context, .rules, title: title).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(title)</h1>
            \(isStale ? staleNotice : .empty)\(problemSummary)\(obstacleNotice)\(unverified.map(Self.unverifiedNotice))
            <form method="post" action="\(path)" novalidate>\(FormToken(context.user).field)
            \(rule.map { "<input type=\"hidden\" name=\"revision\" value=\"\($0.revision)\">" as HTML })
            \(Self.enter)
            \(row("name", "Name", .text(value: form.name), isRequired: true))
            <h2>When</h2>
            \(detectorChoices)
            \(row("eventTypes", "Event types of programs", .text(value: form.eventTypes), help: "Separated by commas. If this is left empty and no box above is ticked, every event counts.", example: "alert.raised, backup.failed"))
            <p class="help" id="groups">The rule fires if all conditions of any group hold; without conditions always. A line without a value does not count.
            Conditions on the company in the PSA are evaluated through the connection of the ticket; whether it is active is compared with yes or no.</p>
            \(each: Array(shownGroups.enumerated()), { group($0.offset, $0.element) })
            <div class="actions"><button name="action" value="add-line">Add a line to each group</button>
            <button name="action" value="add-group">Add a group</button></div>
            <h2>Then create a ticket</h2>
            \(row("connection", "Connection", .choice(value: form.connection, options: connections.map { ($0.id.rawValue, $0.name) }, empty: "Choose a connection"), isRequired: true))
            \(row("summary", "Summary", .text(value: form.summary), help: "Values: \(Self.names)", isRequired: true))
            \(row("details", "Details", .lines(value: form.details), help: "The first message. Values as above."))
            <details\(flag: "open", hasOverrides)><summary>Other than the ticket defaults</summary>
            \(each: TicketDefault.allCases, { row($0.rawValue, Self.label($0), .number(value: form.overrides[$0]), help: "The id in the PSA. Left empty, the connection’s ticket default.") })
            </details>
            \(fieldSection)
            \(row("appendMinutes", "Minutes in which a further event becomes a note", .number(value: form.appendMinutes), help: "While an open ticket of the same rule, company and device is younger than this, it gets a note instead of a second ticket. 0 for never."))
            <h2>At most</h2>
            \(row("limitCount", "Jobs", .number(value: form.limitCount), help: "Jobs beyond this limit need review, and the rule pauses.", problemField: "limit"))
            \(row("limitMinutes", "In so many minutes", .number(value: form.limitMinutes), problemField: "limit"))
            <div class="buttons"><button class="primary" name="action" value="save">Save in dry run</button>
            \(obstacles == nil ? .empty : Self.obstacleButtons)\(unverified == nil ? .empty : Self.unverifiedButton)
            <a class="button quiet" href="\(rule.map { "/rules/\($0.id)" } ?? "/rules")">Cancel</a></div>
            </form>
            """)
    }

    /// The events that detectors raise, each with a hint if its detector is off.
    private var detectorChoices: HTML {
        """
        <fieldset class="detectors"><legend>What Vectis detects by itself</legend>\(each: DetectorKind.allCases, detectorChoice)</fieldset>
        """
    }

    private func detectorChoice(_ kind: DetectorKind) -> HTML {
        let id = "detector-\(kind.rawValue)"
        let isChosen = form.detectors.contains(kind)
        var hint = HTML.empty
        if let detectors, !detectors[kind].isOn {
            let path = "/connections/\(form.connection)/detectors"
            hint =
                " This detector is off for the chosen connection. <a href=\"\(path)\">Switch it on<span class=\"hidden\">: \(kind.title)</span></a>"
        }
        return """
            <p class="tick"><input type="checkbox" id="\(id)" name="detector" value="\(kind.rawValue)"\(flag: "checked", isChosen) \
            aria-describedby="\(id)-help"><label for="\(id)">\(kind.title) (<code>\(kind.rawValue)</code>)</label></p>
            <p class="help" id="\(id)-help">\(kind.explanation)\(hint)</p>
            """
    }

    /// The fields of the ticket type, each with the rule's own value.
    private var fieldSection: HTML {
        let reload: HTML =
            "<p><button class=\"quiet\" name=\"action\" value=\"reload\">Show the fields of this connection and ticket type</button></p>"
        switch fields {
        case nil: return reload
        case .success(let inputs): return "\(reload)\(inputs.html)"
        case .failure:
            let stored = rule?.definition.action.fields.count ?? 0
            let kept =
                stored == 0 ? "" : " The \(stored == 1 ? "value" : "\(stored) values") of the rule stay\(stored == 1 ? "s" : "") as stored."
            return "\(reload)\(Notice(.warning, "The fields of the ticket type can’t be read now.\(kept)").html)"
        }
    }

    private var obstacleNotice: HTML {
        guard let obstacles else { return .empty }
        let inputs: Set<TicketField.ID> = if case .success(let inputs)? = fields { inputs.inputIDs } else { [] }
        let type: HTML = obstacles.type.isEmpty ? "without a ticket type" : "of the type “\(obstacles.type)”"
        return """
            <div class="notice warning" role="alert">
            <strong>Warning:</strong> This rule could not create a ticket \(type):
            \(TicketFieldProblems(issues: obstacles.issues, beside: inputs).list)
            Correct that here or in the ticket defaults. Saved paused, the rule resumes once a check of the connection finds it corrected.
            </div>
            """
    }

    private static let obstacleButtons: HTML = """
        <button name="action" value="save-paused">Save paused</button>
        <button name="action" value="save-anyway">Save in spite of that</button>
        """

    private static func unverifiedNotice(_ error: PSAError) -> HTML {
        Notice(
            .warning,
            """
            It can’t be checked now whether this rule could create a ticket. \(error.guidance.detail)
            <a href="/errors/\(error.code.rawValue)"><code>\(error.code.rawValue)</code></a> Correct that, or save the rule unverified.
            """
        ).html
    }

    private static let unverifiedButton: HTML = "<button name=\"action\" value=\"save-unverified\">Save unverified</button>"

    private static let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")

    private static func label(_ choice: TicketDefault) -> String {
        switch choice {
        case .type: "Ticket type id"
        case .status: "Status id"
        case .priority: "Priority id"
        }
    }

    private var hasOverrides: Bool { TicketDefault.allCases.contains { !form.overrides[$0].isEmpty } }

    /// The groups with an empty line at the end of each, and one group at least; no more than can be sent back.
    private var shownGroups: [[RuleForm.Line]] {
        (form.groups.isEmpty ? [[]] : form.groups).prefix(RuleDefinition.maxGroups).map { lines in
            let hasRoom = lines.count < RuleDefinition.maxTests && lines.last?.condition != nil
            return lines.isEmpty || hasRoom ? lines + [RuleForm.Line()] : Array(lines.prefix(RuleDefinition.maxTests))
        }
    }

    private func problem(_ field: String) -> String? {
        let messages = problems.filter { $0.field == field }.map(\.message)
        return messages.isEmpty ? nil : messages.joined(separator: " ")
    }

    private var problemSummary: HTML {
        guard !problems.isEmpty else { return .empty }
        return """
            <div class="notice problem" role="alert">
            <strong>\(problems.count == 1 ? "One thing has" : "\(problems.count) things have") to be corrected:</strong>
            <ul>\(each: ordered, { "<li><a href=\"#\($0.anchor)\">\($0.title)</a>: \($0.message)</li>" })</ul>
            </div>
            """
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            This rule was changed after you opened it, and your changes are not saved.
            <a href="\(path)">Open it again</a> and repeat your change.
            """
        ).html
    }

    /// Enter presses the first button of a form; it must be this one.
    private static let enter: HTML = "<button name=\"action\" value=\"save\" hidden>Save in dry run</button>"

    /// The fields in the page's order, as the summary of problems calls them.
    private static let fields: [(name: String, title: String, anchor: String)] = [
        ("name", "Name", "field-name"), ("eventTypes", "Event types", "field-eventTypes"), ("groups", "Conditions", "groups"),
        ("connection", "Connection", "field-connection"), ("summary", "Summary", "field-summary"), ("details", "Details", "field-details"),
        ("fields", "Fields", "ticket-fields"), ("appendMinutes", "Time for notes", "field-appendMinutes"),
        ("limit", "At most", "field-limitCount"),
    ]

    /// All problems, in the order of the page.
    private var ordered: [(title: String, anchor: String, message: String)] {
        let known = Self.fields.flatMap { field in
            problems.filter { $0.field == field.name }.map { (field.title, field.anchor, $0.message) }
        }
        return known
            + problems.filter { $0.field.hasPrefix(Self.fieldPrefix) }.map { problem in
                let id = TicketField.ID(String(problem.field.dropFirst(Self.fieldPrefix.count)))
                return (label(of: id), id.map { "field-" + TicketFieldInputs.name($0) } ?? "ticket-fields", problem.message)
            }
    }

    /// What the names of problems of ticket fields begin with.
    static let fieldPrefix = "field."

    private func label(of id: TicketField.ID?) -> String {
        guard let id else { return "Fields" }
        guard case .success(let inputs)? = fields else { return id.rawValue }
        return inputs.form[id]?.label ?? id.rawValue
    }

    private func row(
        _ name: String, _ label: String, _ input: FieldRow.Input, help: String = "", example: String = "", isRequired: Bool = false,
        problemField: String? = nil
    ) -> HTML {
        FieldRow(
            name: name, label: label, input: input, help: help, example: example, isRequired: isRequired,
            problem: problem(problemField ?? name),
            takesFocus: ordered.first?.anchor == "field-\(name)"
        ).html
    }

    private func group(_ index: Int, _ lines: [RuleForm.Line]) -> HTML {
        """
        <fieldset class="group"><legend>Group \(index + 1)\(index > 0 ? " (or)" : "")</legend>
        \(each: Array(lines.enumerated()), { line(index, $0.offset, $0.element) })
        </fieldset>
        """
    }

    private func line(_ group: Int, _ test: Int, _ line: RuleForm.Line) -> HTML {
        let place = "of condition \(test + 1) in group \(group + 1)"
        func name(_ part: String) -> String { RuleForm.name(group, test, part) }
        let problem = problems.isEmpty ? nil : line.condition?.issue
        let words = "group\(group)-test\(test)-problem"
        return """
            <div class="test\(problem == nil ? "" : " wrong")">
            <select name="\(name("field"))" aria-label="Field \(place)">
            \(each: Condition.Field.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == line.field)>\($0.title)</option>" })</select>
            <select name="\(name("comparison"))" aria-label="Comparison \(place)">
            \(each: Condition.Comparison.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == line.comparison)>\($0.title)</option>" })</select>
            <input type="text" name="\(name("value"))" aria-label="Value \(place)" value="\(line.value)" autocomplete="off" \
            aria-describedby="\(problem == nil ? "groups" : words)"\(attribute: "aria-invalid", problem == nil ? nil : "true")\
            \(flag: "autofocus", problem != nil && ordered.first?.anchor == "groups")>
            \(problem.map { "<p class=\"problem\" id=\"\(words)\"><strong>Problem:</strong> \($0)</p>" as HTML })
            </div>
            """
    }
}

/// The submitted values of a rule form, to be shown again.
struct RuleForm: Sendable {
    /// One line of a condition as it was typed; it may be unfinished.
    struct Line: Sendable {
        var field = Condition.Field.severity
        var comparison = Condition.Comparison.atLeast
        var value = ""

    }

    var name = ""
    /// The event types that are typed.
    var eventTypes = ""
    /// The detectors whose events are ticked.
    var detectors: Set<DetectorKind> = []
    /// Groups of lines as the form shows them; lines without a value are ignored.
    var groups: [[Line]] = []
    var connection = ""
    var summary = ""
    var details = ""
    var overrides = TicketDefaultValues()
    var appendMinutes = "0"
    var limitCount = String(RuleRateLimit.default.count)
    var limitMinutes = String(RuleRateLimit.default.minutes)

    init() {}

    /// The form for a definition.
    init(name: String, _ definition: RuleDefinition) {
        self.name = name
        take(eventTypes: definition.eventTypes)
        groups = definition.groups.map { $0.tests.map { Line(field: $0.field, comparison: $0.comparison, value: $0.value) } }
        connection = definition.action.connection.rawValue
        summary = definition.action.summary.pattern
        details = definition.action.details.pattern
        overrides = definition.action.overrides
        appendMinutes = String(definition.action.appendMinutes)
        limitCount = String(definition.limit.count)
        limitMinutes = String(definition.limit.minutes)
    }

    /// What was sent, with the group or the lines that were asked for; nothing that was left empty remains once it is to be saved.
    init(_ form: SubmittedForm) {
        name = form.text("name")
        take(eventTypes: form.text("eventTypes").split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty })
        detectors.formUnion(form.texts("detector").compactMap(DetectorKind.init(rawValue:)))
        connection = form.text("connection")
        summary = form.text("summary")
        details = form.text("details").replacing("\r\n", with: "\n")
        for choice in TicketDefault.allCases { overrides.values[choice] = form.text(choice.rawValue).trimmingSpaces }
        appendMinutes = form.text("appendMinutes").trimmingSpaces
        limitCount = form.text("limitCount").trimmingSpaces
        limitMinutes = form.text("limitMinutes").trimmingSpaces
        for group in 0..<RuleDefinition.maxGroups {
            let lines = (0..<RuleDefinition.maxTests).compactMap { Self.line(form, group, $0) }
            if !lines.isEmpty { groups.append(lines) }
        }
        switch form.text("action") {
        case "add-group": groups.append([Line()])
        case "add-line": groups = groups.map { $0 + [Line()] }
        case let action where !action.hasPrefix("save"): break
        default: groups = groups.map { $0.filter { $0.condition != nil } }.filter { !$0.isEmpty }
        }
    }

    /// Shares event types between the boxes for detectors and the text.
    private mutating func take(eventTypes types: [String]) {
        detectors = Set(types.compactMap { DetectorKind(rawValue: $0.lowercased()) })
        eventTypes = types.filter { DetectorKind(rawValue: $0.lowercased()) == nil }.joined(separator: ", ")
    }

    /// A line as it was sent; nil if the form had none there.
    private static func line(_ form: SubmittedForm, _ group: Int, _ test: Int) -> Line? {
        guard let field = Condition.Field(rawValue: form.text(Self.name(group, test, "field"))),
            let comparison = Condition.Comparison(rawValue: form.text(Self.name(group, test, "comparison")))
        else { return nil }
        return Line(field: field, comparison: comparison, value: form.text(Self.name(group, test, "value")))
    }

    /// The name of an input of a condition.
    static func name(_ group: Int, _ test: Int, _ part: String) -> String { "group\(group).test\(test).\(part)" }

    /// The definition, with what is wrong with the numbers; the rest is checked by the definition itself.
    ///
    /// Without a choice, its connection is one that does not exist, so that this is reported together with all other issues.
    func definition() -> (definition: RuleDefinition, problems: [(field: String, message: String)]) {
        var problems: [(field: String, message: String)] = []
        func number(_ text: String, _ field: String) -> Int {
            if let number = Int(text) { return number }
            problems.append((field, "“\(text.prefix(20))” is not a whole number."))
            return 0
        }
        let typed = eventTypes.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
        let types = DetectorKind.allCases.filter(detectors.contains).map(\.rawValue) + typed
        let appendMinutes = number(appendMinutes, "appendMinutes")
        let limit = RuleRateLimit(count: number(limitCount, "limit"), minutes: number(limitMinutes, "limit"))
        let definition = RuleDefinition(
            eventTypes: types, groups: groups.map { $0.compactMap(\.condition) }.filter { !$0.isEmpty }.map(ConditionGroup.init(tests:)),
            action: TicketAction(
                connection: ConnectionID(connection) ?? ConnectionID(), summary: TextTemplate(summary), details: TextTemplate(details),
                overrides: overrides, appendMinutes: appendMinutes), limit: limit)
        return (definition, problems)
    }
}

extension RuleForm.Line {
    /// The condition it describes; nil without a value.
    var condition: Condition? {
        value.trimmingSpaces.isEmpty ? nil : Condition(field: field, comparison: comparison, value: value)
    }
}

extension PageRoutes {
    /// The form of a rule: opening and saving it.
    var ruleFormRoutes: [Route] {
        [
            Route(.get, "/rules/new", .admin) { context in
                let connections = try await services.storage.connections()
                let template = RuleTemplate.all.first { $0.id == context.request.queryValue("template") }
                var form = RuleForm()
                if let template, let connection = connections.first {
                    form = RuleForm(name: template.name, template.definition(for: connection.id))
                    // With more than one, the user chooses.
                    if connections.count > 1 { form.connection = "" }
                }
                var page = RuleFormPage(context: context, rule: nil, form: form, connections: connections)
                page.fields = try await fieldInputs(of: form, connections, stored: [:])
                page.detectors = try await detectors(of: form, connections)
                return .page(200, page)
            },
            Route(.post, "/rules/new", .admin) { try await submitRule($0, nil) },
            Route(.get, "/rules/{id}/edit", .admin) { context in
                let rule = try await rule(context)
                let (form, connections) = (RuleForm(name: rule.name, rule.definition), try await services.storage.connections())
                var page = RuleFormPage(context: context, rule: rule, form: form, connections: connections)
                page.fields = try await fieldInputs(of: form, connections, stored: rule.definition.action.fields)
                page.detectors = try await detectors(of: form, connections)
                return .page(200, page)
            },
            Route(.post, "/rules/{id}/edit", .admin) { context in try await submitRule(context, try await rule(context)) },
        ]
    }

    /// The inputs for the fields of a rule's ticket type; nil without a connection.
    private func fieldInputs(
        of form: RuleForm, _ connections: [StoredConnection], stored: [TicketField.ID: RuleFieldValue], sent: SubmittedForm? = nil
    ) async throws -> Result<TicketFieldInputs, PSAError>? {
        guard let connection = connections.first(where: { $0.id.rawValue == form.connection }) else { return nil }
        let type = TicketType.ID(form.overrides[.type]) ?? services.connections.defaultType(of: connection)
        let inputs = try await fieldInputs(of: connection, for: type, typed: stored.mapValues(\.text), sent: sent)
        return inputs?.map { inputs in
            var inputs = inputs
            inputs.takesTemplates = true
            inputs.inherited = connection.ticketFieldDefaults.type == type ? connection.ticketFieldDefaults.values : [:]
            return inputs
        }
    }

    /// The detectors of the connection of a form; nil without one.
    private func detectors(of form: RuleForm, _ connections: [StoredConnection]) async throws -> DetectorSettings? {
        guard let connection = connections.first(where: { $0.id.rawValue == form.connection }) else { return nil }
        return try await services.storage.detectorSettings(of: connection.id).settings
    }

    private func submitRule(_ context: RequestContext, _ rule: Rule?) async throws -> WebResponse {
        let sent = try context.form()
        let form = RuleForm(sent)
        let stored = rule?.definition.action.fields ?? [:]
        let connections = try await services.storage.connections()
        var page = RuleFormPage(context: context, rule: rule, form: form, connections: connections)
        page.fields = try await fieldInputs(of: form, connections, stored: stored, sent: sent)
        page.detectors = try await detectors(of: form, connections)
        guard let consent = RuleForm.Consent(rawValue: sent.text("action")) else { return .page(200, page) }
        var (definition, unreadable) = form.definition()
        let (fields, wrong) = Self.fields(page.fields, sent, stored)
        definition.action.fields = fields
        unreadable += wrong.map { ("\(RuleFormPage.fieldPrefix)\($0.field)", TextRenderer(surface: .page).text($0.sentence)) }
        let others = try await services.rules.issues(form.name, definition)
        page.show(unreadable + others.filter { other in !unreadable.contains { $0.field == other.field } })
        guard page.problems.isEmpty else { return .page(422, page) }
        guard let state = try await fieldState(definition, consent, rule, &page) else { return .page(409, page) }
        do {
            let saved = try await save(definition, form.name, state, over: rule, revision: Int(sent.text("revision")) ?? 0, context)
            return .redirect(to: "/rules/\(saved.id)?notice=rule")
        } catch RuleError.invalid(let problems) {
            page.show(problems)
            return .page(422, page)
        } catch RuleError.stale {
            page.isStale = true
            return .page(409, page)
        }
    }

    /// What is known of the demanded fields, if the rule can be saved with it; otherwise the page says why it can't.
    private func fieldState(
        _ definition: RuleDefinition, _ consent: RuleForm.Consent, _ rule: Rule?, _ page: inout RuleFormPage
    ) async throws -> RuleFieldState? {
        do {
            let check = try await services.connections.check(definition)
            guard let form = check.form, let obstacles = check.obstacles else { return .fine }
            switch consent {
            case .paused: return .paused(obstacles.pause)
            case .anyway: return .accepted(form.fingerprint)
            case .none, .unverified:
                page.obstacles = obstacles
                if case .success(var inputs)? = page.fields {
                    inputs.show(obstacles.issues)
                    page.fields = .success(inputs)
                }
                return nil
            }
        } catch let error as PSAError {
            try Task.checkCancellation()
            guard consent == .unverified else {
                page.unverified = error
                return nil
            }
            return rule?.fieldPause.map(RuleFieldState.paused) ?? .fine
        }
    }

    /// The values that were typed, with those that don't have the form of their field; what was not shown stays as stored.
    private static func fields(
        _ inputs: Result<TicketFieldInputs, PSAError>?, _ sent: SubmittedForm, _ stored: [TicketField.ID: RuleFieldValue]
    ) -> (values: [TicketField.ID: RuleFieldValue], wrong: [TicketFieldIssue]) {
        guard case .success(let inputs)? = inputs, sent.has(TicketFieldInputs.typeField) else { return (stored, []) }
        var values: [TicketField.ID: RuleFieldValue] = [:]
        var wrong: [TicketFieldIssue] = []
        for (id, text) in inputs.typed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let field = inputs.form[id] else {
                values[id] = stored[id]
                continue
            }
            do throws(TicketFieldIssue) {
                values[id] = try RuleFieldValue(text, for: field)
            } catch {
                wrong.append(error)
            }
        }
        return (values, wrong)
    }

    private func save(
        _ definition: RuleDefinition, _ name: String, _ fields: RuleFieldState, over rule: Rule?, revision: Int, _ context: RequestContext
    ) async throws -> Rule {
        let detail =
            fields.pause.map { "Saved paused. \($0.sentence)" } ?? (fields.acceptedForm == nil ? "" : "Saved in spite of missing fields.")
        guard let rule else {
            return try await services.rules.create(
                name: name, definition, fields: fields, audit: context.audit(.ruleCreated, name.trimmingSpaces, .done, detail))
        }
        return try await services.rules.change(
            rule, revision: revision, name: name, definition, fields: fields,
            audit: context.audit(.ruleChanged, name.trimmingSpaces, .done, detail))
    }
}

extension RuleForm {
    /// With which button a rule is saved.
    fileprivate enum Consent: String {
        case none = "save"
        /// Paused until its tickets can be created.
        case paused = "save-paused"
        /// In spite of what is missing.
        case anyway = "save-anyway"
        /// Although the PSA can't be asked.
        case unverified = "save-unverified"
    }
}

extension RuleFormPage {
    /// Shows what is wrong.
    fileprivate mutating func show(_ found: [(field: String, message: String)]) {
        problems = found
        guard case .success(var inputs)? = fields else { return }
        for problem in found where problem.field.hasPrefix(Self.fieldPrefix) {
            if let id = TicketField.ID(String(problem.field.dropFirst(Self.fieldPrefix.count))) { inputs.show(problem.message, at: id) }
        }
        inputs.takesFocus = found.allSatisfy { $0.field.hasPrefix(Self.fieldPrefix) }
        fields = .success(inputs)
    }
}
