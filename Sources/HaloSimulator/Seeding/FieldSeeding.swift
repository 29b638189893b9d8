/// The ticket types that demand more than a summary, with their fields and the outcomes of their workflow.
enum FieldSeeding {
    static func fill(_ store: inout Store, now: HaloTime) {
        for field in systemFields + ticketFields + customFields { store.fields[field.id] = field }
        for row in ticketTypes { store[.ticketType].put(row, updated: now) }
        for row in outcomes { store[.outcome].put(row, updated: now) }
        store.typeFields = typeFields
        store.outcomeFields = [31: [TypeField(fieldID: 125, action: TypeField.Requirement.mandatory)]]
    }

    /// The custom fields of every ticket type without fields of its own.
    static let commonFieldIDs = [213, 214, 215]

    /// HaloPSA fact: the ids and the names of system fields differ from the members of a ticket, and their type is often -1.
    ///
    /// The ids of the categories and of the site are not documented; they are assumed here.
    private static let systemFields: [FieldDefinition] = [
        (2, "symptom", "Summary", 0), (3, "symptom2", "Details", 0), (4, "devicenumber", "Asset", 0), (13, "sectio_", "Team", 0),
        (14, "assignedtoint", "Agent", 0), (16, "estimate", "Estimate", 0), (27, "impact", "Impact", 12), (28, "urgency", "Urgency", 27),
        (41, "category2", "Category", 0), (42, "category3", "Second category", 0),
        (43, "sitenumber", "Site", 0),
    ].map { (id: Int, name: String, label: String, lookup: Int) in
        FieldDefinition(id: id, name: name, label: label, type: -1, isCustom: false, lookup: lookup)
    }

    private static let ticketFields = [
        FieldDefinition(id: 213, name: "CFAssetTag", label: "Asset tag", type: 0),
        FieldDefinition(
            id: 214, name: "CFImpactArea", label: "Impact area", type: 2, lookup: 1214,
            options: options([(9, "Whole site"), (10, "One desk")])),
        FieldDefinition(id: 215, name: "CFGoLive", label: "Go live", type: 4),
    ]

    private static func options(_ options: [(Int, String)]) -> [FieldDefinition.Option] {
        options.map { FieldDefinition.Option(id: String($0), name: $1) }
    }

    private static let customFields = [
        FieldDefinition(
            id: 105, name: "CFRequestReason", label: "Request reason", type: 2, lookup: 1105,
            options: options([(36, "Broken"), (37, "Lost"), (38, "New starter")])),
        FieldDefinition(id: 106, name: "CFCostCentre", label: "Cost centre", type: 0, characterLimit: 10),
        FieldDefinition(id: 107, name: "CFDelivery", label: "Delivery instructions", type: 1),
        FieldDefinition(id: 108, name: "CFQuantity", label: "Quantity", type: 0, inputType: 1),
        FieldDefinition(id: 109, name: "CFBudget", label: "Budget", type: 0, inputType: 2),
        FieldDefinition(id: 110, name: "CFWeight", label: "Weight", type: 0, inputType: 4),
        FieldDefinition(id: 111, name: "CFNeededBy", label: "Needed by", type: 4),
        FieldDefinition(id: 112, name: "CFDeliveryAt", label: "Delivery at", type: 4, inputType: 1),
        FieldDefinition(id: 113, name: "CFCallTime", label: "Time to call", type: 5),
        FieldDefinition(id: 114, name: "CFApproved", label: "Approved by the manager", type: 6),
        FieldDefinition(
            id: 115, name: "CFAccessories", label: "Accessories", type: 3, lookup: 1115,
            options: options([(50, "Dock"), (51, "Headset"), (52, "Second screen")]), includesOptions: false, maxSelection: 2),
        FieldDefinition(id: 116, name: "CFJustification", label: "Justification", type: 10),
        FieldDefinition(id: 117, name: "CFProductPage", label: "Product page", type: 0, inputType: 5),
        FieldDefinition(
            id: 118, name: "CFLocation", label: "Location", type: 2, inputType: 1, lookup: 1118,
            options: options([(70, "Head office"), (71, "Head office>First floor"), (72, "Warehouse")])),
        FieldDefinition(id: 119, name: "CFItems", label: "Items", type: 7),
        FieldDefinition(id: 120, name: "CFPoliceReference", label: "Police reference", type: 0),
        FieldDefinition(id: 121, name: "CFOrderNumber", label: "Order number", type: 0),
        FieldDefinition(id: 122, name: "CFInternalCode", label: "Internal code", type: 0),
        FieldDefinition(id: 123, name: "CFUnlockCode", label: "Unlock code", type: 0, inputType: 6),
        FieldDefinition(id: 124, name: "CFAccountNumber", label: "Account number", type: 0, isReadOnly: true),
        FieldDefinition(
            id: 125, name: "CFChangeResult", label: "Change result", type: 2, lookup: 1125,
            options: options([(60, "Successful"), (61, "Rolled back")])),
        FieldDefinition(id: 126, name: "CFDevices", label: "Devices", type: 7),
    ]

    private static let typeFields: [Int: [TypeField]] = {
        let mandatory = TypeField.Requirement.mandatory
        var hardware = [(2, mandatory), (3, 1), (41, mandatory), (42, 1), (13, 1), (14, 1), (16, 1), (27, 1), (28, 1), (4, 1)]
            .map { TypeField(fieldID: $0, newTicket: $1) }
        hardware += [(105, mandatory), (106, mandatory)].map { TypeField(fieldID: $0, newTicket: $1) }
        hardware += (107...119).map { TypeField(fieldID: $0) }
        hardware.append(
            TypeField(fieldID: 120, newTicket: mandatory, conditions: [TypeField.Condition(field: 105, value: "37")], group: "Loss"))
        hardware += [(121, 2), (122, 0), (123, 1), (124, TypeField.Requirement.readOnly)]
            .map { TypeField(fieldID: $0, newTicket: $1) }
        return [
            40: hardware, 41: [2, 3, 13, 27, 28].map { TypeField(fieldID: $0, newTicket: mandatory) },
            42: [
                TypeField(fieldID: 2, newTicket: mandatory), TypeField(fieldID: 3), TypeField(fieldID: 4, newTicket: mandatory),
                TypeField(fieldID: 43),
            ],
            43: [TypeField(fieldID: 2, newTicket: mandatory), TypeField(fieldID: 126, newTicket: mandatory)],
        ]
    }()

    private static let ticketTypes: [[String: JSONValue]] = [
        (40, "Hardware Request", "1st Line"), (41, "Network Change", "2nd Line"), (42, "Asset Repair", "1st Line"),
        (43, "Table Type", "1st Line"),
    ].map { (id: Int, name: String, team: String) in
        let isChange = id == 41
        return [
            "id": .int(id), "guid": .string(SeedID.guid(0x200 + id)), "name": .string(name), "use": "ticket", "sequence": .int(id),
            "group_id": 1, "group_name": "Service desk", "cancreate": true, "agentscanselect": true, "enduserscanselect": false,
            "itilrequesttype": .int(id), "default_sla": 1, "default_priority": 3, "default_agent": 1, "default_team": .string(team),
            "default_impact": 3, "default_category_1": "", "workflow_name": isChange ? "Change" : "Default",
            "workflow_id": isChange ? 2 : 1, "visible": true, "allow_all_clients": true, "initial_status": 1,
            "hasmandatorytechfields": true, "hasmandatoryuserfields": false, "allowattachments": true,
            "minattachments": .int(id == 40 ? 1 : 0), "allowall_team": .bool(!isChange), "allowall_status": .bool(!isChange),
            "allowall_category1": true, "allowall_category2": true, "mustclosechildbeforeclosurebool": false,
            "allowed_statuses": isChange ? [1, 2, 9] : [1, 2, 3, 4, 5, 9, 21],
            "allowed_status": isChange ? .array([(1, "New"), (2, "In Progress"), (9, "Closed")].map(allowedStatus)) : [],
            "allowed_teams": isChange
                ? [["id": 1, "tickettype_id": .int(id), "section_id": 2, "section_name": "2nd Line", "allowedteamsrestriction": true]] : [],
            "~inactive": false,
        ]
    }

    /// HaloPSA fact: the vendor spells `ticketype_id` with one t here.
    private static func allowedStatus(_ id: Int, _ name: String) -> JSONValue {
        ["ticketype_id": 41, "tickettype_name": "Network Change", "status_id": .int(id), "status_name": .string(name)]
    }

    /// The outcomes of the steps of the workflow "Change": each is available in one status and moves the ticket to another.
    private static let outcomes: [[String: JSONValue]] = [
        (30, "Start Work", 1, 2, false), (31, "Complete Change", 2, 9, true),
    ].map { (id: Int, name: String, from: Int, to: Int, mustAddNote: Bool) in
        [
            "id": .int(id), "outcome": .string(name), "buttonname": .string(name), "labellong": .string(name), "hidden": false,
            "sequence": .int(id), "systemid": 0, "sendemail": false, "emailtemplate_id": 0, "mustaddnote": .bool(mustAddNote),
            "newstatus": .int(to), "workflow_id": 2, "workflow_name": "Change", "workflow_step_id": .int(from), "~type": 41,
            "~status": .int(from), "~restricted": false,
        ]
    }
}
