#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// HaloPSA, HaloITSM and HaloServiceDesk: one product with one API, connected with a client ID and secret.
public struct HaloConnector: PSAConnector {
    let settings: HaloSettings
    let context: ConnectorContext
    let client: HaloClient
    let outcomes: HaloOutcomes
    let forms: HaloTicketForms

    /// Makes a connection without contacting HaloPSA.
    ///
    /// - Throws: ``/PSACore/PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        self.init(settings: try HaloSettings(settings), context: context, timeouts: HaloClient.backgroundTimeouts)
    }

    init(settings: HaloSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        self.settings = settings
        self.context = context
        client = HaloClient(settings: settings, context: context, timeouts: timeouts)
        outcomes = HaloOutcomes(client: client)
        forms = HaloTicketForms(client: client, ignoresMissing: settings.createsDespiteMissingFields)
    }
}

extension HaloConnector: CompanyReading, ContactReading, AgentReading {
    /// A page of `/Client`, the inactive ones included.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        let now = client.time.now()
        return try await client.page(of: .companies, at: cursor, Self.withInactive) { Company(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// The company's detail.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func company(_ id: Company.ID) async throws -> Company {
        let object = HaloMessage.company(id.rawValue)
        return try await client.read(.companies, id: try number(id, object), [QueryItem("includedetails", "true")], about: object) {
            Company(halo: HaloRow(view: $0, fetchedAt: client.time.now()))
        }
    }

    /// A page of `/Users`, the inactive ones included.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        let now = client.time.now()
        return try await client.page(of: .contacts, at: cursor, Self.withInactive) { Contact(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// `/Users` with a search, whose rows are compared exactly; one company's at most twenty.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        let now = client.time.now()
        let narrowing = try company.map { [QueryItem("client_id", try number($0, .contact(address)))] } ?? []
        let query = [QueryItem("search", address.trimmingSpaces), QueryItem("includeinactive", "false"), QueryItem("count", "20")]
        return try await client.choices(of: .contacts, query + narrowing) { Contact(halo: HaloRow(view: $0, fetchedAt: now)) }
            .filter { $0.has(email: address, of: company) }
    }

    /// All staff at once: `/Agent` declares no paging, and answers with a bare array or with `results`.
    ///
    /// - Throws: ``/PSACore/PSAError``; `sync.cursor_rejected` for any cursor, because the list is one page; or `CancellationError`.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        try refuseCursor(cursor, of: .agents)
        let now = client.time.now()
        let query = [QueryItem("includeenabled", "true"), QueryItem("includedisabled", "true"), QueryItem("includeapiagents", "true")]
        return try await client.wholeList(of: .agents, query) { Agent(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// Lists leave out what is inactive unless asked; booleans must be words, `1` counts as false.
    static let withInactive = [QueryItem("includeinactive", "true"), QueryItem("includeactive", "true")]
}

extension HaloConnector: VendorRequesting {
    /// The answer to a request below `/api`.
    ///
    /// - Throws: ``/PSACore/PSAError`` for an answer other than success, or `CancellationError`.
    public func vendorRequest(_ request: VendorRequest) async throws -> VendorAnswer { try await client.answer(to: request) }
}

extension HaloConnector: AgreementReading, RecurringInvoiceReading {
    /// A page of `/ClientContract`, the ended ones included.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func agreements(at cursor: PageCursor?) async throws -> Page<Agreement> {
        let now = client.time.now()
        return try await client.page(of: .contracts, at: cursor, [QueryItem("includeinactive", "true")]) {
            Agreement(halo: HaloRow(view: $0, fetchedAt: now))
        }
    }

    /// A page of `/RecurringInvoice`, without lines.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func recurringInvoices(at cursor: PageCursor?) async throws -> Page<RecurringInvoice> {
        let now = client.time.now()
        return try await client.page(of: .recurringInvoices, at: cursor) { RecurringInvoice(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// The invoice with its lines, which lists don't carry.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice {
        let object = HaloMessage.recurringInvoice(id.rawValue)
        return try await client.read(
            .recurringInvoices, id: try number(id, object), [QueryItem("includedetails", "true")], about: object
        ) { RecurringInvoice(halo: HaloRow(view: $0, fetchedAt: client.time.now())) }
    }
}

extension HaloConnector: TicketQuerying, TicketNoteReading {
    /// A page of `/Tickets` in the order of their ids, the closed ones included.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func tickets(changedSince date: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await tickets(matching: TicketQuery(changedSince: date), at: cursor)
    }

    /// A page of `/Tickets` with the vendor's own filters.
    ///
    /// Company: `client_id` (vendor's reference). Type: `requesttype`; `tickettype_id`, which the reference does not have, is ignored (seen
    /// live). Open and closed: `open_only` and `closed_only`, by which HaloPSA itself decides.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        let now = client.time.now()
        let date = query.changedSince
        let filters = try filters(of: query) + (date.map(Self.changed) ?? [])
        // Rows are looked at again only because an unknown filter is ignored. A day of slack keeps what the server's clock and zone put on
        // the other side, and an action may move `lastactiondate` alone.
        let earliest = date?.addingTimeInterval(-86_400)
        return try await client.page(of: .tickets, at: cursor, filters, in: query.order == .newestFirst ? .newestFirst : .byID) {
            Ticket(halo: HaloRow(view: $0, fetchedAt: now), origin: settings.tenantURL)
        } keep: { ticket in
            guard let earliest, let updated = ticket.updatedAt else { return true }
            return updated >= earliest || ticket.lastActivityAt.map { $0 >= earliest } ?? false
        }
    }

    private func filters(of query: TicketQuery) throws -> [QueryItem] {
        var filters: [QueryItem] = []
        if query.phases == [.closed] {
            filters.append(QueryItem("closed_only", "true"))
        } else if query.phases.isEmpty || query.phases.contains(.closed) {
            // A live tenant's lists had fewer tickets without `includeclosed` (one source).
            filters.append(QueryItem("includeclosed", "true"))
        } else {
            filters.append(QueryItem("open_only", "true"))
        }
        if let company = query.company { filters.append(QueryItem("client_id", try number(company, .company(company.rawValue)))) }
        if let type = query.type { filters.append(QueryItem("requesttype", try number(type, .ticketType(type.rawValue)))) }
        return filters
    }

    /// The ticket's detail: only there, and only with `includedetails`, are its custom fields filled.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        let object = HaloMessage.ticket(id.rawValue)
        return try await client.read(.tickets, id: try number(id, object), [QueryItem("includedetails", "true")], about: object) {
            Ticket(halo: HaloRow(view: $0, fetchedAt: client.time.now()), origin: settings.tenantURL)
        }
    }

    /// All notes at once: `/Actions` has no pages, needs the ticket's id, and gives 50 rows unless asked for more.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try refuseCursor(cursor, of: .actions)
        let now = client.time.now()
        let query = [
            QueryItem("ticket_id", try number(ticket, .ticket(ticket.rawValue))), QueryItem("count", String(Self.maxNotes)),
            QueryItem("includehtmlnote", "true"),
        ]
        var page = try await client.wholeList(of: .actions, query) { TicketNote(halo: HaloRow(view: $0, fetchedAt: now), ticket: ticket) }
        page.isCutOff = page.items.count + page.unreadable.count >= Self.maxNotes
        return page
    }

    private static let maxNotes = 1_000
}

extension HaloConnector {
    /// An id as HaloPSA takes it in a path: a whole number.
    func number<Entity>(_ id: RecordID<Entity>, _ object: HaloMessage) throws -> String {
        guard let number = id.integer, Int32(exactly: number) != nil else { throw notANumber(id.rawValue, object) }
        return String(number)
    }

    /// The id of a record that is written to, or referred to in a body: a JSON integer, and never 0 or less, which HaloPSA takes for a new
    /// record or for none.
    func choice<Entity>(_ id: RecordID<Entity>, _ object: HaloMessage) throws -> JSONValue {
        guard let number = id.integer, number > 0, Int32(exactly: number) != nil else { throw notANumber(id.rawValue, object) }
        return .integer(number)
    }

    func unreadable(_ object: HaloMessage) -> PSAError { client.error(.vendorUnexpectedResponse, about: object, evidence: .noSuchRecord) }

    private func notANumber(_ text: String, _ object: HaloMessage) -> PSAError {
        client.error(.requestInvalid, about: object, message: .notANumber(String(text.prefix(40))))
    }

    /// Lists that come whole have no place to go on at.
    private func refuseCursor(_ cursor: PageCursor?, of resource: HaloResource) throws {
        if cursor != nil { throw client.error(.syncCursorRejected, about: .rows(resource)) }
    }
}

extension HaloConnector: PicklistReading {
    /// All rows of `/TicketType`.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketTypes() async throws -> [TicketType] { try await ticketTypes([QueryItem("showall", "true")]) }

    /// The types of which the login agent may create tickets; where the server ignores the filter, all of them.
    func creatableTicketTypes() async throws -> [TicketType] { try await ticketTypes([QueryItem("can_create_only", "true")]) }

    private func ticketTypes(_ query: [QueryItem]) async throws -> [TicketType] {
        let now = client.time.now()
        return try await client.choices(of: .ticketTypes, query) { TicketType(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// The statuses, with a hint which of them close a ticket.
    ///
    /// A status row has no mark for “closed”; those that disappear when closed ones are excluded are taken for it. Where the server ignores
    /// that filter, nothing disappears and every phase stays unknown.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        let narrowing = try type.map { [QueryItem("tickettype_id", try number($0, .ticketType($0.rawValue)))] } ?? []
        async let everything = statusRows(narrowing)
        async let withoutClosed = statusRows(narrowing + [QueryItem("excludeclosed", "true")])
        let (all, open) = (try await everything, Set(try await withoutClosed.map(\.id)))
        let scope = type.map(PicklistScope.ticketType) ?? .tenant
        return all.map { status in
            var status = status
            status.scope = scope
            status.phase = open.contains(status.id) || open.isEmpty ? .unknown : .closed
            return status
        }
    }

    /// The priorities of a ticket type's SLA, or those of every SLA.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        let now = client.time.now()
        let serviceLevel = try await type.mapAsync { try await defaultServiceLevel(of: $0) } ?? nil
        let query = serviceLevel.map { [QueryItem("slaid", $0)] } ?? []
        let priorities = try await client.choices(of: .priorities, query) {
            TicketPriority(halo: HaloRow(view: $0, fetchedAt: now))
        }
        guard let serviceLevel else { return priorities }
        return priorities.filter { $0.scope == .serviceLevel(serviceLevel) }
    }

    /// The SLA a ticket type starts with, which decides its priorities (seen live by CIPP).
    private func defaultServiceLevel(of type: TicketType.ID) async throws -> String? {
        let object = HaloMessage.ticketType(type.rawValue)
        let detail = try await client.read(.ticketTypes, id: try number(type, object), [QueryItem("includedetails", "true")], about: object)
        {
            TicketType(halo: HaloRow(view: $0, fetchedAt: client.time.now()))
        }
        return detail.defaultServiceLevel
    }

    private func statusRows(_ query: [QueryItem]) async throws -> [TicketStatus] {
        let now = client.time.now()
        return try await client.choices(of: .statuses, query) {
            TicketStatus(halo: HaloRow(view: $0, fetchedAt: now), scope: .tenant, phase: .unknown)
        }
    }
}
