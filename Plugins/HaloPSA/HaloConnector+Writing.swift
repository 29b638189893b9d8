public import PSACore

extension HaloConnector: TicketCreating {
    /// What `GET /TicketType/{id}` says the type demands, with the choices of every field; of long lists only a search.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        guard let chosen = type ?? settings.ticketType else { return HaloTicketForm.standard(nil, requiresType: true) }
        let (read, choices) = try await form(of: chosen, .all)
        return read.with(choices, listing: HaloTicketForm.maxListed)
    }

    /// Searches the choices of a field; assets by HaloPSA's own search, which looks at inventory numbers and the ids of other systems.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func choices(
        of field: TicketField.ID, for type: TicketType.ID?, matching query: ChoiceQuery
    ) async throws -> [TicketField.Choice] {
        guard let chosen = type ?? settings.ticketType else { return [] }
        let (read, choices) = try await form(of: chosen, .only([field]))
        switch read.lists[field] {
        case .assets?: return try await records(of: .assets, named: ["inventory_number", "key_field", "client_name"], matching: query)
        case .sites?: return try await records(of: .sites, named: ["name", "client_name"], matching: query)
        default: break
        }
        if let known = choices[field] { return query.matches(in: known) }
        guard case .listed(let known)? = read.form[field]?.choices else { return [] }
        return query.matches(in: known)
    }

    /// Everything that is checked before a ticket is sent.
    ///
    /// - Throws: ``/PSACore/PSAError`` with every missing and invalid field in its `ticketFieldIssues`, or `CancellationError`.
    public func check(_ draft: TicketDraft) async throws { _ = try await record(for: draft) }

    /// Creates a ticket; type, status and priority fall back to the connection's ticket defaults, fields to those of the type.
    ///
    /// One create at a time per HaloPSA: it numbers tickets unsafely in parallel and then fails (seen live by one integrator).
    ///
    /// - Throws: ``/PSACore/PSAError`` as ``check(_:)`` does, before anything is sent; `write.outcome_unknown` if the ticket may exist.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        let (record, asked, form) = try await record(for: draft)
        return try await client.createGate.pass {
            let saved: JSONView
            do {
                saved = try await client.write(.tickets, record, about: Self.newTicket)
            } catch let error as PSAError where [.ticketFieldRequired, .ticketFieldInvalid].contains(error.code) {
                throw try await named(error, asked)
            }
            let row = HaloRow(view: saved, fetchedAt: client.time.now())
            guard var ticket = Ticket(halo: row, origin: settings.tenantURL) else {
                throw client.error(.writeOutcomeUnknown, about: Self.newTicket, evidence: .noSavedRecord)
            }
            guard !asked.isPlainlyAnother(ticket) else {
                throw client.error(.writeOutcomeUnknown, about: Self.newTicket, evidence: .anotherRecord)
            }
            ticket.differences = asked.differences(in: ticket, row: row) + form.haloDifferences(asked.fields, in: ticket, row: row)
            return ticket
        }
    }

    /// Tickets with exactly this external reference: open, closed and deleted ones.
    ///
    /// Older builds ignore the filter and answer with any tickets, so the reference of each row is compared; where the filter did not hold,
    /// only the newest 100 tickets of each kind were looked at.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        try await search(externalReference: externalReference).tickets
    }

    /// The same; exhaustive if each row that came back carries the reference, or if all tickets came back and each named its own.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
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

    /// What is sent for a draft, and the draft with what the ticket defaults, the type and the contact add to it.
    private func record(for draft: TicketDraft) async throws -> (JSONValue, asked: TicketDraft, form: TicketForm) {
        let summary = draft.summary.trimmingSpaces
        guard !summary.isEmpty else { throw client.error(.requestInvalid, about: Self.newTicket, message: .noSummary) }
        var asked = settings.withDefaults(draft)
        guard let type = asked.type else { throw missingTicketType }
        let contact = try await draft.contact.mapAsync { try await placement(of: $0, company: draft.company) }
        if asked.company == nil, case .integer(let company)? = contact?.company { asked.company = Company.ID(company) }
        let form = try await writableForm(of: type, for: asked)
        asked = form.completing(asked)
        let issues = form.issues(with: asked).filter { !($0.isMissing && settings.createsDespiteMissingFields) }
        guard issues.isEmpty else { throw client.error(ticketFields: issues, about: Self.newTicket) }
        asked = form.sendable(asked)
        try await requireOneCompany(asked, form)
        let members: [(String, JSONValue?)] = [
            ("summary", .string(summary)),
            ("details", draft.details.map(JSONValue.string)),
            ("tickettype_id", try choice(type, Self.newTicket)),
            ("status_id", try asked.status.map { try choice($0, Self.newTicket) }),
            ("priority_id", try asked.priority.map { try choice($0, Self.newTicket) }),
            ("client_id", try draft.company.map { try choice($0, Self.newTicket) } ?? contact?.company),
            ("site_id", asked.fields.keys.contains { $0 == HaloBuiltInField.site.id } ? nil : contact?.site),
            ("user_id", contact?.user),
            ("third_party_id_string", draft.externalReference.map(JSONValue.string)),
            ("attachments", HaloAttachments.references(draft.attachments, isVisibleToContact: true)),
            // What is left out is not specified by the vendor; the one client that relies on the rules says so as well.
            ("dont_do_rules", .bool(!settings.runsTicketRules)),
            ("_novalidate", settings.createsDespiteMissingFields ? true : nil),
        ]
        return (JSONValue(present: members + form.haloMembers(of: asked.fields)), asked, form)
    }

    /// The form of a type, with the choices of the fields that a draft or the type itself gives values to.
    ///
    /// Where the type's detail can't be read although HaloPSA is reached, only the fields that every ticket has are known, and HaloPSA alone
    /// decides; a draft with other fields is not sent then, because their kinds are not known.
    private func writableForm(of type: TicketType.ID, for draft: TicketDraft) async throws -> TicketForm {
        do {
            let (read, _) = try await form(of: type, .only([]), isDispensable: draft.fields.isEmpty)
            let given = Set(read.form.completing(draft).fields.keys)
            let (form, choices) = try await form(of: type, .only(given))
            return form.with(choices)
        } catch let error as PSAError where draft.fields.isEmpty && !HaloTicketForms.isUnreachable(error) {
            return HaloTicketForm.standard(type, requiresType: false)
        }
    }

    func form(
        of type: TicketType.ID, _ wanted: HaloTicketForms.Wanted, isDispensable: Bool = false
    ) async throws -> (form: HaloTicketForm, choices: [TicketField.ID: [TicketField.Choice]]) {
        try await forms.form(
            of: type, wanted, number: try number(type, .ticketType(type.rawValue)), isDispensable: isDispensable)
    }

    /// A refusal because of a field, with all fields named that the type, read again, demands; HaloPSA names one at a time.
    ///
    /// Where the type does not know better, the field that HaloPSA named is found by its label.
    private func named(_ refusal: PSAError, _ asked: TicketDraft) async throws -> PSAError {
        guard let type = asked.type else { return refusal }
        await forms.forget(type)
        guard let (read, choices) = try? await form(of: type, .only(Set(asked.fields.keys))) else { return refusal }
        let form = read.with(choices)
        let issues = form.issues(with: asked)
        if !issues.isEmpty { return client.error(ticketFields: issues, about: Self.newTicket, after: refusal) }
        guard let words = refusal.vendor?.message, let subject = VendorRejection(words)?.subject?.lowercased() else { return refusal }
        // HaloPSA says “Category 1” of a field that the form may call otherwise.
        let builtIn = HaloBuiltInField(number: 0, name: subject, label: subject)
        let id = builtIn?.id ?? builtIn?.standard
        guard let field = form.fields.first(where: { $0.label.lowercased() == subject || $0.id == id }) else { return refusal }
        let isMissing = refusal.code == .ticketFieldRequired && (asked.fields[field.id]?.isEmpty ?? true)
        var error = refusal
        if refusal.code == .ticketFieldRequired, !isMissing {
            error = client.error(ticketFields: [TicketFieldIssue(field, .refused(words))], about: Self.newTicket, after: refusal)
            error.findings = [CauseEvidence("not_taken", by: .vendorWords)]
        }
        error.ticketFieldIssues = [TicketFieldIssue(field, isMissing ? .missing : .refused(words))]
        return error
    }

    /// Records by HaloPSA's search, each with the members that name it.
    private func records(
        of resource: HaloResource, named members: [String], matching query: ChoiceQuery
    ) async throws -> [TicketField.Choice] {
        var items = [
            QueryItem("search", query.text.trimmingSpaces), QueryItem("pageinate", "true"), QueryItem("page_no", "1"),
            QueryItem("page_size", String(min(query.limit, HaloPagePosition.pageSize))),
        ]
        if let company = query.company { items.append(QueryItem("client_id", try number(company, .rows(resource)))) }
        return try await client.choices(of: resource, items) { row in
            guard let id = row["id"]?.text.flatMap({ TicketField.Choice.ID($0) }) else { return nil }
            let names = members.compactMap { row[$0]?.text }.filter { !$0.isEmpty }
            return TicketField.Choice(id, label: names.isEmpty ? id.rawValue : names.joined(separator: " · "))
        }
    }

    /// Checks that the site and the assets of a ticket belong to its company.
    ///
    /// HaloPSA takes the company of a new ticket from its site, whatever company is sent, so a site also needs a ticket with a company. It
    /// links assets of any company.
    ///
    /// - Throws: ``/PSACore/PSAError``: `ticket.field_invalid` for a record of another company, or the error of reading a record.
    private func requireOneCompany(_ draft: TicketDraft, _ form: TicketForm) async throws {
        var issues: [TicketFieldIssue] = []
        for (known, resource) in [(HaloBuiltInField.site, HaloResource.sites), (.assets, .assets)] {
            guard let field = known.id.flatMap({ form[$0] }), known != .assets || draft.company != nil else { continue }
            for id in draft.fields[field.id]?.texts.compactMap(TicketField.Choice.ID.init) ?? [] {
                let problem: TicketFieldIssue.Problem
                do {
                    guard let own = try await owner(of: id, in: resource), own != draft.company else { continue }
                    problem = .ofAnotherCompany(id, own: own, wanted: draft.company)
                } catch let error as PSAError where error.code == .requestNotFound {
                    problem = .unknownChoice(id, known: [])
                }
                issues.append(TicketFieldIssue(field, problem))
            }
        }
        guard issues.isEmpty else { throw client.error(ticketFields: issues, about: Self.newTicket) }
    }

    /// The company that a site or an asset belongs to; nil for none.
    private func owner(of id: TicketField.Choice.ID, in resource: HaloResource) async throws -> Company.ID? {
        let number = try number(id, Self.newTicket)
        let own: Company.ID?? = try await client.read(resource, id: number) { root in
            guard let row = root.isArray ? root.elements.first : root, row["id"]?.text == number else { return nil }
            // Sites name their company by a number with decimals.
            return .some(row["client_id"]?.integer.flatMap { $0 > 0 ? Company.ID($0) : nil })
        }
        return own ?? nil
    }

    /// A contact's place: HaloPSA takes a user only together with its site (seen live by CIPP).
    private func placement(
        of contact: Contact.ID, company: Company.ID?
    ) async throws -> (user: JSONValue, site: JSONValue?, company: JSONValue?) {
        let object = HaloMessage.contact(contact.rawValue)
        let person = try await client.read(.contacts, id: try number(contact, object), [QueryItem("includedetails", "true")], about: object)
        {
            Contact(halo: HaloRow(view: $0, fetchedAt: client.time.now()))
        }
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
    ///
    /// - Throws: ``/PSACore/PSAError``; `config.invalid_field` if the outcome of private notes is not there, `write.outcome_unknown` if
    ///   the note may exist.
    public func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        let object = HaloMessage.privateNote(ticket: ticket.rawValue)
        let outcome = try await outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)
        let record: [(String, JSONValue?)] = [
            ("ticket_id", try choice(ticket, object)), ("outcome_id", .integer(outcome)),
            ("note_html", .string(try HaloText.html(draft.text, about: object, client))),
            ("hiddenfromuser", true), ("sendemail", false), ("sendsms", false), ("dont_do_rules", true),
            ("attachments", HaloAttachments.references(draft.attachments, isVisibleToContact: false)),
        ]
        let note = try await post(record, fields: draft.fields, through: outcome, to: ticket, about: object)
        // A success status is no proof: an action's own settings can make its notes visible.
        guard note.visibility == .staffOnly else {
            throw client.error(.permissionActionDenied, about: object, message: .noteVisible)
        }
        return note
    }

    /// Adds a note the end user can read and asks HaloPSA to mail it to the ticket's contact.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `ticket.action_incomplete`, before anything is sent, if the ticket's contact has no e-mail address.
    public func reply(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        let object = HaloMessage.reply(ticket: ticket.rawValue)
        let html = try HaloText.html(draft.text, about: object, client)
        let current = try await self.ticket(ticket)
        guard let address = try await mailAddress(of: current) else {
            throw client.error(
                .ticketActionIncomplete, about: object, message: .noRecipient, cause: CauseEvidence("no_recipient", by: .record))
        }
        let outcome = try await outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)
        let record: [(String, JSONValue?)] = [
            ("ticket_id", try choice(ticket, object)), ("outcome_id", .integer(outcome)),
            ("note_html", .string(html)), ("emailbody_html", .string(html)), ("emailto", .string(address)),
            ("emailsubject", .string(current.summary)), ("hiddenfromuser", false), ("sendemail", true),
            ("attachments", HaloAttachments.references(draft.attachments, isVisibleToContact: true)),
        ]
        let note = try await post(record, fields: draft.fields, through: outcome, to: ticket, about: object)
        return PostedReply(note: note, notification: .requested)
    }

    /// Changes the status and looks whether HaloPSA kept it.
    ///
    /// With a note or fields, and where the ticket's workflow does not take a bare status, it goes through the one action that leads to the
    /// status and sends no mail. Where there is none, a note goes along with the status through the action of private notes: one request, so
    /// that neither is stored without the other.
    ///
    /// - Throws: ``/PSACore/PSAError``; `ticket.default_invalid` if HaloPSA kept another status, `write.outcome_unknown` if that is not
    ///   known.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        let object = HaloMessage.statusOf(ticket: ticket.rawValue)
        if change.note != nil || !change.fields.isEmpty { return try await changeByAction(ticket, change, after: nil, about: object) }
        do {
            return try await changeDirectly(ticket, change.status, about: object)
        } catch let error as PSAError where [.ticketStatusNotAllowed, .permissionActionDenied, .requestRejected].contains(error.code) {
            return try await changeByAction(ticket, change, after: error, about: object)
        }
    }

    private func changeDirectly(_ ticket: Ticket.ID, _ status: TicketStatus.ID, about object: HaloMessage) async throws -> Ticket {
        // Without the id HaloPSA would create a ticket instead of changing one.
        let record: JSONValue = ["id": try choice(ticket, object), "status_id": try choice(status, object)]
        let saved = try await client.write(.tickets, record, about: object)
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        guard var changed = Ticket(halo: row, origin: settings.tenantURL), changed.id == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        if changed.status == nil { changed = try await client.readBack(about: object) { try await self.ticket(ticket) } }
        return try kept(changed, status, object)
    }

    /// Changes a status through an action.
    ///
    /// - Parameters:
    ///   - ticket: The ticket.
    ///   - change: The status, and what goes with it.
    ///   - refusal: Why the status could not be written directly; it is thrown if no action leads there.
    ///   - object: What is written, for errors.
    /// - Returns: The ticket with its new status.
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    private func changeByAction(
        _ ticket: Ticket.ID, _ change: StatusChange, after refusal: PSAError?, about object: HaloMessage
    ) async throws -> Ticket {
        let found: [HaloOutcomes.Action]
        do {
            let current = try await self.ticket(ticket)
            found = try await outcomes.leading(to: change.status, type: current.type?.id, status: current.status?.id, of: ticket)
        } catch let error as PSAError {
            // Why the status was refused says more than why no other way could be found.
            throw refusal ?? error
        }
        if found.isEmpty, let refusal { throw refusal }
        guard found.count <= 1 else {
            throw client.error(
                .ticketStatusNotAllowed, about: object, message: .severalActions(status: change.status.rawValue, names: found.map(\.name)),
                cause: CauseEvidence("workflow", by: .choices))
        }
        let outcome =
            if let action = found.first { action.id } else {
                try await outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)
            }
        let record: [(String, JSONValue?)] = [
            ("ticket_id", try choice(ticket, object)), ("outcome_id", .integer(outcome)),
            ("new_status", try choice(change.status, object)),
            ("note_html", try change.note.map { .string(try HaloText.html($0, about: object, client)) }),
            ("hiddenfromuser", true), ("sendemail", false), ("sendsms", false),
        ]
        _ = try await post(record, fields: change.fields, through: outcome, to: ticket, about: object)
        let changed = try await client.readBack(about: object) { try await self.ticket(ticket) }
        return try kept(changed, change.status, object)
    }

    /// The ticket, if it has the status.
    private func kept(_ ticket: Ticket, _ status: TicketStatus.ID, _ object: HaloMessage) throws -> Ticket {
        guard ticket.status?.id == status else {
            // A success status is no proof: workflows can keep a ticket where it is.
            throw client.error(
                .ticketStatusNotAllowed, about: object, message: .statusNotKept(ticket.status?.id.rawValue ?? "-"),
                cause: CauseEvidence("workflow", by: .record))
        }
        return ticket
    }

    /// Posts an action with the fields it demands.
    ///
    /// Which fields those are is read only if some are given, or when HaloPSA has refused one: then all of them are named.
    private func post(
        _ record: [(String, JSONValue?)], fields: [TicketField.ID: TicketFieldValue], through outcome: Int, to ticket: Ticket.ID,
        about object: HaloMessage
    ) async throws -> TicketNote {
        var members = record
        if !fields.isEmpty {
            let form = try await outcomes.form(of: outcome, on: ticket)
            let values = form.typed(fields)
            let issues = form.issues(withActionFields: values)
            guard issues.isEmpty else { throw client.error(ticketFields: issues, about: object) }
            members += form.haloMembers(of: values)
        }
        let saved: JSONView
        do {
            saved = try await client.write(.actions, JSONValue(present: members), about: object)
        } catch let error as PSAError {
            if error.vendor?.status.map({ (400...499).contains($0) }) ?? false { await outcomes.forget(outcome) }
            guard [.ticketActionIncomplete, .ticketFieldRequired].contains(error.code) else { throw error }
            guard let form = try? await outcomes.form(of: outcome, on: ticket) else { throw error }
            var complete = error
            complete.ticketFieldIssues = form.issues(withActionFields: fields)
            throw complete
        }
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        let namesTicket = row.member(.ticketID).map { $0.isNull || $0.integer == ticket.integer } ?? true
        guard namesTicket, let note = TicketNote(halo: row, ticket: ticket), note.ticket == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        return note
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

extension TicketForm {
    /// The values with texts read by the kinds of their fields: whoever gives a value for an action may know its text only.
    fileprivate func typed(_ fields: [TicketField.ID: TicketFieldValue]) -> [TicketField.ID: TicketFieldValue] {
        var values = fields
        for (id, value) in fields {
            guard case .text(let text) = value, let field = self[id], let typed = try? TicketFieldValue(text, for: field) else { continue }
            values[id] = typed
        }
        return values
    }

    /// What is wrong with the fields of an action, whose form has none of a ticket's own fields.
    ///
    /// - Parameter fields: The values.
    /// - Returns: One issue for each field that is wrong or missing.
    fileprivate func issues(withActionFields fields: [TicketField.ID: TicketFieldValue]) -> [TicketFieldIssue] {
        issues(with: TicketDraft(summary: "-", fields: fields))
    }
}

extension Optional {
    /// `map` for a transformation that waits.
    func mapAsync<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let wrapped = self else { return nil }
        return try await transform(wrapped)
    }
}
