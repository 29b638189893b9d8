/// All tickets, in the order of their ids, without gaps: a deleted ticket keeps its place.
struct TicketShelf: Sendable {
    private(set) var records: [TicketRecord] = []
    var extras: [Int: TicketExtras] = [:]
    let firstID: Int
    private(set) var deletedCount = 0
    private var hiddenCount = 0
    /// True as long as ordering by creation is ordering by id.
    private var datesFollowIDs = true
    private var remembered: [TicketFilter: [Int32]] = [:]

    init(firstID: Int) { self.firstID = firstID }

    var nextID: Int { firstID + records.count }

    mutating func reserve(_ count: Int) { records.reserveCapacity(count) }

    subscript(id: Int) -> TicketRecord? {
        let position = id - firstID
        return records.indices.contains(position) ? records[position] : nil
    }

    /// Adds a ticket whose id is ``nextID``, or replaces the one with its id.
    mutating func put(_ record: TicketRecord) {
        let position = record.id - firstID
        remembered = [:]
        if records.indices.contains(position) {
            deletedCount += (record.isDeleted ? 1 : 0) - (records[position].isDeleted ? 1 : 0)
            hiddenCount += (record.isHidden ? 1 : 0) - (records[position].isHidden ? 1 : 0)
            datesFollowIDs = datesFollowIDs && records[position].created == record.created
            records[position] = record
        } else {
            if let last = records.last, record.created < last.created { datesFollowIDs = false }
            deletedCount += record.isDeleted ? 1 : 0
            records.append(record)
        }
    }

    /// The tickets that a list may show, by position; a page of them costs no sorting and no second scan.
    struct Selection: Sendable {
        let count: Int
        fileprivate let positions: [Int32]?
        fileprivate let isReversed: Bool

        func position(_ row: Int) -> Int {
            let row = isReversed ? count - 1 - row : row
            return positions.map { Int($0[row]) } ?? row
        }
    }

    /// How lists are ordered.
    ///
    /// HaloPSA fact: newest first unless told otherwise; other orders than these are unproven and ignored.
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
        if filter.isTrivial, deletedCount == 0, hiddenCount == 0, datesFollowIDs || !order.byDate {
            return Selection(count: records.count, positions: nil, isReversed: order.isReversed)
        }
        var positions = matches(filter)
        if order.byDate, !datesFollowIDs {
            positions.sort { (records[Int($0)].created, $0) < (records[Int($1)].created, $1) }
        }
        return Selection(count: positions.count, positions: positions, isReversed: order.isReversed)
    }

    /// Remembered until the next change, so that walking through the pages of a filter scans once.
    private mutating func matches(_ filter: TicketFilter) -> [Int32] {
        if let known = remembered[filter] { return known }
        var positions: [Int32] = []
        for position in records.indices where filter.matches(records[position], extras[records[position].id]) {
            positions.append(Int32(position))
        }
        if remembered.count >= 8 { remembered = [:] }
        remembered[filter] = positions
        return positions
    }
}
