import FoundationEssentials
import WebServer

/// The routes below `/_simulator`, by which another process switches faults and looks inside.
extension HaloSimulator {
    func control(_ request: WebRequest) -> WebResponse {
        let reply =
            switch (request.method, request.segments.dropFirst().joined(separator: "/")) {
            case ("GET", "faults"): Reply(status: 200, json: .array(plan.faults.map { .string($0.description) }))
            case ("PUT", "faults"): switchFaults(request.body)
            case ("GET", "catalogue"): Reply(status: 200, json: .array(HaloFault.catalogue.map(Self.line)))
            case ("GET", "requests"): Reply(status: 200, json: .array(requestLog().map(Self.line)))
            case ("DELETE", "requests"): forgetRequests()
            case ("GET", "state"): Reply(status: 200, json: state())
            case ("POST", let path) where path.hasPrefix("tickets/"): changeTicket(path.dropFirst(8), request.body)
            default: Reply(status: 404, content: .empty)
            }
        return WebResponse(status: reply.status, headers: reply.wireHeaders, body: .bytes(reply.bytes ?? []))
    }

    private func switchFaults(_ body: [UInt8]) -> Reply {
        do {
            let names = try JSONDecoder().decode([String].self, from: Data(body))
            plan.replace(with: try names.map(HaloFault.init(parsing:)))
            return Reply(status: 200, json: .array(plan.faults.map { .string($0.description) }))
        } catch let error as HaloFaultError {
            return Reply(status: 400, json: ["error": .string(error.message)])
        } catch {
            return Reply(status: 400, json: ["error": "The body has to be a JSON array of fault names."])
        }
    }

    private func forgetRequests() -> Reply {
        clearLog()
        return Reply(status: 204, content: .empty)
    }

    /// Changes a ticket as a technician would: `POST /_simulator/tickets/1005` with `{"closed":true}`.
    private func changeTicket(_ id: Substring, _ body: [UInt8]) -> Reply {
        guard let fields = try? JSONDecoder().decode([String: JSONValue].self, from: Data(body)), let change = Self.change(fields) else {
            return Reply(
                status: 400,
                json: [
                    "error": "The body has to be an object with one of merged_into_id, client_id, closed, deleted, locked and hidden."
                ])
        }
        guard let number = Int(id), self.change(ticket: number, change) else { return Reply(status: 404, content: .empty) }
        return Reply(status: 204, content: .empty)
    }

    private func state() -> JSONValue {
        var counts: [String: JSONValue] = [:]
        for resource in Resource.allCases where ![.tickets, .actions, .attachment].contains(resource) {
            counts[resource.rawValue] = .int(store[resource].rows.count)
        }
        counts["Tickets"] = .int(ticketCount())
        counts["DeletedTickets"] = .int(store.tickets.deletedCount)
        counts["TicketsWithWrittenActions"] = .int(store.actions.touchedTickets)
        counts["TokensIssued"] = .int(tokens.issued)
        counts["Requests"] = .int(journal.total)
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
