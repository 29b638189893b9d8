import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisCore
import VectisRules
import WebServer

extension PageRoutes {
    /// The form of a connection: opening, testing and saving it.
    var connectionRoutes: [Route] {
        [
            Route(.get, "/integrations/new/{connector}", .viewer) { try openNew($0) },
            Route(.post, "/integrations/new/{connector}", .admin) { try await submit($0, try descriptor($0), over: nil) },
            Route(.post, "/integrations/new/{connector}/test", .admin) { try stream($0, try descriptor($0), over: nil) },
            Route(.get, "/integrations/{id}/settings", .admin) { try await open($0) },
            Route(.post, "/integrations/{id}/settings", .admin) { context in
                let existing = try await connection(context)
                return try await submit(context, try descriptor(of: existing), over: existing)
            },
            Route(.post, "/integrations/{id}/settings/test", .admin) { context in
                let existing = try await connection(context)
                return try stream(context, try descriptor(of: existing), over: existing)
            },
        ] + connectionOverviewRoutes
    }

    private func descriptor(_ context: RequestContext) throws -> ConnectorDescriptor {
        try services.registry.descriptor(named: context.parameter("connector"))
    }

    /// The descriptor of a saved connection.
    func descriptor(of connection: StoredConnection) throws -> ConnectorDescriptor {
        try services.registry.descriptor(named: connection.connector.rawValue)
    }

    private func openNew(_ context: RequestContext) throws -> WebResponse {
        let descriptor = try descriptor(context)
        guard descriptor.tier == .placeholder || context.user?.isAdmin ?? false else {
            throw WebError(.forbidden, "Your account may look, but not connect anything. An administrator can do this.")
        }
        var page = ConnectionPage(services: services, context: context, descriptor: descriptor, existing: nil)
        if context.request.queryValue("fill") == "demo", let demo = services.environment.demo, demo.connector == descriptor.id,
            let user = context.user
        {
            page.values = demo.settings
            for field in descriptor.settings.fields where field.isSecret {
                page.carried[field.key] = try demo.settings[field.key].map {
                    try services.vault.sealForForm(Secret($0), of: user.session, field.key)
                }
            }
        }
        return .page(200, page)
    }

    private func open(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let page = ConnectionPage(
            services: services, context: context, descriptor: try descriptor(of: connection), existing: connection, name: connection.name,
            values: connection.settings, issues: try await services.storage.issues(of: connection.id),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    private func submit(_ context: RequestContext, _ descriptor: ConnectorDescriptor, over existing: StoredConnection?) async throws
        -> WebResponse
    {
        let user = try context.requireSignedInUser()
        let form = try ConnectionForm(try context.form(), descriptor, for: user, services.vault)
        let draft = try services.connections.draft(descriptor.id.rawValue, form.submission, over: existing)
        var page = ConnectionPage(
            services: services, context: context, descriptor: descriptor, existing: existing, revision: form.revision,
            name: form.submission.name, values: shownValues(form.submission, descriptor), carried: form.carried,
            issues: try await issues(of: existing))
        if draft.requiresSecretReentry, !draft.validation.issues.isEmpty {
            page.notice = Notice(
                .information,
                "The settings point to another tenant now. A stored secret is sent only to the tenant it was entered for; enter the secrets again."
            )
        }
        switch form.button {
        case .suggest:
            page.notice = Notice(.information, "The suggested value is filled in. Press Test.")
            return .page(200, page)
        case .test:
            page.problems = draft.validation.issues
            guard draft.validation.issues.isEmpty else { return .page(422, page) }
            let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, draft.effectiveName))
            page.issues = try await issues(of: existing)
            page.report = outcome.report
            page.kept = outcome.kept
            page.proof = outcome.proof
            return .page(200, page)
        case .save:
            return try await save(draft, form, context, page)
        }
    }

    private func issues(of existing: StoredConnection?) async throws -> [ConnectionIssue] {
        guard let existing else { return [] }
        return try await services.storage.issues(of: existing.id)
    }

    private func save(_ draft: ConnectionDraft, _ form: ConnectionForm, _ context: RequestContext, _ unsaved: ConnectionPage) async throws
        -> WebResponse
    {
        var page = unsaved
        page.proof = form.confirmation.proof
        do {
            if let existing = draft.existing, form.revision != existing.revision { throw SaveError.stale }
            let action: AuditAction = draft.existing == nil ? .connectionCreated : .connectionChanged
            let audit = context.audit(action, draft.effectiveName, .done, draft.sentence(about: form.submission, form.confirmation))
            let saved = try await services.connections.save(draft, form.confirmation, audit: audit)
            return .redirect(to: "/integrations?notice=\(saved.status == nil ? "saved-untested" : "saved")")
        } catch let refusal as SaveError {
            switch refusal {
            case .invalid: page.problems = draft.validation.issues
            case .nameTooLong: page.isNameTooLong = true
            case .untested: page.question = .untested
            case .otherTenant(let old, let new, let openJobs): page.question = .otherTenant(old: old, new: new, openJobs: openJobs)
            case .duplicate(let other): page.question = .duplicate(other)
            case .stale: page.question = .stale
            case .placeholder(let error): throw error
            }
            return .page(refusal.status, page)
        }
    }

    /// The values that the form showed and shows again; never a secret.
    private func shownValues(_ submission: SettingsSubmission, _ descriptor: ConnectorDescriptor) -> [SettingKey: String] {
        let plain = descriptor.settings.fields.filter { !$0.isSecret }
        return Dictionary(
            plain.compactMap { field in submission.values[field.key].map { (field.key, $0.reveal()) } }, uniquingKeysWith: { $1 })
    }

    /// The checks as they finish, each a line of JSON with a piece of the page; then the result.
    private func stream(_ context: RequestContext, _ descriptor: ConnectorDescriptor, over existing: StoredConnection?) throws
        -> WebResponse
    {
        let user = try context.requireSignedInUser()
        let form = try ConnectionForm(try context.form(), descriptor, for: user, services.vault)
        let draft = try services.connections.draft(descriptor.id.rawValue, form.submission, over: existing)
        let test = StreamedTest(services: services, draft: draft, audit: context.audit(.connectionTested, draft.effectiveName))
        return WebResponse(
            status: 200, headers: ["Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"], body: .stream(test.lines))
    }
}

extension SaveError {
    /// The HTTP status of the error.
    package var status: Int {
        switch self {
        case .invalid, .nameTooLong: 422
        case .untested, .otherTenant, .duplicate, .stale: 409
        case .placeholder: 501
        }
    }
}

/// What a connection form submits, apart from which button was pressed.
struct ConnectionForm: Sendable {
    enum Button: Sendable, Equatable {
        case test
        case save
        /// Puts a suggested value into its field.
        case suggest(SettingKey, String)
    }

    let submission: SettingsSubmission
    let button: Button
    let confirmation: SaveConfirmation
    /// The revision of the connection that the form was made for.
    let revision: Int?
    /// Secrets that were typed, encrypted for the page that is returned.
    let carried: [SettingKey: String]

    /// The prefix of the fields that carry sealed secrets.
    static let carriedPrefix = "carried."

    init(_ form: SubmittedForm, _ descriptor: ConnectorDescriptor, for user: SignedInUser, _ vault: Vault) throws {
        var submission = SettingsSubmission(name: form.text("connection-name"))
        var carried: [SettingKey: String] = [:]
        for field in descriptor.settings.fields {
            guard let typed = form[field.key.rawValue] else { continue }
            submission.values[field.key] = Secret(typed)
            guard field.isSecret else { continue }
            if !typed.isEmpty {
                carried[field.key] = try vault.sealForForm(Secret(typed), of: user.session, field.key)
            } else if let kept = form[Self.carriedPrefix + field.key.rawValue],
                let secret = vault.openFromForm(kept, of: user.session, field.key)
            {
                submission.values[field.key] = secret
                carried[field.key] = kept
            }
        }
        button = Self.button(form)
        if case .suggest(let key, let value) = button { submission.values[key] = Secret(value) }
        self.submission = submission
        self.carried = carried
        confirmation = SaveConfirmation(
            proof: form["receipt"].map(TestProof.init(rawValue:)), acceptsUntested: form.has("accept-untested"),
            acceptsOtherTenant: form.has("accept-other-tenant"))
        revision = form["revision"].flatMap { Int($0) }
    }

    private static func button(_ form: SubmittedForm) -> Button {
        if let suggestion = form["suggest"] {
            let parts = suggestion.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { return .suggest(SettingKey(parts[0]), parts[1]) }
        }
        return form.text("action") == "save" ? .save : .test
    }
}

extension HostServices {
    /// The rules that create tickets through a connection.
    func rules(of connection: StoredConnection) async throws -> [Rule] {
        try await storage.rules().filter { $0.definition.action.connection == connection.id }
    }

    /// Those of them that are active, and are paused when the connection is removed.
    func activeRules(of connection: StoredConnection) async throws -> [Rule] {
        try await rules(of: connection).filter { $0.mode == .active }
    }
}

extension APIRoutes {
    var connectionRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections", .viewer, for: .readConnections) { try await listConnections($0) },
            Route(.post, "\(Self.root)/connections", .admin) { try await create($0) },
            Route(.get, "\(Self.root)/connections/{id}", .admin) { context in
                try context.allowQuery([])
                let (connection, descriptor) = try await connection(context)
                return .json(connection.json(descriptor, state: try await state(of: connection)))
            },
            Route(.put, "\(Self.root)/connections/{id}", .admin) { try await change($0) },
            Route(.delete, "\(Self.root)/connections/{id}", .admin, query: ["acceptActiveRules"]) { context in
                // A connection whose connector is missing can still be removed.
                let connection = try await stored(context.parameter("id"))
                let accepted = context.request.queryValue("acceptActiveRules")
                guard accepted.map({ ["true", "false"].contains($0) }) ?? true else {
                    throw APIError([BodyError("acceptActiveRules", .wrongType(.flag))])
                }
                let active = try await services.activeRules(of: connection)
                guard active.isEmpty || accepted == "true" else {
                    throw APIError(.activeRules, APIMessage.activeRules(active.count)) { _ in
                        [("rules", .array(active.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }))]
                    }
                }
                try await services.connections.remove(
                    connection, audit: context.audit(.connectionRemoved, connection.name, .done, connection.tenant.rawValue))
                return .noContent
            },
        ]
    }

    /// The state of a connection, derived from its open issues and its last test.
    func state(of connection: StoredConnection) async throws -> ConnectionState {
        ConnectionState(connection, try await services.storage.issues(of: connection.id))
    }

    private func listConnections(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery([])
        let issues = try await services.storage.issues(of: nil)
        let connections = try await services.storage.connections().map { connection in
            connection.summaryJSON(
                try? services.registry.descriptor(named: connection.connector.rawValue), state: ConnectionState(connection, issues))
        }
        return .json(["connections": .array(connections)])
    }

    private func create(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let connector = body.text("connector")
        let submission = body.submission()
        let confirmation = body.confirmation()
        try body.finish()
        let draft = try services.connections.draft(connector, submission)
        let saved = try await save(draft, submission, confirmation, context, .connectionCreated)
        var response = WebResponse.json(saved.json(draft.descriptor, state: try await state(of: saved)), status: 201)
        response.headers["Location"] = "\(Self.root)/connections/\(saved.id)"
        return response
    }

    private func change(_ context: RequestContext) async throws -> WebResponse {
        let (existing, descriptor) = try await connection(context)
        var body = try APIBody(context.request)
        let revision = body.integer("revision")
        let submission = body.submission(over: existing)
        let confirmation = body.confirmation(isChange: true)
        try body.finish()
        guard revision == existing.revision else { throw SaveError.stale }
        let draft = try services.connections.draft(descriptor.id.rawValue, submission, over: existing)
        let saved = try await save(draft, submission, confirmation, context, .connectionChanged)
        return .json(saved.json(descriptor, state: try await state(of: saved)))
    }

    private func save(
        _ draft: ConnectionDraft, _ submission: SettingsSubmission, _ confirmation: SaveConfirmation, _ context: RequestContext,
        _ action: AuditAction
    ) async throws -> StoredConnection {
        let audit = context.audit(action, draft.effectiveName, .done, draft.sentence(about: submission, confirmation))
        return try await services.connections.save(draft, confirmation, audit: audit)
    }
}

extension APIBody {
    /// Name and settings; missing members keep their values.
    mutating func submission(over existing: StoredConnection? = nil) -> SettingsSubmission {
        let name = optionalText("name") ?? existing?.name ?? ""
        let settings = texts("settings").map { (SettingKey($0.key), Secret($0.value)) }
        return SettingsSubmission(name: name, values: Dictionary(settings, uniquingKeysWith: { first, _ in first }))
    }

    fileprivate mutating func confirmation(isChange: Bool = false) -> SaveConfirmation {
        SaveConfirmation(
            proof: optionalText("receipt").map(TestProof.init(rawValue:)), acceptsUntested: optionalFlag("acceptUntested") ?? false,
            acceptsOtherTenant: isChange && optionalFlag("acceptOtherTenant") ?? false)
    }
}

extension APIRoutes {
    var connectionTestRoutes: [Route] {
        [
            Route(.post, "\(Self.root)/connection-tests", .admin) { try await testSettings($0) },
            Route(.post, "\(Self.root)/connections/{id}/test", .admin) { context in
                let (connection, _) = try await connection(context)
                return try await test(try services.connections.draft(of: connection), context)
            },
        ]
    }

    private func testSettings(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let connector = body.text("connector")
        let id = body.optionalText("connection")
        let submission = body.submission()
        try body.finish()
        var existing: StoredConnection?
        if let id { existing = try await connection(id).connection }
        if let existing, existing.connector != (try services.registry.descriptor(named: connector).id) {
            throw APIError([BodyError("connector", .invalid("The connection belongs to the connector “\(existing.connector)”."))])
        }
        let draft = try services.connections.draft(connector, submission, over: existing)
        guard draft.validation.issues.isEmpty else {
            throw PSAError(settings: draft.validation.issues, descriptor: draft.descriptor)
        }
        return try await test(draft, context)
    }

    /// A failed connection test is a result, not a failure of the request.
    private func test(_ draft: ConnectionDraft, _ context: RequestContext) async throws -> WebResponse {
        let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, draft.effectiveName))
        let report = outcome.report.json(in: context.renderer)
        return .json(outcome.proof.map { report.adding(("receipt", .string($0.rawValue))) } ?? report)
    }
}

extension StoredConnection {
    /// The connection as every signed-in user may see it; without ticket defaults if its connector is missing.
    package func summaryJSON(_ descriptor: ConnectorDescriptor?, state: ConnectionState) -> JSONValue {
        .init(present: summary(descriptor, state))
    }

    /// The connection with its settings; of secrets, only which are stored.
    package func json(_ descriptor: ConnectorDescriptor, state: ConnectionState) -> JSONValue {
        .init(
            present: summary(descriptor, state) + [
                ("settings", .init(present: settings.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .string($0.value)) })),
                ("secrets", .array(secrets.keys.sorted().map { .string($0.rawValue) })),
                ("createdAt", .string(createdAt.formatted(.iso8601))), ("changedAt", .string(changedAt.formatted(.iso8601))),
            ])
    }

    private func summary(_ descriptor: ConnectorDescriptor?, _ state: ConnectionState) -> [(String, JSONValue?)] {
        let defaults = descriptor.map { ticketDefaults($0).values } ?? [:]
        return [
            ("id", .string(id.rawValue)), ("connector", .string(connector.rawValue)), ("name", .string(name)),
            ("tenant", .string(tenant.rawValue)), ("revision", .integer(revision)),
            ("ticketDefaults", .init(present: TicketDefault.allCases.map { ($0.rawValue, defaults[$0].map(JSONValue.string)) })),
            ("state", state.json), ("status", status?.json),
        ]
    }
}

extension ConnectionStatus {
    /// The result of the last test, for programs.
    fileprivate var json: JSONValue {
        .init(present: [
            ("outcome", .string(outcome.rawValue)), ("headline", .string(headline)), ("code", code.map { .string($0.rawValue) }),
            ("correlationID", correlationID.map(JSONValue.string)), ("checkedAt", .string(checkedAt.formatted(.iso8601))),
        ])
    }
}
