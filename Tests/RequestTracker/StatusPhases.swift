import PSACore

/// What RT's lifecycles make of a status: open or closed.
///
/// No resource tells it, and the name of a status says nothing. The search does: `__Inactive__` stands for the closed statuses of each
/// ticket's own lifecycle, so one ticket that is found with a status and with that word settles the pair for good.
actor StatusPhases {
    private struct Pair: Hashable {
        var lifecycle: String
        var status: String
    }

    private let client: RTClient
    private var known: [Pair: Ticket.Phase] = [:]

    init(client: RTClient) { self.client = client }

    /// The phase of a status; unknown while no ticket has it.
    func phase(of status: String, in lifecycle: String) async throws -> Ticket.Phase {
        let pair = Pair(lifecycle: lifecycle, status: status)
        if let phase = known[pair] { return phase }
        let tickets = TicketQuery.field("Lifecycle", is: lifecycle) && .field("Status", is: status)
        let phase: Ticket.Phase =
            if try await isAny(tickets && .field("Status", is: "__Inactive__")) {
                .closed
            } else if try await isAny(tickets && .field("Status", is: "__Active__")) {
                .open
            } else {
                .unknown
            }
        if phase != .unknown { known[pair] = phase }
        return phase
    }

    private func isAny(_ query: TicketQuery) async throws -> Bool {
        let items = [QueryItem("query", query.text), QueryItem("per_page", "1")]
        return try await !client.list("/tickets", [], items, about: .statuses).rows.isEmpty
    }
}
