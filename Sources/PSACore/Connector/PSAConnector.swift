#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A connector: what it says about itself, and how a connection to one tenant of its PSA is made.
///
/// ```swift
/// struct AcmeConnector: PSAConnector, CompanyReading {
///     static var descriptor: ConnectorDescriptor { AcmeAPI.descriptor }
///     let client: VendorClient<AcmeMessage>
///
///     init(settings: ConnectorSettings, context: ConnectorContext) throws {
///         client = VendorClient(try AcmeAPI.declaration(settings), context: context)
///     }
///
///     func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
///         try await client.connectionTest(about: nil, progress: progress) { [try await readOnePage($0)] }
///     }
///
///     func companies(at cursor: PageCursor?) async throws -> Page<Company> {
///         try await client.page("/companies", make: AcmeAPI.company)
///     }
/// }
/// ```
///
/// Its descriptor, how the vendor is spoken to (a ``VendorDeclaration``) and how a row becomes a company stand in a file of their own.
///
/// What it can do it says twice: in ``ConnectorDescriptor/capabilities`` and by conforming to the protocol of that ability
/// (``CompanyReading``, ``TicketCreating``, …); a declaration check proves that both agree.
///
/// A connector must keep these rules:
/// 1. Its initialiser makes no request and starts nothing.
/// 2. It imports `PSACore` and nothing else of this package, and reaches the network only through the context's transport.
/// 3. It throws ``PSAError`` for what it understands and `CancellationError` untouched; the session turns anything else into
///    `connector.defect`.
/// 4. Reads may be repeated; a write is sent once and never again on a guess.
/// 5. Lists end on what came back, never on a size that was asked for.
/// 6. Nothing secret is logged, thrown or returned.
public protocol PSAConnector: PSAConnection {
    /// What the connector says about itself.
    static var descriptor: ConnectorDescriptor { get }

    /// Makes a connection from checked settings, without contacting the vendor.
    ///
    /// - Throws: ``PSAError`` if settings contradict each other.
    init(settings: ConnectorSettings, context: ConnectorContext) throws
}

/// A connection to one tenant of a PSA.
///
/// This is the part every connection has; abilities (``CompanyReading``, ``TicketCreating``, …) refine it. A host never holds one itself: it
/// calls through ``ConnectorSession``.
public protocol PSAConnection: Sendable {
    /// Tries the connection: address, credentials, granted permissions, and one read of each resource the connector uses.
    ///
    /// It answers in a report and throws only cancellation. Nothing at the vendor is changed.
    ///
    /// - Parameter progress: Called with each check as it ends.
    /// - Returns: Every check, and by it whether the connection works.
    /// - Throws: `CancellationError`.
    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport
}

/// A connector whose settings are known and which is not built yet.
///
/// It can be listed, shown and its settings checked. Testing it, and every operation, answers `connector.placeholder`; it never makes a
/// request. Its descriptor declares the tier `placeholder` and no capability.
public protocol PlaceholderConnector: PSAConnector {
    /// Makes the placeholder.
    init()
}

extension PlaceholderConnector {
    /// Takes the settings as checked and forgets them.
    public init(settings: ConnectorSettings, context: ConnectorContext) { self.init() }

    /// Answers that there is nothing to connect with.
    ///
    /// - Throws: Nothing; the report has `connector.placeholder`.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let descriptor = Self.descriptor
        let error = PSAError(.connectorPlaceholder, catalogue: descriptor.guidance)
        let check = ConnectionCheck(.address, .failed, evidence: CoreMessage.placeholderContactsNothing, error: error)
        progress(check)
        return ConnectionReport(connector: descriptor.id, host: descriptor.displayName, checks: [check])
    }
}

/// Reads companies; capability ``Capability/readCompanies``.
public protocol CompanyReading: PSAConnection {
    /// One page of companies, the inactive ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func companies(at cursor: PageCursor?) async throws -> Page<Company>

    /// One company; without an implementation of its own, a connector reads its list until the company comes.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    func company(_ id: Company.ID) async throws -> Company
}

extension CompanyReading {
    /// Reads the list until the company comes.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if the list ends without it, or `CancellationError`.
    public func company(_ id: Company.ID) async throws -> Company {
        for try await company in PagedSequence(fetch: companies(at:)) where company.id == id { return company }
        throw PSAError(.requestNotFound, values: [.object: .phrase(CoreMessage.capability(.readCompanies))])
    }
}

/// Reads contacts; capability ``Capability/readContacts``.
public protocol ContactReading: PSAConnection {
    /// One page of contacts, the inactive ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func contacts(at cursor: PageCursor?) async throws -> Page<Contact>

    /// The active contacts with exactly this e-mail address, whatever its case.
    ///
    /// - Parameters:
    ///   - address: The e-mail address.
    ///   - company: The company they belong to; nil for any.
    /// - Returns: None, one, or several, of which a person chooses.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact]
}

extension ContactReading {
    /// Reads all contacts and compares their addresses.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        var found: [Contact] = []
        for try await contact in PagedSequence(fetch: contacts(at:)) where contact.has(email: address, of: company) {
            found.append(contact)
        }
        return found
    }
}

extension Contact {
    /// Whether it is active, has this address, and belongs to the company.
    public func has(email address: String, of company: Company.ID?) -> Bool {
        let wanted = address.trimmingSpaces.lowercased()
        return isActive != false && emails.contains { $0.lowercased() == wanted } && (company == nil || self.company?.id == company)
    }
}

/// Reads staff; capability ``Capability/readAgents``.
public protocol AgentReading: PSAConnection {
    /// One page of staff.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func agents(at cursor: PageCursor?) async throws -> Page<Agent>
}

/// Reads tickets; capability ``Capability/readTickets``.
public protocol TicketReading: PSAConnection {
    /// One page of tickets, in an order that is stable while nothing changes.
    ///
    /// A connector whose vendor has more filters conforms to ``TicketQuerying`` as well.
    ///
    /// A ticket that changes between two pages may come twice. Where the vendor has page numbers only, one can be missed if another
    /// leaves the list meanwhile; a later reading of the same span brings it. Rows may be thinner than ``ticket(_:)``.
    ///
    /// - Parameters:
    ///   - moment: Only tickets changed since then, by the vendor's clock; nil for all.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket>

    /// One ticket with everything the vendor states about it, custom fields included.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen.
    func ticket(_ id: Ticket.ID) async throws -> Ticket
}

/// Reads the history of a ticket; capability ``Capability/readNotes``.
public protocol TicketNoteReading: PSAConnection {
    /// One page of a ticket's notes.
    ///
    /// - Parameters:
    ///   - ticket: Whose notes.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote>
}

/// Reads contracts; capability ``Capability/readAgreements``.
public protocol AgreementReading: PSAConnection {
    /// One page of contracts, the ended ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func agreements(at cursor: PageCursor?) async throws -> Page<Agreement>
}

/// Reads recurring invoices; capability ``Capability/readRecurringInvoices``.
public protocol RecurringInvoiceReading: PSAConnection {
    /// One page of recurring invoices; their lines may be missing.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func recurringInvoices(at cursor: PageCursor?) async throws -> Page<RecurringInvoice>

    /// One recurring invoice with its lines.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen.
    func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice
}

/// Reads the choices a ticket form offers; capability ``Capability/readPicklists``.
public protocol PicklistReading: PSAConnection {
    /// All ticket types, also those that can't be created.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketTypes() async throws -> [TicketType]

    /// The statuses valid in a ticket type, or all.
    ///
    /// - Parameter type: The ticket type, or nil for all.
    /// - Returns: The statuses in the vendor's order.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus]

    /// The priorities valid for a ticket type, or all of every scope.
    ///
    /// - Parameter type: The ticket type, or nil for all.
    /// - Returns: The priorities; the same id may stand under several scopes.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority]
}

/// Creates tickets; capability ``Capability/createTickets``.
public protocol TicketCreating: PSAConnection {
    /// The fields of new tickets of a type: those of ``TicketDraft`` that the vendor takes, and those the tenant added.
    ///
    /// A connector may keep the answer for up to half an hour; it reads again after the vendor refused a field.
    ///
    /// - Parameter type: The ticket type, or nil if none is chosen yet.
    /// - Returns: The fields in the tenant's order.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm

    /// The choices of a field that match a text.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - type: The ticket type.
    ///   - query: What is searched for.
    /// - Returns: At most as many choices as the query allows; none for a field without choices.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func choices(of field: TicketField.ID, for type: TicketType.ID?, matching query: ChoiceQuery) async throws -> [TicketField.Choice]

    /// Checks a draft as ``createTicket(_:)`` does before it sends anything; only reads are made.
    ///
    /// It is asked before files are uploaded, so that a draft that lacks something leaves no uploads behind.
    ///
    /// - Throws: ``PSAError`` with every missing and invalid field in ``PSAError/ticketFieldIssues``, or `CancellationError`.
    func check(_ draft: TicketDraft) async throws

    /// Creates a ticket and returns it as the vendor stored it.
    ///
    /// The draft is checked against the type's fields before anything is sent. What the draft leaves open gets the connection's defaults;
    /// what it states goes before them.
    ///
    /// Where the vendor kept another value than the one that was sent, return the ticket as it is stored, and name the value in
    /// ``Ticket/differences``; don't throw, because the ticket exists, and don't create it again. The session compares type, status,
    /// priority, company, contact and external reference by itself. A value that the vendor can't store at all is refused before anything is
    /// sent, never left out. Where the vendor answers with an id or with nothing, read the ticket; where that fails, or no id is known, throw
    /// `write.outcome_unknown`.
    ///
    /// - Throws: ``PSAError`` with every missing and invalid field in ``PSAError/ticketFieldIssues``; as for other writes: ``PSAError``; `write.outcome_unknown` means that the ticket may exist and must be looked for before another try.
    func createTicket(_ draft: TicketDraft) async throws -> Ticket

    /// Tickets that carry exactly this external reference, for settling an unknown outcome.
    ///
    /// An empty answer proves absence only as far as the vendor's search reaches; see ``search(externalReference:)``.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func tickets(externalReference: String) async throws -> [Ticket]

    /// The same with how far the search reached; without an implementation of its own a connector's search counts as exhaustive.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func search(externalReference: String) async throws -> ReferenceSearch
}

extension TicketCreating {
    /// Checks nothing; ``createTicket(_:)`` does.
    ///
    /// - Throws: Nothing.
    public func check(_ draft: TicketDraft) async throws {}

    /// Searches the choices that the field lists.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func choices(
        of field: TicketField.ID, for type: TicketType.ID?, matching query: ChoiceQuery
    ) async throws -> [TicketField.Choice] {
        guard case .listed(let choices)? = try await ticketFields(for: type)[field]?.choices else { return [] }
        return query.matches(in: choices)
    }

    /// The tickets of ``tickets(externalReference:)``, as an exhaustive search.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func search(externalReference: String) async throws -> ReferenceSearch {
        ReferenceSearch(tickets: try await tickets(externalReference: externalReference), isExhaustive: true)
    }
}

/// A search in the choices of a field.
public struct ChoiceQuery: Sendable, Hashable {
    /// A part of the label or the id; empty for any choice.
    public var text: String
    /// The company whose records are meant, for fields that refer to records of a company.
    public var company: Company.ID?
    /// The most choices that are returned, 1 to 200.
    public let limit: Int

    /// States a search.
    public init(_ text: String = "", company: Company.ID? = nil, limit: Int = 50) {
        self.text = text
        self.company = company
        self.limit = min(max(limit, 1), 200)
    }

    /// The choices whose label or id contains the text, whatever its case.
    public func matches(in choices: [TicketField.Choice]) -> [TicketField.Choice] {
        let wanted = text.trimmingSpaces.lowercased()
        let matching = choices.lazy.filter {
            wanted.isEmpty || $0.label.lowercased().contains(wanted) || $0.id.rawValue.lowercased() == wanted
        }
        return Array(matching.prefix(limit))
    }
}

/// What a search for an external reference found.
public struct ReferenceSearch: Sendable {
    /// The tickets that carry the reference.
    public var tickets: [Ticket]
    /// Whether every ticket was considered: the vendor applied the filter, or each ticket named its own reference.
    ///
    /// Where it is false, no ticket found says nothing.
    public var isExhaustive: Bool

    /// States a result.
    public init(tickets: [Ticket], isExhaustive: Bool) {
        self.tickets = tickets
        self.isExhaustive = isExhaustive
    }
}

/// Adds private notes; capability ``Capability/addNotes``.
public protocol TicketNoteAdding: PSAConnection {
    /// Adds a note that only staff can read, and causes no mail.
    ///
    /// Its attachments are for staff only as well. A vendor that acknowledges the note without a body is asked for the notes of the ticket,
    /// and the one just written is returned; if it is not found, throw `write.outcome_unknown`.
    ///
    /// - Throws: ``PSAError``; `write.outcome_unknown` means that the note may exist and must be looked for before another try.
    func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote
}

/// Replies to contacts; capability ``Capability/replyToContacts``.
public protocol TicketReplying: PSAConnection {
    /// Adds a note that the ticket's contact can read and is notified of; for a vendor that acknowledges it without a body see
    /// ``TicketNoteAdding/addPrivateNote(_:to:)``.
    ///
    /// - Throws: ``PSAError``; `write.outcome_unknown` means that the contact may have the reply, and it must be looked for before another
    ///   try.
    func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply
}

/// Changes the status of tickets; capability ``Capability/changeStatus``.
public protocol TicketStatusChanging: PSAConnection {
    /// Gives a ticket another status and returns the ticket as it is then.
    ///
    /// - Throws: ``PSAError``; `ticket.default_invalid` if the vendor kept another status.
    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket
}

/// Reads the files of tickets; capability ``Capability/readAttachments``.
public protocol AttachmentReading: PSAConnection {
    /// All files of a ticket, those of its notes included.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func attachments(of ticket: Ticket.ID) async throws -> [Attachment]

    /// The content of a file, at most ``AttachmentFile/maxBytes`` bytes.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be read.
    func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8]
}

/// Takes files with new tickets, notes and replies; capability ``Capability/addAttachments``.
///
/// It promises that ``TicketDraft/attachments`` and ``NoteDraft/attachments`` are honoured. A connector whose vendor takes files before the
/// ticket conforms to ``AttachmentUploading`` as well; the session uploads then, and its drafts have ``DraftAttachment/uploaded(_:)`` only.
public protocol AttachmentAdding: PSAConnection {}

/// Uploads files before the ticket they belong to; part of ``Capability/addAttachments``.
public protocol AttachmentUploading: AttachmentAdding {
    /// Uploads a file, which belongs to nothing until a draft refers to it.
    ///
    /// - Throws: ``PSAError``; `write.outcome_unknown` if the vendor may have the file, or `CancellationError`.
    func upload(_ file: AttachmentFile) async throws -> UploadedAttachment

    /// Deletes an upload that no ticket refers to; one that is gone is no error.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    func discard(_ upload: UploadedAttachment) async throws
}

/// Proves on request that tickets can be created; capability ``Capability/createTestTickets``.
public protocol TicketCreationTesting: TicketCreating {
    /// Creates a ticket marked as a test, reads it back, and takes it away again as far as that is allowed.
    ///
    /// The ticket is the one given, ``TicketDraft/connectionTest(fields:reference:)``: the host names its summary to people before, so that
    /// they recognize the ticket at the vendor. What the draft leaves open gets the connection's defaults, as with every new ticket. A file
    /// is attached if the type demands one.
    ///
    /// It answers in a check and throws only cancellation. What is left behind is named there.
    ///
    /// - Parameter draft: The ticket.
    /// - Returns: The check, with what is left behind.
    /// - Throws: `CancellationError`.
    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck
}
