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
