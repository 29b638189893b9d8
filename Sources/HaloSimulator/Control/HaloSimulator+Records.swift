package import FoundationEssentials

extension HaloSimulator {
    /// A change of a customer that is made in the vendor's own program.
    package enum ClientChange: Sendable, Hashable {
        /// Renames the customer; the rows of other records show the new name, and their dates stay.
        case renamed(String)
        /// Makes the customer inactive, or active again.
        case active(Bool)
        /// Removes the customer; its sites, users, contracts and tickets stay.
        case removed
    }

    /// A change of a user that is made in the vendor's own program.
    package enum UserChange: Sendable, Hashable {
        /// Renames the user; the rows of its tickets show the new name, and their dates stay.
        case renamed(String)
        /// Makes the user inactive, or active again.
        case active(Bool)
        /// Moves the user to the main site of another customer.
        case moved(toClient: Int)
        /// Removes the user.
        case removed
    }

    /// A change of a contract that is made in the vendor's own program.
    package enum AgreementChange: Sendable, Hashable {
        /// Gives the contract another reference.
        case renamed(String)
        /// Ends the contract a day ago.
        case ended
        /// Sets the date on which the contract ends; one in the past ends it.
        case ends(Date)
        /// Removes the contract.
        case removed
    }

    /// A change of a recurring invoice that is made in the vendor's own program.
    package enum RecurringInvoiceChange: Sendable, Hashable {
        /// Sets the total.
        case total(Double)
        /// Disables the invoice, or enables it again.
        case disabled(Bool)
        /// Removes the invoice.
        case removed
    }

    /// Creates a customer with one site.
    ///
    /// - Returns: The customer's id, which no record had before.
    @discardableResult
    package func createClient(named name: String) -> Int {
        let (id, site) = (store[.client].nextNumber, store[.site].nextNumber)
        store[.client].put(
            [
                "id": .int(id), "name": .string(name), "toplevel_id": 1, "toplevel_name": "Customers", "inactive": false,
                "main_site_id": .int(site), "main_site_name": "Main", "customertype": 1, "customfields": [],
            ], updated: vendorNow)
        store[.site].put(
            [
                "id": .int(site), "name": "Main", "client_id": .double(Double(id)), "client_name": .string(name),
                "clientsite_name": .string("\(name)/Main"), "inactive": false, "sla_id": 1,
            ], updated: vendorNow)
        return id
    }

    /// Changes a customer.
    ///
    /// - Returns: False if there is no such customer.
    @discardableResult
    package func change(client id: Int, _ change: ClientChange) -> Bool {
        switch change {
        case .renamed(let name):
            guard update(.client, id, { $0["name"] = .string(name) }) else { return false }
            // The vendor joins the name when it reads a row, so no date of these records moves.
            for resource in [Resource.site, .users, .clientContract, .recurringInvoice, .invoice] {
                rename(in: resource, "client_id", id, ["client_name": .string(name)])
            }
            return true
        case .active(let isActive): return update(.client, id) { $0["inactive"] = .bool(!isActive) }
        case .removed: return store[.client].remove(.number(id)) != nil
        }
    }

    /// Creates a user at the main site of a customer.
    ///
    /// - Returns: The user's id, which no record had before; nil if there is no such customer.
    @discardableResult
    package func createUser(named name: String, ofClient client: Int) -> Int? {
        guard store[.client].row(client) != nil else { return nil }
        let id = store[.users].nextNumber
        store[.users].put(
            [
                "id": .int(id), "name": .string(name), "emailaddress": .string("user\(id)@customer.example"), "inactive": false,
                "isgeneraluser": false, "use": "user", "key": .int(id), "notes": "", "customfields": [],
            ].merging(place(ofClient: client)) { $1 }, updated: vendorNow)
        return id
    }

    /// Changes a user.
    ///
    /// - Returns: False if there is no such user or customer; nothing is changed then.
    @discardableResult
    package func change(user id: Int, _ change: UserChange) -> Bool {
        switch change {
        case .renamed(let name): return update(.users, id) { $0["name"] = .string(name) }
        case .active(let isActive): return update(.users, id) { $0["inactive"] = .bool(!isActive) }
        case .moved(let client):
            guard store[.client].row(client) != nil else { return false }
            let place = place(ofClient: client)
            return update(.users, id) { $0.merge(place) { $1 } }
        case .removed: return store[.users].remove(.number(id)) != nil
        }
    }

    /// Creates a contract that has started and ends in a year.
    ///
    /// - Returns: The contract's id, which no record had before; nil if there is no such customer.
    @discardableResult
    package func createAgreement(ofClient client: Int, reference: String) -> Int? {
        guard store[.client].row(client) != nil else { return nil }
        let id = store[.clientContract].nextNumber
        let now = vendorNow
        store[.clientContract].put(
            [
                "id": .int(id), "client_id": .int(client), "client_name": .string(store[.client].name(of: client)),
                "ref": .string(reference), "start_date": .string(now.adding(seconds: -86_400).text()),
                "end_date": .string(now.adding(seconds: 365 * 86_400).text()), "started": true, "expired": false, "active": true,
                "status": 1, "contract_status": "Active", "contracttype": 1, "contracttype_name": "Fixed", "billingperiod": 1,
                "periodchargeamount": 100.0, "use": "contract", "key": .int(id), "last_modified": .string(now.text()), "customfields": [],
                "~inactive": false,
            ], updated: now)
        return id
    }

    /// Changes a contract.
    ///
    /// - Returns: False if there is no such contract.
    @discardableResult
    package func change(agreement id: Int, _ change: AgreementChange) -> Bool {
        let now = vendorNow
        func end(_ end: HaloTime) -> Bool {
            update(.clientContract, id) { fields in
                let isOver = end <= now
                fields["end_date"] = .string(end.text())
                fields["expired"] = .bool(isOver)
                fields["active"] = .bool(!isOver)
                fields["contract_status"] = isOver ? "Expired" : "Active"
                fields["~inactive"] = .bool(isOver)
                fields["last_modified"] = .string(now.text())
            }
        }
        switch change {
        case .renamed(let reference):
            return update(.clientContract, id) {
                $0["ref"] = .string(reference)
                $0["last_modified"] = .string(now.text())
            }
        case .ended: return end(now.adding(seconds: -86_400))
        case .ends(let date): return end(HaloTime(date))
        case .removed: return store[.clientContract].remove(.number(id)) != nil
        }
    }

    /// Creates a recurring invoice with one line.
    ///
    /// - Returns: The invoice's id, which no record had before; nil if there is no such customer.
    @discardableResult
    package func createRecurringInvoice(ofClient client: Int, total: Double) -> Int? {
        guard store[.client].row(client) != nil else { return nil }
        let id = store[.recurringInvoice].nextNumber
        let now = vendorNow
        store[.recurringInvoice].put(
            [
                "id": .int(id), "client_id": .int(client), "client_name": .string(store[.client].name(of: client)), "contract_id": -1,
                "total": .double(total), "tax_total": 0.0, "amountdue": .double(total), "currency": 1, "currency_code": "GBP",
                "reference": .string("Monthly services \(id)"), "disabled": false, "is_recurring_invoice": true, "period": 1,
                "period_type": 2, "posted": false, "nextcreationdate": .string(now.adding(seconds: 30 * 86_400).text()),
                "last_modified": .string(now.text()), "customfields": [], "lines": [Self.line(of: id, total)],
            ], updated: now)
        return id
    }

    /// Changes a recurring invoice.
    ///
    /// - Returns: False if there is no such invoice.
    @discardableResult
    package func change(recurringInvoice id: Int, _ change: RecurringInvoiceChange) -> Bool {
        let now = vendorNow
        switch change {
        case .total(let total):
            return update(.recurringInvoice, id) {
                $0["total"] = .double(total)
                $0["amountdue"] = .double(total)
                $0["lines"] = [Self.line(of: id, total)]
                $0["last_modified"] = .string(now.text())
            }
        case .disabled(let isDisabled):
            return update(.recurringInvoice, id) {
                $0["disabled"] = .bool(isDisabled)
                $0["last_modified"] = .string(now.text())
            }
        case .removed: return store[.recurringInvoice].remove(.number(id)) != nil
        }
    }

    /// The kinds of records whose rows can have a defect.
    package enum RecordKind: String, Sendable, Hashable, CaseIterable {
        case tickets
        case clients
        case users
        case agreements
        case recurringInvoices = "recurring-invoices"

        var resource: Resource {
            switch self {
            case .tickets: .tickets
            case .clients: .client
            case .users: .users
            case .agreements: .clientContract
            case .recurringInvoices: .recurringInvoice
            }
        }
    }

    /// Gives the row of a record a defect, or removes it; no date moves.
    ///
    /// - Returns: False if there is no such record.
    @discardableResult
    package func setDefect(_ defect: RowDefect?, of kind: RecordKind, _ id: Int) -> Bool {
        guard kind != .tickets else {
            guard var record = store.tickets[id] else { return false }
            record.defect = defect
            store.tickets.put(record)
            return true
        }
        guard store[kind.resource].row(id) != nil else { return false }
        store[kind.resource].change(.number(id)) { $0.defect = defect }
        return true
    }

    private func update(_ resource: Resource, _ id: Int, _ change: (inout [String: JSONValue]) -> Void) -> Bool {
        guard var fields = store[resource].row(id)?.fields else { return false }
        change(&fields)
        if fields["alastupdate"] != nil { fields["alastupdate"] = .string(vendorNow.text()) }
        store[resource].put(fields, updated: vendorNow)
        return true
    }

    private func rename(in resource: Resource, _ member: String, _ id: Int, _ names: [String: JSONValue]) {
        let concerned = store[resource].rows.compactMap { $0.fields[member]?.integer == id ? $0.fields["id"]?.integer : nil }
        for row in concerned { store[resource].change(.number(row)) { $0.fields.merge(names) { $1 } } }
    }

    private func place(ofClient client: Int) -> [String: JSONValue] {
        let site = store.mainSite(of: client)
        return [
            "client_id": .int(client), "client_name": .string(store[.client].name(of: client)), "site_id": .double(Double(site)),
            "site_id_int": .int(site), "site_name": .string(store[.site].name(of: site)),
        ]
    }

    private static func line(of invoice: Int, _ total: Double) -> JSONValue {
        [
            "id": .int(abs(invoice) * 10), "ihid": .int(invoice), "_itemid": 70, "item_code": "SVC-70",
            "item_shortdescription": "Managed workstation", "qty_order": 1.0, "unit_price": .double(total), "net_amount": .double(total),
            "tax_amount": 0.0, "isinactive": false,
        ]
    }
}

/// The control routes for records, such as `POST /_simulator/clients/14` with `{"name":"Larkmoor Legal"}`.
extension HaloSimulator {
    /// Creates a record: `POST /_simulator/clients` with `{"name":"…"}` answers 201 with its id.
    func createRecord(_ kind: RecordKind, _ body: [UInt8]) -> Reply {
        guard let members = Self.members(of: body) else { return Self.invalid("The body must be an object.") }
        let (name, client) = (members["name"]?.text, members["client_id"]?.integer)
        let id: Int?
        switch kind {
        case .tickets:
            guard let summary = members["summary"]?.text else { return Self.invalid("The body must have summary, and may have client_id.") }
            id = createTicket(summary, client: client ?? 1)
        case .clients:
            guard let name else { return Self.invalid("The body must have name.") }
            id = createClient(named: name)
        case .users:
            guard let name, let client else { return Self.invalid("The body must have name and client_id.") }
            id = createUser(named: name, ofClient: client)
        case .agreements:
            guard let name, let client else { return Self.invalid("The body must have name and client_id.") }
            id = createAgreement(ofClient: client, reference: name)
        case .recurringInvoices:
            guard let total = members["total"]?.number, let client else { return Self.invalid("The body must have total and client_id.") }
            id = createRecurringInvoice(ofClient: client, total: total)
        }
        return id.map { Reply(status: 201, json: ["id": .int($0)]) } ?? Reply(status: 404, content: .empty)
    }

    /// Changes a record other than a ticket; the body has one member.
    func changeRecord(_ kind: RecordKind, _ id: Substring, _ body: [UInt8]) -> Reply {
        guard let members = Self.members(of: body), members.count == 1, let (name, value) = members.first else {
            return Self.invalid("The body must be an object with one member.")
        }
        guard let number = Int(id) else { return Reply(status: 404, content: .empty) }
        if name == "defect", let defect = Self.defect(value) { return Self.done(setDefect(defect, of: kind, number)) }
        switch (kind, name, value) {
        case (.clients, "name", .string(let text)): return Self.done(change(client: number, .renamed(text)))
        case (.clients, "inactive", .bool(let flag)): return Self.done(change(client: number, .active(!flag)))
        case (.clients, "removed", .bool(true)): return Self.done(change(client: number, .removed))
        case (.users, "name", .string(let text)): return Self.done(change(user: number, .renamed(text)))
        case (.users, "inactive", .bool(let flag)): return Self.done(change(user: number, .active(!flag)))
        case (.users, "client_id", .int(let client)): return Self.done(change(user: number, .moved(toClient: client)))
        case (.users, "removed", .bool(true)): return Self.done(change(user: number, .removed))
        case (.agreements, "name", .string(let text)): return Self.done(change(agreement: number, .renamed(text)))
        case (.agreements, "end_date", _):
            guard let end = value.time else { return Self.invalid("end_date must be a date.") }
            return Self.done(change(agreement: number, .ends(end.date)))
        case (.agreements, "ended", .bool(true)): return Self.done(change(agreement: number, .ended))
        case (.agreements, "removed", .bool(true)): return Self.done(change(agreement: number, .removed))
        case (.recurringInvoices, "disabled", .bool(let flag)): return Self.done(change(recurringInvoice: number, .disabled(flag)))
        case (.recurringInvoices, "removed", .bool(true)): return Self.done(change(recurringInvoice: number, .removed))
        case (.recurringInvoices, "total", _):
            guard let total = value.number else { return Self.invalid("total must be a number.") }
            return Self.done(change(recurringInvoice: number, .total(total)))
        default: return Self.invalid("There is no change \(name) of \(kind.rawValue), or its value is of another kind.")
        }
    }

    /// Parses a defect by name, or null for none; nil for anything else.
    static func defect(_ value: JSONValue) -> RowDefect?? {
        switch value {
        case .null: .some(nil)
        case .string(let name): RowDefect(rawValue: name).map { .some($0) }
        default: nil
        }
    }

    static func done(_ isDone: Bool) -> Reply { Reply(status: isDone ? 204 : 404, content: .empty) }
}
