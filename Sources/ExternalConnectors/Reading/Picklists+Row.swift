import PSACore

extension TicketType: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: TicketType.self), name: try object.text("name"), canCreate: try object.optionalFlag("canCreate"),
            scope: try row.scope(), defaultServiceLevel: try object.optional("serviceLevel", .identifier, \.text), native: row.native)
    }
}

extension TicketStatus: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: TicketStatus.self), name: try object.text("name"), scope: try row.scope(),
            phase: try object.optionalWord("phase", Ticket.Phase.self) ?? .unknown, order: try object.optionalInteger("order"),
            native: row.native)
    }
}

extension TicketPriority: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: TicketPriority.self), name: try object.text("name"), scope: try row.scope(),
            order: try object.optionalInteger("order"), isHidden: try object.optionalFlag("hidden") ?? false, native: row.native)
    }
}

extension PostedReply {
    private enum NotificationName: String, CaseIterable {
        case requested, decidedByTenant
    }

    /// - Throws: ``WireMismatch``.
    init(_ row: Row) throws(WireMismatch) {
        let note = try row.object.required("note", .object) { $0 }
        let notification = try row.object.word("notification", NotificationName.self)
        self.init(
            note: try TicketNote(Row(try WireObject(note, at: "note"), fetchedAt: row.fetchedAt)),
            notification: notification == .requested ? .requested : .decidedByTenant)
    }
}
