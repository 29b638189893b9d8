import PSACore

extension Company {
    init?(halo row: HaloRow) {
        guard let id: Company.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text(.name) ?? "", isActive: !row.flag(.inactive),
            mainSite: row.reference(.mainSiteID, label: .mainSiteName), phone: row.text(.mainPhoneNumber),
            website: row.text(.website), native: row.native)
    }
}

extension Contact {
    init?(halo row: HaloRow) {
        guard let id: Contact.ID = row.id() else { return nil }
        let name = row.text(.name) ?? [row.text(.firstName), row.text(.surname)].compactMap { $0 }.joined(separator: " ")
        self.init(
            id: id, name: name, emails: [.emailAddress, .email2, .email3].compactMap { (member: HaloMember) in row.text(member) },
            phones: [.phoneNumber, .mobileNumber, .homeNumber, .sitePhoneNumber].compactMap { (member: HaloMember) in row.text(member) },
            company: row.reference(.clientID, label: .clientName), site: row.reference(.siteID, label: .siteName),
            isActive: !row.flag(.inactive), native: row.native)
    }
}

extension Agent {
    init?(halo row: HaloRow) {
        guard let id: Agent.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text(.name) ?? "", email: row.text(.email), isActive: !row.flag(.isDisabled),
            // Id 1 is the built-in “Unassigned”; API agents show up among the staff.
            isPerson: row.integer(.id) != 1 && !row.flag(.isAPIAgent), native: row.native)
    }
}

extension Agreement {
    init?(halo row: HaloRow) {
        guard let id: Agreement.ID = row.id() else { return nil }
        // `active`, `started` and `expired` are left out when false, so a contract is active only if the row says so in one of two ways.
        let isActive = row.flag(.active) || (row.flag(.started) && !row.flag(.expired))
        self.init(
            id: id, name: row.text(.ref) ?? "", company: row.reference(.clientID, label: .clientName),
            kind: row.text(.contractTypeName), statusLabel: row.text(.contractStatus), isActive: isActive,
            startsAt: row.date(.startDate), endsAt: row.date(.endDate), native: row.native)
    }
}

extension RecurringInvoice {
    /// A recurring invoice; its id may be negative, and the contract it names may be one that can't be read.
    init?(halo row: HaloRow) {
        guard let id: RecurringInvoice.ID = row.id() else { return nil }
        let lines = row.member(.lines).flatMap { $0.isArray ? $0.elements.compactMap(Line.init(halo:)) : nil }
        self.init(
            id: id, company: row.reference(.clientID, label: .clientName),
            agreement: row.reference(.contractID, label: .contractRef), reference: row.text(.reference),
            isActive: !row.flag(.disabled), total: row.double(.total), nextInvoiceAt: row.date(.nextCreationDate), lines: lines,
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
