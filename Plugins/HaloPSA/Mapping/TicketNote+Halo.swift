import PSACore

extension TicketNote {
    /// A note from an action row.
    ///
    /// HaloPSA numbers actions per ticket (1, 2, 3 …), so the id here is the pair `ticket:action`.
    init?(halo row: HaloRow, ticket: Ticket.ID) {
        guard let number = row.integer("id"), let id = ID("\(row.integer("ticket_id").map(String.init) ?? ticket.rawValue):\(number)")
        else {
            return nil
        }
        self.init(
            id: id, ticket: row.id("ticket_id") ?? ticket, kind: row.text("outcome"), author: Author(halo: row),
            text: row.text(anyOf: "note", "emailbody") ?? "", html: row.text(anyOf: "note_html", "emailbody_html"),
            visibility: row.flag("hiddenfromuser") ? .staffOnly : .contact,
            createdAt: row.date(anyOf: "datetime", "actiondatecreated"),
            // Hours with decimals: 5.4166 is 5 h 25 min.
            timeSpent: row.double("timetaken").flatMap { (0.000_001...1_000_000).contains($0) ? .milliseconds(Int($0 * 3_600_000)) : nil },
            native: row.native)
    }
}

extension TicketNote.Author {
    fileprivate init(halo row: HaloRow) {
        let name = row.text("who")
        if let agent: Reference<Agent> = row.reference("who_agentid", label: "who") {
            self = .agent(agent)
        } else if let name, row.text("emaildirection") == "I" {
            self = .contact(name: name)
        } else {
            self = .unknown(name: name)
        }
    }
}
