import PSACore

extension TicketNote {
    /// A note from a transaction and its text; without the names of staff its author is not told apart.
    init?(rt row: RTRow, ticket: Ticket.ID, message: RTMessage, staff: Set<String>?) {
        guard let id: TicketNote.ID = row.id() else { return nil }
        let kind = row.text("Type")
        self.init(
            id: id, ticket: ticket, kind: kind, author: Author(rt: row, staff: staff), text: message.plain ?? message.html ?? "",
            html: message.html, visibility: Visibility(transactionType: kind), createdAt: row.date("Created"),
            timeSpent: row.view["TimeTaken"]?.integer.flatMap { (1...1_000_000).contains($0) ? .seconds($0 * 60) : nil },
            native: row.native)
    }
}

extension TicketNote.Visibility {
    /// RT decides by the type alone who reads a transaction.
    fileprivate init(transactionType: String?) {
        switch transactionType {
        case "Comment": self = .staffOnly
        case "Correspond", "Create": self = .contact
        default: self = .unknown(transactionType ?? "")
        }
    }
}

extension TicketNote.Author {
    fileprivate init(rt row: RTRow, staff: Set<String>?) {
        let creator: Reference<Agent>? = row.reference("Creator", label: "RealName", "Name")
        guard let creator else {
            self = .unknown(name: nil)
            return
        }
        let name = creator.label ?? creator.id.rawValue
        if creator.id.rawValue == "RT_System" {
            self = .system(name: name)
        } else if let staff {
            self = staff.contains(creator.id.rawValue) ? .agent(creator) : .contact(name: name)
        } else {
            self = .unknown(name: name)
        }
    }
}
