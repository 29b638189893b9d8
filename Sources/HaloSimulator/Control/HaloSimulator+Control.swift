import FoundationEssentials
import WebServer

/// The routes below `/_simulator`, through which another process sets faults and inspects the simulator.
///
/// `GET` reads `faults`, `catalogue`, `requests`, `request-counts`, `state`, `records/KIND`, `mails`, `attachments`, `attachments/orphans` and
/// `webhook/deliveries`; `PUT faults` replaces the faults, and `PUT webhook` starts a webhook; `DELETE` clears `requests`,
/// `webhook/deliveries`, and ends `webhook`. `POST` to `tickets`, `clients`, `users`, `agreements` and `recurring-invoices` creates a record;
/// below these, `fields`, `outcomes` and `ticket-types` it changes one.
extension HaloSimulator {
    func control(_ request: WebRequest) -> WebResponse {
        let path = request.segments.dropFirst()
        let kind = path.first.flatMap(RecordKind.init)
        let reply =
            switch (request.method, path.joined(separator: "/")) {
            case ("GET", "faults"): Reply(status: 200, json: .array(plan.faults.map { .string($0.description) }))
            case ("PUT", "faults"): replaceFaults(request.body)
            case ("GET", "catalogue"): Reply(status: 200, json: .array(HaloFault.catalogue.map(Self.line)))
            case ("GET", "requests"): Reply(status: 200, json: .array(requestLog().map(Self.line)))
            case ("DELETE", "requests"): clearRequests()
            case ("GET", "request-counts"):
                Reply(status: 200, json: .object(log.counts.mapValues(JSONValue.int)))
            case ("GET", "state"): Reply(status: 200, json: state())
            case ("GET", "mails"): Reply(status: 200, json: .array(store.mails.map(Self.line)))
            case ("GET", "attachments"): Reply(status: 200, json: .array(attachments().map(Self.line)))
            case ("GET", "attachments/orphans"): Reply(status: 200, json: .array(orphanedAttachments().map(Self.line)))
            case ("POST", let path) where path.hasPrefix("fields/"): changeField(path.dropFirst(7), request.body)
            case ("POST", let path) where path.hasPrefix("outcomes/"): changeOutcome(path.dropFirst(9), request.body)
            case ("POST", let path) where path.hasPrefix("ticket-types/"): changeTicketType(path.dropFirst(13), request.body)
            case ("PUT", "webhook"): startWebhook(request.body)
            case ("DELETE", "webhook"): endWebhook()
            case ("GET", "webhook/deliveries"): Reply(status: 200, json: .array(dueWebhookDeliveries().map(Self.line)))
            case ("DELETE", "webhook/deliveries"): clearWebhookDeliveries()
            case ("GET", let path) where path.hasPrefix("records/"): records(path.dropFirst(8))
            case ("POST", let name) where name == kind?.rawValue: createRecord(kind ?? .tickets, request.body)
            case ("POST", let path) where path.hasPrefix("tickets/") && path.hasSuffix("/actions"):
                addAction(path.dropFirst(8).dropLast(8), request.body)
            case ("POST", let path) where path.hasPrefix("tickets/"): changeTicket(path.dropFirst(8), request.body)
            case ("POST", let name) where kind != nil && name.contains("/"):
                changeRecord(kind ?? .clients, path.last?[...] ?? "", request.body)
            default: Reply(status: 404, content: .empty)
            }
        return WebResponse(status: reply.status, headers: reply.allHeaders, body: .bytes(reply.bytes ?? []))
    }

    private func replaceFaults(_ body: [UInt8]) -> Reply {
        do {
            let names = try JSONDecoder().decode([String].self, from: Data(body))
            plan.replace(with: try names.map(HaloFault.init(parsing:)))
            return Reply(status: 200, json: .array(plan.faults.map { .string($0.description) }))
        } catch let error as HaloFaultError {
            return Reply(status: 400, json: ["error": .string(error.message)])
        } catch {
            return Reply(status: 400, json: ["error": "The body must be a JSON array of fault names."])
        }
    }

    private func clearRequests() -> Reply {
        clearLog()
        return Reply(status: 204, content: .empty)
    }

    /// Changes a ticket as a technician would: `POST /_simulator/tickets/1005` with `{"closed":true}`.
    private func changeTicket(_ id: Substring, _ body: [UInt8]) -> Reply {
        guard let fields = try? JSONDecoder().decode([String: JSONValue].self, from: Data(body)), let change = Self.change(fields) else {
            return Reply(
                status: 400,
                json: [
                    "error":
                        "The body must be an object with one of summary, details, status_id, merged_into_id, client_id, closed, deleted, locked, hidden and defect."
                ])
        }
        return Self.done(Int(id).map { self.change(ticket: $0, change) } ?? false)
    }

    /// Adds an action: `POST /_simulator/tickets/1005/actions` with `{"note":"…"}`, and `hidden` or `moves_last_update` if wanted.
    private func addAction(_ ticket: Substring, _ body: [UInt8]) -> Reply {
        guard let members = Self.members(of: body), let note = members["note"]?.text else {
            return Self.invalid("The body must be an object with note, and may have hidden and moves_last_update.")
        }
        let moves: Bool? = if case .bool(let flag)? = members["moves_last_update"] { flag } else { nil }
        let id = Int(ticket).flatMap {
            addAction(toTicket: $0, note: note, isHidden: members["hidden"]?.isTrue == true, movesLastUpdate: moves)
        }
        return id.map { Reply(status: 201, json: ["id": .int($0)]) } ?? Reply(status: 404, content: .empty)
    }

    private func state() -> JSONValue {
        var counts: [String: JSONValue] = [:]
        for resource in Resource.allCases where ![.tickets, .actions, .attachment, .fieldInfo].contains(resource) {
            counts[resource.rawValue] = .int(store[resource].rows.count)
        }
        counts["Attachment"] = .int(store.attachments.all.count)
        counts["FieldInfo"] = .int(store.fields.values.filter(\.isCustom).count)
        counts["Tickets"] = .int(ticketCount())
        counts["DeletedTickets"] = .int(store.tickets.deletedCount)
        counts["TicketsWithWrittenActions"] = .int(store.actions.writtenTicketCount)
        counts["TokensIssued"] = .int(tokens.issued)
        counts["Requests"] = .int(log.total)
        return .object(counts)
    }

    private static func line(_ request: LoggedRequest) -> JSONValue {
        [
            "method": .string(request.method), "path": .string(request.path),
            "query": .array(request.query.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "body": .string(String(decoding: request.body, as: UTF8.self)),
        ]
    }

    private static func line(_ fault: HaloFault.Description) -> JSONValue {
        ["name": .string(fault.name), "argument": fault.argument.map(JSONValue.string) ?? .null, "summary": .string(fault.summary)]
    }
}

extension HaloSimulator {
    /// A change of a ticket between two requests that a technician makes in the vendor's own program.
    package enum TicketChange: Sendable, Hashable {
        /// Changes the subject.
        case summary(String)
        /// Changes the details, which list rows contain too.
        case details(String)
        /// Changes the status, which closes or reopens the ticket where the status does.
        case status(Int)
        /// Merges the ticket into another, which receives its notes and is changed as well.
        case merged(into: Int)
        /// Closes the ticket.
        case closed
        /// Reopens the ticket.
        case reopened
        /// Deletes the ticket.
        case deleted
        /// Restores the deleted ticket.
        case restored
        /// Locks the ticket against changes, or unlocks it.
        case locked(Bool)
        /// Hides the ticket from the API agent, so that reads answer 404, or makes it visible again; no date moves.
        case hidden(Bool)
        /// Moves the ticket to another customer.
        case moved(toClient: Int)
        /// Gives the ticket's row a defect, or removes it; no date moves.
        case defect(RowDefect?)
    }

    /// Creates a ticket as a technician would in the vendor's own program.
    ///
    /// - Returns: The ticket's id, which no ticket had before; nil if there is no such customer.
    @discardableResult
    package func createTicket(_ summary: String, client: Int = 1) -> Int? {
        guard store[.client].row(client) != nil else { return nil }
        var record = TicketRecord(id: store.tickets.nextID, summary: summary, created: vendorNow)
        record.clientID = client
        record.siteID = store.mainSite(of: client)
        store.tickets.put(record)
        store.actions.replace([ActionSeeding.opening(of: record)], of: record.id)
        ticketEvent(.created, record.id)
        return record.id
    }

    /// Adds an action to a ticket as a technician would in the vendor's own program; it moves `lastactiondate`.
    ///
    /// - Parameters:
    ///   - id: The ticket's id.
    ///   - note: The note.
    ///   - isHidden: Whether the note is hidden from the end user.
    ///   - movesLastUpdate: Whether `last_update` moves as well; nil for what the fault `notes-leave-ticket-untouched` says.
    /// - Returns: The action's id within the ticket; nil if there is no such ticket, or it is deleted.
    @discardableResult
    package func addAction(toTicket id: Int, note: String, isHidden: Bool = false, movesLastUpdate: Bool? = nil) -> Int? {
        guard var record = store.tickets[id], !record.isDeleted else { return nil }
        var all = store.actions.actions(of: record)
        var action = ActionRecord(
            id: (all.map(\.id).max() ?? 0) + 1, ticketID: id, outcomeID: isHidden ? 7 : 6, outcome: isHidden ? "Internal Note" : "Note",
            who: "Orla Merrow", agentID: 3, created: vendorNow, note: note, isHidden: isHidden)
        action.noteHTML = note
        all.append(action)
        store.actions.replace(all, of: id)
        record.lastAction = vendorNow
        if movesLastUpdate ?? !plan.isOn(.notesLeaveTicketUntouched) { record.updated = vendorNow }
        store.tickets.put(record)
        ticketEvent(.actionAdded, id)
        return action.id
    }

    /// Changes a ticket as a technician would in the vendor's own program.
    ///
    /// - Returns: False if there is no such ticket, target or customer; nothing is changed then.
    @discardableResult
    package func change(ticket id: Int, _ change: TicketChange) -> Bool {
        guard var record = store.tickets[id] else { return false }
        switch change {
        case .summary(let summary):
            // Seeded actions are made from their ticket; stored ones stay as they are.
            store.actions.replace(store.actions.actions(of: record), of: id)
            record.summary = summary
        case .details(let details): store.tickets.extras[id, default: TicketExtras()].fields["details"] = .string(details)
        case .status(let status):
            guard store[.status].row(status) != nil else { return false }
            store.setStatus(status, of: &record, now: vendorNow)
        case .merged(let target):
            guard target != id, var into = store.tickets[target] else { return false }
            record.mergedInto = target
            store.moveNotes(of: record, to: into)
            into.lastAction = vendorNow
            into.updated = vendorNow
            store.tickets.put(into)
            ticketEvent(.updated, target)
        case .closed: store.setStatus(TicketRecord.closedStatus, of: &record, now: vendorNow)
        case .reopened: store.setStatus(TicketRecord.newStatus, of: &record, now: vendorNow)
        case .deleted: record.isDeleted = true
        case .restored: record.isDeleted = false
        case .locked(let isLocked): record.isLocked = isLocked
        case .hidden(let isHidden): record.isHidden = isHidden
        case .moved(let client):
            guard store[.client].row(client) != nil else { return false }
            record.clientID = client
            record.siteID = store.mainSite(of: client)
            record.userID = -1
        case .defect(let defect): record.defect = defect
        }
        guard change.isChangeOfRecord else {
            store.tickets.put(record)
            return true
        }
        record.updated = vendorNow
        store.tickets.put(record)
        // No event for deleted tickets is known.
        if !record.isDeleted { ticketEvent(.updated, id) }
        return true
    }

    /// Parses the change in a control request, such as `{"merged_into_id":1005}`.
    static func change(_ body: [String: JSONValue]) -> TicketChange? {
        guard body.count == 1, let (name, value) = body.first else { return nil }
        switch (name, value) {
        case ("summary", .string(let text)): return .summary(text)
        case ("details", .string(let text)): return .details(text)
        case ("status_id", .int(let status)): return .status(status)
        case ("defect", _): return defect(value).map { .defect($0) }
        case ("merged_into_id", .int(let target)): return .merged(into: target)
        case ("client_id", .int(let client)): return .moved(toClient: client)
        case ("closed", .bool(let flag)): return flag ? .closed : .reopened
        case ("deleted", .bool(let flag)): return flag ? .deleted : .restored
        case ("locked", .bool(let flag)): return .locked(flag)
        case ("hidden", .bool(let flag)): return .hidden(flag)
        default: return nil
        }
    }
}

extension HaloSimulator.TicketChange {
    /// Whether the vendor changes the ticket itself, which moves its date, and not who may see it or how it is sent.
    var isChangeOfRecord: Bool {
        switch self {
        case .hidden, .defect: false
        default: true
        }
    }
}

extension Store {
    /// HaloPSA fact: the notes of a merged ticket move to the other ticket with new ids and a reference to their old ticket.
    mutating func moveNotes(of record: TicketRecord, to target: TicketRecord) {
        let own = actions.actions(of: record)
        var all = actions.actions(of: target)
        for note in own where !note.isSystem {
            var note = note
            note.fields["merged_from_ticketid"] = .int(record.id)
            note.ticketID = target.id
            note.id = (all.map(\.id).max() ?? 0) + 1
            all.append(note)
        }
        actions.replace(all, of: target.id)
        actions.replace(own.filter(\.isSystem), of: record.id)
    }
}
