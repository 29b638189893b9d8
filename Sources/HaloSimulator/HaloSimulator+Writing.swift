import FoundationEssentials
import WebServer

/// POST: an array of objects, each created or changed.
extension HaloSimulator {
    func save(_ request: WebRequest, _ resource: Resource, _ call: APICall) async throws -> Reply {
        let elements = try elements(of: request)
        let creates = elements.contains { ($0["id"]?.integer ?? 0) == 0 && ($0["id"]?.text ?? "").isEmpty }
        let focused = plan.focused(on: elements.map(Self.text).joined(separator: "\n"))
        if creates, let lost = focused.answerBeforeCreating(resource) { throw Refusal(lost) }
        if creates, resource == .tickets, plan.isOn(.createRace) { try await race() }
        let types = types(of: resource)
        var checked: [[String: JSONValue]] = []
        for (index, element) in elements.enumerated() {
            checked.append(try types.normalised(element, element: index, body: request.body))
        }
        let saved = try saveAll(checked, resource, call)
        if creates, let answer = focused.answerAfterCreating(resource, record: saved.last) { throw Refusal(answer) }
        // HaloPSA fact: a bare object for one element; for several only the last, unless `returnall=true`.
        guard call.query.isTrue("returnall") else { return Reply(status: 201, content: .saved(saved.last ?? [])) }
        return Reply(status: 201, content: .json([UInt8(ascii: "[")] + saved.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]))
    }

    /// All or nothing: what the vendor does with the first half of a refused array is not on record.
    private func saveAll(_ elements: [[String: JSONValue]], _ resource: Resource, _ call: APICall) throws -> [[UInt8]] {
        // A copy to go back to makes the next write copy all tickets; a single element needs none.
        let before = elements.count > 1 ? (store, writes) : nil
        do {
            return try elements.map { element in
                var call = call
                call.plan = call.plan.focused(on: Self.text(of: element))
                let saved = try saveOne(element, resource, call)
                record(element, resource, saved: saved)
                return saved
            }
        } catch {
            if let before { (store, writes) = before }
            throw error
        }
    }

    private func saveOne(_ element: [String: JSONValue], _ resource: Resource, _ call: APICall) throws -> [UInt8] {
        switch resource {
        case .tickets: return try store.saveTicket(element, call)
        case .actions: return try store.saveAction(element, call)
        case .attachment: return JSONBytes.of(.object(try store.attachments.save(element, now: call.now).fields))
        default: return try store.saveRecord(resource, element, call)
        }
    }

    private func types(of resource: Resource) -> WireTypes {
        switch resource {
        case .tickets: .ticket
        case .actions: .action
        default: WireTypes(of: store[resource].rows.prefix(50).lazy.map(\.fields))
        }
    }

    /// HaloPSA fact: number assignment races; of two tickets created at once the later fails.
    private func race() async throws {
        guard creationsUnderWay == 0 else { throw Refusal.empty(500) }
        creationsUnderWay += 1
        defer { creationsUnderWay -= 1 }
        try? await Task.sleep(for: .milliseconds(150))
    }

    private func elements(of request: WebRequest) throws -> [[String: JSONValue]] {
        guard Self.isJSON(request.headers["Content-Type"]) else { throw Refusal.empty(415) }
        let body: JSONValue
        do {
            body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body))
        } catch {
            throw Refusal.modelState("", "Unexpected character encountered while parsing value. Path '', line 1, position 1.")
        }
        guard case .array(let elements) = body else {
            throw Refusal.modelState(
                "",
                "Cannot deserialize the current JSON object into type 'System.Collections.Generic.List`1' because the type requires a JSON "
                    + "array (e.g. [1,2,3]) to deserialize correctly. Path '', line 1, position 1.")
        }
        guard !elements.isEmpty else { throw Refusal.text("Invalid Data Type") }
        return try elements.enumerated().map { index, element in
            guard case .object(let fields) = element else {
                throw Refusal.modelState("[\(index)]", "Error converting value to an object. Path '[\(index)]', line 1, position 1.")
            }
            return fields
        }
    }

    /// HaloPSA fact: these four content types are accepted, anything else is 415.
    private static func isJSON(_ contentType: String?) -> Bool {
        let type = (contentType ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " }
        return ["application/json", "text/json", "application/json-patch+json"].contains(type)
            || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }
}
