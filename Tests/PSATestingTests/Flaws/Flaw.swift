import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import SampleConnector

/// A connector that breaks exactly one rule.
struct Flaw: Sendable, CustomTestStringConvertible {
    /// The rule it breaks.
    let rule: ConformanceRule.ID
    /// The way in which it breaks it, where several connectors break one rule.
    var way = ""
    /// What is wrong with its descriptor.
    var describe: @Sendable (ConnectorDescriptor) -> ConnectorDescriptor = { $0 }
    /// What is wrong with what it makes of the context it is lent.
    var borrow: @Sendable (ConnectorContext) -> ConnectorContext = { $0 }
    /// What is wrong with its connections.
    var connect: @Sendable (SampleConnector, @escaping FlawedConnection.Remake) -> any PSAConnection = { good, _ in good }

    var testDescription: String { way.isEmpty ? rule.rawValue : "\(rule): \(way)" }

    /// The broken connector.
    var entry: ConnectorRegistration {
        ConnectorRegistration(descriptor: describe(SampleConnector.descriptor)) { settings, context in
            let lent = borrow(context)
            let checked = try Self.good(settings)
            let remake: FlawedConnection.Remake = { try SampleConnector(settings: checked, context: lent) }
            return connect(try remake(), remake)
        }
    }

    /// The settings as the good connector would get them, whatever the broken descriptor let through.
    private static func good(_ settings: ConnectorSettings) throws -> ConnectorSettings {
        var input = SettingsInput()
        input["serverURL"] = Secret(SampleVendor.address)
        input["clientID"] = settings.text("clientID").map { Secret($0) }
        input["clientSecret"] = settings.secret("clientSecret")
        input["ticketType"] = settings.integer("ticketType").map { Secret(String($0)) }
        let validation = SampleConnector.descriptor.settings.validate(input, policy: settings.policy)
        guard let checked = validation.settings else {
            throw PSAError(settings: validation.issues, descriptor: SampleConnector.descriptor)
        }
        return checked
    }

    /// A flaw that lies in what connections do.
    static func acting(
        _ rule: ConformanceRule.ID, _ way: String = "", _ change: @escaping @Sendable (inout FlawedConnection) -> Void
    ) -> Flaw {
        Flaw(
            rule: rule, way: way,
            connect: { good, remake in
                var flawed = FlawedConnection(good: good, remake: remake)
                change(&flawed)
                return flawed
            })
    }

    /// A flaw that lies between the connector and the transport.
    static func sending(
        _ rule: ConformanceRule.ID, _ way: String = "", _ alter: @escaping @Sendable () -> any HTTPMiddleware
    ) -> Flaw {
        Flaw(
            rule: rule, way: way,
            borrow: { context in
                var context = context
                context.transport = HTTPPipeline([alter()], to: context.transport)
                return context
            })
    }
}

/// A connection in which single operations can be replaced.
struct FlawedConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting,
    TicketNoteAdding, TicketReplying, TicketStatusChanging, AttachmentReading, AttachmentUploading
{
    /// Makes another connection with the same settings.
    typealias Remake = @Sendable () throws -> SampleConnector

    let good: SampleConnector
    let remake: Remake
    var test: (@Sendable (SampleConnector, @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport)?
    var listCompanies: (@Sendable (SampleConnector, Remake, PageCursor?) async throws -> Page<Company>)?
    var readCompany: (@Sendable (SampleConnector, Company.ID) async throws -> Company)?
    var listContacts: (@Sendable (SampleConnector, PageCursor?) async throws -> Page<Contact>)?
    var queryTickets: (@Sendable (SampleConnector, TicketQuery, PageCursor?) async throws -> Page<Ticket>)?
    var findContacts: (@Sendable (SampleConnector, String) async throws -> [Contact])?
    var listNotes: (@Sendable (SampleConnector, Ticket.ID, PageCursor?) async throws -> Page<TicketNote>)?
    var listStatuses: (@Sendable (SampleConnector) async throws -> [TicketStatus])?
    var listTickets: (@Sendable (SampleConnector, Date?, PageCursor?) async throws -> Page<Ticket>)?
    var readTicket: (@Sendable (SampleConnector, Ticket.ID) async throws -> Ticket)?
    var form: (@Sendable (SampleConnector, TicketType.ID?) async throws -> TicketForm)?
    var create: (@Sendable (SampleConnector, TicketDraft) async throws -> Ticket)?
    var createTest: (@Sendable (SampleConnector, TicketDraft) async throws -> ConnectionCheck)?
    var find: (@Sendable (SampleConnector, String) async throws -> [Ticket])?
    var search: (@Sendable (SampleConnector, String) async throws -> ReferenceSearch)?
    var note: (@Sendable (SampleConnector, NoteDraft, Ticket.ID) async throws -> TicketNote)?
    var replies: (@Sendable (SampleConnector, NoteDraft, Ticket.ID) async throws -> PostedReply)?
    var listFiles: (@Sendable (SampleConnector, Ticket.ID) async throws -> [PSACore.Attachment])?
    var readFile: (@Sendable (SampleConnector, PSACore.Attachment.ID, Ticket.ID) async throws -> [UInt8])?
    var uploadFile: (@Sendable (SampleConnector, AttachmentFile) async throws -> UploadedAttachment)?
    var discardUpload: (@Sendable (SampleConnector, UploadedAttachment) async throws -> Void)?
    var setStatus: (@Sendable (SampleConnector, Ticket.ID, StatusChange) async throws -> Ticket)?

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        guard let test else { return try await good.testConnection(progress: progress) }
        return try await test(good, progress)
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        guard let listCompanies else { return try await good.companies(at: cursor) }
        return try await listCompanies(good, remake, cursor)
    }

    /// A list that is read wrongly does not hide a company from those who ask for it.
    func company(_ id: Company.ID) async throws -> Company {
        guard let readCompany else { return try await good.company(id) }
        return try await readCompany(good, id)
    }

    func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        guard let listContacts else { return try await good.contacts(at: cursor) }
        return try await listContacts(good, cursor)
    }

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        guard let findContacts else { return try await good.contacts(withEmail: address, of: company) }
        return try await findContacts(good, address)
    }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        guard let listNotes else { return try await good.notes(of: ticket, at: cursor) }
        return try await listNotes(good, ticket, cursor)
    }

    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        guard let listStatuses else { return try await good.ticketStatuses(for: type) }
        return try await listStatuses(good)
    }

    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        guard let listTickets else { return try await good.tickets(changedSince: moment, at: cursor) }
        return try await listTickets(good, moment, cursor)
    }

    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        guard let queryTickets else { return try await good.tickets(matching: query, at: cursor) }
        return try await queryTickets(good, query, cursor)
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        guard let readTicket else { return try await good.ticket(id) }
        return try await readTicket(good, id)
    }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        guard let form else { return try await good.ticketFields(for: type) }
        return try await form(good, type)
    }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        guard let create else { return try await good.createTicket(draft) }
        return try await create(good, draft)
    }

    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        guard let createTest else { return try await good.testTicketCreation(draft) }
        return try await createTest(good, draft)
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        guard let find else { return try await good.tickets(externalReference: externalReference) }
        return try await find(good, externalReference)
    }

    func search(externalReference: String) async throws -> ReferenceSearch {
        guard let search else {
            return ReferenceSearch(tickets: try await tickets(externalReference: externalReference), isExhaustive: true)
        }
        return try await search(good, externalReference)
    }

    func attachments(of ticket: Ticket.ID) async throws -> [PSACore.Attachment] {
        guard let listFiles else { return try await good.attachments(of: ticket) }
        return try await listFiles(good, ticket)
    }

    func content(of attachment: PSACore.Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        guard let readFile else { return try await good.content(of: attachment, of: ticket) }
        return try await readFile(good, attachment, ticket)
    }

    func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
        guard let uploadFile else { return try await good.upload(file) }
        return try await uploadFile(good, file)
    }

    func discard(_ upload: UploadedAttachment) async throws {
        guard let discardUpload else { return try await good.discard(upload) }
        try await discardUpload(good, upload)
    }

    func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        guard let note else { return try await good.addPrivateNote(draft, to: ticket) }
        return try await note(good, draft, ticket)
    }

    func reply(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        guard let replies else { return try await good.reply(draft, to: ticket) }
        return try await replies(good, draft, ticket)
    }

    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        guard let setStatus else { return try await good.changeStatus(of: ticket, change) }
        return try await setStatus(good, ticket, change)
    }
}

extension FlawedConnection {
    /// Tells one failure of reading companies as another one.
    mutating func tells(_ code: ErrorCode, as other: ErrorCode) {
        listCompanies = { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == code {
                throw error.retold(as: other)
            }
        }
    }
}

extension PSAError {
    /// The same occurrence under another code.
    func retold(as code: ErrorCode, vendor: VendorReply? = nil) -> PSAError {
        PSAError(code, catalogue: catalogue, values: values, request: request, vendor: vendor ?? self.vendor)
    }
}

/// A connection that does what a good one does, except for what it overrides.
protocol DelegatingConnection: PSAConnection {
    var good: SampleConnector { get }
}

extension DelegatingConnection {
    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await good.testConnection(progress: progress)
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await good.companies(at: cursor) }
    func contacts(at cursor: PageCursor?) async throws -> Page<Contact> { try await good.contacts(at: cursor) }
    func agents(at cursor: PageCursor?) async throws -> Page<Agent> { try await good.agents(at: cursor) }
    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(changedSince: moment, at: cursor)
    }
    func ticket(_ id: Ticket.ID) async throws -> Ticket { try await good.ticket(id) }
    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try await good.notes(of: ticket, at: cursor)
    }
    func ticketTypes() async throws -> [TicketType] { try await good.ticketTypes() }
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] { try await good.ticketStatuses(for: type) }
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] { try await good.ticketPriorities(for: type) }
    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { try await good.ticketFields(for: type) }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { try await good.createTicket(draft) }
    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck { try await good.testTicketCreation(draft) }
    func tickets(externalReference: String) async throws -> [Ticket] { try await good.tickets(externalReference: externalReference) }
    func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await good.addPrivateNote(note, to: ticket)
    }
    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try await good.changeStatus(of: ticket, change)
    }
}

extension DelegatingConnection {
    func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply { try await good.reply(reply, to: ticket) }
    func attachments(of ticket: Ticket.ID) async throws -> [PSACore.Attachment] { try await good.attachments(of: ticket) }
    func content(of attachment: PSACore.Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        try await good.content(of: attachment, of: ticket)
    }
    func upload(_ file: AttachmentFile) async throws -> UploadedAttachment { try await good.upload(file) }
    func discard(_ upload: UploadedAttachment) async throws { try await good.discard(upload) }
}

/// A connection that can't reply, whatever its descriptor says.
struct MuteConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting, TicketNoteAdding, TicketStatusChanging, AttachmentReading, AttachmentUploading
{
    let good: SampleConnector

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await good.contacts(withEmail: address, of: company)
    }

    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(matching: query, at: cursor)
    }
}

/// A connection that takes no queries, whatever its descriptor says.
struct PlainConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketReading, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting, TicketNoteAdding, TicketReplying, TicketStatusChanging, AttachmentReading, AttachmentUploading
{
    let good: SampleConnector

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await good.contacts(withEmail: address, of: company)
    }
}

/// A connection that uploads the files of a ticket, note or reply itself.
struct EmbeddingConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting, TicketNoteAdding, TicketReplying, TicketStatusChanging, AttachmentReading, AttachmentAdding
{
    let good: SampleConnector
    /// Whether a file that can't be uploaded is left out.
    var leavesOutFiles = false

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await good.contacts(withEmail: address, of: company)
    }

    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(matching: query, at: cursor)
    }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        // What the vendor would refuse is refused before a file is sent.
        _ = try good.client.checked(draft, against: try await good.ticketFields(for: draft.type ?? good.defaultType), about: .ticket)
        var draft = draft
        draft.attachments = try await uploaded(draft.attachments)
        return try await good.createTicket(draft)
    }

    func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        var note = note
        note.attachments = try await uploaded(note.attachments)
        return try await good.addPrivateNote(note, to: ticket)
    }

    func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        var reply = reply
        reply.attachments = try await uploaded(reply.attachments)
        return try await good.reply(reply, to: ticket)
    }

    private func uploaded(_ attachments: [DraftAttachment]) async throws -> [DraftAttachment] {
        var uploads: [DraftAttachment] = []
        for file in attachments.compactMap(\.file) {
            do {
                uploads.append(.uploaded(try await good.upload(file)))
            } catch is PSAError where leavesOutFiles {
                continue
            }
        }
        return uploads
    }
}

/// A connection that lists deleted tickets and changed companies wrongly: a live ticket as deleted, and no company as changed.
struct ChangeConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting, TicketNoteAdding, TicketReplying, TicketStatusChanging, AttachmentReading, AttachmentUploading,
    DeletedTicketReading, ChangedCompanyReading
{
    let good: SampleConnector
    /// Which of the two is wrong; otherwise there is no deleted ticket, and every company has changed.
    let isWrongAboutTickets: Bool

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await good.contacts(withEmail: address, of: company)
    }

    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(matching: query, at: cursor)
    }

    func deletedTickets(at cursor: PageCursor?) async throws -> Page<Ticket> {
        guard isWrongAboutTickets else { return Page(items: []) }
        var page = try await good.tickets(changedSince: nil, at: cursor)
        for index in page.items.indices { page.items[index].isDeleted = true }
        return page
    }

    func companies(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Company> {
        guard isWrongAboutTickets, time < TimeSource.system.now() else { return Page(items: []) }
        return try await good.companies(at: cursor)
    }
}

/// A connection with agreements, which are what the vendor knows of its contacts.
struct AgreementConnection: DelegatingConnection, CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading,
    PicklistReading,
    TicketCreationTesting, TicketNoteAdding, TicketReplying, TicketStatusChanging, AttachmentReading, AttachmentUploading,
    AgreementReading
{
    let good: SampleConnector
    /// What is wrong with each agreement.
    let change: @Sendable (inout Agreement) -> Void

    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await good.contacts(withEmail: address, of: company)
    }

    func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(matching: query, at: cursor)
    }

    func agreements(at cursor: PageCursor?) async throws -> Page<Agreement> {
        let page = try await good.contacts(at: cursor)
        let items = page.items.compactMap { contact -> Agreement? in
            guard let id = contact.id.integer else { return nil }
            var agreement = Agreement(id: RecordID(id), name: contact.name, company: contact.company, native: contact.native)
            change(&agreement)
            return agreement
        }
        var agreements = Page(items: items)
        (agreements.next, agreements.total) = (page.next, page.total)
        return agreements
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        var report = try await good.testConnection(progress: progress)
        guard report.isConnected else { return report }
        let check = try await good.client.readCheck(.readAgreements) { try await agreements(at: nil) }
        progress(check)
        report.checks.append(check)
        return report
    }

    /// A flaw of such a connection.
    static func flaw(_ rule: ConformanceRule.ID, _ change: @escaping @Sendable (inout Agreement) -> Void) -> Flaw {
        Flaw(
            rule: rule, way: "agreements", describe: { $0.changed(capabilities: $0.capabilities.union([.readAgreements])) },
            connect: { good, _ in AgreementConnection(good: good, change: change) })
    }
}
