import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The form of the ticket defaults: chosen from the PSA's lists, or typed where the lists can't be read.
struct TicketDefaultsPage: WebPage {
    let services: HostServices
    let context: RequestContext
    let connection: StoredConnection
    let descriptor: ConnectorDescriptor
    private(set) var values: TicketDefaultValues
    /// The lists, or why there are none.
    let choices: Result<TicketChoices, PSAError>
    /// The fields of the type, or why they can't be read; nil if the connector has none.
    var fields: Result<TicketFieldInputs, PSAError>?
    /// The revision of the connection that the form was opened with; it stays the same however often the form is shown again.
    let revision: Int
    /// Whether the user chose to type ids although there are lists.
    var typesIDs = false
    var problems: [TicketDefault: String] = [:]
    var needsConfirmation = false
    var notice: Notice?
    var testTicket: ConnectionCheck?
    /// The number of the form that creates a test ticket.
    let testTicketNumber = UsedForms.newNumber()

    private var path: String { "/integrations/\(connection.id)/ticket-defaults" }

    var document: HTML {
        Layout(context, .integrations, title: "Ticket defaults: \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>Ticket defaults: \(connection.name)</h1>
            \(ConnectionTabs(connection: connection, descriptor: descriptor, context: context, current: .ticketDefaults).html)
            \(notice?.html)\(problemSummary)
            <p class="lead">New tickets start with these. A rule can choose others. They are checked against \(descriptor.displayName) when you save, and again at each
            connection test.</p>
            \(descriptor.hasTicketDefaults ? .empty : noDefaults)\(listsFailed)
            <form method="post" action="\(path)" novalidate>
            \(FormToken(context.user).field)
            <input type="hidden" name="revision" value="\(revision)">
            <input type="hidden" name="lists" value="\(usesLists ? "yes" : "no")">
            <fieldset\(flag: "disabled", !isAdmin)><legend class="hidden">Ticket defaults</legend>
            \(each: TicketDefault.allCases, row)
            \(fieldSection)
            </fieldset>
            \(needsConfirmation ? tick : .empty)
            \(isAdmin ? buttons : .empty)
            </form>
            \(isAdmin ? testTicketSection : .empty)
            """)
    }

    private var noDefaults: HTML {
        Notice(.warning, "The connector of \(descriptor.displayName) has no settings for type, status and priority.").html
    }

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    private var lists: TicketChoices? { try? choices.get() }
    private var usesLists: Bool { lists != nil && !typesIDs }

    private var listsFailed: HTML {
        guard case .failure(let error) = choices else {
            // Each list that can't be read says so beside its input; the first step is that of the first one.
            let first = usesLists ? TicketDefault.allCases.lazy.compactMap { lists?.unreadable[$0] }.first : nil
            return first.map { GuidancePanel(error: $0, services: services, isBesideForm: false).html } ?? .empty
        }
        return """
            \(Notice(.warning, "The lists of \(descriptor.displayName) can’t be read now, so the ids have to be typed.").html)
            \(GuidancePanel(error: error, services: services, isBesideForm: false).html)
            """
    }

    /// All problems as links to their inputs.
    private var problemSummary: HTML {
        let choices = TicketDefault.allCases.compactMap { choice in
            problems[choice].map { FormProblems.Item(field: choice.rawValue, label(choice), HTML(term: $0)) }
        }
        guard case .success(let inputs)? = fields else { return FormProblems(choices).html }
        return FormProblems(choices + inputs.summary).html
    }

    private var fieldSection: HTML {
        switch fields {
        case nil: .empty
        case .success(let inputs): "<h2>Fields of the ticket type</h2>\(noting(inputs).html)"
        case .failure(let error):
            lists == nil
                ? .empty
                : """
                <div id="ticket-fields">\(Notice(.warning, "The fields of the ticket type can’t be read now, and stored values stay as they are. \(error.guidance(in: Viewer.current.renderer).detail) <a href=\"/errors/\(error.code.rawValue)\"><code>\(error.code.rawValue)</code></a>").html)</div>
                """
        }
    }

    private func noting(_ inputs: TicketFieldInputs) -> TicketFieldInputs {
        var inputs = inputs
        // Where the list of types can’t be read, nothing is known of the fields of the type that is still to be named.
        let hasNoTypes = lists.map { $0.types.isEmpty && $0.unreadable[.type] == nil } ?? false
        guard !(values[.type].isEmpty && !hasNoTypes && inputs.isEmpty) else {
            inputs.isOfNoType = true
            return inputs
        }
        inputs.note = leftToRules(inputs)
        return inputs
    }

    /// The demanded fields without a default.
    private func leftToRules(_ inputs: TicketFieldInputs) -> HTML {
        // Of a type that is not saved yet, only the inputs are known.
        guard services.connections.defaultType(of: connection) == inputs.form.type else { return .empty }
        let outline = services.connections.outline(ofDefaultsOf: connection, for: inputs.form.type)
        let left = inputs.form.obstacles(outline).filter { $0.isMissing && $0.kind != .unsupported && $0.kind != .attachment }
        guard !left.isEmpty else { return .empty }
        return """
            <p class="help" id="left-to-rules">Left to rules: \(HTML.quoted(left.map(\.label))). The type demands
            \(left.count == 1 ? "this field" : "these fields" as HTML), and there is no default for \(left.count == 1 ? "it" : "them" as HTML): each rule has to fill \(left.count == 1 ? "it" : "them" as HTML) in.</p>
            """
    }

    private func row(_ choice: TicketDefault) -> HTML {
        let declared = descriptor.settings.fields.first { $0.purpose == .ticketDefault(choice) }
        guard let field = declared else { return .empty }
        let isListed = usesLists && lists?.unreadable[choice] == nil
        return unreadable(choice)
            + FieldRow(
                name: choice.rawValue, label: isListed ? label(choice) : HTML(term: field.label), input: input(choice),
                help: HTML(term: field.help), example: isListed ? "" : field.example, guide: services.guides.path(of: field.guideAnchor),
                problem: problems[choice]
            ).html + reload(choice)
    }

    /// That the list of a default can't be read although others can.
    private func unreadable(_ choice: TicketDefault) -> HTML {
        guard usesLists, let error = lists?.unreadable[choice] else { return .empty }
        return Notice(
            .warning,
            "The list for “\(label(choice))” can’t be read, so the id has to be typed. \(error.guidance(in: Viewer.current.renderer).detail) <a href=\"/errors/\(error.code.rawValue)\"><code>\(error.code.rawValue)</code></a>"
        ).html
    }

    private func label(_ choice: TicketDefault) -> HTML { descriptor.name(of: choice) }

    /// Whether the connector calls the type of a ticket a ticket type; in some PSAs it is a queue or a board.
    private var hasTicketTypes: Bool { descriptor.ownName(of: .type) == nil }

    /// Without the script, what depends on a choice is fetched by this button.
    private func reload(_ choice: TicketDefault) -> HTML {
        guard usesLists, let lists else { return .empty }
        let dependants = TicketDefault.allCases.filter { lists.dependencies[$0]?.contains(choice) ?? false }
        // The fields depend on the type with every connector.
        guard choice == .type && fields != nil || !dependants.isEmpty else { return .empty }
        let words: HTML =
            choice == .type && dependants == [.status, .priority]
            ? "Show its statuses, priorities and fields" : "Show what depends on it"
        // What is typed is not followed letter by letter, and saving must not meet a form that is being fetched again.
        let followed: HTML = lists.unreadable[choice] == nil ? " data-reload=\"\(choice.rawValue)\"" : ""
        return "<p><button class=\"quiet\" name=\"action\" value=\"reload\"\(followed)>\(words)</button></p>"
    }

    /// Clears what was chosen under another ticket type and does not exist under this one.
    mutating func dropForeignChoices() {
        guard let lists else { return }
        for choice in TicketDefault.allCases where lists.dependencies[choice] != nil && lists.unreadable[choice] == nil {
            if !options(choice, lists).contains(where: { $0.value == values[choice] }) { values.values[choice] = nil }
        }
    }

    /// A list as options; none while something that it depends on is not chosen.
    private func options(_ choice: TicketDefault, _ lists: TicketChoices) -> [(value: String, label: HTML)] {
        lists.missing(for: choice, in: values) == nil ? lists.options(choice) : []
    }

    private func input(_ choice: TicketDefault) -> FieldRow.Input {
        guard usesLists, let lists, lists.unreadable[choice] == nil else { return .id(value: values[choice], offered: []) }
        let missing = lists.missing(for: choice, in: values)
        let options = options(choice, lists)
        let known = options.contains { $0.value == values[choice] } || values[choice].isEmpty
        // A stored id that is no longer in the list must not look as if nothing were stored.
        let label: HTML = missing == nil ? "\(values[choice]) (not in the list any more)" : HTML(text: values[choice])
        let gone = known ? [] : [(value: values[choice], label: label)]
        return .choice(value: values[choice], options: gone + options, empty: missing.map(firstChoice) ?? emptyChoice(choice))
    }

    private func emptyChoice(_ choice: TicketDefault) -> HTML {
        guard hasTicketTypes else { return choice == .type ? "Choose one" : "The one the PSA starts with" }
        return choice == .type ? "Choose a ticket type" : "The one the ticket type starts with"
    }

    private func firstChoice(_ missing: TicketDefault) -> HTML {
        switch missing {
        case .type: hasTicketTypes ? "Choose a ticket type first" : "Choose “\(label(.type))” first"
        case .status: "Choose a status first"
        case .priority: "Choose a priority first"
        }
    }

    private var tick: HTML {
        """
        <p class="tick"><input type="checkbox" id="accept-unverified" name="accept-unverified"><label for="accept-unverified">Save although
        these ids could not be verified</label></p>
        """
    }

    private var buttons: HTML {
        let other: HTML =
            lists == nil
            ? .empty
            : typesIDs
                ? "<a class=\"button quiet\" href=\"\(path)\">Choose from lists</a>"
                : "<a class=\"button quiet\" href=\"\(path)?ids=typed\">Type ids instead</a>"
        return """
            <div class="buttons"><button class="primary" name="action" value="save">Save</button>\(other)
            <a class="button quiet" href="/integrations">Cancel</a></div>
            """
    }

    private var testTicketSection: HTML {
        let isOffered = descriptor.capabilities.contains(.createTestTickets)
        // Whoever opens the address of a test ticket that is not offered reads why.
        guard isOffered || testTicket != nil else { return .empty }
        return """
            <section aria-labelledby="test-ticket"><h2 id="test-ticket">Try them</h2>
            \(isOffered ? testTicketForm : .empty)
            \(testTicket.map { check in "<div id=\"test-ticket-result\" tabindex=\"-1\" autofocus>\(CheckList.list([check]))\(check.error.map(testTicketGuidance) ?? .empty)</div>" as HTML })
            </section>
            """
    }

    private var testTicketForm: HTML {
        """
        <p>A ticket called “\(TicketDraft.connectionTestSummary)” is created with the saved defaults, read back, and deleted or closed again.</p>
        <form method="post" action="\(path)/test-ticket">\(FormToken(context.user).field)
        \(UsedForms.input(testTicketNumber))<button>Create a test ticket</button></form>
        """
    }

    private func testTicketGuidance(_ error: PSAError) -> HTML {
        GuidancePanel(error: error, services: services, isBesideForm: false, fieldsBeside: inputIDs, titleID: "test-ticket-guidance")
            .html
    }

    private var inputIDs: Set<TicketField.ID> { if case .success(let inputs)? = fields { inputs.inputIDs } else { [] } }
}

extension ConnectorDescriptor {
    /// What the PSA calls a ticket default, without the “ID” that its setting ends with; nil if that is the usual word.
    func ownName(of choice: TicketDefault) -> String? {
        guard let field = settings.fields.first(where: { $0.purpose == .ticketDefault(choice) }) else { return nil }
        let name = field.label.lowercased().hasSuffix(" id") ? String(field.label.dropLast(3)) : field.label
        let usual =
            switch choice {
            case .type: "ticket type"
            case .status: "status"
            case .priority: "priority"
            }
        return name.lowercased() == usual ? nil : name
    }

    /// A ticket default for display.
    func name(of choice: TicketDefault) -> HTML {
        if let own = ownName(of: choice) { return HTML(text: own) }
        return switch choice {
        case .type: "Ticket type"
        case .status: "Status"
        case .priority: "Priority"
        }
    }
}

extension TicketChoices {
    /// A list as options of a form.
    fileprivate func options(_ choice: TicketDefault) -> [(value: String, label: HTML)] {
        switch choice {
        case .type: types.map { ($0.id.rawValue, HTML(text: $0.name)) }
        case .status: statuses.map { ($0.id.rawValue, HTML(text: $0.name)) }
        case .priority: priorities.map { ($0.id.rawValue, HTML(text: $0.name)) }
        }
    }
}

extension PageRoutes {
    var ticketDefaultsRoutes: [Route] {
        [
            Route(.get, "/integrations/{id}/ticket-defaults", .viewer) { context in
                let connection = try await connection(context)
                let stored = connection.ticketDefaults(try descriptor(of: connection))
                var page = try await defaultsPage(context, connection, stored)
                if let user = context.user, user.isAdmin, let number = context.request.queryValue("tested") {
                    page.testTicket = try await services.usedForms.testTicket(of: number, in: user.session, connection.id)
                }
                return .page(200, page)
            },
            Route(.post, "/integrations/{id}/ticket-defaults", .admin) { try await submitDefaults($0) },
            Route(.post, "/integrations/{id}/ticket-defaults/test-ticket", .admin) { try await testTicket($0) },
        ]
    }

    private func defaultsPage(
        _ context: RequestContext, _ connection: StoredConnection, _ values: TicketDefaultValues, sent: SubmittedForm? = nil
    ) async throws -> TicketDefaultsPage {
        let type = TicketType.ID(values[.type])
        let stored = connection.ticketFieldDefaults
        let typed = stored.type == type ? stored.values.mapValues(\.text) : [:]
        return TicketDefaultsPage(
            services: services, context: context, connection: connection, descriptor: try descriptor(of: connection), values: values,
            choices: try await choices(of: connection, with: values),
            fields: try await fieldInputs(of: connection, for: type, typed: typed, sent: sent),
            revision: sent?["revision"].map { Int($0) ?? 0 } ?? connection.revision,
            typesIDs: context.request.queryValue("ids") == "typed",
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }

    private func choices(
        of connection: StoredConnection, with values: TicketDefaultValues
    ) async throws -> Result<TicketChoices, PSAError> {
        do {
            return .success(try await services.connections.choices(of: connection, with: values))
        } catch let error as PSAError {
            return .failure(error)
        }
    }

    private func submitDefaults(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let form = try context.form()
        var values = TicketDefaultValues()
        for choice in TicketDefault.allCases { values.values[choice] = form.text(choice.rawValue).trimmingSpaces }
        var page = try await defaultsPage(context, connection, values, sent: form)
        page.typesIDs = form.text("lists") != "yes"
        let isShownAgain = form.text("action") == "reload" || form.searchedField != nil
        if isShownAgain { page.dropForeignChoices() }
        guard page.revision == connection.revision, form.has("revision") || isShownAgain else { return Self.stale(page) }
        guard !isShownAgain else { return .page(200, page) }
        do {
            var typed: [TicketField.ID: String]?
            if case .success(let inputs)? = page.fields, form.has(TicketFieldInputs.typeField) { typed = inputs.typed }
            let audit = context.audit(.ticketDefaultsChanged, connection.name, .done, values.sentence + Self.sentence(typed))
            _ = try await services.connections.saveTicketDefaults(
                values, fields: typed, of: connection, acceptsUnverified: form.has("accept-unverified"), audit: audit)
            return .redirect(to: "/integrations/\(connection.id)/ticket-defaults?notice=defaults")
        } catch let refusal as TicketDefaultsError {
            switch refusal {
            case .invalid(let problems, let issues):
                page.problems = problems
                if case .success(var inputs)? = page.fields {
                    inputs.show(issues)
                    page.fields = .success(inputs)
                }
                return .page(422, page)
            case .unverified:
                page.needsConfirmation = true
                page.notice = Notice(
                    .warning,
                    "These ids could not be verified. Try again later, or tick the box below the fields to save them as they are."
                ).refusing()
                return .page(409, page)
            case .stale: return Self.stale(page)
            }
        }
    }

    /// The fields with a default, for the audit log: their ids without their values.
    private static func sentence(_ fields: [TicketField.ID: String]?) -> String {
        guard let fields, !fields.isEmpty else { return "" }
        return " Fields: \(fields.keys.map(\.rawValue).sorted().prefix(20).joined(separator: ", "))."
    }

    private static func stale(_ page: TicketDefaultsPage) -> WebResponse {
        var page = page
        page.notice = Notice(
            .problem, "This connection was changed after you opened it. Open the page again and repeat your change."
        ).refusing()
        return .page(409, page)
    }

    private func testTicket(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let stored = connection.ticketDefaults(try descriptor(of: connection))
        let services = services
        @Sendable func create() async throws -> ConnectionCheck {
            try await services.connections.createTestTicket(with: connection, audit: context.audit(.testTicketCreated, connection.name))
        }
        let number = context.request.formFields.map { SubmittedForm($0).text(UsedForms.field) } ?? ""
        guard !number.isEmpty else {
            var page = try await defaultsPage(context, connection, stored)
            page.testTicket = try await create()
            return .page(200, page)
        }
        let user = try context.requireSignedInUser()
        _ = try await services.usedForms.once(number, in: user.session, "test-ticket/\(connection.id)") { .testTicket(try await create()) }
        let path = "/integrations/\(connection.id)/ticket-defaults?tested=\(WebPath.encoded(number))"
        return .redirect(to: path + "#test-ticket-result")
    }
}

extension APIRoutes {
    var ticketDefaultsRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections/{id}/ticket-choices", .viewer, for: .readConnections) { context in
                try context.allowQuery(TicketDefault.allCases.map(\.rawValue))
                let (connection, _) = try await connection(context)
                var values = TicketDefaultValues()
                for choice in TicketDefault.allCases {
                    values.values[choice] = context.request.queryValue(choice.rawValue).flatMap { TicketType.ID($0) }?.rawValue
                }
                return .json(try await services.connections.choices(of: connection, with: values).json(in: context.renderer))
            },
            Route(.get, "\(Self.root)/connections/{id}/ticket-fields", .viewer, for: .readConnections) { try await ticketFields($0) },
            Route(.get, "\(Self.root)/connections/{id}/ticket-field-choices", .viewer, for: .readConnections) {
                try await ticketFieldChoices($0)
            },
            Route(.get, "\(Self.root)/connections/{id}/ticket-defaults", .viewer, for: .readConnections) { context in
                try context.allowQuery([])
                let (connection, descriptor) = try await connection(context)
                return .json(connection.ticketDefaultsJSON(descriptor))
            },
            Route(.put, "\(Self.root)/connections/{id}/ticket-defaults", .admin) { try await saveTicketDefaults($0) },
            Route(.post, "\(Self.root)/connections/{id}/test-ticket", .admin) { context in
                let (connection, _) = try await connection(context)
                let check = try await services.connections.createTestTicket(
                    with: connection, audit: context.audit(.testTicketCreated, connection.name))
                let json = check.json(in: context.renderer)
                return .json(check.error.map { json.adding(("problem", $0.problem(in: context.renderer))) } ?? json)
            },
        ]
    }

    private func saveTicketDefaults(_ context: RequestContext) async throws -> WebResponse {
        let (connection, descriptor) = try await connection(context)
        var body = try APIBody(context.request, nullable: ["type", "status", "priority", "fields"])
        var submission = TicketDefaultValues()
        for choice in TicketDefault.allCases { submission.values[choice] = body.id(choice.rawValue).trimmingSpaces }
        let fields = body.has("fields") ? body.fieldTexts("fields") : nil
        let acceptsUnverified = body.optionalFlag("acceptUnverified") ?? false
        let revision = body.integer("revision")
        try body.finish()
        guard revision == connection.revision else { throw TicketDefaultsError.stale }
        let audit = context.audit(.ticketDefaultsChanged, connection.name, .done, submission.sentence)
        let saved = try await services.connections.saveTicketDefaults(
            submission, fields: fields, of: connection, acceptsUnverified: acceptsUnverified, audit: audit)
        return .json(saved.json(descriptor, state: try await state(of: saved)))
    }

    private func ticketFields(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["type"])
        let (connection, _) = try await connection(context)
        let type = context.request.queryValue("type").flatMap { TicketType.ID($0) } ?? services.connections.defaultType(of: connection)
        return .json(try await services.connections.ticketForm(of: connection, for: type).boundedJSON)
    }

    private func ticketFieldChoices(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery(["type", "field", "query", "limit"])
        let (connection, _) = try await connection(context)
        guard let field = context.request.queryValue("field").flatMap({ TicketField.ID($0) }) else {
            throw APIError([BodyError("field", .missing)])
        }
        let limit = context.request.queryValue("limit").map { Int($0) ?? 0 } ?? TicketFieldInputs.maxFound
        guard (1...TicketFieldInputs.maxListed).contains(limit) else {
            throw APIError([BodyError("limit", .outOfRange(1...TicketFieldInputs.maxListed))])
        }
        let type = context.request.queryValue("type").flatMap { TicketType.ID($0) } ?? services.connections.defaultType(of: connection)
        let fields = try await services.connections.ticketForm(of: connection, for: type).fields
        guard fields.contains(where: { $0.id == field }) else {
            let known = fields.filter { $0.choices != .none }.map(\.id.rawValue).joined(separator: ", ")
            throw APIError([
                BodyError(
                    "field", known.isEmpty ? .unknown(nearest: nil, known: []) : .noChoice(known: known))
            ])
        }
        let query = ChoiceQuery(context.request.queryValue("query") ?? "", limit: limit)
        let found = try await services.connections.fieldChoices(of: connection, field: field, for: type, matching: query)
        return .json(["choices": .array(found.map { ["id": .string($0.id.rawValue), "label": .string($0.label)] })])
    }
}

extension APIBody {
    /// The values of fields as texts: strings, numbers, booleans, or arrays of strings for several choices.
    fileprivate mutating func fieldTexts(_ name: String) -> [TicketField.ID: String] {
        guard let view = view(name) else { return [:] }
        guard view.isObject else {
            note(name, .wrongType(.object))
            return [:]
        }
        var texts: [TicketField.ID: String] = [:]
        for member in view.members.prefix(TicketFieldLimits.maxFields + 1) {
            let path = "\(name).\(member.name)"
            guard let id = TicketField.ID(member.name) else {
                note(path, .unknown(nearest: nil, known: []))
                continue
            }
            if member.value.isNull { continue }
            if texts[id] != nil { note(path, .duplicate) }
            guard let text = Self.fieldText(member.value) else {
                note(path, .wrongType(.textOrNumber))
                continue
            }
            guard text.utf8.count <= TicketFieldLimits.maxValueBytes else {
                note(path, .tooLong(limit: TicketFieldLimits.maxValueBytes))
                continue
            }
            texts[id] = text
        }
        if view.members.count > TicketFieldLimits.maxFields {
            note(name, .invalid("At most \(TicketFieldLimits.maxFields) fields can have a default."))
        }
        return texts
    }

    /// The value of a field as a person would type it; nil for an object or null.
    static func fieldText(_ view: JSONView) -> String? {
        switch JSONValue(view) {
        case .string(let text): text
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): TicketFieldValue.number(number).text
        case .array(let elements):
            elements.allSatisfy { $0.string != nil } ? elements.compactMap(\.string).joined(separator: "\n") : nil
        default: nil
        }
    }
}

extension StoredConnection {
    /// The ticket defaults for programs.
    fileprivate func ticketDefaultsJSON(_ descriptor: ConnectorDescriptor) -> JSONValue {
        let standard = ticketDefaults(descriptor)
        let fields = ticketFieldDefaults.values.sorted { $0.key.rawValue < $1.key.rawValue }
        func id(_ choice: TicketDefault) -> JSONValue? { standard[choice].isEmpty ? nil : .string(standard[choice]) }
        return .init(present: [
            ("revision", .integer(revision)), ("type", id(.type)), ("status", id(.status)), ("priority", id(.priority)),
            ("fields", .init(present: fields.map { ($0.key.rawValue, $0.value.json) })),
            ("fieldsType", ticketFieldDefaults.type.map { .string($0.rawValue) }),
        ])
    }
}

extension TicketForm {
    /// The fields for programs; longer lists of choices than a page shows are searched.
    fileprivate var boundedJSON: JSONValue {
        let bounded = fields.map { field in
            var field = field
            if case .listed(let choices) = field.choices, choices.count > TicketFieldInputs.maxListed { field.choices = .searched }
            return field
        }
        return .init(present: [
            ("type", type.map { .string($0.rawValue) }), ("fingerprint", .string(fingerprint)), ("fields", .array(bounded.map(\.json))),
        ])
    }
}

extension TicketChoices {
    /// The lists for programs.
    fileprivate func json(in renderer: TextRenderer) -> JSONValue {
        [
            "types": .array(types.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
            "statuses": .array(
                statuses.map { ["id": .string($0.id.rawValue), "name": .string($0.name), "phase": .string($0.phase.rawValue)] }),
            "priorities": .array(priorities.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
            "dependsOn": JSONValue(
                present: TicketDefault.allCases.map { choice in
                    (choice.rawValue, dependencies[choice].map { .array($0.map { .string($0.rawValue) }) })
                }),
            "unreadable": JSONValue(
                present: TicketDefault.allCases.map { choice in (choice.rawValue, unreadable[choice]?.problem(in: renderer)) }),
        ]
    }
}
