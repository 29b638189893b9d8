import PSACore

extension TicketType {
    /// A queue; RT offers the link to create a ticket only to those who may.
    init?(rt row: RTRow) {
        guard let id: TicketType.ID = row.id() else { return nil }
        let links = row.view["_hyperlinks"]?.elements
        let isOffered = links.map { $0.contains { $0["ref"]?.string == "create" } }
        self.init(
            id: id, name: row.text("Name") ?? "", canCreate: row.flag("Disabled") == true ? false : isOffered, native: row.native)
    }
}
