import PSACore

extension Company: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: Company.self), name: try object.text("name"), isActive: try object.optionalFlag("active"),
            mainSite: try object.reference("mainSite", to: Site.self), phone: try object.optionalText("phone"),
            website: try object.optionalText("website"), native: row.native)
    }
}

extension Contact: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: Contact.self), name: try object.text("name"), emails: try object.texts("emails"),
            phones: try object.texts("phones"), company: try object.reference("company", to: Company.self),
            site: try object.reference("site", to: Site.self), isActive: try object.optionalFlag("active"), native: row.native)
    }
}

extension Agent: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: Agent.self), name: try object.text("name"), email: try object.optionalText("email"),
            isActive: try object.optionalFlag("active"), isPerson: try object.optionalFlag("person"), native: row.native)
    }
}
