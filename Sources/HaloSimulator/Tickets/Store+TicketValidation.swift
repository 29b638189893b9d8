extension Store {
    /// Refuses what the API refuses.
    ///
    /// Messages that no source quotes are worded in the API's manner.
    func validate(_ sent: [String: JSONValue], existing: TicketRecord?, _ plan: FaultPlan) throws {
        try validateType(sent, isNew: existing == nil, plan)
        if existing == nil, (sent["summary"]?.text ?? "").isEmpty, sent["_novalidate"]?.isTrue != true {
            throw Refusal.text("Summary must be entered")
        }
        try refuseUnknown(sent, "status_id", .status, "Invalid Status")
        try refusePoison(sent, plan)
        try validateClient(sent)
        try refuseUnknown(sent, "site_id", .site, "Invalid Site")
        try refuseUnknown(sent, "agent_id", .agent, "Invalid Agent")
        try validatePerson(sent, existing)
    }

    /// HaloPSA fact: a customer that is not there, or not active any more, is refused in these words.
    private func validateClient(_ sent: [String: JSONValue]) throws {
        guard let id = sent["client_id"]?.integer, id != 0 else { return }
        guard let client = self[.client].row(id) else { throw Refusal.text("The Client does not exist") }
        if client.fields["inactive"]?.isTrue == true { throw Refusal.text("The selected Customer is inactive") }
    }

    /// What the vendor's database can't take, whatever the reason: a fault of the one text.
    func refusePoison(_ sent: [String: JSONValue], _ plan: FaultPlan) throws {
        guard let fault = plan.fault(.poison), HaloSimulator.text(of: sent).contains(fault.argument ?? "poison") else { return }
        throw Refusal.exception("String or binary data would be truncated.")
    }

    /// The refusal that `error-shape` asks for, whatever the ticket says.
    func forcedRefusal(_ plan: FaultPlan) -> Refusal? {
        plan.fault(.errorShape).flatMap { ErrorShape(rawValue: $0.argument ?? "") }.map { Refusal($0.reply("Details must be entered")) }
    }

    private func validateType(_ sent: [String: JSONValue], isNew: Bool, _ plan: FaultPlan) throws {
        guard let type = sent["tickettype_id"]?.integer, type != 0 else {
            if isNew, ticketTypeRequired || plan.isOn(.ticketTypeRequired) { throw Refusal.text("A Ticket Type must be selected") }
            return
        }
        guard let row = self[.ticketType].row(type) else { throw Refusal.text("Invalid Ticket Type") }
        if isNew, row.fields["cancreate"]?.isTrue != true {
            throw Refusal.text("You do not have permission to create Tickets of this Ticket Type")
        }
    }

    private func refuseUnknown(_ sent: [String: JSONValue], _ member: String, _ resource: Resource, _ message: String) throws {
        guard let id = sent[member]?.integer, id != 0 else { return }
        if self[resource].row(id) == nil { throw Refusal.text(message) }
    }

    /// HaloPSA fact: a person needs their site as well; -1 is nobody in particular and needs none.
    private func validatePerson(_ sent: [String: JSONValue], _ existing: TicketRecord?) throws {
        guard let user = sent["user_id"]?.integer, user > 0 else { return }
        guard self[.users].row(user) != nil else { throw Refusal.text("Invalid User") }
        guard let site = sent["site_id"]?.integer ?? existing?.siteID, site > 0 else { throw Refusal.exception("A Site must be selected") }
    }
}
