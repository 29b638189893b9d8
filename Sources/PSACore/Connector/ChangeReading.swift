#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// What a connector can offer beside its lists so that a local copy of them stays cheap to keep. None of it is a capability: without it the
// copy reads whole lists.

/// Reads only the companies that changed, where the vendor's list has such a filter.
///
/// Vendors ignore filters that they do not know. A caller therefore asks once for the changes since a time in the future, and trusts the
/// filter only if no row comes back.
public protocol ChangedCompanyReading: CompanyReading {
    /// One page of the companies changed since a time, the inactive ones included.
    ///
    /// - Parameters:
    ///   - time: Only companies changed since then, by the vendor's clock.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is; ``Page/rowCount`` counts the rows that the vendor sent.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func companies(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Company>
}

/// Reads only the contacts that changed, where the vendor's list has such a filter; see ``ChangedCompanyReading``.
public protocol ChangedContactReading: ContactReading {
    /// One page of the contacts changed since a time, the inactive ones included.
    ///
    /// - Parameters:
    ///   - time: Only contacts changed since then, by the vendor's clock.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is; ``Page/rowCount`` counts the rows that the vendor sent.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func contacts(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Contact>
}

/// Lists the tickets that the vendor says are deleted.
public protocol DeletedTicketReading: TicketReading {
    /// One page of deleted tickets.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: Rows with ``Ticket/isDeleted``; rows that do not say so themselves are left out.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func deletedTickets(at cursor: PageCursor?) async throws -> Page<Ticket>
}

/// Understands the messages that the vendor sends when a record changes.
public protocol ChangeHintReading: PSAConnection {
    /// The tickets that a message names; no request is made.
    ///
    /// A hint is never data: whoever gets one reads the ticket again.
    ///
    /// - Parameter message: The body of the message.
    /// - Returns: Each ticket once, at most 100; none for a message that names no ticket.
    func hintedTickets(in message: JSONView) -> [Ticket.ID]
}

extension ConnectorSession {
    /// Companies, page after page; with a time only those changed since then, where the vendor has such a filter.
    ///
    /// Without a filter all companies come, see ``filtersCompanyChanges``.
    public func companies(changedSince time: Date, startingAt cursor: PageCursor? = nil) -> PagedSequence<Company> {
        list(.readCompanies, (any CompanyReading).self, query: ["changed=" + time.wholeSeconds], at: cursor) { connection, cursor in
            guard let filtering = connection as? any ChangedCompanyReading else { return try await connection.companies(at: cursor) }
            return try await filtering.companies(changedSince: time, at: cursor)
        }
    }

    /// Contacts, page after page; with a time only those changed since then, where the vendor has such a filter.
    ///
    /// Without a filter all contacts come, see ``filtersContactChanges``.
    public func contacts(changedSince time: Date, startingAt cursor: PageCursor? = nil) -> PagedSequence<Contact> {
        list(.readContacts, (any ContactReading).self, query: ["changed=" + time.wholeSeconds], at: cursor) { connection, cursor in
            guard let filtering = connection as? any ChangedContactReading else { return try await connection.contacts(at: cursor) }
            return try await filtering.contacts(changedSince: time, at: cursor)
        }
    }

    /// Deleted tickets, page after page; none where the vendor does not list them, see ``listsDeletedTickets``.
    public func deletedTickets(startingAt cursor: PageCursor? = nil) -> PagedSequence<Ticket> {
        list(.readTickets, (any TicketReading).self, variant: "deleted", at: cursor) { connection, cursor in
            try await (connection as? any DeletedTicketReading)?.deletedTickets(at: cursor) ?? Page(items: [])
        }
    }

    /// Whether the connector offers a filter for changed companies; whether the vendor applies it is another question.
    public var filtersCompanyChanges: Bool { connection is any ChangedCompanyReading }

    /// Whether the connector offers a filter for changed contacts; whether the vendor applies it is another question.
    public var filtersContactChanges: Bool { connection is any ChangedContactReading }

    /// Whether deleted tickets can be listed.
    public var listsDeletedTickets: Bool { connection is any DeletedTicketReading }

    /// Whether the connector understands the messages that its vendor sends when a record changes.
    public var readsChangeHints: Bool { connection is any ChangeHintReading }

    /// The tickets that a message of the vendor names: each once, at most 100.
    ///
    /// - Parameter message: The body of the message.
    /// - Returns: None for a message that names no ticket, and where ``readsChangeHints`` is false.
    public func hintedTickets(in message: JSONView) -> [Ticket.ID] {
        Array(((connection as? any ChangeHintReading)?.hintedTickets(in: message) ?? []).prefix(100))
    }
}
