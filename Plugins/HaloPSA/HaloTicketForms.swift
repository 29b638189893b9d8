#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Choices out of the vendor's rows.
enum HaloChoices {
    /// Rows with `id` and `name`; ids may be texts.
    static func rows(_ list: JSONView?) -> [TicketField.Choice] {
        guard let list, list.isArray else { return [] }
        return list.elements.compactMap(choice)
    }

    /// A row with `id` and `name`.
    static func choice(_ row: JSONView) -> TicketField.Choice? {
        guard let text = row["id"]?.text, let id = TicketField.Choice.ID(text) else { return nil }
        return TicketField.Choice(id, label: row["name"]?.string ?? row["value"]?.string ?? text)
    }
}

/// The forms of this HaloPSA's ticket types and the choices of their fields, kept for half an hour.
actor HaloTicketForms {
    private struct Entry {
        var form: HaloTicketForm
        var choices: [TicketField.ID: [TicketField.Choice]] = [:]
        /// The fields whose choices the login agent may not read.
        var unreadable: Set<TicketField.ID> = []
        var readAt: MonotonicInstant

        /// Takes the choices that another copy of the entry has.
        mutating func add(_ other: Entry) {
            choices.merge(other.choices) { own, _ in own }
            unreadable.formUnion(other.unreadable)
        }
    }

    /// Which choices are wanted.
    enum Wanted: Sendable {
        case all
        case only(Set<TicketField.ID>)
    }

    private static let lifetime = Duration.seconds(1_800)
    /// How long a type whose detail could not be read is not asked for again when a ticket is created.
    private static let failureLifetime = Duration.seconds(300)
    /// A ticket can be created without the detail, so it is not waited for as long as for other reads.
    private static let retryTimeLimit = Duration.seconds(60)
    /// The most types whose forms are kept.
    private static let maxEntries = 50
    /// The most lists of choices that are read for one form; the other fields can be searched.
    private static let maxLists = 40

    private let client: HaloClient
    private let ignoresMissing: Bool
    private var entries: [TicketType.ID: Entry] = [:]
    private var failures: [TicketType.ID: (error: PSAError, at: MonotonicInstant)] = [:]
    /// How often a form was forgotten: what was read before that is not kept after it.
    private var forgotten = 0

    init(client: HaloClient, ignoresMissing: Bool) {
        self.client = client
        self.ignoresMissing = ignoresMissing
    }

    /// The form of a type with choices.
    ///
    /// - Parameters:
    ///   - type: The ticket type.
    ///   - wanted: Which choices are read.
    ///   - number: The type's id as HaloPSA takes it.
    ///   - isDispensable: Whether the caller goes on without the form; then one that could not be read lately is not asked for again.
    /// - Returns: The form, and the choices by field.
    /// - Throws: ``PSAError`` or `CancellationError`; choices that the login agent may not read are left to a search.
    func form(
        of type: TicketType.ID, _ wanted: Wanted, number: String, isDispensable: Bool = false
    ) async throws -> (form: HaloTicketForm, choices: [TicketField.ID: [TicketField.Choice]]) {
        let forgottenBefore = forgotten
        var entry: Entry
        if let known = entries[type], client.time.instant() - known.readAt < Self.lifetime {
            entry = known
        } else {
            if isDispensable, let failure = failures[type], client.time.instant() - failure.at < Self.failureLifetime {
                throw failure.error
            }
            do {
                entry = Entry(form: try await readForm(type, number), readAt: client.time.instant())
                failures[type] = nil
            } catch let error as PSAError where !Self.isUnreachable(error) {
                if failures.count >= Self.maxEntries { failures.removeAll() }
                failures[type] = (error, client.time.instant())
                throw error
            }
        }
        let missing = entry.form.lists.filter { id, list in
            guard !list.isOnlySearched, entry.choices[id] == nil, !entry.unreadable.contains(id) else { return false }
            switch wanted {
            case .all: return true
            case .only(let ids): return ids.contains(id)
            }
        }
        for (id, list) in missing.sorted(by: { $0.key.rawValue < $1.key.rawValue }).prefix(Self.maxLists) {
            if let found = try await choices(list, entry.form, number) {
                entry.choices[id] = found
            } else {
                entry.unreadable.insert(id)
            }
        }
        if forgotten == forgottenBefore {
            if entries.count >= Self.maxEntries, entries[type] == nil { entries.removeAll() }
            // Another caller may have read other choices meanwhile.
            if let other = entries[type], other.readAt == entry.readAt { entry.add(other) }
            entries[type] = entry
        }
        return (entry.form, entry.choices)
    }

    /// Whether an error is one that the ticket itself would meet as well.
    static func isUnreachable(_ error: PSAError) -> Bool { [.network, .tls, .proxy, .auth, .rate].contains(error.code.area) }

    /// Reads the form again at the next use.
    func forget(_ type: TicketType.ID) {
        forgotten += 1
        entries[type] = nil
        failures[type] = nil
    }

    private func readForm(_ type: TicketType.ID, _ number: String) async throws -> HaloTicketForm {
        let query = ["includedetails", "includeconfig", "isnewticket"].map { QueryItem($0, "true") }
        let detail = try await client.read(
            .ticketTypes, id: number, query, about: .ticketType(type.rawValue), retryTimeLimit: Self.retryTimeLimit
        ) { root in
            // An object, or an array of one (seen by an Outlook add-in).
            (root.isArray ? root.elements.first : root).flatMap { $0["id"] == nil ? nil : $0 }
        }
        return HaloTicketForm(detail, type: type, ignoresMissing: ignoresMissing)
    }

    /// The choices of a list; nil if the login agent may not read it.
    private func choices(
        _ list: HaloTicketForm.ChoiceList, _ form: HaloTicketForm, _ type: String
    ) async throws -> [TicketField.Choice]? {
        do {
            switch list {
            case .fieldInfo(let id):
                let root = try await client.read(
                    .fields, id: String(id),
                    [QueryItem("includedetails", "true"), QueryItem("getlookupvalues", "true"), QueryItem("entityid", "0")])
                let values = HaloChoices.rows(root["values"])
                if !values.isEmpty { return values }
                guard let lookup = root["lookup"]?.integer, lookup > 0 else { return [] }
                return try await rows(.lookups, [QueryItem("lookupid", String(lookup))])
            case .lookup(let ids):
                for id in ids {
                    // Id 0 stands for “unknown”, which is no choice.
                    let found = try await rows(.lookups, [QueryItem("lookupid", String(id))]).filter { $0.id.rawValue != "0" }
                    if !found.isEmpty { return found }
                }
                return []
            case .categories(let level):
                let query = [QueryItem("type_id", String(level)), QueryItem("tickettype_id", type)]
                return try await client.choices(of: .categories, query) { row in
                    guard let path = row["value"]?.string ?? row["category_name"]?.string, let id = TicketField.Choice.ID(path) else {
                        return nil
                    }
                    return TicketField.Choice(id, label: path)
                }
            case .teams:
                let allowed = form.allowedTeams
                return try await client.choices(of: .teams) { row in
                    guard let id = row["id"]?.text, let name = row["name"]?.string, let choice = TicketField.Choice.ID(name) else {
                        return nil
                    }
                    guard allowed.map({ $0.contains(id) || $0.contains(name) }) ?? true else { return nil }
                    return TicketField.Choice(choice, label: name)
                }
            case .agents:
                let rows = try await client.choices(of: .agents, [QueryItem("includeunassigned", "true")]) { row in
                    row["id"]?.text.flatMap { TicketField.Choice.ID($0) }.map {
                        TicketField.Choice($0, label: row["name"]?.string ?? $0.rawValue)
                    }
                }
                // Agent 1 is “Unassigned” on every installation (three clients), and satisfies a mandatory agent.
                let unassigned = TicketField.Choice(TicketField.Choice.ID(1), label: "Unassigned")
                return rows.contains { $0.id == unassigned.id } ? rows : [unassigned] + rows
            case .assets, .sites: return nil
            }
        } catch let error as PSAError where error.code.area == .permission || error.code == .requestNotFound {
            return nil
        }
    }

    private func rows(_ resource: HaloResource, _ query: [QueryItem]) async throws -> [TicketField.Choice] {
        try await client.choices(of: resource, query) { HaloChoices.choice($0) }
    }
}
