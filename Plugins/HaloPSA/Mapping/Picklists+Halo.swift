import PSACore

extension TicketType {
    init?(halo row: HaloRow) {
        guard let id: TicketType.ID = row.id() else { return nil }
        self.init(
            // Flags may be left out when false, and this one also when the row is thin: absent says nothing.
            id: id, name: row.text("name") ?? "", canCreate: row.view["cancreate"]?.bool,
            defaultServiceLevel: row.integer("default_sla").flatMap { $0 > 0 ? String($0) : nil }, native: row.native)
    }
}

extension TicketStatus {
    init?(halo row: HaloRow, scope: PicklistScope, phase: Ticket.Phase) {
        guard let id: TicketStatus.ID = row.id() else { return nil }
        self.init(id: id, name: row.text("name") ?? "", scope: scope, phase: phase, order: row.integer("sequence"), native: row.native)
    }
}

extension TicketPriority {
    /// A priority: `id` is a GUID that nothing refers to, tickets carry `priorityid`, and rows repeat for each SLA.
    init?(halo row: HaloRow) {
        guard let id: TicketPriority.ID = row.id("priorityid") else { return nil }
        let scope = row.integer("slaid").map { PicklistScope.serviceLevel(String($0)) } ?? .tenant
        self.init(
            id: id, name: row.text("name") ?? "", scope: scope, order: row.integer("priorityid"), isHidden: row.flag("ishidden"),
            native: row.native)
    }
}
