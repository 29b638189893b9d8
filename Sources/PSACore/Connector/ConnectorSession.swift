#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The boundary through which a host uses a connection.
///
/// ```swift
/// for try await ticket in session.tickets(changedSince: yesterday) { print(ticket.number, ticket.summary) }
/// do {
///     let ticket = try await session.createTicket(TicketDraft(summary: "Disk full", company: acme))
///     _ = try await session.addPrivateNote("C: has 1 % left.", to: ticket.id)
/// } catch let error as PSAError where error.mayHaveBeenExecuted {
///     print("Look for it before another try: \(error.guidance.title)")
/// }
/// ```
///
/// It checks the declared capability before each call, fills in where an error happened, lets cancellation pass untouched, and turns
/// whatever else escapes from a connector into `connector.defect`.
public struct ConnectorSession: Sendable {
    /// What the connector says about itself.
    public let descriptor: ConnectorDescriptor
    let connection: any PSAConnection
    /// The fingerprint of the tenant, which its cursors have.
    private let tenant: String

    init(_ connection: any PSAConnection, descriptor: ConnectorDescriptor, tenant: String = "") {
        self.connection = connection
        self.descriptor = descriptor
        self.tenant = tenant
    }

    /// Whether the connector can do something.
    public func can(_ capability: Capability) -> Bool { descriptor.capabilities.contains(capability) }

    /// Tries the connection.
    ///
    /// - Parameter progress: Called with each check as it ends.
    /// - Returns: Every check, and by it whether the connection works.
    /// - Throws: `CancellationError`, or ``PSAError`` for a fault inside the connector; a connection that does not work is a report.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void = { _ in }) async throws -> ConnectionReport {
        var report = try await attributed(CoreMessage.connectionTest) {
            try await connection.testConnection { progress($0.attributed(to: descriptor.id)) }
        }
        report.checks = report.checks.map { $0.attributed(to: descriptor.id) }
        return report
    }

    /// Runs one operation of an ability; its errors are about the capability, or about a part of it.
    func perform<Ability, Value>(
        _ capability: Capability, _ ability: Ability.Type, about part: CoreMessage? = nil, _ operation: (Ability) async throws -> Value
    ) async throws -> Value {
        if descriptor.tier == .placeholder { throw error(.connectorPlaceholder, about: CoreMessage.capability(capability)) }
        guard can(capability) else { throw error(.connectorUnsupported, about: CoreMessage.capability(capability)) }
        guard let able = connection as? Ability else {
            throw notBuilt(capability)
        }
        return try await attributed(part ?? CoreMessage.capability(capability)) { try await operation(able) }
    }

    /// Runs one operation that changes data, and states in its error whether the vendor may have executed it.
    ///
    /// The judgement rests on the requests that were observed, whatever the connector makes of their answers: only what the descriptor's
    /// ``ConnectorDescriptor/nonExecutionRules`` and the transport prove counts as not executed. A cancelled task gets
    /// `write.outcome_unknown` if a request had left.
    func performWrite<Ability, Value>(
        _ capability: Capability, _ ability: Ability.Type, _ operation: (Ability) async throws -> Value
    ) async throws -> Value {
        try await judged(about: CoreMessage.capability(capability)) { try await perform(capability, ability, operation) }
    }

    /// Runs something that changes data, and states in its error whether the vendor may have executed it; see ``performWrite(_:_:_:)``.
    func judged<Value>(about object: any LocalizedMessage, _ operation: () async throws -> Value) async throws -> Value {
        let log = WriteLog()
        do {
            return try await WriteLog.$current.withValue(log) { try await operation() }
        } catch let error as PSAError {
            let evidence = log.evidence(descriptor.nonExecutionRules)
            let failed = error.judged(by: evidence)
            // The transport ends a write that never left as interrupted.
            if Task.isCancelled, !failed.mayHaveBeenExecuted, error.code.area == .network { throw CancellationError() }
            throw Task.isCancelled && failed.code == .writeOutcomeUnknown && failed.vendor == nil ? failed.cancelled : failed
        } catch is CancellationError where log.evidence(descriptor.nonExecutionRules).mayHaveBeenExecuted {
            var error = error(.writeOutcomeUnknown, about: object)
            error.execution = .unknown
            throw error.cancelled
        }
    }

    func attributed<Value>(_ object: any LocalizedMessage, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PSAError(escaped: error, from: descriptor, during: object)
        }
    }

    /// The error of an ability that is declared and not built.
    func notBuilt(_ capability: Capability) -> PSAError {
        error(.connectorDefect, about: CoreMessage.capability(capability), evidence: CoreMessage.notBuilt)
    }

    /// The connection, if it can do something that is no capability.
    ///
    /// - Throws: ``PSAError`` with `connector.placeholder` or `connector.unsupported`.
    func ability<Ability>(_ ability: Ability.Type, about object: any LocalizedMessage) throws -> Ability {
        if descriptor.tier == .placeholder { throw error(.connectorPlaceholder, about: object) }
        guard let able = connection as? Ability else { throw unsupported(object) }
        return able
    }

    /// The error of a request that was refused before it was sent.
    func invalid(_ object: any LocalizedMessage, _ issue: any LocalizedMessage) -> PSAError {
        var error = error(.requestInvalid, about: object)
        error.values[.message] = .phrase(issue)
        error.execution = .notExecuted
        return error
    }

    /// The error of something that the connector does not offer.
    func unsupported(_ object: any LocalizedMessage) -> PSAError { error(.connectorUnsupported, about: object) }

    private func error(_ code: ErrorCode, about object: any LocalizedMessage, evidence: (any LocalizedMessage)? = nil) -> PSAError {
        var error = PSAError(code, catalogue: descriptor.guidance, values: [.object: .phrase(object)], evidence: evidence)
        error.connector = descriptor.id
        return error
    }
}

extension ConnectionCheck {
    /// The check with the connector filled in where an error happened.
    func attributed(to connector: ConnectorID) -> ConnectionCheck {
        var check = self
        check.error?.connector = connector
        if case .read(let capability) = subject { check.error?.name(CoreMessage.capability(capability)) }
        return check
    }
}

extension PSAError {
    /// What a host sees of an error that left a connector: its own with the connector filled in, or a defect without the foreign text.
    init(escaped error: any Error, from descriptor: ConnectorDescriptor, during object: any LocalizedMessage) {
        self =
            error as? PSAError
            ?? PSAError(
                .connectorDefect, catalogue: descriptor.guidance, values: [.object: .phrase(object)],
                evidence: CoreMessage.escaped(type: "\(type(of: error))"))
        connector = descriptor.id
        name(object)
    }

    /// Says what the failed request was about, unless the connector has said so in its own words.
    fileprivate mutating func name(_ object: any LocalizedMessage) {
        if values[.object] == nil { values[.object] = .phrase(object) }
    }
}

extension ConnectorSession {
    /// All companies, page after page.
    public func companies(startingAt cursor: PageCursor? = nil) -> PagedSequence<Company> {
        list(.readCompanies, (any CompanyReading).self, at: cursor) { try await $0.companies(at: $1) }
    }

    /// All contacts, page after page.
    public func contacts(startingAt cursor: PageCursor? = nil) -> PagedSequence<Contact> {
        list(.readContacts, (any ContactReading).self, at: cursor) { try await $0.contacts(at: $1) }
    }

    /// All staff.
    public func agents(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agent> {
        list(.readAgents, (any AgentReading).self, at: cursor) { try await $0.agents(at: $1) }
    }

    /// One company.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func company(_ id: Company.ID) async throws -> Company {
        try await perform(.readCompanies, (any CompanyReading).self) { try await $0.company(id) }
    }

    /// Tickets, page after page; with a moment only those changed since then.
    ///
    /// See ``tickets(matching:startingAt:)`` for more filters.
    public func tickets(changedSince moment: Date? = nil, startingAt cursor: PageCursor? = nil) -> PagedSequence<Ticket> {
        tickets(matching: TicketQuery(changedSince: moment), startingAt: cursor)
    }

    /// One ticket with all its fields.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try await perform(.readTickets, (any TicketReading).self) { try await $0.ticket(id) }
    }

    /// The notes of a ticket.
    public func notes(of ticket: Ticket.ID, startingAt cursor: PageCursor? = nil) -> PagedSequence<TicketNote> {
        list(.readNotes, (any TicketNoteReading).self, query: ["ticket=" + ticket.rawValue], at: cursor) {
            try await $0.notes(of: ticket, at: $1)
        }
    }

    /// All contracts, page after page.
    public func agreements(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agreement> {
        list(.readAgreements, (any AgreementReading).self, at: cursor) { try await $0.agreements(at: $1) }
    }

    /// All recurring invoices, page after page; their lines may be missing.
    public func recurringInvoices(startingAt cursor: PageCursor? = nil) -> PagedSequence<RecurringInvoice> {
        list(.readRecurringInvoices, (any RecurringInvoiceReading).self, at: cursor) { try await $0.recurringInvoices(at: $1) }
    }

    /// One recurring invoice with its lines.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen, or `CancellationError`.
    public func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice {
        try await perform(.readRecurringInvoices, (any RecurringInvoiceReading).self) { try await $0.recurringInvoice(id) }
    }

    /// All ticket types.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func ticketTypes() async throws -> [TicketType] {
        try await perform(.readPicklists, (any PicklistReading).self) { try await $0.ticketTypes() }
    }

    /// The statuses of a ticket type, or all.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func ticketStatuses(for type: TicketType.ID? = nil) async throws -> [TicketStatus] {
        try await perform(.readPicklists, (any PicklistReading).self, about: .ticketStatuses) { try await $0.ticketStatuses(for: type) }
    }

    /// The priorities of a ticket type, or all.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func ticketPriorities(for type: TicketType.ID? = nil) async throws -> [TicketPriority] {
        try await perform(.readPicklists, (any PicklistReading).self, about: .ticketPriorities) {
            try await $0.ticketPriorities(for: type)
        }
    }
}

extension ConnectorSession {
    /// A list of one ability, page after page, with cursors that belong to it alone.
    ///
    /// - Parameters:
    ///   - capability: The capability.
    ///   - ability: The protocol of the capability.
    ///   - variant: Which of several lists of that ability; nil for the usual one.
    ///   - query: The filters of the list, in a fixed order.
    ///   - limit: The most rows that are given; nil for all.
    ///   - cursor: Where to go on.
    ///   - page: Reads the page at one of the connector's own cursors.
    /// - Returns: The list.
    func list<Ability, Element: Identifiable & Sendable>(
        _ capability: Capability, _ ability: Ability.Type, variant: String? = nil, query: [String] = [], limit: Int? = nil,
        at cursor: PageCursor?, _ page: @escaping @Sendable (Ability, PageCursor?) async throws -> Page<Element>
    ) -> PagedSequence<Element> {
        let binding = CursorBinding(
            connector: descriptor.id, tenant: tenant, list: capability.rawValue + (variant.map { "." + $0 } ?? ""), query: query)
        return PagedSequence(startingAt: cursor, limit: limit) { cursor in
            try await perform(capability, ability) { able in
                let position = try cursor.map { try self.position(in: $0, of: binding, about: capability) }
                var page = try await page(able, position)
                page.next = try page.next.map { try bound($0, to: binding, about: capability) }
                page.lookahead = try page.lookahead.map { try bound($0, to: binding, about: capability) }
                return page
            }
        }.failing { [descriptor] in
            var error = PSAError(incomplete: $0, catalogue: descriptor.guidance, object: .capability(capability))
            error.connector = descriptor.id
            return error
        }
    }

    private func position(in cursor: PageCursor, of binding: CursorBinding, about capability: Capability) throws -> PageCursor {
        do throws(CursorIssue) {
            return try binding.position(in: cursor)
        } catch {
            throw self.error(.syncCursorRejected, about: CoreMessage.capability(capability), evidence: error)
        }
    }

    private func bound(_ cursor: PageCursor, to binding: CursorBinding, about capability: Capability) throws -> PageCursor {
        let bound = binding.bound(cursor)
        // The number of rows that is noted later takes no more than the digits of the largest one.
        guard bound.rawValue.utf8.count + 20 <= PageCursor.maxBytes else {
            throw error(.connectorDefect, about: CoreMessage.capability(capability), evidence: CursorIssue.tooLong)
        }
        return bound
    }
}

extension ConnectorSession {
    /// The fields of new tickets of a type.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func ticketFields(for type: TicketType.ID? = nil) async throws -> TicketForm {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.ticketFields(for: type) }
    }

    /// The choices of a field that match a text.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func choices(
        of field: TicketField.ID, for type: TicketType.ID? = nil, matching query: ChoiceQuery = ChoiceQuery()
    ) async throws -> [TicketField.Choice] {
        let found = try await perform(.createTickets, (any TicketCreating).self) {
            try await $0.choices(of: field, for: type, matching: query)
        }
        return Array(found.prefix(query.limit))
    }

    /// Creates a ticket and returns it as stored.
    ///
    /// What the vendor stored otherwise than asked is in the ticket's ``Ticket/differences``.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, look with ``tickets(externalReference:)`` before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        if uploadsAttachments, draft.attachments.contains(where: \.isFile) { try await check(draft) }
        var ticket = try await attributing(to: draft) {
            try await uploading(draft.attachments, .createTickets) { attachments in
                var draft = draft
                draft.attachments = attachments
                return try await performWrite(.createTickets, (any TicketCreating).self) { try await $0.createTicket(draft) }
            }
        }
        // The connector may know more: what it asked for in place of what the draft left open.
        let stated = Set(ticket.differences.map(\.field))
        ticket.differences += draft.differences(in: ticket).filter { !stated.contains($0.field) }
        return ticket
    }

    /// Checks a draft without creating a ticket; only reads are made.
    ///
    /// - Throws: ``PSAError`` with every missing and invalid field in ``PSAError/ticketFieldIssues``, or `CancellationError`.
    public func check(_ draft: TicketDraft) async throws {
        do {
            try await attributing(to: draft) {
                try await perform(.createTickets, (any TicketCreating).self) { try await $0.check(draft) }
            }
        } catch var error as PSAError {
            error.execution = .notExecuted
            throw error
        }
    }

    /// Takes each type, status and priority that an error is about from the draft where the draft names it, and not from the settings.
    private func attributing<Value>(to draft: TicketDraft, _ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await operation()
        } catch let error as PSAError {
            throw error.attributed(to: draft, of: descriptor)
        }
    }

    /// Tickets that carry exactly this external reference.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.tickets(externalReference: externalReference) }
    }

    /// Tickets that carry exactly this external reference, and whether the search considered every ticket.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func search(externalReference: String) async throws -> ReferenceSearch {
        try await perform(.createTickets, (any TicketCreating).self) { try await $0.search(externalReference: externalReference) }
    }

    /// Proves that tickets can be created, by creating one marked as a test and taking it away again.
    ///
    /// The ticket is ``TicketDraft/connectionTest(fields:reference:)``.
    ///
    /// - Parameter fields: The values of further fields, as the host's ticket defaults have them.
    /// - Returns: The check, with what is left behind.
    /// - Throws: ``PSAError``: `connector.unsupported` without ``Capability/createTestTickets``. `CancellationError`.
    public func testTicketCreation(fields: [TicketField.ID: TicketFieldValue] = [:]) async throws -> ConnectionCheck {
        let draft = TicketDraft.connectionTest(fields: fields, reference: "connection-test-\(CorrelationID())")
        let check = try await perform(.createTestTickets, (any TicketCreationTesting).self) { try await $0.testTicketCreation(draft) }
        return check.attributed(to: descriptor.id)
    }

    /// Adds a note that only staff can read.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the notes of the ticket before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        try await addPrivateNote(NoteDraft(text), to: ticket)
    }

    /// Adds a note that only staff can read, with its attachments.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the notes of the ticket before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await uploading(note.attachments, .addNotes) { attachments in
            var note = note
            note.attachments = attachments
            return try await performWrite(.addNotes, (any TicketNoteAdding).self) { try await $0.addPrivateNote(note, to: ticket) }
        }
    }

    /// Replies to the ticket's contact.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the notes of the ticket before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply { try await reply(NoteDraft(text), to: ticket) }

    /// Replies to the ticket's contact, with attachments.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the notes of the ticket before trying again.
    ///   `CancellationError` only if nothing was sent.
    public func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        try await uploading(reply.attachments, .replyToContacts) { attachments in
            var reply = reply
            reply.attachments = attachments
            return try await performWrite(.replyToContacts, (any TicketReplying).self) { try await $0.reply(reply, to: ticket) }
        }
    }

    /// Gives a ticket another status.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the ticket before trying again. `CancellationError`
    ///   only if nothing was sent.
    public func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        try await changeStatus(of: ticket, StatusChange(to: status))
    }

    /// Gives a ticket another status, with what the vendor demands for it.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, read the ticket before trying again. `CancellationError`
    ///   only if nothing was sent.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try await performWrite(.changeStatus, (any TicketStatusChanging).self) { try await $0.changeStatus(of: ticket, change) }
    }
}

extension ConnectorSession {
    /// Whether files are uploaded before the ticket, note or reply that refers to them.
    public var uploadsAttachments: Bool { can(.addAttachments) && connection is any AttachmentUploading }

    /// All files of a ticket, those of its notes included.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func attachments(of ticket: Ticket.ID) async throws -> [Attachment] {
        try await perform(.readAttachments, (any AttachmentReading).self) { try await $0.attachments(of: ticket) }
    }

    /// The content of a file.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be read, or `CancellationError`.
    public func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        try await perform(.readAttachments, (any AttachmentReading).self) { try await $0.content(of: attachment, of: ticket) }
    }

    /// Uploads a file for a later draft; only where ``uploadsAttachments`` is true.
    ///
    /// - Throws: ``PSAError``; where ``PSAError/mayHaveBeenExecuted`` is true, the vendor may have an upload that no one refers to.
    public func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
        // A failed upload is reported by its cause, whether or not it was executed: nothing refers to it.
        let log = WriteLog()
        do {
            return try await WriteLog.$current.withValue(log) {
                try await perform(.addAttachments, (any AttachmentUploading).self) { try await $0.upload(file) }
            }
        } catch var error as PSAError {
            let mayExist = error.code == .writeOutcomeUnknown || log.evidence(descriptor.nonExecutionRules).mayHaveBeenExecuted
            error.execution = mayExist ? .unknown : .notExecuted
            throw error
        }
    }

    /// Deletes an upload that no ticket refers to.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`; it may be discarded once more, because one that is gone is no error.
    public func discard(_ upload: UploadedAttachment) async throws {
        try await performWrite(.addAttachments, (any AttachmentUploading).self) { try await $0.discard(upload) }
    }

    /// The active contacts with exactly this e-mail address.
    ///
    /// - Throws: ``PSAError``, with `connector.unsupported` if the connector can't do it, or `CancellationError`.
    public func contacts(withEmail address: String, of company: Company.ID? = nil) async throws -> [Contact] {
        try await perform(.readContacts, (any ContactReading).self) { try await $0.contacts(withEmail: address, of: company) }
    }

    /// Uploads files, where the vendor takes them first, and writes what refers to them.
    ///
    /// If the write is proven not to have been executed, the uploads are deleted again. If an upload fails, nothing refers to the others, and
    /// the write itself was not sent, so its error says `not_executed`.
    private func uploading<Value>(
        _ attachments: [DraftAttachment], _ capability: Capability, _ write: ([DraftAttachment]) async throws -> Value
    ) async throws -> Value {
        try requireAttachable(attachments, about: capability)
        guard uploadsAttachments else { return try await write(attachments) }
        var uploads: [UploadedAttachment] = []
        var references: [DraftAttachment] = []
        do {
            for attachment in attachments {
                guard case .file(let file) = attachment else {
                    references.append(attachment)
                    continue
                }
                let upload = try await upload(file)
                uploads.append(upload)
                references.append(.uploaded(upload))
            }
        } catch {
            await discard(uploads)
            guard var error = error as? PSAError else { throw error }
            error.execution = .notExecuted
            error.retry = error.retry == .unknownOutcome ? .afterDelay(.seconds(60)) : error.retry
            throw error
        }
        do {
            return try await write(references)
        } catch {
            // A write that ends as cancelled was not sent.
            if error is CancellationError || (error as? PSAError)?.mayHaveBeenExecuted == false { await discard(uploads) }
            throw error
        }
    }

    /// Deletes uploads as far as that is possible; one that stays is not visible to anyone.
    private func discard(_ uploads: [UploadedAttachment]) async {
        guard !uploads.isEmpty else { return }
        // In a cancelled task no request would be sent.
        await Task { for upload in uploads { try? await discard(upload) } }.value
    }

    /// Refuses attachments that the connector would drop, and more than allowed.
    private func requireAttachable(_ attachments: [DraftAttachment], about capability: Capability) throws {
        guard !attachments.isEmpty else { return }
        // A connector that takes files with the write has no uploads to refer to.
        guard can(.addAttachments), uploadsAttachments || attachments.allSatisfy(\.isFile) else {
            throw error(.connectorUnsupported, about: CoreMessage.capability(.addAttachments))
        }
        guard attachments.count <= AttachmentFile.maxCount else {
            var error = PSAError(
                attachment: .tooMany(attachments.count), catalogue: descriptor.guidance, object: CoreMessage.capability(capability))
            error.connector = descriptor.id
            throw error
        }
    }
}
