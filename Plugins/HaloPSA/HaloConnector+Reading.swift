public import FoundationEssentials
public import PSACore

extension HaloConnector: CompanyReading, ContactReading, AgentReading {
    /// A page of `/Client`, the inactive ones included.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        let now = client.time.now()
        return try await client.page(of: .companies, at: cursor, Self.withInactive) { Company(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// A page of `/Users`, the inactive ones included.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        let now = client.time.now()
        return try await client.page(of: .contacts, at: cursor, Self.withInactive) { Contact(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// All staff at once: `/Agent` declares no paging, and answers with a bare array or with `results`.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        try refuseCursor(cursor, of: .agents)
        let now = client.time.now()
        let query = [QueryItem("includeenabled", "true"), QueryItem("includedisabled", "true"), QueryItem("includeapiagents", "true")]
        return try await client.wholeList(of: .agents, query) { Agent(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// Lists leave out what is inactive unless asked; booleans must be words, `1` counts as false.
    static let withInactive = [QueryItem("includeinactive", "true"), QueryItem("includeactive", "true")]
}

extension HaloConnector: AgreementReading, RecurringInvoiceReading {
    /// A page of `/ClientContract`, the ended ones included.
    public func agreements(at cursor: PageCursor?) async throws -> Page<Agreement> {
        let now = client.time.now()
        return try await client.page(of: .contracts, at: cursor, [QueryItem("includeinactive", "true")]) {
            Agreement(halo: HaloRow(view: $0, fetchedAt: now))
        }
    }

    /// A page of `/RecurringInvoice`, without lines.
    public func recurringInvoices(at cursor: PageCursor?) async throws -> Page<RecurringInvoice> {
        let now = client.time.now()
        return try await client.page(of: .recurringInvoices, at: cursor) { RecurringInvoice(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// The invoice with its lines, which lists don't carry.
    public func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice {
        let object = HaloMessage.recurringInvoice(id.rawValue)
        let root = try await client.read(
            .recurringInvoices, id: try number(id, object), [QueryItem("includedetails", "true")], about: object)
        guard let invoice = RecurringInvoice(halo: HaloRow(view: root, fetchedAt: client.time.now())) else { throw unreadable(object) }
        return invoice
    }
}

extension HaloConnector: TicketReading, TicketNoteReading {
    /// A page of `/Tickets` in the order of their ids.
    public func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        let now = client.time.now()
        // Declared as a boolean in the vendor's document, and a date in practice (three clients). Changes in the second of the moment
        // count, because the filter has whole seconds.
        let query = moment.map { [QueryItem("lastupdatefromdate", HaloDate.filter($0))] } ?? []
        // Rows are looked at again only because an unknown filter is ignored. A day of slack keeps what the server's clock and zone put on
        // the other side, and an action may move `lastactiondate` alone.
        let earliest = moment?.addingTimeInterval(-86_400)
        return try await client.page(of: .tickets, at: cursor, query) {
            Ticket(halo: HaloRow(view: $0, fetchedAt: now), origin: settings.tenantURL)
        } keep: { ticket in
            guard let earliest, let updated = ticket.updatedAt else { return true }
            return updated >= earliest || HaloDate.parse(ticket.native["lastactiondate"]?.string).map { $0 >= earliest } ?? false
        }
    }

    /// The ticket's detail: only there, and only with `includedetails`, are its custom fields filled.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        let object = HaloMessage.ticket(id.rawValue)
        let root = try await client.read(.tickets, id: try number(id, object), [QueryItem("includedetails", "true")], about: object)
        guard let ticket = Ticket(halo: HaloRow(view: root, fetchedAt: client.time.now()), origin: settings.tenantURL) else {
            throw unreadable(object)
        }
        return ticket
    }

    /// All notes at once: `/Actions` has no pages, needs the ticket's id, and gives 50 rows unless asked for more.
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
