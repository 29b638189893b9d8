import FoundationEssentials

/// All records of the tenant.
struct Store: Sendable {
    private var tables: [Resource: Table] = [:]
    var tickets: TicketTable
    var actions: ActionTable
    var attachments = AttachmentStore()
    var ticketTypeRequired: Bool
    /// The constant end of every ticket row: the many fields that no client reads, and the configured padding.
    let rowSuffix: [UInt8]

    init(tickets: TicketTable, actions: ActionTable, ticketTypeRequired: Bool, rowPadding: Int) {
        self.tickets = tickets
        self.actions = actions
        self.ticketTypeRequired = ticketTypeRequired
        rowSuffix = Self.tail(padding: rowPadding)
        for resource in Resource.allCases { tables[resource] = Table(resource) }
    }

    subscript(resource: Resource) -> Table {
        get { tables[resource] ?? Table(resource) }
        _modify { yield &tables[resource, default: Table(resource)] }
    }

    /// HaloPSA fact: priority ids repeat in each SLA; only the pair is unique.
    func priorityRow(sla: Int, priority: Int) -> [String: JSONValue]? {
        self[.priority].rows.first { $0.fields["slaid"] == .int(sla) && $0.fields["priorityid"] == .int(priority) }?.fields
    }

    func teamID(named name: String) -> Int? {
        self[.team].rows.first { $0.fields["name"]?.text?.lowercased() == name.lowercased() }?.fields["id"]?.integer
    }

    func mainSite(of client: Int) -> Int {
        if let main = self[.client].row(client)?.fields["main_site_id"]?.integer { return main }
        return self[.site].rows.first { $0.fields["client_id"]?.integer == client }?.fields["id"]?.integer ?? 1
    }

    private static func tail(padding: Int) -> [UInt8] {
        var json = JSONWriter()
        for name in [
            "impactlevel", "faultcodeopen", "related_action_count", "child_count", "child_count_open", "appointment_type", "reassigncount",
            "supplier_id", "asset_number", "release_id", "product_id", "emailpriority", "locked_by_agentid", "milestone_id",
            "follower_count",
        ] as [StaticString] { json.member(name, 0) }
        json.member("estimate", 0.0)
        json.member("cost", 0.0)
        json.member("slaholdtime", 0.0)
        json.member("datecreated", JSONValue.null)
        json.member("customfields", JSONValue.null)
        json.member("nextactivitydate", .unset, .plain)
        json.member("workflow_stage_number", "1")
        if padding > 0 { json.member("notepad", String(repeating: "Checked and noted. ", count: padding / 19 + 1)) }
        return json.bytes
    }
}

/// The attachments of tickets.
struct AttachmentStore: Sendable {
    struct File: Sendable {
        var id: Int
        var ticketID: Int
        var actionID: Int
        var name: String
        var content: [UInt8]
        var created: HaloTime
    }

    private var files: [Int: File] = [:]
    private var highest = 0

    subscript(id: Int) -> File? { files[id] }

    func rows(ofTicket ticket: Int) -> [File] { files.values.filter { $0.ticketID == ticket }.sorted { $0.id < $1.id } }

    mutating func remove(_ id: Int) -> File? { files.removeValue(forKey: id) }

    /// Stores a file whose content is base64 in `data_base64` or `data`.
    mutating func save(_ sent: [String: JSONValue], now: HaloTime) throws -> File {
        guard let name = sent["filename"]?.text, !name.isEmpty else { throw ErrorReply.text("Invalid Name") }
        guard let ticket = sent["ticket_id"]?.integer else { throw ErrorReply.text("Parameter ticket_id must be included") }
        guard let content = Data(base64Encoded: sent["data_base64"]?.text ?? sent["data"]?.text ?? "") else {
            throw ErrorReply.text("Invalid Data Type")
        }
        highest += 1
        let file = File(
            id: highest, ticketID: ticket, actionID: sent["action_id"]?.integer ?? 0, name: name, content: Array(content), created: now)
        files[highest] = file
        return file
    }
}

extension AttachmentStore.File {
    var fields: [String: JSONValue] {
        [
            "id": .int(id), "ticket_id": .int(ticketID), "action_id": .int(actionID), "filename": .string(name),
            "filesize": .int(content.count), "datecreated": .string(created.text(.varied(id))),
        ]
    }
}

extension Store {
    /// HaloPSA fact: without a ticket or an action the list is empty.
    func listAttachments(_ call: APICall) throws -> Reply {
        let ticket = try call.query.integer("ticket_id") ?? 0
        let action = try call.query.integer("action_id") ?? 0
        let shown = ticket == 0 ? [] : attachments.rows(ofTicket: ticket).filter { action == 0 || $0.actionID == action }
        var before = JSONWriter()
        before.member("type", try call.query.integer("type") ?? 0)
        before.member("unique_id", try call.query.integer("unique_id") ?? 0)
        before.member("ticket_id", ticket)
        before.member("action_id", action)
        var rows = JSONWriter()
        for file in shown {
            rows.separate()
            rows.object(file.fields)
        }
        var after = JSONWriter()
        after.member("page_no", 1)
        after.member("page_size", 50)
        after.member("folders", [])
        return .list(
            ListReply(
                key: "attachments", before: before.bytes, after: after.bytes, rows: rows.bytes, rowCount: shown.count, total: shown.count))
    }

    func readAttachment(_ id: Int) throws -> Reply {
        guard let file = attachments[id] else { throw ErrorReply.empty(404) }
        return Reply(status: 200, content: .octets(file.content))
    }
}
