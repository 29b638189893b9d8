import PSACore

/// The outcomes of this HaloPSA by name, read once per connection: the rows are huge (91 of them were 333 kB on a live tenant).
///
/// An action needs one, its id differs from tenant to tenant, and a guessed number could run an unrelated workflow. So the settings hold the
/// name that HaloPSA's menus show.
actor HaloOutcomes {
    private struct Outcome: Sendable {
        var id: Int
        var names: [String]
        /// Whether it mails the end user; nil where the row does not say.
        var sendsMail: Bool?
    }

    /// An action that can be taken on a ticket.
    struct Action: Sendable {
        var id: Int
        var name: String
    }

    private struct Detail {
        /// What the action demands beside its note.
        var form: TicketForm
        /// The status it leads to; 0 or nil for none.
        var newStatus: Int?
        var readAt: MonotonicInstant
    }

    private static let detailLifetime = Duration.seconds(1_800)
    /// The most details that are kept.
    private static let maxKept = 100
    /// The most details that one search for an action reads.
    private static let maxDetails = 25

    private let client: HaloClient
    private var known: [Outcome]?
    private var details: [Int: Detail] = [:]

    init(client: HaloClient) { self.client = client }

    /// The id behind a name.
    ///
    /// - Throws: ``PSAError`` with `config.invalid_field` if no outcome, or more than one, has the name.
    func id(named name: String, setting: SettingKey) async throws -> Int {
        if let id = try find(name, in: known ?? [], setting: setting) { return id }
        // It may have been added since the list was read.
        let fresh = try await load()
        known = fresh
        if let id = try find(name, in: fresh, setting: setting) { return id }
        throw problem(
            setting, .noSuchChoice(name.maySecretBeIn ? "•••••" : name, known: Array(fresh.compactMap(\.names.first).sorted().prefix(30))))
    }

    /// Reads the outcomes again at the next use: one that is deleted and made again under its name has another id.
    func forget(_ id: Int) {
        known = nil
        details[id] = nil
    }

    /// Whether an outcome is known to send no mail.
    ///
    /// HaloPSA leaves out what is false, so only a row that says so counts.
    func sendsNoMail(_ id: Int) -> Bool { known?.first { $0.id == id }?.sendsMail == false }

    /// The actions of a ticket's type and status that lead to another status and mail no one.
    ///
    /// Where a row does not say which status its action leads to, its detail does; at most ``maxDetails`` are read.
    func leading(
        to status: TicketStatus.ID, type: TicketType.ID?, status current: TicketStatus.ID?, of ticket: Ticket.ID
    ) async throws -> [Action] {
        let narrowing = [type.map { QueryItem("tickettype_id", $0.rawValue) }, current.map { QueryItem("status", $0.rawValue) }]
        let query = narrowing.compactMap { $0 } + [QueryItem("excludesystemactions", "true")]
        let candidates = try await client.choices(of: .outcomes, query) { row -> (action: Action, status: Int?)? in
            guard let id = row["id"]?.integer, row["sendemail"]?.bool != true, row["hidden"]?.bool != true else { return nil }
            return (Action(id: id, name: row["outcome"]?.string ?? String(id)), row["newstatus"]?.integer)
        }
        var found: [Action] = []
        var reads = 0
        for candidate in candidates {
            if candidate.status == nil {
                guard reads < Self.maxDetails else { break }
                if details[candidate.action.id] == nil { reads += 1 }
            }
            let leadsTo: Int? =
                if let stated = candidate.status { stated } else { try await detail(of: candidate.action.id, on: ticket).newStatus }
            if leadsTo == status.integer { found.append(candidate.action) }
        }
        return found
    }

    /// What an action demands beside its note.
    func form(of id: Int, on ticket: Ticket.ID) async throws -> TicketForm { try await detail(of: id, on: ticket).form }

    private func detail(of id: Int, on ticket: Ticket.ID) async throws -> Detail {
        if let known = details[id], client.time.instant() - known.readAt < Self.detailLifetime { return known }
        let root = try await client.read(
            .outcomes, id: String(id), [QueryItem("includedetails", "true"), QueryItem("ticket_id", ticket.rawValue)])
        let row = root.isArray ? root.elements.first ?? root : root
        let detail = Detail(
            form: HaloTicketForm.action(row), newStatus: row["newstatus"]?.integer, readAt: client.time.instant())
        if details.count >= Self.maxKept { details.removeAll() }
        details[id] = detail
        return detail
    }

    private func load() async throws -> [Outcome] {
        try await client.choices(of: .outcomes) { view in
            guard let id = view["id"]?.integer else { return nil as Outcome? }
            return Outcome(
                id: id, names: ["outcome", "buttonname", "labellong"].compactMap { view[$0]?.string }.filter { !$0.isEmpty },
                sendsMail: view["sendemail"]?.bool)
        }
    }

    /// The name of the action wins over the captions of its button.
    private func find(_ name: String, in outcomes: [Outcome], setting: SettingKey) throws -> Int? {
        let wanted = name.lowercased()
        let exact = outcomes.filter { $0.names.first?.lowercased() == wanted }
        let matching = exact.isEmpty ? outcomes.filter { $0.names.contains { $0.lowercased() == wanted } } : exact
        guard matching.count <= 1 else {
            throw problem(setting, .ambiguousChoice(name, count: matching.count))
        }
        return matching.first?.id
    }

    private func problem(_ setting: SettingKey, _ phrase: SettingMessage) -> PSAError {
        var error = PSAError(
            settings: [SettingIssue(field: setting, code: .configInvalidField, localizedMessage: phrase)],
            descriptor: HaloConnector.descriptor)
        error.findings.append(CauseEvidence("no_such_outcome", by: .choices))
        return error
    }
}
