/// How the members of a ticket are called and its moments spelt.
///
/// HaloPSA fact: replies to POST spell some members differently from answers to GET.
struct TicketSpelling: Sendable {
    var lastUpdate: StaticString
    var category: StaticString
    var userEmail: StaticString
    var tags: StaticString
    var estimateDays: StaticString
    /// The style of all dates, or nil for one that differs from row to row.
    var dates: HaloTime.Style?

    static let read = TicketSpelling(
        lastUpdate: "last_update", category: "category_1", userEmail: "user_email", tags: "ticket_tags", estimateDays: "estimatedays",
        dates: nil)
    static let saved = TicketSpelling(
        lastUpdate: "lastupdate", category: "category1", userEmail: "useremail", tags: "tickettags", estimateDays: "estimateddays",
        dates: .saved)
}

/// Which parts of a ticket are shown.
struct TicketParts: Sendable {
    var isRow: Bool
    var includesDetails = false
    var agentName = false
    var statusName = false
    var typeName = false
    var hidesThirdParty = false
    var hidesDetails = false
    var lastAction = false

    /// HaloPSA fact: list rows have no names for type, status, priority and agent unless they are asked for.
    static func row(_ query: QueryParameters, _ plan: FaultPlan) -> TicketParts {
        TicketParts(
            isRow: true, agentName: query.isTrue("includeagent"), statusName: query.isTrue("includestatus"),
            typeName: query.isTrue("includetickettype"),
            hidesThirdParty: plan.isOn(.thirdPartyHiddenOnRows) || plan.isOn(.rowsThin), hidesDetails: plan.isOn(.rowsThin))
    }

    static func detail(_ query: QueryParameters) -> TicketParts {
        TicketParts(
            isRow: false, includesDetails: query.isTrue("includedetails"), agentName: true, statusName: true, typeName: true,
            lastAction: query.isTrue("includelastaction"))
    }
}
