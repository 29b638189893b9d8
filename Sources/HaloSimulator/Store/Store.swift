/// All records of the tenant.
struct Store: Sendable {
    private var tables: [Resource: Table] = [:]
    var tickets: TicketTable
    var actions: ActionTable
    var attachments = AttachmentStore()
    /// The system fields and custom fields by id.
    var fields: [Int: FieldDefinition] = [:]
    /// The fields of the ticket types that demand more than a summary.
    var typeFields: [Int: [TypeField]] = [:]
    /// The fields on the form of an outcome.
    var outcomeFields: [Int: [TypeField]] = [:]
    var mails: [HaloSimulator.SentMail] = []
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
