/// One entry in the history of a ticket.
struct ActionRecord: Sendable {
    /// HaloPSA fact: numbered per ticket from 1, so an id alone says nothing.
    var id: Int
    var ticketID: Int
    var outcomeID: Int
    var outcome: String
    var who: String
    var agentID: Int
    var created: HaloTime
    var note: String
    var noteHTML = ""
    var isHidden = false
    var isSystem = false
    var timeTaken = 0.0
    /// The application that wrote it through the API.
    var applicationID = ""
    /// Members that the stand-in gives no meaning to, as they were sent.
    var fields: [String: JSONValue] = [:]
}

/// The actions of all tickets.
///
/// Those of a seeded ticket are made when they are first asked for.
struct ActionShelf: Sendable {
    private var written: [Int: [ActionRecord]] = [:]
    let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    func actions(of ticket: TicketRecord) -> [ActionRecord] { written[ticket.id] ?? ActionSeeding.actions(of: ticket, seed: seed) }

    mutating func replace(_ actions: [ActionRecord], of ticket: Int) { written[ticket] = actions }

    var touchedTickets: Int { written.count }
}

/// Which parts of an action are shown.
struct ActionParts: Sendable {
    var includesHTML: Bool
    var includesEmail: Bool
    var dates: HaloTime.Style?

    static func row(_ query: QueryParameters) -> ActionParts {
        ActionParts(includesHTML: query.isTrue("includehtmlnote"), includesEmail: query.isTrue("includehtmlemail"), dates: nil)
    }

    static func detail(_ dates: HaloTime.Style?) -> ActionParts { ActionParts(includesHTML: true, includesEmail: true, dates: dates) }
}
