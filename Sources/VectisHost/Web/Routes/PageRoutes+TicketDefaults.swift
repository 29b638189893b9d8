import PSACore
import PSAEngine
import WebServer

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
        _ context: RequestContext, _ connection: StoredConnection, _ values: TicketDefaultsSubmission
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
        var values = TicketDefaultsSubmission()
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
                page.needsConsent = true
                page.notice = Notice(
                    .warning,
                    "Nobody could check whether these ids exist. Try again later, or tick the box below the fields to save them as they are."
                )
                return .page(409, page)
            case .stale: return Self.stale(page)
            }
        }
    }

    private static func stale(_ page: TicketDefaultsPage) -> WebResponse {
        var page = page
        page.notice = Notice(
            .problem, "Somebody else has changed this connection since you opened it. Open the page again and repeat your change.")
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
