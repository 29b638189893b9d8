public import PSACore

extension HaloConnector: TicketCreating {
    /// A summary and a type; what else a type demands, HaloPSA tells only by refusing.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        let chosen = type ?? settings.ticketType
        return TicketForm(
            type: chosen,
            fields: [
                .standard(.summary, isRequired: true), .standard(.type, isRequired: chosen == nil), .standard(.details),
                .standard(.company),
                .standard(.contact), .standard(.status, dependsOn: [.type]), .standard(.priority, dependsOn: [.type]),
                .standard(.externalReference),
            ])
    }

    /// Creates a ticket; type, status and priority fall back to the connection's ticket defaults.
    ///
    /// One create at a time per HaloPSA: it numbers tickets unsafely in parallel and then fails (seen live by one integrator).
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        let (record, asked) = try await record(for: draft)
        let gate = context.tenants.gate(for: client.declaration.tenantKey + ":create-ticket")
        return try await gate.pass {
            let saved = try await client.write(.tickets, record, about: Self.newTicket)
            let row = HaloRow(view: saved, fetchedAt: client.time.now())
            guard var ticket = Ticket(halo: row, origin: settings.tenantURL) else {
                throw client.error(.writeOutcomeUnknown, about: Self.newTicket, evidence: .noSavedRecord)
            }
            guard !asked.isPlainlyAnother(ticket) else {
                throw client.error(.writeOutcomeUnknown, about: Self.newTicket, evidence: .anotherRecord)
            }
            ticket.differences = asked.differences(in: ticket, row: row)
            return ticket
        }
    }

    /// Tickets with exactly this external reference: open, closed and deleted ones.
    ///
    /// Older builds ignore the filter and answer with any tickets, so the reference of each row is compared; where the filter did not hold,
    /// only the newest 100 tickets of each kind were looked at.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        try await search(externalReference: externalReference).tickets
    }

    /// The same; exhaustive if each row that came back carries the reference, or if all tickets came back and each named its own.
    public func search(externalReference: String) async throws -> ReferenceSearch {
        let now = client.time.now()
        let newestFirst = [
            QueryItem("third_party_id_string", externalReference), QueryItem("pageinate", "true"), QueryItem("page_no", "1"),
            QueryItem("page_size", String(HaloPagePosition.pageSize)), QueryItem("order", "id"), QueryItem("orderdesc", "true"),
        ]
        var result = ReferenceSearch(tickets: [], isExhaustive: true)
        for state in [[], [QueryItem("closed_only", "true")], [QueryItem("deleted", "true")]] {
            let page = try await client.wholeList(of: .tickets, newestFirst + state) {
                Ticket(halo: HaloRow(view: $0, fetchedAt: now), origin: settings.tenantURL)
            }
            // A row that can't be read may be the one that is looked for, and "not found" would lead to a second ticket.
            guard page.unreadable.isEmpty else { throw unreadable(.rows(.tickets)) }
            let rows = page.items
            var isFiltered = true
            var areAllNamed = rows.count < HaloPagePosition.pageSize && (page.total ?? 0) <= rows.count
            for ticket in rows where !result.tickets.contains(where: { $0.id == ticket.id }) {
                let named = try await reference(of: ticket, among: rows.count)
                if named == externalReference {
                    result.tickets.append(ticket)
                } else {
                    isFiltered = false
                    if named?.isEmpty ?? true { areAllNamed = false }
                }
            }
            if !isFiltered, !areAllNamed { result.isExhaustive = false }
        }
        return result
    }

    static let newTicket = HaloMessage.newTicket

    /// HaloPSA requires a type on every new ticket; without a default the setting is missing.
    private var missingTicketType: PSAError {
        let field = Self.descriptor.settings[.ticketTypeID]
        return PSAError(
            settings: [
                SettingIssue(
                    field: .ticketTypeID, code: .configMissingField,
                    localizedMessage: .missing(label: field?.label ?? "", help: field?.help ?? ""))
            ], descriptor: Self.descriptor)
    }

    /// The reference that a row carries; nil if that is not known.
    ///
    /// Some lists leave the member out; the detail of a handful of rows can be read instead.
    private func reference(of row: Ticket, among count: Int) async throws -> String? {
        if let stated = row.externalReference { return stated }
        guard row.native["third_party_id_string"] == nil else { return "" }
        guard count <= 5 else { return nil }
        return try await ticket(row.id).externalReference ?? ""
    }

    /// What is sent for a draft, and the draft with what the ticket defaults and the contact add to it.
    private func record(for draft: TicketDraft) async throws -> (JSONValue, asked: TicketDraft) {
        let summary = draft.summary.trimmingSpaces
        guard !summary.isEmpty else { throw client.error(.requestInvalid, about: Self.newTicket, message: .noSummary) }
        var asked = settings.withDefaults(draft)
        guard let type = asked.type else { throw missingTicketType }
        let contact = try await draft.contact.mapAsync { try await placement(of: $0, company: draft.company) }
        if asked.company == nil, case .integer(let company)? = contact?.company { asked.company = Company.ID(company) }
        let record = JSONValue(present: [
            ("summary", .string(summary)),
            ("details", draft.details.map(JSONValue.string)),
            ("tickettype_id", try choice(type, Self.newTicket)),
            ("status_id", try asked.status.map { try choice($0, Self.newTicket) }),
            ("priority_id", try asked.priority.map { try choice($0, Self.newTicket) }),
            ("client_id", try draft.company.map { try choice($0, Self.newTicket) } ?? contact?.company),
            ("site_id", contact?.site),
            ("user_id", contact?.user),
            ("third_party_id_string", draft.externalReference.map(JSONValue.string)),
        ])
        return (record, asked)
    }

    /// A contact's place: HaloPSA takes a user only together with its site (seen live by CIPP).
    private func placement(
        of contact: Contact.ID, company: Company.ID?
    ) async throws -> (user: JSONValue, site: JSONValue?, company: JSONValue?) {
        let object = HaloMessage.contact(contact.rawValue)
        let root = try await client.read(.contacts, id: try number(contact, object), [QueryItem("includedetails", "true")], about: object)
        guard let person = Contact(halo: HaloRow(view: root, fetchedAt: client.time.now())) else { throw unreadable(object) }
        if let company, let own = person.company, own.id != company {
            throw client.error(
                .requestInvalid, about: Self.newTicket,
                message: .contactOfAnotherCompany(contact: contact.rawValue, own: own.id.rawValue, wanted: company.rawValue))
        }
        return (
            try choice(contact, Self.newTicket), try person.site.map { try choice($0.id, Self.newTicket) },
            try person.company.map { try choice($0.id, Self.newTicket) }
        )
    }
}

extension HaloConnector: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// Adds a note hidden from the end user, without mail, text message or ticket rules.
    public func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        let object = HaloMessage.privateNote(ticket: ticket.rawValue)
        let record: JSONValue = [
            "ticket_id": try choice(ticket, object),
            "outcome_id": .integer(try await outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)),
            "note_html": .string(try HaloText.html(draft.text, about: object, client)),
            "hiddenfromuser": true, "sendemail": false, "sendsms": false, "dont_do_rules": true,
        ]
        let note = try await post(record, to: ticket, about: object)
        // A success status is no proof: an action's own settings can make its notes visible.
        guard note.visibility == .staffOnly else {
            throw client.error(.permissionActionDenied, about: object, message: .noteVisible)
        }
        return note
    }

    /// Adds a note the end user can read and asks HaloPSA to mail it to the ticket's contact.
    ///
    /// - Throws: ``PSAError`` with `ticket.action_incomplete`, before anything is sent, if the ticket's contact has no e-mail address.
    public func reply(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        let object = HaloMessage.reply(ticket: ticket.rawValue)
        let html = try HaloText.html(draft.text, about: object, client)
        let current = try await self.ticket(ticket)
        guard let address = try await mailAddress(of: current) else {
            throw client.error(
                .ticketActionIncomplete, about: object, message: .noRecipient, cause: CauseEvidence("no_recipient", by: .record))
        }
        let record: JSONValue = [
            "ticket_id": try choice(ticket, object),
            "outcome_id": .integer(try await outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)),
            "note_html": .string(html), "emailbody_html": .string(html), "emailto": .string(address),
            "emailsubject": .string(current.summary), "hiddenfromuser": false, "sendemail": true,
        ]
        return PostedReply(note: try await post(record, to: ticket, about: object), notification: .requested)
    }

    /// Changes the status and looks whether HaloPSA kept it.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        let status = change.status
        let object = HaloMessage.statusOf(ticket: ticket.rawValue)
        // Without the id HaloPSA would create a ticket instead of changing one.
        let record: JSONValue = ["id": try choice(ticket, object), "status_id": try choice(status, object)]
        let saved = try await client.write(.tickets, record, about: object)
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        guard var changed = Ticket(halo: row, origin: settings.tenantURL), changed.id == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        if changed.status == nil { changed = try await readBack(ticket, object) }
        guard changed.status?.id == status else {
            // A success status is no proof: workflows can keep a ticket where it is.
            throw client.error(
                .ticketStatusNotAllowed, about: object, message: .statusNotKept(changed.status?.id.rawValue ?? "-"),
                cause: CauseEvidence("workflow", by: .record))
        }
        return changed
    }

    private func post(_ record: JSONValue, to ticket: Ticket.ID, about object: HaloMessage) async throws -> TicketNote {
        let saved = try await client.write(.actions, record, about: object)
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        let namesTicket = row.view["ticket_id"].map { $0.integer == ticket.integer } ?? true
        guard namesTicket, let note = TicketNote(halo: row, ticket: ticket), note.ticket == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        return note
    }

    /// The ticket after a change; if it can't be read, what became of the change is not known.
    private func readBack(_ ticket: Ticket.ID, _ object: HaloMessage) async throws -> Ticket {
        do {
            return try await self.ticket(ticket)
        } catch let error as PSAError {
            var unknown = client.error(.writeOutcomeUnknown, about: object, evidence: .noSavedRecord)
            unknown.vendor = error.vendor
            throw unknown
        }
    }

    /// The address on the ticket, or that of its contact.
    private func mailAddress(of ticket: Ticket) async throws -> String? {
        for spelling in ["user_email", "useremail"] {
            if let address = ticket.native[spelling]?.string, address.contains("@") { return address }
        }
        guard let contact = ticket.contact?.id else { return nil }
        let root = try await client.read(.contacts, id: try number(contact, .contact(contact.rawValue)), about: .contact(contact.rawValue))
        return Contact(halo: HaloRow(view: root, fetchedAt: client.time.now()))?.emails.first { $0.contains("@") }
    }
}

extension Optional {
    /// `map` for a transformation that waits.
    func mapAsync<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let wrapped = self else { return nil }
        return try await transform(wrapped)
    }
}
