#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore

/// A connector under examination, and the tenant it is examined at.
///
/// The tenant must work with the settings given. For the rules about paging it needs more rows than one page holds.
public struct ConformanceSubject: Sendable {
    /// The connector.
    public var entry: ConnectorRegistration
    /// Settings with which it connects.
    public var settings: SettingsInput
    /// What leads to the tenant; faults are put in front of it.
    public var transport: any HTTPTransport
    /// Which addresses may be reached.
    public var addressPolicy: AddressPolicy
    /// What its author says about the rules.
    public var profile: ConformanceProfile
    /// Whether tickets may be created at the tenant; they are left there.
    public var mayWrite: Bool
    /// What a ticket must have at this tenant beside a summary, such as a type.
    public var draft: TicketDraft
    /// A ticket type with further fields, for the rules about fields; nil: that of ``draft``.
    public var typeWithFields: TicketType.ID?
    /// The anchors of the headings of the connector's guide; nil if the document is not at hand.
    public var guideHeadings: Set<String>?
    /// How many notes are written to one ticket, to see whether all of them are read; more than a page of the vendor has.
    public var noteCount = 52
    /// What the tenant was found not to let this connection do, with the codes that said so.
    var denied: [Capability: Denial] = [:]
    /// What the rules of one run share.
    var run = ConformanceRun()

    /// Describes what is examined.
    ///
    /// - Parameters:
    ///   - entry: The connector.
    ///   - settings: Settings with which it connects.
    ///   - transport: What leads to the tenant.
    ///   - addressPolicy: Which addresses may be reached.
    ///   - profile: What its author says about the rules.
    ///   - mayWrite: Whether tickets may be created at the tenant.
    ///   - draft: What a ticket must have at this tenant.
    ///   - typeWithFields: A ticket type with further fields; nil: that of the draft.
    ///   - guideHeadings: The anchors of the guide's headings.
    public init(
        _ entry: ConnectorRegistration, settings: SettingsInput, transport: any HTTPTransport, addressPolicy: AddressPolicy = .publicOnly,
        profile: ConformanceProfile = ConformanceProfile(), mayWrite: Bool, draft: TicketDraft = TicketDraft(summary: "Conformance"),
        typeWithFields: TicketType.ID? = nil, guideHeadings: Set<String>? = nil
    ) {
        self.entry = entry
        self.settings = settings
        self.transport = transport
        self.addressPolicy = addressPolicy
        self.profile = profile
        self.mayWrite = mayWrite
        self.draft = draft
        self.typeWithFields = typeWithFields
        self.guideHeadings = guideHeadings
    }

    var descriptor: ConnectorDescriptor { entry.descriptor }

    /// The values of secret settings, in clear: what must come out nowhere.
    var secrets: [Secret] { descriptor.settings.fields.filter(\.isSecret).compactMap { settings[$0.key] } }

    /// Lists that the connector declares, without those that the tenant does not let it read.
    var lists: [ReadableList] { ReadableList.all.filter { can($0.capability) } }

    /// Lists that the connector declares.
    var declaredLists: [ReadableList] { ReadableList.all.filter { descriptor.capabilities.contains($0.capability) } }

    /// Whether the connector declares an ability, and the tenant is not known to forbid it.
    func can(_ capability: Capability) -> Bool { descriptor.capabilities.contains(capability) && denied[capability] == nil }

    /// Whether a request fetches an access token: with such connectors only it carries a secret.
    func isTokenRequest(_ request: TransportRequest) -> Bool { descriptor.authentication == .accessToken && request.carries(secrets) }
}

/// The surroundings of one connection under examination: every request is kept, faults are played, and waits are over at once.
struct ConformanceStage: Sendable {
    let subject: ConformanceSubject
    let transport: ObservingTransport
    let log = RecordingLog()
    let time: SkippingClock
    let context: ConnectorContext
    private let settings: SettingsInput

    init(
        _ subject: ConformanceSubject, faults: [TransportFault] = [], settings: SettingsInput? = nil, pace: RateLimit?? = .some(nil),
        testLimit: Duration = .seconds(3_600)
    ) {
        self.subject = subject
        // The time limit of a connection test is really waited for, or the test would be late at once.
        time = SkippingClock(maxSkippedLength: min(.seconds(1_800), testLimit - .seconds(1)))
        self.settings = settings ?? subject.settings
        transport = ObservingTransport(FaultyTransport(subject.transport, faults: faults))
        context = ConnectorContext(
            transport: transport, addressPolicy: subject.addressPolicy, time: time.source, log: log,
            tenants: pace.map { TenantRateLimits(pace: $0) } ?? TenantRateLimits(), connectionTestLimit: testLimit)
    }

    /// A session as a host gets it.
    func session() throws -> ConnectorSession { try subject.entry.connect(settings: settings, context: context) }

    /// The connection itself, for what a session does not show: pages and their cursors.
    func connection() throws -> any PSAConnection {
        let validation = subject.descriptor.settings.validate(settings, policy: subject.addressPolicy)
        guard let checked = validation.settings else { throw PSAError(settings: validation.issues, descriptor: subject.descriptor) }
        return try subject.entry.makeConnection(checked, context)
    }

    /// The requests that carry a secret of the settings: the token requests of a connector that has them.
    var requestsWithSecret: [TransportRequest] { transport.requests.filter { $0.carries(subject.secrets) } }
}

/// The error of an operation that must fail.
///
/// - Returns: The error, or nil if the operation went through; anything but a ``PSAError`` is thrown on.
func failure(of operation: () async throws -> Void) async throws -> PSAError? {
    do {
        try await operation()
        return nil
    } catch let error as PSAError {
        return error
    }
}

extension TransportRequest {
    /// Whether any of the secrets is in its address, headers or body, in clear, percent-encoded or in base64.
    func carries(_ secrets: [Secret]) -> Bool {
        let texts = [urlText, String(decoding: body ?? [], as: UTF8.self)] + headers.fields.map(\.value)
        return texts.contains { SecretSpelling.found(secrets, in: $0) }
    }
}

/// A row of any list, as far as rules look at it.
struct ListedRow: Sendable {
    var id: String
    var name: String
    var updatedAt: Date?
    var native: NativeRecord
}

/// A page of any list.
struct ListedPage: Sendable {
    var rows: [ListedRow]
    var next: PageCursor?
    /// How many rows the vendor sent, also those that the connector left out.
    var rowCount: Int
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
    /// One record by its id, where the session reads it so; tickets are looked at by a rule of their own.
    var record: @Sendable (ConnectorSession, String) async throws -> ListedRow? = { _, _ in nil }

    static let all: [ReadableList] = [companies, contacts, tickets, agents, agreements, recurringInvoices]

    static let companies = ReadableList(
        name: "companies", capability: .readCompanies,
        page: { try await ($0 as? any CompanyReading)?.companies(at: $1).listed(Self.row) },
        rows: { try await $0.companies().firstRows($1, Self.row) },
        record: { session, id in
            guard let id = Company.ID(id) else { return nil }
            return row(try await session.company(id))
        })

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
        rows: { try await $0.recurringInvoices().firstRows($1, Self.row) },
        record: { session, id in
            guard let id = RecurringInvoice.ID(id) else { return nil }
            return row(try await session.recurringInvoice(id))
        })

    private static func row(_ company: Company) -> ListedRow {
        ListedRow(id: company.id.rawValue, name: company.name, native: company.native)
    }
    private static func row(_ contact: Contact) -> ListedRow {
        ListedRow(id: contact.id.rawValue, name: contact.name, native: contact.native)
    }
    private static func row(_ agent: Agent) -> ListedRow { ListedRow(id: agent.id.rawValue, name: agent.name, native: agent.native) }
    private static func row(_ agreement: Agreement) -> ListedRow {
        ListedRow(id: agreement.id.rawValue, name: agreement.name, native: agreement.native)
    }
    private static func row(_ invoice: RecurringInvoice) -> ListedRow {
        ListedRow(id: invoice.id.rawValue, name: "", native: invoice.native)
    }
    private static func row(_ ticket: Ticket) -> ListedRow {
        ListedRow(id: ticket.id.rawValue, name: ticket.summary, updatedAt: ticket.updatedAt, native: ticket.native)
    }
}

extension Page {
    fileprivate func listed(_ row: (Element) -> ListedRow) -> ListedPage {
        ListedPage(rows: items.map(row), next: next, rowCount: rowCount ?? items.count + unreadable.count, total: total)
    }
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

/// The ways in which a secret may stand in a text: as it is, percent-encoded, and in base64 wherever it begins.
enum SecretSpelling {
    /// All of them; none for a secret too short to be distinguished from chance.
    static func all(of secret: Secret) -> [String] {
        let clear = secret.reveal()
        guard clear.utf8.count >= 6 else { return [] }
        let escaped = PercentEncoding.component(clear)
        // Base64 of a longer text holds the secret from the next whole group of three bytes on; the last group may be shared too.
        let encoded = (0..<3).map { offset in
            let whole = Data([UInt8](repeating: 0x20, count: offset) + Array(clear.utf8)).base64EncodedString()
            let firstWhole = offset == 0 ? 0 : 4
            let wholeGroups = (offset + clear.utf8.count) / 3 * 4
            return String(whole.prefix(wholeGroups).dropFirst(firstWhole))
        }
        return [clear, escaped] + encoded.filter { $0.count >= 8 }
    }

    /// Whether a text holds any of the secrets.
    static func found(_ secrets: [Secret], in text: String) -> Bool {
        // Most texts are shorter than any of them.
        let length = text.utf8.count
        return secrets.contains { all(of: $0).contains { $0.utf8.count <= length && text.contains($0) } }
    }
}
