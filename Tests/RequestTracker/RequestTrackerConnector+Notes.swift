public import PSACore

extension RequestTrackerConnector: TicketNoteReading {
    /// A page of the ticket's correspondence and comments, the oldest first.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        let position = try RTPagePosition(cursor, of: .notes, client: client)
        // A search for the history of a ticket that is not there finds nothing, which is not what was asked.
        if position.page == 1 {
            let object = RTLocalizedMessage.ticket(ticket.rawValue)
            _ = try await client.read("/ticket/{id}", [try number(ticket, object)], about: object)
        }
        return try await messages(of: ticket, types: ["Comment", "Correspond"], at: position)
    }

    /// Transactions of some types, or one of them, with their texts, which RT keeps apart from them.
    func messages(
        of ticket: Ticket.ID, types: [String], only transaction: Int? = nil, at position: RTPagePosition? = nil
    ) async throws -> Page<TicketNote> {
        let object = RTLocalizedMessage.notes(ticket: ticket.rawValue)
        let id = try number(ticket, object)
        let position = try position ?? RTPagePosition(nil, of: .notes, client: client)
        let kinds = types.map { TicketQuery.field("Type", is: $0).text }.joined(separator: " OR ")
        let query =
            TicketQuery.field("ObjectType", is: "RT::Ticket").text + " AND ObjectId = \(id) AND (\(kinds))"
            + (transaction.map { " AND id = \($0)" } ?? "")
        let list = try await client.list(
            "/transactions", [],
            [
                QueryItem("query", query), QueryItem("fields", "Type,Creator,Created,TimeTaken"),
                QueryItem("fields[Creator]", "Name,RealName"),
            ]
                + position.query, about: object)
        let texts = try await texts(of: list, ticket: id, about: object)
        let staff = try await staffIfReadable()
        let now = client.time.now()
        return Page(list, following: position.following(list, of: .notes)) { view in
            let row = RTRow(view: view, fetchedAt: now)
            return TicketNote(rt: row, ticket: ticket, message: row.text("id").flatMap { texts[$0] } ?? RTMessage(), staff: staff)
        }
    }

    /// The text parts of the transactions of a page.
    private func texts(of list: RTList, ticket: String, about object: RTLocalizedMessage) async throws -> [String: RTMessage] {
        let ids = list.rows.compactMap { $0["id"]?.integer }
        guard let first = ids.min(), let last = ids.max() else { return [:] }
        // Files are left where they are: they would come along in full.
        let filter: JSONValue = [
            ["field": "ContentType", "operator": "STARTSWITH", "value": "text/"],
            ["field": "TransactionId", "operator": ">=", "value": .integer(first)],
            ["field": "TransactionId", "operator": "<=", "value": .integer(last), "entry_aggregator": "AND"],
        ]
        var texts: [String: RTMessage] = [:]
        // Each transaction has a handful of parts; this bound only keeps a strange answer from going on for ever.
        for page in 1...20 {
            let parts = try await client.list(
                "/ticket/{id}/attachments", [ticket],
                [
                    QueryItem("query", filter.encodedText), QueryItem("fields", "Content,ContentType,TransactionId,Filename"),
                    QueryItem("page", String(page)), QueryItem("per_page", String(RTPagePosition.pageSize)), QueryItem("orderby", "id"),
                ], about: object)
            for part in parts.rows {
                if let transaction = part["TransactionId"]?.text { texts[transaction, default: RTMessage()].add(part) }
            }
            if parts.rows.count < RTPagePosition.pageSize { break }
        }
        return texts
    }

    /// Staff, to tell authors apart; a user who may not read the group still reads notes.
    private func staffIfReadable() async throws -> Set<String>? {
        do {
            return Set(try await staff.names())
        } catch is PSAError {
            return nil
        }
    }
}
