/// A ticket in memory: numbers and moments, so that a hundred thousand of them stay small.
struct TicketRecord: Sendable {
    var id: Int
    var summary: String
    var typeID = 1
    var statusID = TicketRecord.newStatus
    var priorityID = 3
    var slaID = 1
    var impact = 3
    var urgency = 3
    var clientID = 1
    var siteID = 1
    var userID = -1
    var agentID = 1
    var teamID = 1
    var categoryID = 0
    var source = 0
    var contractID = 0
    var parentID = 0
    var thirdParty = ""
    var created: HaloTime
    var updated: HaloTime
    var lastAction: HaloTime
    var responded = HaloTime.unset
    var respondBy: HaloTime
    var fixBy: HaloTime
    var closed = HaloTime.unset
    var timeTaken = 0.0
    var isClosed = false
    var isDeleted = false
    /// The ticket into which it was merged, or 0.
    var mergedInto = 0
    var isLocked = false
    /// Whether the API agent can't see it any more.
    var isHidden = false

    /// HaloPSA fact: stock installs have 1 New, 9 Closed and 21 On Hold.
    static let newStatus = 1
    static let closedStatus = 9
    static let onHoldStatus = 21

    init(id: Int, summary: String, created: HaloTime) {
        self.id = id
        self.summary = summary
        self.created = created
        updated = created
        lastAction = created
        respondBy = created.adding(seconds: 4 * 3600)
        fixBy = created.adding(seconds: 24 * 3600)
    }

    /// The whole-number columns that a list can be filtered by.
    enum Column: Sendable, Hashable {
        case id, type, status, priority, sla, client, site, user, agent, team, contract, parent, category
    }

    func value(of column: Column) -> Int {
        switch column {
        case .id: id
        case .type: typeID
        case .status: statusID
        case .priority: priorityID
        case .sla: slaID
        case .client: clientID
        case .site: siteID
        case .user: userID
        case .agent: agentID
        case .team: teamID
        case .contract: contractID
        case .parent: parentID
        case .category: categoryID
        }
    }
}

/// What only tickets have that were written through the API.
struct TicketExtras: Sendable {
    /// Members that the stand-in gives no meaning to, as they were sent.
    var fields: [String: JSONValue] = [:]
    /// Values of custom fields by their id.
    var customFields: [Int: JSONValue] = [:]
}
