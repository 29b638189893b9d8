public import PSACore

extension HaloConnector: PicklistReading {
    /// All rows of `/TicketType`.
    public func ticketTypes() async throws -> [TicketType] { try await ticketTypes([QueryItem("showall", "true")]) }

    /// The types of which the login agent may create tickets; where the server ignores the filter, all of them.
    func creatableTicketTypes() async throws -> [TicketType] { try await ticketTypes([QueryItem("can_create_only", "true")]) }

    private func ticketTypes(_ query: [QueryItem]) async throws -> [TicketType] {
        let now = client.time.now()
        return try await client.choices(of: .ticketTypes, query) { TicketType(halo: HaloRow(view: $0, fetchedAt: now)) }
    }

    /// The statuses, with a hint which of them close a ticket.
    ///
    /// A status row has no mark for “closed”; those that disappear when closed ones are excluded are taken for it. Where the server ignores
    /// that filter, nothing disappears and every phase stays unknown.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        let narrowing = try type.map { [QueryItem("tickettype_id", try number($0, .ticketType($0.rawValue)))] } ?? []
        async let everything = statusRows(narrowing)
        async let withoutClosed = statusRows(narrowing + [QueryItem("excludeclosed", "true")])
        let (all, open) = (try await everything, Set(try await withoutClosed.map(\.id)))
        let scope = type.map(PicklistScope.ticketType) ?? .tenant
        return all.map { status in
            var status = status
            status.scope = scope
            status.phase = open.contains(status.id) || open.isEmpty ? .unknown : .closed
            return status
        }
    }

    /// The priorities of a ticket type's SLA, or those of every SLA.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        let now = client.time.now()
        let serviceLevel = try await type.mapAsync { try await defaultServiceLevel(of: $0) } ?? nil
        let query = serviceLevel.map { [QueryItem("slaid", $0)] } ?? []
        let priorities = try await client.choices(of: .priorities, query) {
            TicketPriority(halo: HaloRow(view: $0, fetchedAt: now))
        }
        guard let serviceLevel else { return priorities }
        return priorities.filter { $0.scope == .serviceLevel(serviceLevel) }
    }

    /// The SLA a ticket type starts with, which decides its priorities (seen live by CIPP).
    private func defaultServiceLevel(of type: TicketType.ID) async throws -> String? {
        let object = HaloMessage.ticketType(type.rawValue)
        let root = try await client.read(.ticketTypes, id: try number(type, object), [QueryItem("includedetails", "true")], about: object)
        guard let detail = TicketType(halo: HaloRow(view: root, fetchedAt: client.time.now())) else { throw unreadable(object) }
        return detail.defaultServiceLevel
    }

    private func statusRows(_ query: [QueryItem]) async throws -> [TicketStatus] {
        let now = client.time.now()
        return try await client.choices(of: .statuses, query) {
            TicketStatus(halo: HaloRow(view: $0, fetchedAt: now), scope: .tenant, phase: .unknown)
        }
    }
}
