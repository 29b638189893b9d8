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
    /// Whether the user chose to type ids although there are lists.
    var typesIDs = false
    var problems: [TicketDefault: String] = [:]
    var needsConfirmation = false
    var notice: Notice?
    var testTicket: ConnectionCheck?

    private var path: String { "/integrations/\(connection.id)/ticket-defaults" }

    var document: HTML {
        Layout(context, .integrations, title: "Ticket defaults: \(connection.name)").document(
            """
            <p class="crumbs"><a href="/integrations">Integrations</a></p>
            <h1>Ticket defaults: \(connection.name)</h1>
            \(notice?.html)
            <p class="lead">New tickets start with these. A rule can choose others. They are checked against \(descriptor.displayName) when you save, and again at each
            connection test.</p>
            \(listsFailed)
            <form method="post" action="\(path)" novalidate>
            \(FormToken(context.user).field)
            <input type="hidden" name="revision" value="\(connection.revision)">
            <input type="hidden" name="lists" value="\(usesLists ? "yes" : "no")">
            <fieldset\(flag: "disabled", !isAdmin)><legend class="hidden">Ticket defaults</legend>
            \(each: TicketDefault.allCases, row)
            </fieldset>
            \(needsConfirmation ? tick : .empty)
            \(isAdmin ? buttons : .empty)
            </form>
            \(isAdmin ? testTicketSection : .empty)
            """)
    }

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    private var lists: TicketChoices? { try? choices.get() }
    private var usesLists: Bool { lists != nil && !typesIDs }

    private var listsFailed: HTML {
        guard case .failure(let error) = choices else { return .empty }
        return """
            \(Notice(.warning, "The lists of \(descriptor.displayName) can’t be read now, so the ids have to be typed.").html)
            \(GuidancePanel(error: error, services: services, isBesideForm: false).html)
            """
    }

    private func row(_ choice: TicketDefault) -> HTML {
        let declared = descriptor.settings.fields.first { $0.purpose == .ticketDefault(choice) }
        guard let field = declared else { return .empty }
        return FieldRow(
            name: choice.rawValue, label: usesLists ? Self.label(choice) : field.label, input: input(choice),
            help: field.help, example: usesLists ? "" : field.example, guide: services.guides.path(of: field.guideAnchor),
            problem: problems[choice], takesFocus: problems.keys.min { $0.place < $1.place } == choice
        ).html + (choice == .type && usesLists ? reload : .empty)
    }

    private static func label(_ choice: TicketDefault) -> String {
        switch choice {
        case .type: "Ticket type"
        case .status: "Status"
        case .priority: "Priority"
        }
    }

    /// Without the script, the lists that depend on the type are fetched by this button.
    private var reload: HTML {
        "<p><button class=\"quiet\" name=\"action\" value=\"reload\" data-reload=\"type\">Show its statuses and priorities</button></p>"
    }

    /// Clears what was chosen under another ticket type and does not exist under this one.
    mutating func dropForeignChoices() {
        guard let lists else { return }
        for choice in [TicketDefault.status, .priority] where !lists.options(choice).contains(where: { $0.value == values[choice] }) {
            values.values[choice] = nil
        }
    }

    private func input(_ choice: TicketDefault) -> FieldRow.Input {
        guard usesLists, let lists else { return .number(value: values[choice]) }
        let options = lists.options(choice)
        let known = options.contains { $0.value == values[choice] } || values[choice].isEmpty
        // A stored id that is no longer in the list must not look as if nothing were stored.
        let gone = known ? [] : [(value: values[choice], label: "\(values[choice]) (not in the list any more)")]
        return .choice(value: values[choice], options: gone + options, empty: Self.emptyChoice(choice, hasType: !values[.type].isEmpty))
    }

    private static func emptyChoice(_ choice: TicketDefault, hasType: Bool) -> String {
        switch choice {
        case .type: "Choose a ticket type"
        case .status: "The one the ticket type starts with"
        case .priority: hasType ? "The one the ticket type starts with" : "Choose a ticket type first"
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
        guard descriptor.capabilities.contains(.createTickets) else { return .empty }
        return """
            <section aria-labelledby="test-ticket"><h2 id="test-ticket">Try them</h2>
            <p>A ticket called “Connection test, please ignore” is created with the saved defaults, read back, and deleted or closed again.</p>
            <form method="post" action="\(path)/test-ticket">\(FormToken(context.user).field)<button>Create a test ticket</button></form>
            \(testTicket.map { check in CheckList.list([check]) + (check.error.map(testTicketGuidance) ?? .empty) })
            </section>
            """
    }

    private func testTicketGuidance(_ error: PSAError) -> HTML {
        GuidancePanel(error: error, services: services, isBesideForm: false, titleID: "test-ticket-guidance").html
    }
}

extension TicketChoices {
    /// A list as options of a form.
    fileprivate func options(_ choice: TicketDefault) -> [(value: String, label: String)] {
        switch choice {
        case .type: types.map { ($0.id.rawValue, $0.name) }
        case .status: statuses.map { ($0.id.rawValue, $0.name) }
        case .priority: priorities.map { ($0.id.rawValue, $0.name) }
        }
    }
}

extension TicketDefault {
    /// Its place in the form.
    fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension PageRoutes {
    var ticketDefaultsRoutes: [Route] {
        [
            Route(.get, "/integrations/{id}/ticket-defaults", .viewer) { context in
                let connection = try await connection(context)
                let stored = connection.ticketDefaults(try descriptor(of: connection))
                return .page(200, try await defaultsPage(context, connection, stored))
            },
            Route(.post, "/integrations/{id}/ticket-defaults", .admin) { try await submitDefaults($0) },
            Route(.post, "/integrations/{id}/ticket-defaults/test-ticket", .admin) { try await testTicket($0) },
        ]
    }

    private func defaultsPage(
        _ context: RequestContext, _ connection: StoredConnection, _ values: TicketDefaultValues
    ) async throws -> TicketDefaultsPage {
        TicketDefaultsPage(
            services: services, context: context, connection: connection, descriptor: try descriptor(of: connection), values: values,
            choices: try await choices(of: connection, for: TicketType.ID(values[.type])),
            typesIDs: context.request.queryValue("ids") == "typed",
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }

    private func choices(of connection: StoredConnection, for type: TicketType.ID?) async throws -> Result<TicketChoices, PSAError> {
        do {
            return .success(try await services.connections.choices(of: connection, for: type))
        } catch let error as PSAError {
            return .failure(error)
        }
    }

    private func submitDefaults(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let form = try context.form()
        var values = TicketDefaultValues()
        for choice in TicketDefault.allCases { values.values[choice] = form.text(choice.rawValue).trimmingSpaces }
        var page = try await defaultsPage(context, connection, values)
        page.typesIDs = form.text("lists") != "yes"
        guard form.text("action") != "reload" else {
            page.dropForeignChoices()
            return .page(200, page)
        }
        guard form.text("revision") == String(connection.revision) else { return Self.stale(page) }
        do {
            let audit = context.audit(.ticketDefaultsChanged, connection.name, .done, values.sentence)
            _ = try await services.connections.saveTicketDefaults(
                values, of: connection, acceptsUnverified: form.has("accept-unverified"), audit: audit)
            return .redirect(to: "/integrations/\(connection.id)/ticket-defaults?notice=defaults")
        } catch let refusal as TicketDefaultsError {
            switch refusal {
            case .invalid(let problems):
                page.problems = problems
                return .page(422, page)
            case .unverified:
                page.needsConfirmation = true
                page.notice = Notice(
                    .warning,
                    "These ids could not be verified. Try again later, or tick the box below the fields to save them as they are."
                )
                return .page(409, page)
            case .stale: return Self.stale(page)
            }
        }
    }

    private static func stale(_ page: TicketDefaultsPage) -> WebResponse {
        var page = page
        page.notice = Notice(
            .problem, "This connection was changed after you opened it. Open the page again and repeat your change.")
        return .page(409, page)
    }

    private func testTicket(_ context: RequestContext) async throws -> WebResponse {
        let connection = try await connection(context)
        let stored = connection.ticketDefaults(try descriptor(of: connection))
        let check = try await services.connections.createTestTicket(
            with: connection, audit: context.audit(.testTicketCreated, connection.name))
        var page = try await defaultsPage(context, connection, stored)
        page.testTicket = check
        return .page(200, page)
    }
}

extension APIRoutes {
    var ticketDefaultsRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections/{id}/ticket-choices", .viewer) { context in
                try context.allowQuery(["type"])
                let (connection, _) = try await connection(context)
                let type = context.request.queryValue("type").flatMap { TicketType.ID($0) }
                return .json(try await services.connections.choices(of: connection, for: type).json)
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
        var body = try APIBody(context.request)
        var submission = TicketDefaultValues()
        for choice in TicketDefault.allCases { submission.values[choice] = body.id(choice.rawValue).trimmingSpaces }
        let acceptsUnverified = body.flag("acceptUnverified")
        let revision = body.integer("revision")
        try body.finish()
        guard revision == connection.revision else { throw TicketDefaultsError.stale }
        let audit = context.audit(.ticketDefaultsChanged, connection.name, .done, submission.sentence)
        let saved = try await services.connections.saveTicketDefaults(
            submission, of: connection, acceptsUnverified: acceptsUnverified, audit: audit)
        return .json(saved.json(descriptor))
    }
}

extension TicketChoices {
    /// The lists for programs.
    fileprivate var json: JSONValue {
        [
            "types": .array(types.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
            "statuses": .array(
                statuses.map { ["id": .string($0.id.rawValue), "name": .string($0.name), "phase": .string($0.phase.rawValue)] }),
            "priorities": .array(priorities.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
        ]
    }
}
