/// The tenant's settings, such as statuses, types and SLAs, with the ids of production tenants.
enum SettingsSeeding {
    static func fill(_ store: inout Store, now: HaloTime) {
        for (resource, rows) in all {
            for row in rows { store[resource].put(row, updated: now) }
        }
    }

    private static let all: [(Resource, [[String: JSONValue]])] = [
        (.status, statuses), (.ticketType, ticketTypes), (.sla, slas), (.priority, priorities), (.team, teams), (.agent, agents),
        (.outcome, outcomes), (.category, categories), (.lookup, lookups),
    ]

    /// HaloPSA fact: no field says whether a status is closed; type 0 is for tickets and includes both New and Closed.
    private static let statuses: [[String: JSONValue]] = [
        (1, "New", 0, false), (2, "In Progress", 0, false), (3, "Action Required", 0, false), (4, "With User", 0, false),
        (5, "With Supplier", 0, false), (9, "Closed", 0, true), (13, "Closed Order", 4, true), (15, "Closed Item", 5, true),
        (21, "On Hold", 0, false),
    ].map { (id: Int, name: String, type: Int, closed: Bool) in
        [
            "id": .int(id), "guid": .string(SeedID.guid(0x100 + id)), "name": .string(name), "shortname": .string(name), "type": .int(type),
            "sequence": .int(id * 10), "colour": "#2e86ab", "slaaction": id == 21 || id == 4 ? "H" : "", "ticket_count": 0,
            "~closed": .bool(closed),
        ]
    }

    private static let ticketTypes: [[String: JSONValue]] = [
        (1, "Incident", "ticket", true, 1, 3, true), (3, "Service Request", "ticket", true, 1, 4, true),
        (4, "Problem", "ticket", true, 2, 3, true), (5, "Project", "projects", true, 1, 4, true),
        (29, "Monitoring Alert", "ticket", false, 2, 3, true), (31, "Legacy Request", "ticket", false, 1, 4, false),
    ].map { (id: Int, name: String, use: String, canCreate: Bool, sla: Int, priority: Int, visible: Bool) in
        [
            "id": .int(id), "guid": .string(SeedID.guid(0x200 + id)), "name": .string(name), "use": .string(use), "sequence": .int(id),
            "group_id": 1, "group_name": "Service desk", "cancreate": .bool(canCreate), "agentscanselect": .bool(canCreate),
            "enduserscanselect": .bool(id < 4), "itilrequesttype": .int(id), "default_sla": .int(sla), "default_priority": .int(priority),
            "default_agent": 1, "default_team": "1st Line", "workflow_name": "Default", "workflow_id": 1, "visible": .bool(visible),
            "allow_all_clients": true, "initial_status": 1, "allowed_statuses": [1, 2, 3, 4, 5, 9, 21],
            "fields": [["id": 1, "name": "summary", "mandatory": true], ["id": 2, "name": "details"]], "~inactive": .bool(!visible),
        ]
    }

    private static let slaPriorities: [(sla: Int, id: Int, name: String, response: Double, fix: Double)] = [
        (1, 1, "Critical", 1, 4), (1, 2, "High", 2, 8), (1, 3, "Medium", 4, 24), (1, 4, "Low", 8, 72), (2, 2, "Urgent", 0.5, 4),
        (2, 3, "Normal", 2, 16), (2, 4, "Planned", 8, 120),
    ]

    /// HaloPSA fact: the id is a GUID, tickets refer to `priorityid`, and rows repeat per SLA.
    private static let priorities: [[String: JSONValue]] = slaPriorities.map { row in
        [
            "id": .string(SeedID.guid(0x300 + row.sla * 16 + row.id)), "priorityid": .int(row.id), "slaid": .int(row.sla),
            "name": .string(row.name), "colour": .string(["#888888", "#d62828", "#f77f00", "#fcbf49", "#90be6d"][row.id]),
            "ishidden": false, "responsetime": .double(row.response), "responseunits": "H", "fixtime": .double(row.fix), "fixunits": "H",
            "workdaysoverride": 0,
        ]
    }

    private static let slas: [[String: JSONValue]] = [(1, "Standard SLA"), (2, "Managed Services SLA")].map { (id: Int, name: String) in
        let own = priorities.filter { $0["slaid"] == .int(id) }
        return ["id": .int(id), "name": .string(name), "hoursaretechslocaltime": false, "priorities": .array(own.map(JSONValue.object))]
    }

    private static let teams: [[String: JSONValue]] = [
        (1, "1st Line", false), (2, "2nd Line", false), (3, "Projects", false), (4, "Old Billing Desk", true),
    ].map { (id: Int, name: String, inactive: Bool) in
        [
            "id": .int(id), "guid": .string(SeedID.guid(0x400 + id)), "name": .string(name), "department_id": 1,
            "department_name": "Service", "inactive": .bool(inactive), "forrequests": true, "forprojects": .bool(id == 3),
            "sequence": .int(id), "ticket_count": 0,
        ]
    }

    private static let agents: [[String: JSONValue]] = [
        (1, "Unassigned", "", 1, false), (3, "Orla", "Merrow", 1, false), (4, "Jonas", "Brandvik", 1, false),
        (5, "Imani", "Castell", 2, false), (6, "Dev", "Northcote", 2, false), (7, "Greta", "Rookwood", 3, false),
        (9, "Wim", "Jarrow", 1, true), (10, "Vectis", "API", 1, false),
    ].map { (id: Int, first: String, last: String, team: Int, disabled: Bool) in
        let name = last.isEmpty ? first : "\(first) \(last)"
        let teamName = teams[team - 1]["name"] ?? ""
        return [
            "id": .int(id), "name": .string(name), "firstname": .string(first), "surname": .string(last),
            "initials": .string(String(first.prefix(1) + last.prefix(1))),
            "email": .string(last.isEmpty ? "" : "\(first.lowercased()).\(last.lowercased())@msp.example"), "isdisabled": .bool(disabled),
            "is_agent": true, "isapiagent": .bool(id == SeedID.apiAgent), "jobtitle": "Engineer", "team": teamName,
            "teams": [["team_id": .int(team), "team_name": teamName, "department_id": 1, "fortickets": true]], "colour": "#457b9d",
            "onlinestatus": 0, "use": "agent", "~unassigned": .bool(id == 1), "~team_id": .int(team),
            "claims": ["tickets.read", "tickets.edit", "customers.read"],
        ]
    }

    private static let outcomes: [[String: JSONValue]] = [
        (1, "Logged", true, false), (6, "Note", false, false), (7, "Internal Note", false, false), (9, "Close Ticket", false, false),
        (16, "Email User", false, false), (22, "Restricted", false, true),
    ].map { (id: Int, name: String, hidden: Bool, restricted: Bool) in
        [
            "id": .int(id), "outcome": .string(name), "buttonname": .string(name), "labellong": .string(name), "hidden": .bool(hidden),
            "sequence": .int(id), "systemid": .int(hidden ? 1 : 0), "sendemail": .bool(id == 16),
            "emailtemplate_id": .int(id == 16 ? -103 : 0), "~restricted": .bool(restricted),
        ]
    }

    private static let categories: [[String: JSONValue]] = [
        (40, "Laptop", "Hardware>Laptop", 1), (41, "Printer", "Hardware>Printer", 1), (42, "Email", "Software>Email", 1),
        (43, "Line of business", "Software>Line of business", 1), (44, "Wi-Fi", "Network>Wi-Fi", 1),
        (45, "Password", "Accounts>Password", 1), (60, "Faulty part", "Faulty part", 2),
    ].map { (id: Int, name: String, value: String, type: Int) in
        [
            "id": .int(id), "category_name": .string(name), "value": .string(value), "type_id": .int(type), "category_group_id": 1,
            "sla_id": -1, "priority_id": -1,
        ]
    }

    /// HaloPSA fact: list 12 is impact, 27 urgency, 22 the request source, 33 the customer type.
    private static let lookups: [[String: JSONValue]] = [
        (11, 12, "Impact"), (11, 22, "Request source"), (11, 27, "Urgency"), (11, 33, "Customer type"), (12, 1, "Company wide"),
        (12, 2, "Several people"), (12, 3, "One person"), (27, 1, "High"), (27, 2, "Medium"), (27, 3, "Low"), (22, 0, "Manual"),
        (22, 1, "Email"), (22, 8, "API"), (33, 1, "Managed"), (33, 2, "Ad hoc"),
    ].map { (lookup: Int, id: Int, name: String) in
        ["lookupid": .int(lookup), "id": .int(id), "name": .string(name), "~key": .string("\(lookup)-\(id)")]
    }
}

/// Creates the records of a new tenant.
enum StoreSeeding {
    static func store(for configuration: HaloSimulator.Configuration, now: HaloTime) -> Store {
        var store = Store(
            tickets: TicketTable(firstID: SeedID.firstTicket), actions: ActionTable(seed: configuration.seed),
            ticketTypeRequired: configuration.ticketTypeRequired, rowPadding: configuration.rowPadding)
        SettingsSeeding.fill(&store, now: now.adding(seconds: -400 * 86_400))
        FieldSeeding.fill(&store, now: now.adding(seconds: -400 * 86_400))
        var customers = CustomerSeeding(seed: configuration.seed, now: now)
        let all = customers.fill(&store, companies: configuration.companyCount, contacts: configuration.contactCount)
        AssetSeeding.fill(&store, customers: all, now: now.adding(seconds: -400 * 86_400))
        var billing = BillingSeeding(seed: configuration.seed, now: now)
        billing.fill(&store, customers: all)
        var tickets = TicketSeeding(seed: configuration.seed, now: now)
        tickets.fill(&store, count: configuration.ticketCount, customers: all)
        return store
    }
}

/// The ids of seeded records that the simulator and its tests share.
enum SeedID {
    /// HaloPSA fact: agent 1 is "Unassigned", client 1 is the built-in unknown customer.
    static let unassigned = 1
    static let apiAgent = 10
    static let firstTicket = 1001
    static let firstClient = 12
    static let firstSite = 18
    static let firstUser = 30

    /// Returns a GUID that is always the same for a number.
    static func guid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "5b1f0c2e-7a44-4d3b-9e61-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

/// The SplitMix64 random number generator, which gives the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// Creates a separate generator for one record, so that records do not depend on the number of earlier ones.
    init(_ seed: UInt64, record: Int) {
        state = seed ^ (UInt64(truncatingIfNeeded: record) &* 0xD1B5_4A32_D192_ED03)
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns a number below a bound; the slight bias of the remainder does not matter here.
    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }

    mutating func pick<Element>(_ elements: [Element], or fallback: Element) -> Element {
        elements.isEmpty ? fallback : elements[below(elements.count)]
    }
}
