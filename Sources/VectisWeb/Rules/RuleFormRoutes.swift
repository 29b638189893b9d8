import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

extension PageRoutes {
    /// The form of a rule: opening, trying and saving it.
    var ruleFormRoutes: [Route] {
        [
            Route(.get, "/rules/new", .operator) { try await newRule($0) },
            Route(.post, "/rules/new", .operator) { try await submitRule($0, nil) },
            Route(.post, "/rules/preview", .operator) { try await previewParts($0) },
            Route(.get, "/rules/company-names", .operator) { try await companyNames($0) },
            Route(.get, "/rules/{id}/edit", .operator) { context in
                let rule = try await rule(context)
                let form = RuleForm(name: rule.name, rule.definition)
                return .page(200, try await formPage(context, rule, form))
            },
            Route(.post, "/rules/{id}/edit", .operator) { context in try await submitRule(context, try await rule(context)) },
        ]
    }

    /// How many companies are offered for names.
    private static let maxCompanies = 100

    /// An empty form, or one that is filled in from a template or from an event.
    private func newRule(_ context: RequestContext) async throws -> WebResponse {
        let connections = try await services.storage.connections()
        var form = RuleForm()
        let template = RuleTemplate.all.first { $0.id == context.request.queryValue("template") }
        var event: StoredEvent?
        if let id = context.request.queryValue("event").flatMap({ Int64($0) }) {
            event = try await services.storage.event(HostEvent.ID(rawValue: id))
            if event == nil { throw WebError(.notFound, "This event is not stored any more.") }
        }
        if let connection = event.flatMap({ stored in connections.first { $0.id == stored.event.connection } }) ?? connections.first {
            if let event {
                form = RuleForm(name: event.event.type, RuleTemplate.definition(for: event.event, through: connection.id))
                form.event = String(event.id.rawValue)
            } else if let template {
                form = RuleForm(name: template.name, template.definition(for: connection.id))
            }
            // With more than one, the user chooses.
            if connections.count > 1, event?.event.connection == nil { form.connection = "" }
        }
        var page = try await formPage(context, nil, form)
        page.isUntouched = true
        return .page(200, page)
    }

    /// The page of a form with everything that it shows.
    private func formPage(
        _ context: RequestContext, _ rule: Rule?, _ form: RuleForm, sent: SubmittedForm? = nil
    ) async throws -> RuleFormPage {
        let connections = try await services.storage.connections()
        // The form shows again what it was opened with: a change by someone else meanwhile stays one, whatever was pressed.
        let revision = sent?["revision"].map { Int($0) ?? 0 } ?? rule?.revision ?? 0
        var page = RuleFormPage(context: context, rule: rule, form: form, connections: connections, revision: revision)
        page.isStale = rule.map { $0.revision != revision } ?? false
        let stored = Self.storedFields(of: rule, for: form)
        page.fields = try await fieldInputs(of: form, connections, stored: stored, sent: sent)
        page.choices = try await choices(of: form, connections, page.fields)
        if let connection = connections.first(where: { $0.id.rawValue == form.connection }) {
            let descriptor = try? services.registry.descriptor(named: connection.connector.rawValue)
            for choice in TicketDefault.allCases { page.ownNames[choice] = descriptor?.ownName(of: choice) }
        }
        page.detectors = try await detectors(of: form, connections)
        page.companies = try await companies(of: form, matching: "")
        page.preview = try await preview(of: form)
        return page
    }

    /// The values that a rule has for its fields; none once another connection is chosen, whose PSA has other fields and ids.
    private static func storedFields(of rule: Rule?, for form: RuleForm) -> [TicketField.ID: RuleFieldValue] {
        guard let action = rule?.definition.action, action.connection.rawValue == form.connection else { return [:] }
        return action.fields
    }

    /// What a form's rule would make of the latest events; an event that is gone by now is replaced by the latest match.
    private func preview(of form: RuleForm) async throws -> RulePreview {
        let definition = form.definition().definition
        do {
            return try await services.rules.preview(definition, with: form.choice)
        } catch StoreError.notFound {
            return try await services.rules.preview(definition)
        }
    }

    /// The conditions and the preview of a form as it is now, for the script.
    private func previewParts(_ context: RequestContext) async throws -> WebResponse {
        let form = RuleForm(try context.form())
        let preview = RulePreviewView(
            preview: try await preview(of: form), isIncomplete: form.hasInvalidConditions)
        let conditions = RuleConditionsView(form: form, companies: try await companies(of: form, matching: ""))
        return .fragment("\(conditions.html)\(preview.html)")
    }

    /// Companies of the connection of a form, out of its local copy; none while there is no complete copy.
    private func companies(of form: RuleForm, matching text: String) async throws -> [String] {
        guard let connection = ConnectionID(form.connection), form.groups.joined().contains(where: Self.isCompany) else { return [] }
        return try await services.sync.companies(matching: text, in: connection, limit: Self.maxCompanies).map(\.name)
    }

    private static func isCompany(_ condition: Condition) -> Bool { Condition.Editor(condition.field, condition.comparison) == .company }

    /// Names of companies that have all words of a text, as choices for the script.
    private func companyNames(_ context: RequestContext) async throws -> WebResponse {
        let text = String((context.request.queryValue("search") ?? "").prefix(100))
        guard let connection = context.request.queryValue("connection").flatMap(ConnectionID.init(_:)) else { return .fragment(.empty) }
        let found = try await services.sync.companies(matching: text, in: connection, limit: Self.maxCompanies)
        let isListed = context.request.queryValue("list") == RuleConditionsView.listed
        return .fragment(RuleConditionsView.options(found.map { isListed ? CommaSeparated.quoted($0.name) : $0.name }))
    }

    /// The inputs for the fields of a rule's ticket type; nil without a connection.
    private func fieldInputs(
        of form: RuleForm, _ connections: [StoredConnection], stored: [TicketField.ID: RuleFieldValue], sent: SubmittedForm? = nil
    ) async throws -> Result<TicketFieldInputs, PSAError>? {
        guard let connection = connections.first(where: { $0.id.rawValue == form.connection }) else { return nil }
        let type = TicketType.ID(form.overrides[.type]) ?? services.connections.defaultType(of: connection)
        let inputs = try await fieldInputs(of: connection, for: type, typed: stored.mapValues(\.text), sent: sent)
        let descriptor = try? services.registry.descriptor(named: connection.connector.rawValue)
        let offersTypes = descriptor?.settings.fields.contains { $0.purpose == .ticketDefault(.type) } ?? false
        return inputs?.map { inputs in
            var inputs = inputs
            inputs.takesTemplates = true
            inputs.isOfNoType = type == nil && inputs.isEmpty && offersTypes
            inputs.inherited = connection.ticketFieldDefaults.type == type ? connection.ticketFieldDefaults.values : [:]
            return inputs
        }
    }

    /// The lists that tickets of a form choose from; a PSA that did not answer for the fields is not waited for again.
    private func choices(
        of form: RuleForm, _ connections: [StoredConnection], _ fields: Result<TicketFieldInputs, PSAError>?
    ) async throws -> TicketChoices? {
        guard case .success? = fields, let connection = connections.first(where: { $0.id.rawValue == form.connection }) else { return nil }
        do {
            let values = services.connections.ticketDefaults(of: form.overrides, through: connection)
            return try await services.connections.choices(of: connection, with: values)
        } catch is PSAError {
            return nil
        }
    }

    /// The detectors of the connection of a form; nil without one.
    private func detectors(of form: RuleForm, _ connections: [StoredConnection]) async throws -> DetectorSettings? {
        guard let connection = connections.first(where: { $0.id.rawValue == form.connection }) else { return nil }
        return try await services.storage.detectorSettings(of: connection.id).settings
    }

    private func submitRule(_ context: RequestContext, _ rule: Rule?) async throws -> WebResponse {
        var sent = try context.form()
        var form = RuleForm(sent)
        let isMoved = form.dropForeignValues(&sent)
        let stored = Self.storedFields(of: rule, for: form)
        var page = try await formPage(context, rule, form, sent: sent)
        page.isMoved = isMoved
        guard !page.isStale else { return .page(409, page) }
        guard let consent = RuleForm.Consent(rawValue: sent.text("action")) else { return .page(200, page) }
        guard !isMoved else { return .page(422, page) }
        var (definition, unreadable) = form.definition()
        let (fields, wrong) = Self.fields(page.fields, sent, stored)
        definition.action.fields = fields
        var problems: [RuleFormPage.Problem] = unreadable.map { ($0.field, $0.problem) }
        problems += wrong.map { ("\(RuleFormPage.fieldPrefix)\($0.field)", $0.sentence) }
        let others = try await services.ruleIssues(form.name, definition)
        problems += others.filter { other in !problems.contains { $0.field == other.field } }.map { ($0.field, $0.problem) }
        page.show(problems)
        guard page.problems.isEmpty else { return .page(422, page) }
        guard let state = try await fieldState(definition, consent, rule, &page) else { return .page(409, page) }
        do {
            let (definition, name, revision) = (definition, form.name, Int(sent.text("revision")) ?? 0)
            return try await services.usedForms.redirect(context, "rule") {
                let saved = try await save(definition, name, state, over: rule, revision: revision, context)
                return "/rules/\(saved.id)?notice=rule"
            }
        } catch RuleError.invalid(let problems) {
            page.show(problems.map { ($0.field, $0.problem) })
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
                if definition.action.overrides[.type].isEmpty, obstacles.type.isEmpty, let issue = page.missingType(in: obstacles) {
                    page.problems.append((TicketDefault.type.rawValue, issue.sentence))
                }
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

extension TicketChoices {
    /// What a list offers; a list of ids is no longer than a page bears.
    func offered(_ choice: TicketDefault) -> [(id: String, name: String)] {
        let all =
            switch choice {
            case .type: types.map { ($0.id.rawValue, $0.name) }
            case .status: statuses.map { ($0.id.rawValue, $0.name) }
            case .priority: priorities.map { ($0.id.rawValue, $0.name) }
            }
        return Array(all.prefix(TicketFieldInputs.maxListed))
    }
}

extension RuleForm {
    /// Whether an event type or a condition has to be corrected, so that less matches than is meant.
    var hasInvalidConditions: Bool {
        let (definition, unreadable) = definition()
        let fields = definition.issues.map(\.field) + unreadable.map(\.field)
        return fields.contains { $0.hasPrefix("eventTypes") || $0.hasPrefix("groups") }
    }

    /// Drops the values of fields and the overrides that were shown for another connection: their ids mean other things there.
    ///
    /// - Returns: Whether there were any.
    fileprivate mutating func dropForeignValues(_ sent: inout SubmittedForm) -> Bool {
        let shownFor = sent.text(RuleFormPage.connectionField)
        guard !shownFor.isEmpty, shownFor != connection else { return false }
        let hasOverrides = TicketDefault.allCases.contains { !overrides[$0].isEmpty }
        overrides = TicketDefaultValues()
        let hasFields = sent.remove(prefix: TicketFieldInputs.prefix, and: TicketFieldInputs.typeField)
        return hasFields || hasOverrides
    }

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
    /// The issue about the type of a ticket that has none: it is demanded, and its input is not among those of the fields.
    fileprivate func missingType(in obstacles: RuleObstacles) -> TicketFieldIssue? {
        let inputs: Set<TicketField.ID> = if case .success(let inputs)? = fields { inputs.inputIDs } else { [] }
        return obstacles.issues.first { $0.problem == .missing && !inputs.contains($0.field) }
    }

    /// Shows what is wrong.
    fileprivate mutating func show(_ found: [Problem]) {
        problems = found
        guard case .success(var inputs)? = fields else { return }
        for problem in found where problem.field.hasPrefix(Self.fieldPrefix) {
            if let id = TicketField.ID(String(problem.field.dropFirst(Self.fieldPrefix.count))) {
                inputs.show(Viewer.current.renderer.text(problem.message), at: id)
            }
        }
        fields = .success(inputs)
    }
}
