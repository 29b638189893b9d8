import FoundationEssentials
import PSACore

/// Who is staff: the members of RT's own group “Privileged”.
///
/// The list of users does not say which of them are privileged, so the group is read, and kept for five minutes.
actor StaffDirectory {
    private static let lifetime = Duration.seconds(300)

    private let client: RTClient
    private var kept: (names: [String], until: MonotonicInstant)?

    init(client: RTClient) { self.client = client }

    /// The user names of staff in alphabetical order.
    func names() async throws -> [String] {
        if let kept, kept.until > client.time.instant() { return kept.names }
        let filter: JSONValue = [
            ["field": "Domain", "value": "SystemInternal"], ["field": "Name", "value": "Privileged"],
        ]
        let groups = try await client.list(
            "/groups", [], [QueryItem("query", filter.encodedText), QueryItem("fields", "Name")], about: .staffGroup)
        guard let id = groups.rows.first(where: { $0["Name"]?.string == "Privileged" })?["id"]?.text else {
            throw client.error(.permissionNothingVisible, about: .staffGroup, evidence: .noCollection)
        }
        let group = try await client.read("/group/{id}", [id], about: .staffGroup)
        let names = (group["Members"]?.elements ?? []).compactMap { $0["id"]?.text }.sorted()
        kept = (names, client.time.instant() + Self.lifetime)
        return names
    }
}
