import PSACore
import PSAEngine
import WebServer

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
                    // With more than one, the choice is left to the person.
                    if connections.count > 1 { form.connection = "" }
                }
                return .page(200, RuleFormPage(context: context, rule: nil, form: form, connections: connections))
            },
            Route(.post, "/rules/new", .admin) { try await submitRule($0, nil) },
            Route(.get, "/rules/{id}/edit", .admin) { context in
                let rule = try await rule(context)
                let page = RuleFormPage(
                    context: context, rule: rule, form: RuleForm(name: rule.name, rule.definition),
                    connections: try await services.storage.connections())
                return .page(200, page)
            },
            Route(.post, "/rules/{id}/edit", .admin) { context in try await submitRule(context, try await rule(context)) },
        ]
    }

    private func submitRule(_ context: RequestContext, _ rule: Rule?) async throws -> WebResponse {
        let sent = try context.form()
        let form = RuleForm(sent)
        var page = RuleFormPage(context: context, rule: rule, form: form, connections: try await services.storage.connections())
        guard sent.text("action") == "save" else { return .page(200, page) }
        let (definition, unreadable) = form.definition()
        let others = try await services.rules.problems(form.name, definition)
        page.problems = unreadable + others.filter { other in !unreadable.contains { $0.field == other.field } }
        guard page.problems.isEmpty else { return .page(422, page) }
        do {
            let saved = try await save(definition, form.name, over: rule, revision: Int(sent.text("revision")) ?? 0, context)
            return .redirect(to: "/rules/\(saved.id)?notice=rule")
        } catch RuleService.Refusal.invalid(let problems) {
            page.problems = problems
            return .page(422, page)
        } catch RuleService.Refusal.stale {
            page.isStale = true
            return .page(409, page)
        }
    }

    private func save(
        _ definition: RuleDefinition, _ name: String, over rule: Rule?, revision: Int, _ context: RequestContext
    ) async throws -> Rule {
        guard let rule else {
            return try await services.rules.create(name: name, definition, audit: context.audit(.ruleCreated, name.trimmingSpaces))
        }
        return try await services.rules.change(
            rule, revision: revision, name: name, definition, audit: context.audit(.ruleChanged, name.trimmingSpaces))
    }
}
