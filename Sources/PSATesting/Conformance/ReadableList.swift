import FoundationEssentials
import PSACore

/// A row of any list, as far as rules look at it.
struct ListedRow: Sendable {
    var id: String
    var updatedAt: Date?
    var native: NativeRecord
}

/// A page of any list.
struct ListedPage: Sendable {
    var rows: [ListedRow]
    var next: PageCursor?
    var total: Int?
}

/// A list that a connector may be able to read, so that one rule goes for all of them.
struct ReadableList: Sendable {
    let name: String
    let capability: Capability
    /// One page, straight from the connection; nil if the connection has no such ability.
    let page: @Sendable (any PSAConnection, PageCursor?) async throws -> ListedPage?
    /// Up to so many rows, through the session.
    let rows: @Sendable (ConnectorSession, Int) async throws -> [ListedRow]

    static let all: [ReadableList] = [companies, contacts, tickets, agents, agreements, recurringInvoices]

    static let companies = ReadableList(
        name: "companies", capability: .readCompanies,
        page: { try await ($0 as? any CompanyReading)?.companies(at: $1).listed(Self.row) },
        rows: { try await $0.companies().firstRows($1, Self.row) })

    static let contacts = ReadableList(
        name: "contacts", capability: .readContacts,
        page: { try await ($0 as? any ContactReading)?.contacts(at: $1).listed(Self.row) },
        rows: { try await $0.contacts().firstRows($1, Self.row) })

    static let tickets = ReadableList(
        name: "tickets", capability: .readTickets,
        page: { try await ($0 as? any TicketReading)?.tickets(changedSince: nil, at: $1).listed(Self.row) },
        rows: { try await $0.tickets().firstRows($1, Self.row) })

    static let agents = ReadableList(
        name: "agents", capability: .readAgents,
        page: { try await ($0 as? any AgentReading)?.agents(at: $1).listed(Self.row) },
        rows: { try await $0.agents().firstRows($1, Self.row) })

    static let agreements = ReadableList(
        name: "agreements", capability: .readAgreements,
        page: { try await ($0 as? any AgreementReading)?.agreements(at: $1).listed(Self.row) },
        rows: { try await $0.agreements().firstRows($1, Self.row) })

    static let recurringInvoices = ReadableList(
        name: "recurring invoices", capability: .readRecurringInvoices,
        page: { try await ($0 as? any RecurringInvoiceReading)?.recurringInvoices(at: $1).listed(Self.row) },
        rows: { try await $0.recurringInvoices().firstRows($1, Self.row) })

    private static func row(_ company: Company) -> ListedRow { ListedRow(id: company.id.rawValue, native: company.native) }
    private static func row(_ contact: Contact) -> ListedRow { ListedRow(id: contact.id.rawValue, native: contact.native) }
    private static func row(_ agent: Agent) -> ListedRow { ListedRow(id: agent.id.rawValue, native: agent.native) }
    private static func row(_ agreement: Agreement) -> ListedRow { ListedRow(id: agreement.id.rawValue, native: agreement.native) }
    private static func row(_ invoice: RecurringInvoice) -> ListedRow { ListedRow(id: invoice.id.rawValue, native: invoice.native) }
    private static func row(_ ticket: Ticket) -> ListedRow {
        ListedRow(id: ticket.id.rawValue, updatedAt: ticket.updatedAt, native: ticket.native)
    }
}

extension Page {
    fileprivate func listed(_ row: (Element) -> ListedRow) -> ListedPage { ListedPage(rows: items.map(row), next: next, total: total) }
}

extension PagedSequence {
    fileprivate func firstRows(_ limit: Int, _ row: (Element) -> ListedRow) async throws -> [ListedRow] {
        var rows: [ListedRow] = []
        for try await element in self {
            rows.append(row(element))
            if rows.count == limit { break }
        }
        return rows
    }
}
