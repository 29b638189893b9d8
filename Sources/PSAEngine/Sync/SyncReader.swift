#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// A page of a list as rows of the local copy.
struct SyncBatch: Sendable {
    var rows: [SyncRow]
    var next: PageCursor?
    var unreadable: [UnreadableRow]
    var completeness: ListCompleteness
}

/// Reads the lists of a session as rows of the local copy.
struct SyncReader: Sendable {
    let session: ConnectorSession

    /// Whether the connector offers a filter for what changed.
    func offersChanges(of resource: SyncResource) -> Bool {
        switch resource {
        case .tickets: true
        case .companies: session.filtersCompanyChanges
        case .contacts: session.filtersContactChanges
        default: false
        }
    }

    /// Reads a list page by page.
    ///
    /// - Parameters:
    ///   - resource: The list.
    ///   - since: Only what changed since then; nil for all.
    ///   - cursor: Where to go on.
    ///   - body: Called with each page; returns whether to go on.
    /// - Returns: Whether the list was read to its end.
    /// - Throws: What reading or the body throws.
    func read(
        _ resource: SyncResource, since: Date?, at cursor: PageCursor?, _ body: (SyncBatch) async throws -> Bool
    ) async throws -> Bool {
        switch resource {
        case .companies:
            let list = since.map { session.companies(changedSince: $0, startingAt: cursor) } ?? session.companies(startingAt: cursor)
            return try await read(list, SyncRow.init, body)
        case .contacts:
            let list = since.map { session.contacts(changedSince: $0, startingAt: cursor) } ?? session.contacts(startingAt: cursor)
            return try await read(list, SyncRow.init, body)
        case .agents: return try await read(session.agents(startingAt: cursor), SyncRow.init, body)
        case .tickets: return try await read(session.tickets(changedSince: since, startingAt: cursor), SyncRow.init, body)
        case .agreements: return try await read(session.agreements(startingAt: cursor), SyncRow.init, body)
        case .recurringInvoices: return try await read(session.recurringInvoices(startingAt: cursor), SyncRow.init, body)
        case .ticketTypes: return try await read(try await session.ticketTypes().map(SyncRow.init), body)
        case .ticketStatuses: return try await read(try await session.ticketStatuses().map(SyncRow.init), body)
        case .ticketPriorities: return try await read(try await session.ticketPriorities().map(SyncRow.init), body)
        case .notes: return true
        }
    }

    /// Reads the list of deleted tickets page by page; see ``read(_:since:at:_:)``.
    func readDeletedTickets(at cursor: PageCursor?, _ body: (SyncBatch) async throws -> Bool) async throws -> Bool {
        try await read(session.deletedTickets(startingAt: cursor), SyncRow.init, body)
    }

    /// Whether the vendor applies its filter for changes: a time far in the future must bring no rows.
    func appliesFilter(of resource: SyncResource, now: Date) async throws -> Bool {
        var rows = 0
        _ = try await read(resource, since: now.addingTimeInterval(20 * 365 * 86_400), at: nil) { page in
            rows = page.completeness.rows
            return false
        }
        return rows == 0
    }

    /// All notes of a ticket, and whether the list is whole.
    func notes(of ticket: Ticket.ID) async throws -> (rows: [SyncRow], isWhole: Bool) {
        var rows: [SyncRow] = []
        var isWhole = true
        for try await page in session.notes(of: ticket).pages {
            rows += page.rows.compactMap(SyncRow.init)
            isWhole = page.completeness.isComplete
        }
        return (rows, isWhole)
    }

    private func read<Element>(
        _ list: PagedSequence<Element>, _ row: (Element) -> SyncRow?, _ body: (SyncBatch) async throws -> Bool
    ) async throws -> Bool {
        for try await page in list.pages {
            var batch = SyncBatch(rows: [], next: page.next, unreadable: page.unreadable, completeness: page.completeness)
            batch.add(page.rows.map(row))
            guard try await body(batch) else { return page.next == nil }
        }
        return true
    }

    private func read(_ rows: [SyncRow?], _ body: (SyncBatch) async throws -> Bool) async throws -> Bool {
        var batch = SyncBatch(rows: [], next: nil, unreadable: [], completeness: ListCompleteness(rows: rows.count))
        batch.add(rows)
        _ = try await body(batch)
        return true
    }
}

extension SyncBatch {
    /// Adds rows; one that is too large counts as unreadable.
    fileprivate mutating func add(_ rows: [SyncRow?]) {
        for (position, row) in rows.enumerated() {
            if let row { self.rows.append(row) } else { unreadable.append(UnreadableRow(position: position, member: "size")) }
        }
    }
}

extension RecordID {
    /// The id as one of a record of the local copy.
    var ofRecord: SyncRecord.ID? { SyncRecord.ID(rawValue) }
}

extension SyncRow {
    init?(_ company: Company) {
        guard let id = company.id.ofRecord else { return nil }
        self.init(
            id: id, facts: SyncFacts(name: company.name, company: company.id, isActive: company.isActive), content: company.json,
            native: company.native)
    }

    init?(_ contact: Contact) {
        guard let id = contact.id.ofRecord else { return nil }
        self.init(
            id: id, facts: SyncFacts(name: contact.name, company: contact.company?.id, isActive: contact.isActive), content: contact.json,
            native: contact.native)
    }

    init?(_ agent: Agent) {
        guard let id = agent.id.ofRecord else { return nil }
        self.init(id: id, facts: SyncFacts(name: agent.name, isActive: agent.isActive), content: agent.json, native: agent.native)
    }

    init?(_ ticket: Ticket) {
        guard let id = ticket.id.ofRecord else { return nil }
        let state: SyncRecord.State =
            ticket.isDeleted ? .deleted : ticket.mergedInto != nil ? .merged : ticket.phase == .closed ? .closed : .present
        let facts = SyncFacts(
            name: ticket.summary, company: ticket.company?.id, updatedAt: ticket.updatedAt,
            lastActivityAt: [ticket.lastActivityAt, ticket.updatedAt, ticket.createdAt].compactMap { $0 }.max())
        self.init(id: id, state: state, facts: facts, content: ticket.json, details: ["details", "customFields"], native: ticket.native)
    }

    init?(_ note: TicketNote) {
        guard let id = note.id.ofRecord else { return nil }
        let facts = SyncFacts(name: note.kind ?? "", ticket: note.ticket, updatedAt: note.createdAt)
        self.init(id: id, facts: facts, content: note.json, native: note.native)
    }

    init?(_ agreement: Agreement) {
        guard let id = agreement.id.ofRecord else { return nil }
        let facts = SyncFacts(
            name: agreement.name, company: agreement.company?.id, isActive: agreement.isActive, endsAt: agreement.endsAt)
        self.init(id: id, facts: facts, content: agreement.json, native: agreement.native)
    }

    init?(_ invoice: RecurringInvoice) {
        guard let id = invoice.id.ofRecord else { return nil }
        // Lists may leave the lines out.
        self.init(
            id: id,
            facts: SyncFacts(name: invoice.reference ?? "", company: invoice.company?.id, isActive: invoice.isActive),
            content: invoice.json, details: ["lines"], native: invoice.native)
    }

    init?(_ type: TicketType) {
        guard let id = type.id.ofRecord else { return nil }
        self.init(id: id, facts: SyncFacts(name: type.name), content: type.json, native: type.native)
    }

    init?(_ status: TicketStatus) {
        guard let id = SyncRecord.ID(status.scope.prefix + status.id.rawValue) else { return nil }
        self.init(id: id, facts: SyncFacts(name: status.name), content: status.json, native: status.native)
    }

    init?(_ priority: TicketPriority) {
        guard let id = SyncRecord.ID(priority.scope.prefix + priority.id.rawValue) else { return nil }
        self.init(id: id, facts: SyncFacts(name: priority.name), content: priority.json, native: priority.native)
    }
}

extension PicklistScope {
    /// What stands before an id that repeats in other scopes.
    fileprivate var prefix: String {
        switch self {
        case .tenant: ""
        case .ticketType(let id): id.rawValue + "/"
        case .serviceLevel(let id), .container(let id): id + "/"
        }
    }
}
