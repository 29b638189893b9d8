import PSACore

/// The outcomes of this HaloPSA by name, read once per connection: the rows are huge (91 of them were 333 kB on a live tenant).
///
/// An action needs one, its id differs from tenant to tenant, and a guessed number could run an unrelated workflow. So the settings hold the
/// name that HaloPSA's menus show.
actor HaloOutcomes {
    private struct Outcome: Sendable {
        var id: Int
        var names: [String]
    }

    private let client: HaloClient
    private var known: [Outcome]?

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

    private func load() async throws -> [Outcome] {
        try await client.choices(of: .outcomes) { view in
            guard let id = view["id"]?.integer else { return nil as Outcome? }
            return Outcome(id: id, names: ["outcome", "buttonname", "labellong"].compactMap { view[$0]?.string }.filter { !$0.isEmpty })
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
