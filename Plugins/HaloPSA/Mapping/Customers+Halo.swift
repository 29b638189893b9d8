import PSACore

extension Company {
    init?(halo row: HaloRow) {
        guard let id: Company.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("name") ?? "", isActive: !row.flag("inactive"),
            mainSite: row.reference("main_site_id", label: "main_site_name"), phone: row.text("main_phonenumber"),
            website: row.text("website"), native: row.native)
    }
}

extension Contact {
    init?(halo row: HaloRow) {
        guard let id: Contact.ID = row.id() else { return nil }
        let name = row.text("name") ?? [row.text("firstname"), row.text("surname")].compactMap { $0 }.joined(separator: " ")
        self.init(
            id: id, name: name, emails: ["emailaddress", "email2", "email3"].compactMap { row.text($0) },
            phones: ["phonenumber", "mobilenumber", "homenumber", "sitephonenumber"].compactMap { row.text($0) },
            company: row.reference("client_id", label: "client_name"), site: row.reference("site_id", label: "site_name"),
            isActive: !row.flag("inactive"), native: row.native)
    }
}

extension Agent {
    init?(halo row: HaloRow) {
        guard let id: Agent.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("name") ?? "", email: row.text("email"), isActive: !row.flag("isdisabled"),
            // Id 1 is the built-in “Unassigned”; API agents show up among the staff.
            isPerson: row.integer("id") != 1 && !row.flag("isapiagent"), native: row.native)
    }
}

extension Agreement {
    init?(halo row: HaloRow) {
        guard let id: Agreement.ID = row.id() else { return nil }
        // `active`, `started` and `expired` are left out when false, so a contract is active only if the row says so in one of two ways.
        let isActive = row.flag("active") || (row.flag("started") && !row.flag("expired"))
        self.init(
            id: id, name: row.text("ref") ?? "", company: row.reference("client_id", label: "client_name"),
            kind: row.text("contracttype_name"), statusLabel: row.text("contract_status"), isActive: isActive,
            startsAt: row.date("start_date"), endsAt: row.date("end_date"), native: row.native)
    }
}

extension RecurringInvoice {
    /// A recurring invoice; its id may be negative, and the contract it names may be one that can't be read.
    init?(halo row: HaloRow) {
        guard let id: RecurringInvoice.ID = row.id() else { return nil }
        let lines = row.view.member("lines").flatMap { $0.isArray ? $0.elements.compactMap(Line.init(halo:)) : nil }
        self.init(
            id: id, company: row.reference("client_id", label: "client_name"),
            agreement: row.reference("contract_id", label: "contract_ref"), reference: row.text("reference"),
            isActive: !row.flag("disabled"), total: row.double("total"), nextInvoiceAt: row.date("nextcreationdate"), lines: lines,
            native: row.native)
    }
}

extension RecurringInvoice.Line {
    fileprivate init?(halo view: JSONView) {
        guard let id = view["id"]?.text else { return nil }
        self.init(
            id: id, itemID: view["_itemid"]?.integer.flatMap { $0 > 0 ? String($0) : nil },
            description: view["item_shortdescription"]?.string ?? view["item_name"]?.string ?? view["item_longdescription"]?.string ?? "",
            quantity: view["qty_order"]?.double ?? 0, unitPrice: view["unit_price"]?.double, netAmount: view["net_amount"]?.double)
    }
}
