import PSACore
import TestSupport

extension FaultCase {
    private static let noSuchID = "The id is not one of this HaloPSA"
    private static let notForType = "The status or priority exists, but not for this ticket type"
    private static let notCreatable = "The application's agent may not create tickets of this type"
    private static let allowIt = "Allow the type for the agent in HaloPSA"
    private static let listThem = "Choose "

    private static func defaults(_ name: String, _ settings: [SettingKey: String], cause: String, field: SettingKey) -> FaultCase {
        FaultCase(
            name: name, peer: .simulator([]), settings: settings,
            told: Told(
                code: .ticketDefaultInvalid, cause: cause, confidence: .certain, step: cause == notCreatable ? allowIt : listThem,
                field: field,
                check: (.ticketDefaults, .failed)))
    }

    static let ticketDefaults: [FaultCase] = [
        defaults("a default type that does not exist", ["ticketTypeID": "999"], cause: noSuchID, field: "ticketTypeID"),
        defaults(
            "a default type of which the agent may not create tickets", ["ticketTypeID": "29"], cause: notCreatable, field: "ticketTypeID"),
        defaults("a default status that does not exist", ["ticketStatusID": "999"], cause: noSuchID, field: "ticketStatusID"),
        defaults(
            "a default priority of another SLA", ["ticketTypeID": "4", "ticketPriorityID": "1"], cause: notForType,
            field: "ticketPriorityID"),
        FaultCase(
            name: "defaults that fit together", peer: .simulator([]),
            settings: ["ticketTypeID": "4", "ticketStatusID": "2", "ticketPriorityID": "2"], told: nil),
        FaultCase(
            name: "an outcome for private notes that does not exist", peer: .simulator([]), settings: ["privateNoteOutcome": "Whisper"],
            told: Told(
                code: .configInvalidField, cause: "HaloPSA has no action with exactly that outcome name",
                step: "Enter one of the outcome names that HaloPSA has: Outcome of private notes",
                field: "privateNoteOutcome", check: (.ticketDefaults, .warning), detail: "Internal Note")),
    ]

    private static func refused(_ shape: String, says detail: String) -> FaultCase {
        FaultCase(
            name: "400 on a new ticket, \(shape)", peer: .simulator(["error-shape:\(shape)"]), operation: .createTicket(type: nil),
            told: Told(
                code: .ticketFieldRequired, cause: "“Details” is mandatory for this ticket type", confidence: .likely,
                step: "Make “Details” optional", detail: detail))
    }

    private static func refused(_ name: String, _ body: String, _ told: Told) -> FaultCase {
        FaultCase(
            name: "400 on a new ticket: \(name)", peer: .signingIn { _ in FaultPeer.json(body, status: "400 Bad Request") },
            operation: .createTicket(type: nil), told: told)
    }

    static let newTickets: [FaultCase] = [
        refused("string", says: "Details must be entered"), refused("exception", says: "Details must be entered"),
        refused("modelstate", says: "Details must be entered"), refused("older", says: "Details must be entered"),
        FaultCase(
            name: "400 on a new ticket, empty", peer: .simulator(["error-shape:empty"]), operation: .createTicket(type: nil),
            told: Told(
                code: .requestRejected, cause: "A value does not fit, or one is missing", step: "Read what HaloPSA said",
                detail: "a new ticket")),
        FaultCase(
            name: "400 on a new ticket, a web page", peer: .simulator(["error-shape:html"]), operation: .createTicket(type: nil),
            told: .elsewhere(
                .proxyHTMLInsteadOfJSON, "A proxy, a firewall or a sign-in page answered", "Ask whoever runs the proxy or firewall")),
        refused(
            "the status in a model-state map", #"{"[0].status_id":["Could not convert string to integer: x."]}"#,
            Told(code: .ticketDefaultInvalid, cause: noSuchID, step: listThem, field: "ticketStatusID", detail: "Status ID")),
        refused(
            "the priority in words", #""Invalid Priority""#,
            Told(code: .ticketDefaultInvalid, cause: noSuchID, step: listThem, field: "ticketPriorityID", detail: "Priority ID")),
        refused(
            "a name that exists already", #"{"Message":"Name must be unique"}"#,
            Told(code: .requestConflict, cause: "A record of that name exists already", step: "Look at the record")),
        FaultCase(
            name: "a new ticket of a type that does not exist", peer: .simulator([]), operation: .createTicket(type: 999),
            told: Told(
                code: .ticketDefaultInvalid, cause: noSuchID, step: listThem, field: "ticketTypeID", detail: "Invalid Ticket Type")),
        FaultCase(
            name: "a new ticket of a type that the agent may not create", peer: .simulator([]), operation: .createTicket(type: 29),
            told: Told(code: .ticketDefaultInvalid, cause: notCreatable, step: allowIt, field: "ticketTypeID", detail: "permission")),
        FaultCase(
            name: "a new ticket without any type", peer: .simulator([]), settings: ["ticketTypeID": ""],
            operation: .createTicket(type: nil),
            told: Told(
                code: .configMissingField, cause: "The setting was left empty", step: "Enter Ticket Type ID", field: "ticketTypeID")),
        FaultCase(
            name: "a new ticket whose answer is lost", peer: .simulator(["create-lost-reply"]), operation: .createTicket(type: nil),
            told: Told(code: .writeOutcomeUnknown, cause: "HaloPSA or a gateway in front of it failed after", step: "Look in HaloPSA")),
        FaultCase(
            name: "a new ticket behind a gateway that gave up", peer: .simulator(["create-504-stored"]),
            operation: .createTicket(type: nil),
            told: Told(code: .writeOutcomeUnknown, cause: "HaloPSA or a gateway in front of it failed after", step: "Look in HaloPSA")),
    ]
}
