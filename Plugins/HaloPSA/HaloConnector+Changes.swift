#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

// What a local copy of HaloPSA's records is kept up to date with, beside the lists themselves.

extension HaloConnector: ChangedCompanyReading, ChangedContactReading {
    /// A page of `/Client` with `lastupdatefromdate`.
    ///
    /// A row of a customer says nowhere when it changed, so rows that an ignored filter lets through stay in the page.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func companies(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Company> {
        let now = client.time.now()
        return try await client.page(of: .companies, at: cursor, Self.changed(since: time) + Self.withInactive) {
            Company(halo: HaloRow(view: $0, fetchedAt: now))
        }
    }

    /// A page of `/Users` with `lastupdatefromdate`; as for customers, no row says when it changed.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func contacts(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Contact> {
        let now = client.time.now()
        return try await client.page(of: .contacts, at: cursor, Self.changed(since: time) + Self.withInactive) {
            Contact(halo: HaloRow(view: $0, fetchedAt: now))
        }
    }

    /// The filter for changes: declared as a boolean in the vendor's document, and a date in practice (four clients).
    ///
    /// It has whole seconds, so changes in the second of the given time are included.
    static func changed(since time: Date) -> [QueryItem] { [QueryItem("lastupdatefromdate", HaloDate.filter(time))] }
}

extension HaloConnector: DeletedTicketReading {
    /// A page of `/Tickets` with `deleted=true`, in the order of their ids.
    ///
    /// Sources disagree whether the parameter selects deleted tickets or adds them to the others, so each row's own `deleted` decides.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func deletedTickets(at cursor: PageCursor?) async throws -> Page<Ticket> {
        let now = client.time.now()
        return try await client.page(of: .tickets, variant: "deleted", at: cursor, [QueryItem("deleted", "true")]) {
            Ticket(halo: HaloRow(view: $0, fetchedAt: now), origin: settings.tenantURL)
        } keep: {
            $0.isDeleted
        }
    }
}

extension HaloConnector: ChangeHintReading {
    /// The tickets that a webhook's message names, whatever its payload type and batching.
    ///
    /// The full and the small payload hold the ticket; the event-only one has `object_id`. A batch is an array of such messages, or has one in
    /// one of its members.
    public func hintedTickets(in message: JSONView) -> [Ticket.ID] { HaloWebhookMessage(message).tickets.map { Ticket.ID($0) } }
}

/// The body of a webhook's request.
struct HaloWebhookMessage {
    /// How many tickets are taken from one message.
    static let maxTickets = 100

    /// The numbers of the tickets that the message names: each once, at most ``maxTickets``.
    let tickets: [Int]

    init(_ root: JSONView) {
        let batch = root.isArray ? root.elements : root.members.filter { $0.value.isArray }.flatMap { $0.value.elements }
        // An envelope may have an id of its own, so what its rows name comes before that.
        let isEnvelope = !root.isArray && batch.contains { Self.namedTicket(in: $0) != nil }
        if let named = Self.namedTicket(in: root) {
            tickets = [named]
        } else if !isEnvelope, let number = Self.number(root["id"]) {
            tickets = [number]
        } else {
            tickets = Self.first(batch) { Self.namedTicket(in: $0) ?? (isEnvelope ? nil : Self.number($0["id"])) }
        }
    }

    /// The ticket that a member names which can mean nothing else.
    private static func namedTicket(in view: JSONView) -> Int? {
        number(view["ticket"]?["id"]) ?? number(view["ticket_id"]) ?? number(view["object_id"])
    }

    private static func first(_ rows: [JSONView], _ number: (JSONView) -> Int?) -> [Int] {
        var found: [Int] = []
        for row in rows {
            guard let number = number(row), !found.contains(number) else { continue }
            found.append(number)
            if found.count == maxTickets { break }
        }
        return found
    }

    /// The number of a record that can exist; ids of messages are GUIDs, and 0 or less means none.
    private static func number(_ view: JSONView?) -> Int? {
        view?.integer.flatMap { $0 > 0 && Int32(exactly: $0) != nil ? $0 : nil }
    }
}
