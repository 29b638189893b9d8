#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Conditions of TicketSQL, RT's query language, with every value quoted.
struct TicketSQL: Sendable {
    /// The query as RT takes it.
    let text: String

    /// Every ticket.
    static let all = TicketSQL(text: "id > 0")

    /// Tickets whose field has a value; the field's name is ours or was checked.
    static func field(_ name: String, is value: String) -> TicketSQL { TicketSQL(text: "\(name) = \(quoted(value))") }

    /// Tickets that were changed at a time or later, as RT reads times.
    static func updated(since time: String) -> TicketSQL { TicketSQL(text: "LastUpdated >= \(quoted(time))") }

    /// Tickets whose custom field has a value.
    static func customField(_ name: String, is value: String) -> TicketSQL {
        TicketSQL(text: "\(quoted("CF.{\(name)}")) = \(quoted(value))")
    }

    /// Tickets that fit both.
    static func && (left: TicketSQL, right: TicketSQL) -> TicketSQL { TicketSQL(text: "\(left.text) AND \(right.text)") }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}

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
        let tickets = TicketSQL.field("Lifecycle", is: lifecycle) && .field("Status", is: status)
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

    private func isAny(_ query: TicketSQL) async throws -> Bool {
        let items = [QueryItem("query", query.text), .rows(1)]
        return try await !client.list("/tickets", query: items, about: .statuses).rows.isEmpty
    }
}

/// Who is staff: the members of a group, by default RT's own group “Privileged”.
///
/// The list of users does not say which of them are privileged, so the group is read, and kept for five minutes. RT shows groups of its own
/// no more since the fix of CVE-2026-108353 (Debian's request-tracker5 5.0.3+dfsg-3~deb12u7, `RT::REST2::Resource::Groups`): only groups that
/// an administrator made.
actor StaffDirectory {
    private static let lifetime = Duration.seconds(300)

    private let client: RTClient
    private let group: String
    private var kept: (names: [String], until: MonotonicInstant)?

    init(client: RTClient, group: String) {
        self.client = client
        self.group = group
    }

    /// The user names of staff in alphabetical order.
    func names() async throws -> [String] {
        if let kept, kept.until > client.time.instant() { return kept.names }
        let object = RTLocalizedMessage.staffGroup(group)
        let groups = try await client.list(
            "/groups", query: [.condition("Name", is: group), QueryItem("fields", "Name")], about: object)
        guard let id = groups.rows.first(where: { $0["Name"]?.string == group })?["id"]?.text else {
            throw client.error(.permissionNothingVisible, about: object, evidence: .noGroup(group))
        }
        let found = try await client.read("/group/{id}", pathValues: [id], about: object)
        // Groups can be members too; those have numbers.
        let names = (found["Members"]?.elements ?? []).filter { $0["type"]?.string == "user" }.compactMap { $0["id"]?.text }.sorted()
        kept = (names, client.time.instant() + Self.lifetime)
        return names
    }
}
