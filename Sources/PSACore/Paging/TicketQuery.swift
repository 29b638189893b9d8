#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which tickets are read, in which order, and how many.
///
/// ```swift
/// let open = TicketQuery(company: acme, phases: [.open, .waiting], limit: 200)
/// for try await ticket in session.tickets(matching: open) { print(ticket.summary) }
/// ```
///
/// What the vendor can't filter is filtered by the session, page by page, so that each connector gives the same tickets. See
/// ``ConnectorDescriptor/ticketFilters``.
public struct TicketQuery: Sendable, Hashable, Codable {
    /// The order of the tickets.
    @nonexhaustive
    public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
        /// The order of the connector's list, which is stable while nothing changes.
        case listed
        /// The newest first; only where the vendor can do that, because the session does not sort.
        case newestFirst = "newest_first"
    }

    /// A part of a query that a vendor may be able to apply by itself.
    ///
    /// ``TicketQuery/changedSince`` is not among them: each connector applies it.
    @nonexhaustive
    public enum Filter: String, Sendable, Hashable, Codable, CaseIterable {
        /// ``TicketQuery/company``.
        case company
        /// ``TicketQuery/phases``.
        case phase
        /// ``TicketQuery/type``.
        case type
        /// ``Order/newestFirst``.
        case newestFirst = "newest_first"
    }

    /// Only tickets of this company; nil for any.
    public var company: Company.ID?
    /// Only tickets in one of these phases; empty for any.
    public var phases: Set<Ticket.Phase>
    /// Only tickets of this type; nil for any.
    public var type: TicketType.ID?
    /// Only tickets changed since then, by the vendor's clock; nil for any.
    public var changedSince: Date?
    /// The order.
    public var order: Order
    /// The most tickets that are given, over all pages; nil for all.
    public private(set) var limit: Int?

    /// States a query; without arguments, all tickets in the connector's order.
    ///
    /// - Parameters:
    ///   - company: Only tickets of this company.
    ///   - phases: Only tickets in one of these phases; empty for any.
    ///   - type: Only tickets of this type.
    ///   - changedSince: Only tickets changed since then, by the vendor's clock.
    ///   - order: The order.
    ///   - limit: The most tickets that are given; at least 1.
    public init(
        company: Company.ID? = nil, phases: Set<Ticket.Phase> = [], type: TicketType.ID? = nil, changedSince: Date? = nil,
        order: Order = .listed, limit: Int? = nil
    ) {
        self.company = company
        self.phases = phases
        self.type = type
        self.changedSince = changedSince
        self.order = order
        self.limit = limit.map { max($0, 1) }
    }

    /// States a query for the tickets in one phase.
    ///
    /// - Parameters:
    ///   - company: Only tickets of this company.
    ///   - phase: Only tickets in this phase.
    ///   - type: Only tickets of this type.
    ///   - changedSince: Only tickets changed since then, by the vendor's clock.
    ///   - order: The order.
    ///   - limit: The most tickets that are given; at least 1.
    public init(
        company: Company.ID? = nil, phase: Ticket.Phase, type: TicketType.ID? = nil, changedSince: Date? = nil, order: Order = .listed,
        limit: Int? = nil
    ) {
        self.init(company: company, phases: [phase], type: type, changedSince: changedSince, order: order, limit: limit)
    }

    /// The filters that the query needs.
    public var filters: Set<Filter> {
        var filters: Set<Filter> = []
        if company != nil { filters.insert(.company) }
        if !phases.isEmpty { filters.insert(.phase) }
        if type != nil { filters.insert(.type) }
        if order == .newestFirst { filters.insert(.newestFirst) }
        return filters
    }

    /// The part of the query that a connector applies, without the limit, which the session keeps.
    func reduced(to filters: Set<Filter>) -> TicketQuery {
        TicketQuery(
            company: filters.contains(.company) ? company : nil, phases: filters.contains(.phase) ? phases : [],
            type: filters.contains(.type) ? type : nil, changedSince: changedSince,
            order: filters.contains(.newestFirst) ? order : .listed)
    }

    /// Whether a ticket is one that was asked for.
    ///
    /// Vendors ignore filters that they do not know, so what a row states counts. Where it states nothing, the vendor's own filter is trusted.
    func accepts(_ ticket: Ticket, appliedByVendor filters: Set<Filter>) -> Bool {
        if let company, !(ticket.company.map { $0.id == company } ?? filters.contains(.company)) { return false }
        if let type, !(ticket.type.map { $0.id == type } ?? filters.contains(.type)) { return false }
        guard !phases.isEmpty, !phases.contains(ticket.phase) else { return true }
        return ticket.phase == .unknown && filters.contains(.phase)
    }

    /// The query as cursors know it; times count to the second, because stores and vendors cut what is finer.
    var fingerprint: [String] {
        var parts: [String] = []
        if let company { parts.append("company=" + company.rawValue) }
        if !phases.isEmpty { parts.append("phase=" + phases.map(\.rawValue).sorted().joined(separator: ",")) }
        if let type { parts.append("type=" + type.rawValue) }
        if let changedSince { parts.append("changed=" + changedSince.wholeSeconds) }
        if order != .listed { parts.append("order=" + order.rawValue) }
        if let limit { parts.append("limit=" + String(limit)) }
        return parts
    }
}

extension Date {
    /// The time in whole seconds, as a part of a fingerprint.
    var wholeSeconds: String {
        let seconds = timeIntervalSince1970.rounded(.down)
        return Int64(exactly: seconds).map { String($0) } ?? String(seconds)
    }
}

extension Page<Ticket> {
    /// The page with those tickets that were asked for; what was left out still counts as read.
    func filtered(by query: TicketQuery, appliedByVendor filters: Set<TicketQuery.Filter>) -> Page {
        guard !query.filters.subtracting([.newestFirst]).isEmpty else { return self }
        var page = self
        page.items = items.filter { query.accepts($0, appliedByVendor: filters) }
        guard page.items.count < items.count else { return self }
        page.rowCount = rowCount ?? items.count + unreadable.count
        // Without it, a page of which nothing is left would be taken for the end of the list.
        page.firstRowID = firstRowID ?? items.first?.id.rawValue
        return page
    }
}

/// Filters its list of tickets by more than the time of their last change.
///
/// It is no capability: ``ConnectorDescriptor/ticketFilters`` states which filters the vendor has, and the session applies the others.
public protocol TicketQuerying: TicketReading {
    /// One page of the tickets that match a query, in an order that is stable while nothing changes.
    ///
    /// - Parameters:
    ///   - query: What is wanted: only filters that the descriptor declares, ``TicketQuery/changedSince``, and no limit.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is. Rows that an ignored filter lets through may be in it.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket>
}

extension ConnectorSession {
    /// The tickets that match a query, page after page.
    ///
    /// - Parameters:
    ///   - query: Which tickets, in which order, and how many.
    ///   - cursor: Where to go on: a ``ListPage/next`` of the same query, tenant and connector.
    /// - Returns: The tickets. Reading them throws ``PSAError``: `sync.cursor_rejected` for a cursor of something else, and
    ///   `connector.unsupported` for an order that the vendor does not have.
    public func tickets(matching query: TicketQuery, startingAt cursor: PageCursor? = nil) -> PagedSequence<Ticket> {
        let applied = query.filters.intersection(descriptor.ticketFilters)
        let reduced = query.reduced(to: applied)
        return list(.readTickets, (any TicketReading).self, query: query.fingerprint, limit: query.limit, at: cursor) {
            connection, cursor in
            guard query.order == .listed || applied.contains(.newestFirst) else {
                throw unsupported(TicketQueryMessage.newestFirst)
            }
            guard !applied.isEmpty else {
                return try await connection.tickets(changedSince: query.changedSince, at: cursor)
                    .filtered(by: query, appliedByVendor: [])
            }
            guard let connection = connection as? any TicketQuerying else { throw notBuilt(.readTickets) }
            return try await connection.tickets(matching: reduced, at: cursor).filtered(by: query, appliedByVendor: applied)
        }
    }

    /// The tickets that match a query, a page at a time, each with the position from which reading can be resumed.
    ///
    /// ```swift
    /// for try await page in session.ticketPages(matching: query, startingAt: stored) {
    ///     try await save(page.rows, resumeAt: page.next)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - query: Which tickets, in which order, and how many.
    ///   - cursor: Where to go on; see ``tickets(matching:startingAt:)``.
    /// - Returns: The pages. One may have no rows where the session filters.
    public func ticketPages(
        matching query: TicketQuery = TicketQuery(), startingAt cursor: PageCursor? = nil
    ) -> PagedSequence<Ticket>.Pages {
        tickets(matching: query, startingAt: cursor).pages
    }
}

/// What an order of tickets is called.
enum TicketQueryMessage: LocalizedMessage, Hashable {
    case newestFirst

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "tickets with the newest first"
        case .german: "Tickets, die neuesten zuerst"
        }
    }
}
