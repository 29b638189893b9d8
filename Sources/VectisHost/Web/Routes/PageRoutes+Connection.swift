import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The form of a connection: opening, testing and saving it.
    var connectionRoutes: [Route] {
        [
            Route(.get, "/integrations/new/{connector}", .viewer) { try openNew($0) },
            Route(.post, "/integrations/new/{connector}", .admin) { try await submit($0, try descriptor($0), over: nil) },
            Route(.post, "/integrations/new/{connector}/test", .admin) { try stream($0, try descriptor($0), over: nil) },
            Route(.get, "/integrations/{id}", .admin) { try await open($0) },
            Route(.post, "/integrations/{id}", .admin) { context in
                let base = try await connection(context)
                return try await submit(context, try descriptor(of: base), over: base)
            },
            Route(.post, "/integrations/{id}/test", .admin) { context in
                let base = try await connection(context)
                return try stream(context, try descriptor(of: base), over: base)
            },
        ]
    }

    private func descriptor(_ context: RequestContext) throws -> ConnectorDescriptor {
        try services.registry.descriptor(named: context.parameter("connector"))
    }

    /// What the connector of a saved connection says about itself.
    func descriptor(of connection: StoredConnection) throws -> ConnectorDescriptor {
        try services.registry.descriptor(named: connection.connector.rawValue)
    }

    private func openNew(_ context: RequestContext) throws -> WebResponse {
        let descriptor = try descriptor(context)
        guard descriptor.tier == .placeholder || context.user?.isAdmin ?? false else {
            throw WebError(.forbidden, "Your account may look, but not connect anything. An administrator can do this.")
        }
        var page = ConnectionPage(services: services, context: context, descriptor: descriptor, base: nil)
        if context.request.queryValue("fill") == "demo", let demo = services.environment.demo, demo.connector == descriptor.id,
            let user = context.user
        {
            page.values = demo.settings
            for field in descriptor.settings.fields where field.isSecret {
                page.carried[field.key] = try demo.settings[field.key].map { try services.vault.carry(Secret($0), for: user, field.key) }
            }
        }
        return .page(200, page)
    }

    private func open(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let page = ConnectionPage(
            services: services, context: context, descriptor: try descriptor(of: connection), base: connection, name: connection.name,
            values: connection.settings, issues: try await services.storage.issues(of: connection.id),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    private func submit(_ context: RequestContext, _ descriptor: ConnectorDescriptor, over base: StoredConnection?) async throws
        -> WebResponse
    {
        guard let user = context.user else { throw WebError(.signInNeeded, "Sign in first.") }
        let form = try ConnectionForm(try context.form(), descriptor, for: user, services.vault)
        let draft = try services.connections.draft(descriptor.id.rawValue, form.submission, over: base)
        var page = ConnectionPage(
            services: services, context: context, descriptor: descriptor, base: base, name: form.submission.name,
            values: shownValues(form.submission, descriptor), carried: form.carried, issues: try await issues(of: base))
        if draft.requiresSecretReentry, !draft.validation.problems.isEmpty {
            page.notice = Notice(
                .information,
                "The settings lead to another tenant now. A stored secret goes only to the tenant it was entered for; enter the secrets anew."
            )
        }
        switch form.button {
        case .suggest:
            page.notice = Notice(.information, "The suggested value is filled in. Press Test.")
            return .page(200, page)
        case .test:
            page.problems = draft.validation.problems
            guard draft.validation.problems.isEmpty else { return .page(422, page) }
            let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, draft.effectiveName))
            page.issues = try await issues(of: base)
            page.report = outcome.report
            page.receipt = outcome.receipt
            return .page(200, page)
        case .save:
            return try await save(draft, form, context, page)
        }
    }

    private func issues(of base: StoredConnection?) async throws -> [ConnectionIssue] {
        guard let base else { return [] }
        return try await services.storage.issues(of: base.id)
    }

    private func save(_ draft: ConnectionDraft, _ form: ConnectionForm, _ context: RequestContext, _ unsaved: ConnectionPage) async throws
        -> WebResponse
    {
        var page = unsaved
        page.receipt = form.consent.receipt
        do {
            if let base = draft.base, form.revision != base.revision { throw SaveError.stale }
            let action: AuditAction = draft.base == nil ? .connectionCreated : .connectionChanged
            let audit = context.audit(action, draft.effectiveName, .done, draft.sentence(about: form.submission, form.consent))
            let saved = try await services.connections.save(draft, form.consent, audit: audit)
            return .redirect(to: "/integrations?notice=\(saved.status == nil ? "saved-untested" : "saved")")
        } catch let refusal as SaveError {
            switch refusal {
            case .invalid: page.problems = draft.validation.problems
            case .untested: page.question = .untested
            case .otherTenant(let old, let new): page.question = .otherTenant(old: old, new: new)
            case .duplicate(let other): page.question = .duplicate(other)
            case .stale: page.question = .stale
            case .placeholder(let error): throw error
            }
            return .page(refusal.status, page)
        }
    }

    /// What the form showed and shows again; never a secret.
    private func shownValues(_ submission: SettingsSubmission, _ descriptor: ConnectorDescriptor) -> [SettingKey: String] {
        let plain = descriptor.settings.fields.filter { !$0.isSecret }
        return Dictionary(
            plain.compactMap { field in submission.values[field.key].map { (field.key, $0.reveal()) } }, uniquingKeysWith: { $1 })
    }

    /// The checks as they finish, each a line of JSON with a piece of the page; then the result.
    private func stream(_ context: RequestContext, _ descriptor: ConnectorDescriptor, over base: StoredConnection?) throws -> WebResponse {
        guard let user = context.user else { throw WebError(.signInNeeded, "Sign in first.") }
        let form = try ConnectionForm(try context.form(), descriptor, for: user, services.vault)
        let draft = try services.connections.draft(descriptor.id.rawValue, form.submission, over: base)
        let test = StreamedTest(services: services, draft: draft, audit: context.audit(.connectionTested, draft.effectiveName))
        return WebResponse(
            status: 200, headers: ["Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"], body: .stream(test.lines))
    }
}

extension SaveError {
    /// The status that stands for the refusal.
    var status: Int {
        switch self {
        case .invalid: 422
        case .untested, .otherTenant, .duplicate, .stale: 409
        case .placeholder: 501
        }
    }
}
