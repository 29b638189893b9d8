import FoundationEssentials
import WebServer

/// The routes below `/_simulator`, through which another process sets faults and inspects the simulator.
///
/// `GET` reads `faults`, `catalogue`, `requests`, `request-counts`, `state`, `mails`, `attachments` and `attachments/orphans`; `PUT faults`
/// replaces the faults; `DELETE requests` clears the log; `POST` below `tickets`, `fields`, `outcomes` and `ticket-types` changes records.
extension HaloSimulator {
    func control(_ request: WebRequest) -> WebResponse {
        let reply =
            switch (request.method, request.segments.dropFirst().joined(separator: "/")) {
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
            case ("POST", let path) where path.hasPrefix("tickets/"): changeTicket(path.dropFirst(8), request.body)
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
                    "error": "The body must be an object with one of merged_into_id, client_id, closed, deleted, locked and hidden."
                ])
        }
        guard let number = Int(id), self.change(ticket: number, change) else { return Reply(status: 404, content: .empty) }
        return Reply(status: 204, content: .empty)
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
    public enum TicketChange: Sendable, Hashable {
        /// Merges the ticket into another, which receives its notes.
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
        /// Hides the ticket from the API agent, so that reads answer 404, or makes it visible again.
        case hidden(Bool)
        /// Moves the ticket to another customer.
        case moved(toClient: Int)
    }

    /// Changes a ticket as a technician would in the vendor's own program.
    ///
    /// - Returns: False if there is no such ticket, target or customer; nothing is changed then.
    @discardableResult
    public func change(ticket id: Int, _ change: TicketChange) -> Bool {
        guard var record = store.tickets[id] else { return false }
        switch change {
        case .merged(let target):
            guard target != id, let into = store.tickets[target] else { return false }
            record.mergedInto = target
            store.moveNotes(of: record, to: into)
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
        }
        record.updated = vendorNow
        store.tickets.put(record)
        return true
    }

    /// Parses the change in a control request, such as `{"merged_into_id":1005}`.
    static func change(_ body: [String: JSONValue]) -> TicketChange? {
        guard body.count == 1, let (name, value) = body.first else { return nil }
        switch (name, value) {
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
