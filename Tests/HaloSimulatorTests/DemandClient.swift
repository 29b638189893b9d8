import Testing

@testable import HaloSimulator

/// Writes of ticket types that demand more than a summary.
extension SimulatorClient {
    /// Everything that type 40 demands, apart from the attachment.
    static let hardwareRequest: [String: JSONValue] = [
        "tickettype_id": 40, "summary": "New laptop", "category_1": "Hardware>Laptop", "client_id": 12,
        "customfields": [["id": 105, "value": 36], ["name": "CFCostCentre", "value": "CC-1"]],
    ]

    /// Everything that type 41 demands.
    static let networkChange: [String: JSONValue] = [
        "tickettype_id": 41, "summary": "Replace the switch", "details": "Tonight", "team": "2nd Line", "impact": 2, "urgency": 2,
        "client_id": 12,
    ]

    /// Uploads a file and returns its id.
    func upload(_ name: String = "report.pdf", base64: String = "data:application/pdf;base64,aGVsbG8=") async -> JSONValue {
        let file: [String: JSONValue] = ["filename": .string(name), "data_base64": .string(base64), "_uploading": true]
        return await post("Attachment", Self.body(file))["id"]
    }

    /// Creates a ticket of type 40 with an uploaded file, after changes; null removes a member.
    func createHardwareRequest(_ changes: [String: JSONValue] = [:]) async -> ClientResponse {
        var fields = Self.hardwareRequest
        fields["attachments"] = [["id": await upload()]]
        for (name, value) in changes { fields[name] = value == .null ? nil : value }
        return await post("Tickets", Self.body(fields))
    }

    /// Creates a ticket of type 40 with further custom fields.
    func createHardwareRequest(field: Int, value: JSONValue) async -> ClientResponse {
        await createHardwareRequest([
            "customfields": [
                ["id": 105, "value": 36], ["id": 106, "value": "CC-1"], ["id": .int(field), "value": value],
            ]
        ])
    }

    /// Creates a ticket of type 41 after changes; null removes a member.
    func createNetworkChange(_ changes: [String: JSONValue] = [:]) async -> ClientResponse {
        var fields = Self.networkChange
        for (name, value) in changes { fields[name] = value == .null ? nil : value }
        return await post("Tickets", Self.body(fields))
    }

    /// Serializes an array with one object.
    static func body(_ fields: [String: JSONValue]) -> String {
        String(decoding: JSONWriter.bytes(of: .array([.object(fields)])), as: UTF8.self)
    }

    /// Reads a custom field in the detail of a ticket.
    func customField(_ field: Int, ofTicket id: JSONValue) async -> JSONValue {
        await get("Tickets/\(id.integer ?? 0)", ["includedetails": "true"]).rows("customfields").first { $0["id"].integer == field }
            ?? .null
    }
}
