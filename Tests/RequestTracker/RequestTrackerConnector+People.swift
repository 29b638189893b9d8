public import PSACore

extension RequestTrackerConnector: CompanyReading {
    /// The values of the customer field.
    ///
    /// RT has no companies. What its sites use for them is a custom field of the ticket: unlike a queue it can be combined with any kind of
    /// work, and unlike a group or a user's organisation it stands on the ticket itself, where it can be read, set and searched. A value is
    /// known by its text alone, also to RT.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        let position = try RTPagePosition(cursor, of: .companies, client: client)
        guard let field = try await customField(named: settings.customerField) else { throw missing(settings.customerField) }
        let list = try await client.list("/customfield/{id}/values", [field], position.query, about: .rows(.companies))
        let now = client.time.now()
        return Page(list, following: position.following(list, of: .companies)) { Company(rt: RTRow(view: $0, fetchedAt: now)) }
    }

    /// The id of a ticket custom field, or nil if there is none the user may see.
    func customField(named name: String) async throws -> String? {
        let filter: JSONValue = [["field": "Name", "value": .string(name)]]
        let query = [QueryItem("query", filter.encodedText), QueryItem("fields", "Name,LookupType")]
        let list = try await client.list("/customfields", [], query, about: .customField(name))
        return list.rows.first { $0["Name"]?.string == name && $0["LookupType"]?.string == "RT::Queue-RT::Ticket" }?["id"]?.text
    }

    func missing(_ field: String) -> PSAError {
        client.error(.permissionNothingVisible, about: .customField(field), evidence: .noCustomField(field))
    }
}

extension RequestTrackerConnector: ContactReading, AgentReading {
    /// A page of the users who are not staff; RT's own, `RT_System` and `Nobody`, are neither.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        let position = try RTPagePosition(cursor, of: .contacts, client: client)
        let staff = Set(try await staff.names()).union(["RT_System", "Nobody"])
        let query = position.query + [QueryItem("find_disabled_rows", "1"), Self.userFields]
        let list = try await client.list("/users", [], query, about: .rows(.contacts))
        let now = client.time.now()
        return Page(list, following: position.following(list, of: .contacts)) {
            !staff.contains($0.id.rawValue)
        } make: {
            Contact(rt: RTRow(view: $0, fetchedAt: now))
        }
    }

    /// A page of the members of the group “Privileged”, looked up by their names.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        let position = try RTPagePosition(cursor, of: .agents, client: client)
        let names = try await staff.names()
        let wanted = names.dropFirst((position.page - 1) * Self.namesInOneQuery).prefix(Self.namesInOneQuery)
        guard !wanted.isEmpty else { return Page(items: []) }
        let filter = JSONValue.array(
            wanted.map { ["field": "Name", "value": .string($0), "entry_aggregator": "OR"] })
        let query = [QueryItem("query", filter.encodedText), QueryItem("per_page", "100"), QueryItem("orderby", "id"), Self.userFields]
        let list = try await client.list("/users", [], query, about: .rows(.agents))
        let now = client.time.now()
        let isLast = position.page * Self.namesInOneQuery >= names.count
        var page = Page(list, following: isLast ? [] : [position.cursor(position.page + 1, of: .agents)]) { (agent: Agent) in
            // RT ignores conditions it does not know, and then answers with everybody.
            wanted.contains(agent.id.rawValue)
        } make: {
            Agent(rt: RTRow(view: $0, fetchedAt: now))
        }
        page.total = names.count
        return page
    }

    /// Few enough for the length of an address.
    private static let namesInOneQuery = 40
    private static let userFields = QueryItem("fields", "Name,RealName,EmailAddress,Organization,WorkPhone,MobilePhone,HomePhone")
}
