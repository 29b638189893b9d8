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

    private struct KnownForm {
        var form: TicketForm
        var readAt: MonotonicInstant
    }

    private static let formLifetime = Duration.seconds(1_800)
    private static let maxForms = 100

    private let client: HaloClient
    private var known: [Outcome]?
    private var forms: [Int: KnownForm] = [:]

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
        throw problem(setting, .noSuchChoice(name, known: Array(fresh.compactMap(\.names.first).sorted().prefix(30))))
    }

    /// Whether an outcome is known to send no mail.
    ///
    /// HaloPSA leaves out what is false, so only a row that says so counts.
    func sendsNoMail(_ id: Int) -> Bool { known?.first { $0.id == id }?.sendsMail == false }

    /// The actions of a ticket's type and status that lead to another status and mail no one.
    func leading(to status: TicketStatus.ID, type: TicketType.ID?, status current: TicketStatus.ID?) async throws -> [Action] {
        let narrowing = [type.map { QueryItem("tickettype_id", $0.rawValue) }, current.map { QueryItem("status", $0.rawValue) }]
        return try await client.choices(of: .outcomes, narrowing.compactMap { $0 } + [QueryItem("excludesystemactions", "true")]) { row in
            (row["id"]?.integer).map { id in
                (Action(id: id, name: row["outcome"]?.string ?? String(id)), row["newstatus"]?.integer, row["sendemail"]?.bool ?? false)
            }
        }
        .filter { $0.1 == status.integer && !$0.2 }.map(\.0)
    }

    /// What an action demands beside its note.
    func form(of id: Int, on ticket: Ticket.ID) async throws -> TicketForm {
        if let known = forms[id], client.time.instant() - known.readAt < Self.formLifetime { return known.form }
        let root = try await client.read(
            .outcomes, id: String(id), [QueryItem("includedetails", "true"), QueryItem("ticket_id", ticket.rawValue)])
        let form = HaloTicketForm.action(root.isArray ? root.elements.first ?? root : root)
        if forms.count >= Self.maxForms { forms.removeAll() }
        forms[id] = KnownForm(form: form, readAt: client.time.instant())
        return form
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
