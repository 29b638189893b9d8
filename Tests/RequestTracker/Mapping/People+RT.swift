import PSACore

extension Company {
    /// A value of the customer field; disabled values are not in the list.
    init?(rt row: RTRow) {
        guard let name = row.text("name"), let id = ID(name) else { return nil }
        self.init(id: id, name: name, isActive: true, native: row.native)
    }
}

extension Contact {
    /// A user; RT refers to users by their names, which need not be addresses.
    init?(rt row: RTRow) {
        guard let id: Contact.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("RealName") ?? row.text("Name") ?? id.rawValue,
            emails: [row.text("EmailAddress")].compactMap { $0 },
            phones: ["WorkPhone", "MobilePhone", "HomePhone"].compactMap { row.text($0) },
            // No company: `Organization` is free text, and stays in the native row.
            native: row.native)
    }
}

extension Agent {
    init?(rt row: RTRow) {
        guard let id: Agent.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("RealName") ?? row.text("Name") ?? id.rawValue, email: row.text("EmailAddress"), native: row.native)
    }
}
