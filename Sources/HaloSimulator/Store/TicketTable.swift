/// All tickets, sorted by id without gaps: a deleted ticket keeps its position.
struct TicketTable: Sendable {
    private(set) var records: [TicketRecord] = []
    var extras: [Int: TicketExtras] = [:]
    let firstID: Int
    private(set) var deletedCount = 0
    private var hiddenCount = 0
    /// Whether sorting by creation date gives the same order as sorting by id.
    private var isSortedByCreation = true
    private var cachedMatches: [TicketFilter: [Int32]] = [:]

    init(firstID: Int) { self.firstID = firstID }

    var nextID: Int { firstID + records.count }

    mutating func reserve(_ count: Int) { records.reserveCapacity(count) }

    subscript(id: Int) -> TicketRecord? {
        let position = id - firstID
        return records.indices.contains(position) ? records[position] : nil
    }

    /// Appends a ticket whose id is ``nextID``, or replaces the ticket with its id.
    mutating func put(_ record: TicketRecord) {
        let position = record.id - firstID
        cachedMatches = [:]
        if records.indices.contains(position) {
            deletedCount += (record.isDeleted ? 1 : 0) - (records[position].isDeleted ? 1 : 0)
            hiddenCount += (record.isHidden ? 1 : 0) - (records[position].isHidden ? 1 : 0)
            isSortedByCreation = isSortedByCreation && records[position].created == record.created
            records[position] = record
        } else {
            if let last = records.last, record.created < last.created { isSortedByCreation = false }
            deletedCount += record.isDeleted ? 1 : 0
            records.append(record)
        }
    }

    /// The positions of the tickets in a list; reading a page needs no sorting and no second scan.
    struct Selection: Sendable {
        let count: Int
        fileprivate let positions: [Int32]?
        fileprivate let isReversed: Bool

        func position(_ row: Int) -> Int {
            let row = isReversed ? count - 1 - row : row
            return positions.map { Int($0[row]) } ?? row
        }
    }

    /// The order of a list.
    ///
    /// HaloPSA fact: newest first by default; whether other orders than these work is not documented, so they are ignored.
    struct Order: Sendable, Equatable {
        var byDate: Bool
        var isReversed: Bool

        init(_ query: QueryParameters) {
            let name = query.text("order")?.lowercased()
            byDate = name != "id"
            isReversed = name == "id" || name == "dateoccurred" ? query.isTrue("orderdesc") : true
        }
    }

    mutating func select(_ filter: TicketFilter, order: Order) -> Selection {
        if filter.matchesAll, deletedCount == 0, hiddenCount == 0, isSortedByCreation || !order.byDate {
            return Selection(count: records.count, positions: nil, isReversed: order.isReversed)
        }
        var positions = matches(filter)
        if order.byDate, !isSortedByCreation {
            positions.sort { (records[Int($0)].created, $0) < (records[Int($1)].created, $1) }
        }
        return Selection(count: positions.count, positions: positions, isReversed: order.isReversed)
    }

    /// Returns the matching positions, cached until the next change so that reading all pages of a filter scans once.
    private mutating func matches(_ filter: TicketFilter) -> [Int32] {
        if let known = cachedMatches[filter] { return known }
        var positions: [Int32] = []
        for position in records.indices where filter.matches(records[position], extras[records[position].id]) {
            positions.append(Int32(position))
        }
        if cachedMatches.count >= 8 { cachedMatches = [:] }
        cachedMatches[filter] = positions
        return positions
    }
}

/// A ticket in memory: mostly numbers and timestamps, so that 100,000 of them need little memory.
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
    /// The id of the ticket into which this one was merged, or 0.
    var mergedInto = 0
    var isLocked = false
    /// Whether the API agent can no longer see the ticket.
    var isHidden = false
    /// What is wrong with the ticket in replies, or nil.
    var defect: RowDefect?

    /// HaloPSA fact: a default installation has 1 New, 9 Closed and 21 On Hold.
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

    /// The integer columns that a list can be filtered by.
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

/// The additional data of tickets written through the API.
struct TicketExtras: Sendable, Equatable {
    /// Fields without a meaning in the simulator, as they were sent.
    var fields: [String: JSONValue] = [:]
    /// Values of custom fields by their id, in the form in which they are stored.
    var customFields: [Int: JSONValue] = [:]
    /// The ids of the linked assets.
    var assets: [Int] = []
    /// The value of `dont_do_rules` in the request that created the ticket, or nil if it had none.
    var skipsRules: Bool?
    /// Whether the request that created the ticket had `_novalidate`.
    var skipsValidation = false
}
